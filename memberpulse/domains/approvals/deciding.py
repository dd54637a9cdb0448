"""The one place where requests are made, decided and taken back. Parts of the caller's transaction."""

import uuid

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.approvals.errors import (
    AlreadyDecided,
    AlreadyVoted,
    ChosenOtherwise,
    NotYoursToDecide,
    OwnRequest,
    RequestNotFound,
    TooLateToUndo,
)
from memberpulse.domains.approvals.facts import ApprovalGiven, ApprovalRefused, ApprovalSupported, DecisionUndone
from memberpulse.domains.approvals.jobs import tell_requester
from memberpulse.domains.approvals.kinds import Decision, kind_of
from memberpulse.domains.approvals.models import ApprovalRequest, ApprovalRule, ApprovalVote, Status
from memberpulse.domains.approvals.rules import GRACE, UNDO, is_enough, may_still_undo
from memberpulse.domains.approvals.telling import tell_deciders
from memberpulse.domains.notifications.mutations import withdraw_notice
from memberpulse.domains.organizations.roles.holding import holders_of
from memberpulse.engine import MutationCtx, QueryCtx


def find(ctx: QueryCtx, request_id: uuid.UUID) -> ApprovalRequest:
    """A request of the caller's organization. Raises RequestNotFound (404)."""
    request = ctx.db.get(ApprovalRequest, request_id)
    if request is None:
        raise RequestNotFound
    return request


def check_decider(ctx: QueryCtx, request: ApprovalRequest) -> None:
    """Whether the caller decides about requests of this kind. Raises NotYoursToDecide (403)."""
    if not ctx.can(kind_of(request.kind).requires):
        raise NotYoursToDecide


def approvers_of(ctx: QueryCtx, kind: str) -> int:
    """How many must approve requests of a kind in the caller's organization."""
    chosen = ctx.db.scalars(select(col(ApprovalRule.approvers)).where(col(ApprovalRule.kind) == kind)).one_or_none()
    return chosen if chosen is not None else kind_of(kind).approvers


def decide(
    ctx: MutationCtx,
    request: ApprovalRequest,
    *,
    approve: bool,
    by: uuid.UUID | None,
    reason: str = "",
    choice: str | None = None,
) -> None:
    """Take down what somebody says about a request, and settle it when that is enough. One "no" is.

    Raises AlreadyDecided, AlreadyVoted, ChosenOtherwise (409), OwnRequest (403), and what the kind raises.
    """
    _check_open(ctx, request)
    if by is not None and by == request.requester_id:
        raise OwnRequest
    agreed = take_down(ctx, request, approve=approve, reason=reason, by=by, choice=choice)
    given = count_approvals(ctx, request)
    if approve and not is_enough(given=given, needed=request.needed):
        ctx.record(
            ApprovalSupported(
                entity_id=request.id,
                target=request.title,
                user_id=request.requester_id,
                given=given,
                needed=request.needed,
                by=by,
            )
        )
        return
    settle(ctx, request, approve=approve, by=by, reason=reason)
    kind = kind_of(request.kind)
    (kind.approved if approve else kind.rejected)(ctx, request, Decision(by, reason, agreed))
    if not kind.speaks:
        _announce(ctx, request, by)


def take_down(
    ctx: MutationCtx,
    request: ApprovalRequest,
    *,
    approve: bool,
    reason: str,
    by: uuid.UUID | None,
    choice: str | None = None,
) -> str | None:
    """Keep what somebody says, and return what they agree to grant. Who has approved may still reject.

    Raises AlreadyVoted (409) when they approve twice, and ChosenOtherwise (409).
    """
    vote = vote_of(ctx, request.id, by)
    if vote is not None and approve:
        raise AlreadyVoted
    agreed = _agree(ctx, request, choice) if approve else None
    if vote is None:
        vote = ApprovalVote(
            organization_id=ctx.organization_id, request_id=request.id, user_id=by, approves=approve, created_at=ctx.now
        )
        ctx.db.add(vote)
    vote.approves, vote.choice, vote.reason, vote.created_at = approve, agreed, reason, ctx.now
    ctx.db.flush()
    return agreed


def settle(ctx: MutationCtx, request: ApprovalRequest, *, approve: bool, by: uuid.UUID | None, reason: str) -> None:
    """Write down that a request is decided."""
    request.status = Status.APPROVED if approve else Status.REJECTED
    request.decided_at, request.decided_by, request.reason = ctx.now, by, reason
    ctx.db.flush()


def take_back(ctx: MutationCtx, request: ApprovalRequest, *, by: uuid.UUID) -> None:
    """Undo what somebody said within ten seconds; it waits for all who decide again. Raises TooLateToUndo (409)."""
    vote = vote_of(ctx, request.id, by)
    settled = request.status is not Status.PENDING
    if vote is None or not may_still_undo(vote.created_at, ctx.now) or (settled and request.decided_by != by):
        raise TooLateToUndo
    before = request.status
    reopen(ctx, request, vote)
    kind = kind_of(request.kind)
    if settled:
        kind.undone(ctx, request, before)
    if settled and not kind.speaks:
        withdraw_notice(ctx, source_id=request.id)
        tell_deciders(ctx, request, again=True)
    if not (settled and kind.speaks):
        said = before.value if settled else "supported"
        ctx.record(
            DecisionUndone(entity_id=request.id, target=request.title, user_id=request.requester_id, before=said, by=by)
        )


def reopen(ctx: MutationCtx, request: ApprovalRequest, vote: ApprovalVote | None) -> None:
    """Let a request wait again, without what that person had said."""
    if vote is not None:
        ctx.db.delete(vote)
    request.status, request.reason = Status.PENDING, ""
    request.decided_at = request.decided_by = None
    ctx.db.flush()


def vote_of(ctx: QueryCtx, request_id: uuid.UUID, user_id: uuid.UUID | None) -> ApprovalVote | None:
    """What somebody has said about a request."""
    if user_id is None:
        return None
    theirs = select(ApprovalVote).where(
        col(ApprovalVote.request_id) == request_id, col(ApprovalVote.user_id) == user_id
    )
    return ctx.db.scalars(theirs).one_or_none()


def approvals_of(ctx: QueryCtx, request: ApprovalRequest) -> list[ApprovalVote]:
    """The approvals that count, in their order: of those who still may decide about it."""
    said = select(ApprovalVote).where(
        col(ApprovalVote.request_id) == request.id,
        col(ApprovalVote.approves).is_(True),
        col(ApprovalVote.user_id).in_(holders_of(ctx, kind_of(request.kind).requires)),
    )
    return list(ctx.db.scalars(said.order_by(col(ApprovalVote.created_at), col(ApprovalVote.id))))


def chosen_before(ctx: QueryCtx, request: ApprovalRequest) -> str | None:
    """What those who have approved already want to grant; None: nobody has, or nothing is chosen with it."""
    offered, given = kind_of(request.kind).choice, approvals_of(ctx, request)
    return (given[0].choice or offered.usual) if offered and given else None


def count_approvals(ctx: QueryCtx, request: ApprovalRequest) -> int:
    """How many of those who still may decide have approved."""
    return len(approvals_of(ctx, request))


def _check_open(ctx: MutationCtx, request: ApprovalRequest) -> None:
    """Who was faster is told kindly, and by name."""
    if request.status is Status.PENDING:
        return
    if request.status is Status.WITHDRAWN:
        raise AlreadyDecided("Whoever asked has withdrawn this meanwhile.")
    decider = ctx.db.get(User, request.decided_by) if request.decided_by else None
    if decider is None:
        raise AlreadyDecided
    who = "You have" if decider.id == ctx.caller.user_id else f"{decider.name} has"
    raise AlreadyDecided(f"{who} {request.status.value} this already.", fields={"decided_by": decider.name})


def _agree(ctx: QueryCtx, request: ApprovalRequest, choice: str | None) -> str | None:
    """What is granted: nobody's alone to choose. Raises ChosenOtherwise (409)."""
    offered, before = kind_of(request.kind).choice, chosen_before(ctx, request)
    if offered is None or before is None:
        return choice or (offered.usual if offered else None)
    if choice not in (None, before):
        words = offered.words_of(before)
        raise ChosenOtherwise(f"This was approved as {words} before. Approve it as {words} too, or reject it.")
    return before


def _announce(ctx: MutationCtx, request: ApprovalRequest, by: uuid.UUID | None) -> None:
    """Nobody else has to decide any more; whoever asked is told once it can no longer be undone."""
    withdraw_notice(ctx, source_id=request.id)
    fact = ApprovalGiven if request.status is Status.APPROVED else ApprovalRefused
    ctx.record(
        fact(entity_id=request.id, target=request.title, user_id=request.requester_id, reason=request.reason, by=by)
    )
    ctx.schedule(tell_requester, after=UNDO + GRACE, request_id=request.id, decided_at=ctx.now.isoformat())
