"""Kinds of requests, and the one door by which they come: `register`.

    register(Kind(name="payout", words="Payout", requires="payouts.approve", approvers=2, approved=pay, undone=recall))

A domain above approvals registers its kinds in its `domain.py`; for what stands below, there is a file in `of/`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col

from memberpulse.domains.approvals.models import ApprovalRequest, Status
from memberpulse.engine import MutationCtx, QueryCtx


@dataclass(frozen=True, slots=True)
class Detail:
    """One line of what a request is about: "Amount", "£120.00"."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What whoever approves may choose, such as the role of a new member. options: (value, words), the usual first."""

    label: str
    options: tuple[tuple[str, str], ...]

    @property
    def usual(self) -> str:
        return self.options[0][0]

    def words_of(self, value: str) -> str:
        return dict(self.options).get(value, value.capitalize())


@dataclass(frozen=True, slots=True)
class Decision:
    """by: whose decision settled the request. choice: one of the kind's options, the same of all who approved."""

    by: UUID | None
    reason: str = ""
    choice: str | None = None


Details = Callable[[QueryCtx, ApprovalRequest], Sequence[Detail]]
Effect = Callable[[MutationCtx, ApprovalRequest, Decision], None]
Reversal = Callable[[MutationCtx, ApprovalRequest, Status], None]


def _no_details(ctx: QueryCtx, request: ApprovalRequest) -> list[Detail]:
    return []


def _nothing(ctx: MutationCtx, request: ApprovalRequest, decision: Decision) -> None: ...


def _nothing_to_reverse(ctx: MutationCtx, request: ApprovalRequest, before: Status) -> None: ...


def _everywhere(ctx: QueryCtx) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One sort of request.

    words: what it is called. requires: the capability of those who decide. approvers: how many of them must agree,
    unless the organization says otherwise. preview: what is shown of it to whoever decides. approved, rejected: what
    happens, within the deciding transaction; an error they raise undoes the decision. undone: takes it back within
    seconds, given how it had been decided. choice: what is chosen with the approval. speaks: its own domain keeps the
    record and tells people. used: whether it exists in an organization.
    """

    name: str
    words: str
    requires: str
    approvers: int = 1
    preview: Details = _no_details
    approved: Effect = _nothing
    rejected: Effect = _nothing
    undone: Reversal = _nothing_to_reverse
    choice: Choice | None = None
    speaks: bool = False
    used: Callable[[QueryCtx], bool] = _everywhere


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind known. Raises ValueError for a doubled name."""
    if _kinds.get(kind.name, kind) is not kind:
        raise ValueError(f"two kinds of requests are called {kind.name}")
    _kinds[kind.name] = kind


def kind_of(name: str) -> Kind:
    """The kind of that name. Requests of one that is gone can still be settled by whoever manages approvals."""
    known = _kinds.get(name)
    return known or Kind(name=name, words=name.replace("_", " ").capitalize(), requires="approvals.manage")


def all_kinds() -> list[Kind]:
    """Every registered kind, by its words."""
    return sorted(_kinds.values(), key=lambda kind: kind.words)


def kinds_here(ctx: QueryCtx) -> list[Kind]:
    """The kinds that exist in the caller's organization."""
    return [kind for kind in all_kinds() if kind.used(ctx)]


def of_caller(ctx: QueryCtx) -> list[ColumnElement[bool]]:
    """Conditions for the requests that the caller may decide about, those of kinds that are gone among them."""
    kind = col(ApprovalRequest.kind)
    if ctx.can("approvals.manage"):
        others = [each.name for each in all_kinds() if not ctx.can(each.requires)]
        return [kind.not_in(others)] if others else []
    return [kind.in_([each.name for each in all_kinds() if ctx.can(each.requires)])]
