"""Requests to join: they stand in the inbox under the same id, and are decided in either place at once."""

import uuid

from memberpulse.domains.accounts.models import User
from memberpulse.domains.approvals.asking import add_request
from memberpulse.domains.approvals.deciding import count_approvals, reopen, settle, take_down, vote_of
from memberpulse.domains.approvals.errors import NeedsMoreApprovers
from memberpulse.domains.approvals.kinds import Choice, Decision, Detail, Kind
from memberpulse.domains.approvals.models import ApprovalRequest, Status
from memberpulse.domains.approvals.rules import is_enough
from memberpulse.domains.organizations.invitations.sending import check_offer
from memberpulse.domains.organizations.models import Role
from memberpulse.domains.organizations.requests.facts import (
    JoinDecisionUndone,
    JoinRequestAct,
    JoinRequestApproved,
    JoinRequestDeclined,
    JoinRequested,
)
from memberpulse.domains.organizations.requests.mutations import decide as decide_join_request
from memberpulse.domains.organizations.requests.mutations import undo_decision
from memberpulse.engine import MutationCtx, QueryCtx

JOINING = "joining"


def _preview(ctx: QueryCtx, request: ApprovalRequest) -> list[Detail]:
    user = ctx.db.get(User, request.requester_id) if request.requester_id else None
    return [Detail("E-mail", user.email)] if user else []


def _approved(ctx: MutationCtx, request: ApprovalRequest, decision: Decision) -> None:
    role = Role(decision.choice) if decision.choice else Role.MEMBER
    check_offer(ctx, role)
    decide_join_request(ctx, request_id=request.id, approve=True, role=role, by=decision.by)


def _rejected(ctx: MutationCtx, request: ApprovalRequest, decision: Decision) -> None:
    decide_join_request(ctx, request_id=request.id, approve=False, reason=decision.reason, by=decision.by)


def _undone(ctx: MutationCtx, request: ApprovalRequest, before: Status) -> None:
    undo_decision(ctx, request_id=request.id)


KIND = Kind(
    name=JOINING,
    words="Membership",
    requires="requests.decide",
    preview=_preview,
    approved=_approved,
    rejected=_rejected,
    undone=_undone,
    choice=Choice(
        "Join as", tuple((role.value, role.value.capitalize()) for role in reversed(Role) if role != "owner")
    ),
    speaks=True,
)


def follow_join_request(ctx: MutationCtx, fact: JoinRequestAct) -> None:
    """Keep the inbox in step with what happens where requests to join belong; one that was withdrawn leaves it.

    What the inbox itself has just decided finds its row as it should be. Raises NeedsMoreApprovers (409) when somebody
    else approves alone what takes more than one, and ChosenOtherwise (409) when they give another role.
    """
    row = ctx.db.get(ApprovalRequest, fact.entity_id)
    if isinstance(fact, JoinRequested) or (isinstance(fact, JoinDecisionUndone) and row is None):
        note = fact.note if isinstance(fact, JoinRequested) else ""
        add_request(
            ctx, kind=JOINING, title="Membership", summary=note, requester_id=fact.user_id, request_id=fact.entity_id
        )
    elif row is None:
        return
    elif isinstance(fact, JoinDecisionUndone):
        if row.status is not Status.PENDING:
            reopen(ctx, row, vote_of(ctx, row.id, row.decided_by))
    elif isinstance(fact, JoinRequestApproved | JoinRequestDeclined):
        if row.status is Status.PENDING:
            _decided_elsewhere(ctx, row, fact, fact.by or ctx.caller.user_id)
    else:
        ctx.db.delete(row)
        ctx.db.flush()


def _decided_elsewhere(
    ctx: MutationCtx,
    row: ApprovalRequest,
    fact: JoinRequestApproved | JoinRequestDeclined,
    by: uuid.UUID | None,
) -> None:
    approve = isinstance(fact, JoinRequestApproved)
    reason, role = ("", fact.role.value) if isinstance(fact, JoinRequestApproved) else (fact.reason, None)
    take_down(ctx, row, approve=approve, reason=reason, by=by, choice=role)
    if approve and not is_enough(given=count_approvals(ctx, row), needed=row.needed):
        raise NeedsMoreApprovers
    settle(ctx, row, approve=approve, by=by, reason=reason)
