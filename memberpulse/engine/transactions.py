"""Write transactions: run in a thread, again on conflict, and told to everybody once they are committed.

Who is calling is settled within the transaction. On SQLite, where this process has the only writer, what the loop knows
of the session can be taken for it as long as no change that it has not yet seen concerns the session.
"""

import asyncio
import random
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError

from memberpulse.engine.access import Access, Accesses
from memberpulse.engine.bus import Bus
from memberpulse.engine.context import ANONYMOUS, Caller, Identify, Listeners, MutationCtx, QueryCtx
from memberpulse.engine.database import Database, is_conflict
from memberpulse.engine.errors import Conflict, Forbidden, NotSignedIn, Timeout
from memberpulse.engine.faults import is_engine_key
from memberpulse.engine.functions import TIME_LIMIT_SECONDS
from memberpulse.engine.jobs import add_job
from memberpulse.engine.predicates import Changes, limit
from memberpulse.engine.reactor import Reactor
from memberpulse.engine.session import LiveSession
from memberpulse.engine.types import utc_now

T = TypeVar("T")

ATTEMPTS = 16
LANES = 64
"""Organizations share them by chance; more only cost memory."""


class Transactions:
    """The writes of this process. `run` is for writing threads; the loop is told of what they changed.

    apply: called on the loop with what a transaction changed, once it is committed.
    """

    def __init__(
        self,
        database: Database,
        bus: Bus,
        reactor: Reactor,
        accesses: Accesses,
        identify: Identify,
        tell: Listeners,
        apply: Callable[[Changes], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._database = database
        self._bus = bus
        self._reactor = reactor
        self._accesses = accesses
        self._identify = identify
        self._tell = tell
        self._apply = apply
        self._lanes = [threading.Lock() for _ in range(LANES)]
        self._unseen: list[Changes] = []
        """Committed, or about to be, and not yet applied on the loop."""

    def run(
        self,
        work: Callable[[MutationCtx], T],
        caller: Caller,
        request_id: str = "",
        *,
        requires: str | None = None,
        deadline: float | None = None,
    ) -> T:
        """Run `work` in one transaction, again on conflict, and publish what it changed. Call from a writing thread.

        requires: the capability that the caller's session must still hold within the transaction.
        deadline: `time.monotonic()` by which it must commit, so that nothing happens after the caller has given up.
        """
        deadline = deadline or time.monotonic() + TIME_LIMIT_SECONDS
        for attempt in range(ATTEMPTS):
            try:
                with self._turn(caller, attempt, deadline):
                    return self._attempt(work, caller, request_id, requires, deadline - time.monotonic())
            except DBAPIError as error:
                if not _try_again(error) or attempt == ATTEMPTS - 1:
                    raise
            time.sleep(random.uniform(0, min(0.2, 0.005 * 2**attempt)))
        raise Conflict

    @contextmanager
    def _turn(self, caller: Caller, attempt: int, deadline: float) -> Generator[None]:
        """What has met a conflict is run again one at a time for an organization, so that those who want the same row
        do not make each other fail until nobody has an attempt left. The first attempt never waits."""
        if attempt == 0:
            yield
            return
        lane = self._lanes[hash(caller.organization_id) % LANES]
        if not lane.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise Timeout
        try:
            yield
        finally:
            lane.release()

    def _attempt(
        self,
        work: Callable[[MutationCtx], T],
        caller: Caller,
        request_id: str,
        requires: str | None,
        seconds: float,
    ) -> T:
        with self._database.write(caller.organization_id, seconds) as session:
            if requires is not None and caller.reference is not None and caller.kind == "person":
                caller = self._recheck(session, caller.reference, requires)
            ctx = MutationCtx(session, caller, utc_now(), request_id=request_id, schedule=add_job, tell=self._tell)
            session.in_function = True
            value = work(ctx)
            session.in_function = False
            session.flush()
            changes, held = limit(session.writes), list[Access]()
            if changes:
                self._bus.within(session, changes)
                session.flush()
                session.check_deadline()
                self._unseen.append(changes)
                self._loop.call_soon_threadsafe(self._about_to_commit, changes, held)
            try:
                session.commit()
            finally:
                if changes:  # after a failed commit it only releases what was held back
                    self._loop.call_soon_threadsafe(self._committed, changes, held)
        return value

    # Who is calling

    def _recheck(self, session: LiveSession, reference: str, requires: str) -> Caller:
        """The session may have ended, or lost its role, since it was last read: what counts is this transaction."""
        now = self._current(session, reference)
        if now is None:
            raise NotSignedIn
        if not now.may(requires):
            raise Forbidden
        session.organization_id = now.organization_id
        return now

    def _current(self, session: LiveSession, reference: str) -> Caller | None:
        """The caller as of this transaction."""
        state = self._database.state_by_others(session)  # begins the transaction: from here on nobody else commits
        access = self._accesses.held(reference) if state is not None else None
        if access is not None and access.confirmed_in == state:
            caller = self._unchanged(access)
            if caller is not None:
                return caller
        before = access.caller if access is not None else None
        with session.across_organizations():
            now = self._identify(QueryCtx(session, ANONYMOUS, utc_now()), reference)
        if access is not None and now is not None and now == before:
            access.confirmed_in = state
        return now

    def _unchanged(self, access: Access) -> Caller | None:
        """What the loop knows of the caller, if that still holds in this transaction. The loop goes on meanwhile, so
        what is looked at last decides whether what was looked at first can be believed."""
        unseen = list(self._unseen)
        caller, reads, stale_from = access.caller, access.reads, access.stale_from
        if stale_from is not None and stale_from <= utc_now():
            return None
        if any(read.covers(write) for changes in unseen for write in changes for read in reads):
            return None
        return caller if not access.pending and not access.gone and access.caller is caller else None

    # On the loop

    def _about_to_commit(self, changes: Changes, held: list[Access]) -> None:
        """Hold back what stands on an access that this commit will change: no protected row may overtake it."""
        held.extend(each for each in self._reactor.index.touched(changes) if isinstance(each, Access))
        for access in held:
            access.hold()

    def _committed(self, changes: Changes, held: list[Access]) -> None:
        self._apply(changes)
        for access in held:
            access.release()
        del self._unseen[next(at for at, each in enumerate(self._unseen) if each is changes)]


def _try_again(error: DBAPIError) -> bool:
    return is_conflict(error) or (isinstance(error, IntegrityError) and is_engine_key(error))
