"""Queries and sessions, read in a thread on one snapshot each. What comes of it, a fault too, is an `Outcome`."""

import logging
from datetime import timedelta
from typing import Any

from memberpulse.engine.context import ANONYMOUS, Caller, Identify, QueryCtx, ScopeTooNarrow
from memberpulse.engine.database import Database
from memberpulse.engine.errors import Internal, Unavailable
from memberpulse.engine.faults import translated
from memberpulse.engine.functions import Function, Scope
from memberpulse.engine.observe import new_request_id
from memberpulse.engine.predicates import Read
from memberpulse.engine.results import Outcome, serialize
from memberpulse.engine.types import utc_now

log = logging.getLogger("memberpulse.engine")

RETRY_AFTER_FAULT = timedelta(seconds=5)


class Reading:
    """The reads of this process. `identify` tells who a session is."""

    def __init__(self, database: Database, identify: Identify) -> None:
        self._database = database
        self._identify = identify

    def compute(self, function: Function, arguments: dict[str, Any], caller: Caller, scope: Scope) -> Outcome:
        """Run a query on one snapshot, whatever comes of it."""

        def ask_organization() -> None:
            if scope < Scope.ORGANIZATION:
                raise ScopeTooNarrow(Scope.ORGANIZATION)

        try:
            with self._database.read(caller.organization_id, ask_organization) as session:
                ctx = QueryCtx(session, caller, utc_now(), scope)
                try:
                    value = function.call(ctx, **arguments)
                    return Outcome(frozenset(session.reads), serialize(value), value, None, ctx.stale_from)
                except ScopeTooNarrow as narrow:
                    return Outcome(needs=narrow.needed)
                except Exception as fault:
                    return self._failed(function, fault, ctx)
        except Exception as fault:  # not even the session could be had
            return self._failed(function, fault)

    def _failed(self, function: Function, fault: Exception, ctx: QueryCtx | None = None) -> Outcome:
        """A refusal stands until what was read changes; a fault is tried again soon."""
        error = translated(fault)
        reads = frozenset(ctx.db.reads) if ctx else frozenset[Read]()
        if error is fault:
            return Outcome(reads, error=error, stale_from=ctx.stale_from if ctx else None)
        if isinstance(error, Internal | Unavailable):
            request_id = error.request_id = new_request_id()  # type: ignore[attr-defined]
            log.error("query %s failed [%s]", function.name, request_id, exc_info=fault)
        return Outcome(reads, error=error, stale_from=utc_now() + RETRY_AFTER_FAULT)

    def callers(self, references: list[str]) -> list[Outcome]:
        """Who each of the sessions is, with what that was learned from. One that fails does not stand in the way."""
        outcomes: list[Outcome] = []
        if not references:
            return outcomes
        try:
            with self._database.read(None) as session, session.across_organizations():
                for reference in references:
                    session.reads.clear()
                    session.expunge_all()  # what one session's rows left in memory would be no read of the next
                    caller = self._identify(QueryCtx(session, ANONYMOUS, utc_now()), reference)
                    expires = caller.expires_at if caller else None
                    outcomes.append(Outcome(frozenset(session.reads), value=caller, stale_from=expires))
        except Exception as fault:
            log.error("a session could not be read", exc_info=fault)
            failed = Outcome(error=translated(fault), stale_from=utc_now() + timedelta(seconds=1))
            return [*outcomes, failed, *self.callers(references[len(outcomes) + 1 :])]
        return outcomes
