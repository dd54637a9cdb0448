"""From rows of the tables to what screens are given."""

import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.approvals.kinds import kind_of
from memberpulse.domains.approvals.models import ApprovalRequest, ApprovalVote, Status
from memberpulse.domains.approvals.rules import GRACE, UNDO, may_still_undo
from memberpulse.domains.approvals.schemas import RequestRow, VoteView
from memberpulse.domains.organizations.roles.holding import holders_of
from memberpulse.domains.organizations.schemas import person_view
from memberpulse.engine import QueryCtx

Votes = list[tuple[ApprovalVote, User | None]]
Deciders = Mapping[str, set[uuid.UUID]]


def rows_of(ctx: QueryCtx, found: Sequence[tuple[ApprovalRequest, User | None]]) -> list[RequestRow]:
    """The requests as the caller sees them, in their order."""
    votes = _votes(ctx, [request.id for request, _ in found])
    deciders = _deciders(ctx, [request for request, _ in found if request.id in votes])
    return [_row(ctx, request, requester, votes.get(request.id, []), deciders) for request, requester in found]


def votes_of(ctx: QueryCtx, request: ApprovalRequest) -> list[VoteView]:
    """Who said what about a request, in the order in which they said it."""
    return [
        VoteView(
            id=vote.id,
            person=person_view(user) if user else None,
            approves=vote.approves,
            choice=_choice_words(request, vote),
            reason=vote.reason,
            at=vote.created_at,
        )
        for vote, user in _votes(ctx, [request.id]).get(request.id, [])
    ]


def _choice_words(request: ApprovalRequest, vote: ApprovalVote) -> str:
    offered = kind_of(request.kind).choice
    return offered.words_of(vote.choice) if offered and vote.choice else ""


def _votes(ctx: QueryCtx, request_ids: list[uuid.UUID]) -> dict[uuid.UUID, Votes]:
    statement = (
        select(ApprovalVote, User)
        .outerjoin(User, col(User.id) == col(ApprovalVote.user_id))
        .where(col(ApprovalVote.request_id).in_(request_ids))
        .order_by(col(ApprovalVote.created_at), col(ApprovalVote.id))
    )
    votes: dict[uuid.UUID, Votes] = {}
    for vote, user in ctx.db.execute(statement):
        votes.setdefault(vote.request_id, []).append((vote, user))
    return votes


def _deciders(ctx: QueryCtx, requests: Sequence[ApprovalRequest]) -> Deciders:
    """Who may decide, by the kinds of those requests that wait."""
    kinds = {request.kind for request in requests if request.status is Status.PENDING}
    return {kind: set(holders_of(ctx, kind_of(kind).requires)) for kind in kinds}


def _counting(request: ApprovalRequest, votes: Votes, deciders: Deciders) -> Votes:
    """The approvals that count: all of those that settled it; while it waits, of those who still may decide."""
    given = [(vote, user) for vote, user in votes if vote.approves]
    if request.status is not Status.PENDING:
        return given
    return [(vote, user) for vote, user in given if vote.user_id in deciders.get(request.kind, ())]


def _row(
    ctx: QueryCtx, request: ApprovalRequest, requester: User | None, votes: Votes, deciders: Deciders
) -> RequestRow:
    you = ctx.caller.user_id
    kind = kind_of(request.kind)
    yours = next((vote for vote, _ in votes if you is not None and vote.user_id == you), None)
    pending = request.status is Status.PENDING
    mine = you is not None and request.requester_id == you
    decides = pending and not mine and ctx.can(kind.requires)
    given = _counting(request, votes, deciders)
    decider = next((user for vote, user in votes if vote.user_id and vote.user_id == request.decided_by), None)
    return RequestRow(
        id=request.id,
        kind=kind.name,
        kind_words=kind.words,
        title=request.title,
        summary=request.summary,
        requester=person_view(requester) if requester else None,
        status=request.status,
        needed=request.needed,
        given=len(given),
        approvers=[person_view(user) for _, user in given if user],
        created_at=request.created_at,
        decided_at=request.decided_at,
        decider=person_view(decider) if decider else None,
        reason=request.reason,
        mine=mine,
        may_decide=decides and yours is None,
        voted=decides and yours is not None,
        undoable=_undoable(ctx, request, yours),
        chooses=kind.choice is not None,
    )


def _undoable(ctx: QueryCtx, request: ApprovalRequest, yours: ApprovalVote | None) -> bool:
    if yours is None or not may_still_undo(yours.created_at, ctx.now):
        return False
    if request.status is not Status.PENDING and request.decided_by != yours.user_id:
        return False
    ctx.stale_at(yours.created_at + UNDO + GRACE)
    return True
