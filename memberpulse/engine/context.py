"""What a function is given: who calls, what time it is, and the one way to the data."""

import uuid
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Protocol

from memberpulse.engine.errors import NotSignedIn
from memberpulse.engine.facts import Fact
from memberpulse.engine.functions import INTERNAL, PUBLIC, SIGNED_IN, Scope, function_of

if TYPE_CHECKING:
    from memberpulse.engine.session import LiveSession


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling: a person by session, a system by key or clock, or nobody known."""

    kind: Literal["person", "system", "anonymous"]
    user_id: uuid.UUID | None = None
    organization_id: uuid.UUID | None = None
    role: str | None = None
    capabilities: frozenset[str] = frozenset()
    session_id: uuid.UUID | None = None
    expires_at: datetime | None = None
    reference: str | None = field(default=None, repr=False)
    """What the session is looked up by; a write checks it again within its own transaction."""
    renewal_due: bool = False
    """Whether the browser should get another token, since the caller's rights have changed."""

    def may(self, requires: str) -> bool:
        """Whether a function that asks for `requires` is open to this caller."""
        if self.kind == "system":
            return True
        if requires == INTERNAL:
            return False
        if requires == PUBLIC:
            return True
        if requires == SIGNED_IN:
            return self.kind == "person"
        return requires in self.capabilities

    @property
    def label(self) -> str:
        """A stable name for logs and for the ownership of idempotency keys."""
        return f"{self.kind}:{self.user_id}" if self.user_id else self.kind


ANONYMOUS = Caller("anonymous")


def system(organization_id: uuid.UUID | None = None) -> Caller:
    """The clock, a job or the command line; with an organization, confined to it."""
    return Caller("system", organization_id=organization_id)


class ScopeTooNarrow(BaseException):
    """A query asked who is calling while it ran for a wider audience. Not an Exception, so that no handler eats it."""

    def __init__(self, needed: Scope) -> None:
        self.needed = needed


class QueryCtx:
    """Read-only context of a query. `db` sees one consistent snapshot, only of the caller's organization."""

    def __init__(self, db: "LiveSession", caller: Caller, now: datetime, scope: Scope = Scope.SESSION) -> None:
        self.db = db
        self.now = now
        """The instant of this call, in UTC."""
        self.stale_from: datetime | None = None
        self._caller = caller
        self._scope = scope

    @property
    def caller(self) -> Caller:
        self._needs(Scope.PERSON)
        return self._caller

    @property
    def session_id(self) -> uuid.UUID | None:
        """The caller's session; one person may have several. None for the system and for nobody.

        A query that asks has one result per session. It must ask here and not `caller`, whose results are shared by
        all sessions of a person.
        """
        self._needs(Scope.SESSION)
        return self._caller.session_id

    @property
    def user_id(self) -> uuid.UUID:
        """The signed-in person. Raises NotSignedIn (401)."""
        if self.caller.user_id is None:
            raise NotSignedIn
        return self.caller.user_id

    @property
    def organization_id(self) -> uuid.UUID:
        """The organization in which the call is made. Raises NotSignedIn (401) when there is none."""
        self._needs(Scope.ORGANIZATION)
        if self._caller.organization_id is None:
            raise NotSignedIn
        return self._caller.organization_id

    def can(self, capability: str) -> bool:
        return self.caller.may(capability)

    def stale_at(self, when: datetime | None) -> None:
        """Say that the result changes at `when` even if nothing is written; the earliest one counts."""
        if when is not None and (self.stale_from is None or when < self.stale_from):
            self.stale_from = when

    def across_organizations(self) -> AbstractContextManager[None]:
        """Lift the tenant filter for a block. For a person's own rows in all their organizations, and for sweeps."""
        self._needs(Scope.PERSON)
        return self.db.across_organizations()

    def _needs(self, scope: Scope) -> None:
        if scope > self._scope:
            raise ScopeTooNarrow(scope)


Identify = Callable[[QueryCtx, str], Caller | None]
"""Turns a session's reference into its caller by plain reads; None when there is no such session."""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A job that the transaction promises to run."""

    function: str
    arguments: Mapping[str, Any]
    run_at: datetime
    key: str | None
    max_attempts: int


class Listeners(Protocol):
    def __call__(self, ctx: "MutationCtx", fact: Fact) -> None: ...


class MutationCtx(QueryCtx):
    """Context of a mutation or job: one transaction, with its follow-up work and its facts."""

    def __init__(
        self,
        db: "LiveSession",
        caller: Caller,
        now: datetime,
        *,
        request_id: str = "",
        schedule: Callable[["MutationCtx", Scheduled], None],
        tell: Listeners,
    ) -> None:
        super().__init__(db, caller, now)
        self.request_id = request_id
        self._schedule = schedule
        self._tell = tell

    def schedule(
        self,
        job: Callable[..., Any],
        *,
        after: timedelta = timedelta(),
        at: datetime | None = None,
        key: str | None = None,
        **arguments: Any,
    ) -> None:
        """Promise that `job` runs after this transaction commits, and not if it does not.

        key: a name under which it is scheduled at most once, ever.
        """
        declared = function_of(job)
        checked = declared.arguments.model(**declared.arguments.check(arguments)).model_dump(mode="json")
        when = at or self.now + after
        self._schedule(self, Scheduled(declared.name, checked, when, key, declared.max_attempts))

    @contextmanager
    def within(self, organization_id: uuid.UUID) -> Generator[None]:
        """Act in another organization for a block: rows, facts and jobs are of that one, and the caller is the same.

        For the deeds by which somebody comes to an organization: founding it, accepting an invitation. The caller has
        no role there as far as this context knows; whoever uses it has made sure that the person may do what follows.
        """
        self.db.flush()
        caller, before = self._caller, self.db.organization_id
        self._caller = replace(caller, organization_id=organization_id, role=None, capabilities=frozenset())
        self.db.organization_id = organization_id
        try:
            yield
            self.db.flush()
        finally:
            self._caller, self.db.organization_id = caller, before

    def record(self, fact: Fact) -> None:
        """Tell everybody who listens to it, within this transaction, that something happened."""
        self._tell(self, fact)


@dataclass
class ActionCtx:
    """Context of an action: no transaction of its own; it reads by queries and writes by mutations."""

    caller: Caller
    request_id: str
    run: Callable[..., Any]
    now: datetime
    attempt: int = field(default=1)
    has_changed: bool = field(default=False)
    """Whether one of its mutations has committed, so that the action cannot simply be begun again."""

    async def query(self, function: Callable[..., Any], **arguments: Any) -> Any:
        return await self.run(function, self.caller, arguments)

    async def mutate(self, function: Callable[..., Any], *, key: str | None = None, **arguments: Any) -> Any:
        """Run a mutation in its own transaction. key: makes a repeated call happen once."""
        answer = await self.run(function, self.caller, arguments, key)
        self.has_changed = True
        return answer
