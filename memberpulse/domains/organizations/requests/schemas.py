"""What screens and doors are given of requests to join."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from memberpulse.domains.organizations.models import JoinPolicy, Role
from memberpulse.domains.organizations.requests.models import RequestState
from memberpulse.domains.organizations.schemas import OrganizationView, PersonView


@dataclass(frozen=True, slots=True)
class RequestRow:
    """decider: None while it is pending, or when their account is gone."""

    id: uuid.UUID
    person: PersonView
    email: str
    note: str
    state: RequestState
    role: Role | None
    reason: str
    created_at: datetime
    decided_at: datetime | None
    decider: PersonView | None


@dataclass(frozen=True, slots=True)
class RequestList:
    """One page: the pending ones with the oldest first, the decided ones with the newest first."""

    rows: list[RequestRow]
    pending: int
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class JoinPage:
    """What anybody may see of an organization who knows the address of its join page.

    way: "ask" or "closed"; "link" when the given code lets one join at once; "over" when the code does so no more.
    mine: where the signed-in person stands: "nobody" (not signed in), "stranger", "asked", "declined" or "member".
    you: their address. reason: why the last request was declined. request_id: the pending request.
    """

    organization: OrganizationView
    policy: JoinPolicy
    way: str
    mine: str
    you: str
    verified: bool
    reason: str
    request_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class MyRequest:
    """A request of the caller's own that waits."""

    id: uuid.UUID
    organization: OrganizationView
    created_at: datetime
