"""What screens and doors are given of approval requests."""

import enum
import uuid
from dataclasses import dataclass
from datetime import datetime

from memberpulse.domains.approvals.models import Status
from memberpulse.domains.organizations.schemas import PersonView


class Show(enum.StrEnum):
    """Which requests a list has: those that wait, those that were decided, or the caller's own."""

    WAITING = "waiting"
    DECIDED = "decided"
    MINE = "mine"


@dataclass(frozen=True, slots=True)
class PendingCount:
    """oldest_at: since when the oldest pending request waits; None: none is pending."""

    count: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request as the caller sees it.

    kind_words: what its kind is called. given: how many approvals count, of those needed; approvers: whose they are.
    decider: who settled it, None while it is pending or when their account is gone. mine: the caller asked for it.
    may_decide: the caller may decide about it now. voted: the caller has approved it, and it takes more. undoable: the
    caller can still take back what they said. chooses: something is chosen with the approval.
    """

    id: uuid.UUID
    kind: str
    kind_words: str
    title: str
    summary: str
    requester: PersonView | None
    status: Status
    needed: int
    given: int
    approvers: list[PersonView]
    created_at: datetime
    decided_at: datetime | None
    decider: PersonView | None
    reason: str
    mine: bool
    may_decide: bool
    voted: bool
    undoable: bool
    chooses: bool


@dataclass(frozen=True, slots=True)
class RequestList:
    """One page: those that wait with the oldest first, others with the newest first. matching: how many fit in all."""

    rows: list[RequestRow]
    matching: int
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class DetailView:
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class VoteView:
    """person: None when their account is gone. choice: what they chose to grant, in words; may be empty."""

    id: uuid.UUID
    person: PersonView | None
    approves: bool
    choice: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    words: str


@dataclass(frozen=True, slots=True)
class RequestDetail:
    """A request with all that is known of it. choice_label, options: what is chosen with the approval.

    Where somebody has approved already, what they chose is the only option.
    """

    row: RequestRow
    details: list[DetailView]
    votes: list[VoteView]
    choice_label: str
    options: list[Option]


@dataclass(frozen=True, slots=True)
class KindOption:
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class RuleView:
    """How many must approve requests of a kind; usual: the kind's own number; deciders: how many people may."""

    kind: str
    words: str
    approvers: int
    usual: int
    deciders: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request: settled, or still pending with `given` of `needed` approvals."""

    id: uuid.UUID
    title: str
    status: Status
    given: int
    needed: int


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A request that was not decided, and why."""

    id: uuid.UUID
    title: str
    code: str
    why: str


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """words: what happened, in a sentence."""

    decided: list[Outcome]
    passed_over: list[PassedOver]
    words: str
