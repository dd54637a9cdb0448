"""Deciding about requests, taking a decision back within seconds, and how many people a decision takes."""

import uuid
from datetime import datetime

from sqlalchemy import delete, select
from sqlmodel import col

from memberpulse.domains.approvals.deciding import (
    approvers_of,
    check_decider,
    count_approvals,
    decide,
    find,
    take_back,
)
from memberpulse.domains.approvals.errors import AlreadyDecided, BadRequest, TooFewApprovers, UnknownKind
from memberpulse.domains.approvals.facts import ApproversChanged
from memberpulse.domains.approvals.kinds import kind_of, kinds_here
from memberpulse.domains.approvals.models import ApprovalRequest, ApprovalRule, ApprovalVote, Status
from memberpulse.domains.approvals.rules import MOST_APPROVERS, check_amount, clean_reason, people
from memberpulse.domains.approvals.schemas import BulkOutcome, Outcome, PassedOver
from memberpulse.domains.organizations.roles.holding import holders_of
from memberpulse.engine import INTERNAL, MutationCtx, mutation
from memberpulse.engine.errors import EngineError


@mutation(requires="approvals.view", limit="120/minute")
def approve_request(ctx: MutationCtx, *, request_id: uuid.UUID, reason: str = "", choice: str | None = None) -> Outcome:
    """Say yes to a request. It is settled once as many people have as its kind takes.

    reason: what the requester is told with it. choice: one of the kind's options, such as the role of a new member;
    None: what was chosen before, else the usual. Raises RequestNotFound (404), NotYoursToDecide, OwnRequest (403),
    AlreadyDecided, AlreadyVoted, ChosenOtherwise (409), BadReason (422), and what the kind refuses.
    """
    request = find(ctx, request_id)
    check_decider(ctx, request)
    _check_choice(request, choice)
    decide(ctx, request, approve=True, by=ctx.caller.user_id, reason=clean_reason(reason), choice=choice)
    return _outcome(ctx, request)


@mutation(requires="approvals.view", limit="120/minute")
def reject_request(ctx: MutationCtx, *, request_id: uuid.UUID, reason: str = "") -> Outcome:
    """Say no to a request; one person is enough. reason: what the requester is told.

    Raises RequestNotFound (404), NotYoursToDecide, OwnRequest (403), AlreadyDecided (409), BadReason (422).
    """
    request = find(ctx, request_id)
    check_decider(ctx, request)
    decide(ctx, request, approve=False, by=ctx.caller.user_id, reason=clean_reason(reason))
    return _outcome(ctx, request)


@mutation(requires="approvals.view", limit="30/minute")
def decide_requests(ctx: MutationCtx, *, request_ids: list[uuid.UUID], approve: bool, reason: str = "") -> BulkOutcome:
    """Approve or reject up to 100 requests at once. What cannot be decided is passed over, and the rest is not.

    Raises TooMuchAtOnce, BadReason (422), and when nothing could be decided, why the first could not.
    """
    reason = clean_reason(reason)
    decided: list[Outcome] = []
    passed: list[PassedOver] = []
    refusals: list[EngineError] = []
    for request_id in check_amount(request_ids):
        title = ""
        try:
            with ctx.db.begin_nested():
                request = find(ctx, request_id)
                check_decider(ctx, request)
                title = request.title
                decide(ctx, request, approve=approve, by=ctx.caller.user_id, reason=reason)
            decided.append(_outcome(ctx, request))
        except EngineError as error:
            passed.append(PassedOver(request_id, title, error.code, error.message))
            refusals.append(error)
    if refusals and not decided:
        raise refusals[0]
    return BulkOutcome(decided, passed, _said(decided, passed, approve))


@mutation(requires="approvals.view", limit="120/minute")
def undo_decisions(ctx: MutationCtx, *, request_ids: list[uuid.UUID]) -> int:
    """Take back what the caller said about requests within the last ten seconds: all of them or, when it is too late
    for one, none. Returns how many.

    Raises RequestNotFound (404), NotYoursToDecide (403), TooLateToUndo (409), TooMuchAtOnce (422).
    """
    distinct = check_amount(request_ids)
    for request_id in distinct:
        request = find(ctx, request_id)
        check_decider(ctx, request)
        take_back(ctx, request, by=ctx.user_id)
    return len(distinct)


@mutation(requires="approvals.manage", limit="30/minute")
def set_approvers(ctx: MutationCtx, *, kind: str, approvers: int) -> None:
    """Say how many people must approve requests of a kind, from the next request on: 1 to 3.

    Raises UnknownKind (404), BadRequest (422), TooFewApprovers (409) when fewer people may decide at all.
    """
    found = kind_of(kind)
    if found not in kinds_here(ctx):
        raise UnknownKind
    if not 1 <= approvers <= MOST_APPROVERS:
        raise BadRequest(fields={"approvers": f"Choose 1 to {MOST_APPROVERS} people."})
    deciders = len(holders_of(ctx, found.requires))
    if approvers > deciders:
        raise TooFewApprovers(f"Only {people(deciders)} may decide about this. Give somebody else the right first.")
    before = approvers_of(ctx, kind)
    if approvers != before:
        _write_rule(ctx, kind, approvers)
        ctx.record(ApproversChanged(entity_id=ctx.organization_id, target=found.words, before=before, after=approvers))


@mutation(requires=INTERNAL)
def decide_request(ctx: MutationCtx, *, request_id: uuid.UUID, approve: bool, by: uuid.UUID, reason: str = "") -> None:
    """Approve or reject on somebody's behalf. Raises RequestNotFound (404), and as `approve_request`."""
    decide(ctx, find(ctx, request_id), approve=approve, by=by, reason=reason)


@mutation(requires=INTERNAL)
def import_decision(
    ctx: MutationCtx, *, request_id: uuid.UUID, approve: bool, by: uuid.UUID, at: datetime, reason: str = ""
) -> None:
    """Note a decision of the past, which has had its effects and told everybody. Raises AlreadyDecided (409)."""
    request = find(ctx, request_id)
    if request.status is not Status.PENDING:
        raise AlreadyDecided
    _add_vote(ctx, request, by, at, approves=approve, reason=reason)
    request.status = Status.APPROVED if approve else Status.REJECTED
    request.decided_at, request.decided_by, request.reason = at, by, reason
    ctx.db.flush()


@mutation(requires=INTERNAL)
def support_request(ctx: MutationCtx, *, request_id: uuid.UUID, by: uuid.UUID, at: datetime) -> None:
    """Note one approval of the past, of those that a request takes."""
    _add_vote(ctx, find(ctx, request_id), by, at, approves=True)


@mutation(requires=INTERNAL)
def forget_decided(ctx: MutationCtx, *, keep: int) -> None:
    """Forget all but the latest decided requests, at most 500 at once: only for the demo."""
    decided = select(col(ApprovalRequest.id)).where(col(ApprovalRequest.status) != Status.PENDING)
    ids = list(ctx.db.scalars(decided.order_by(col(ApprovalRequest.created_at).desc()).offset(keep).limit(500)))
    if ids:
        gone = delete(ApprovalRequest).where(col(ApprovalRequest.id).in_(ids))
        ctx.db.execute(gone.execution_options(synchronize_session=False))


def _check_choice(request: ApprovalRequest, choice: str | None) -> None:
    offered = kind_of(request.kind).choice
    if choice is not None and choice not in [value for value, _ in (offered.options if offered else ())]:
        raise BadRequest(fields={"choice": "Choose one of what is offered."})


def _write_rule(ctx: MutationCtx, kind: str, approvers: int) -> None:
    rule = ctx.db.scalars(select(ApprovalRule).where(col(ApprovalRule.kind) == kind)).one_or_none()
    if rule is None:
        rule = ApprovalRule(organization_id=ctx.organization_id, kind=kind, approvers=approvers)
        ctx.db.add(rule)
    rule.approvers = approvers
    ctx.db.flush()


def _add_vote(
    ctx: MutationCtx, request: ApprovalRequest, by: uuid.UUID, at: datetime, *, approves: bool, reason: str = ""
) -> None:
    vote = ApprovalVote(
        organization_id=ctx.organization_id,
        request_id=request.id,
        user_id=by,
        approves=approves,
        reason=reason,
        created_at=at,
    )
    ctx.db.add(vote)
    ctx.db.flush()


def _outcome(ctx: MutationCtx, request: ApprovalRequest) -> Outcome:
    return Outcome(request.id, request.title, request.status, count_approvals(ctx, request), request.needed)


def _said(decided: list[Outcome], passed: list[PassedOver], approve: bool) -> str:
    done = f"{len(decided)} {'approved' if approve else 'rejected'}"
    if not passed:
        return done
    return f"{done}, {len(passed)} passed over: {passed[0].why}"
