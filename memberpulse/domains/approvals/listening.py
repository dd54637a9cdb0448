"""Requests to join stand in the queue of approvals under the same id, and are decided in either place at once."""

from memberpulse.domains.approvals.models import ApprovalRequest, Status
from memberpulse.domains.organizations.requests.facts import (
    JoinDecisionUndone,
    JoinRequestAct,
    JoinRequestApproved,
    JoinRequestDeclined,
    JoinRequested,
)
from memberpulse.engine import MutationCtx

JOINING = "joining"


def follow_join_request(ctx: MutationCtx, fact: JoinRequestAct) -> None:
    """Keep the queue in step; a request that was withdrawn leaves it."""
    row = ctx.db.get(ApprovalRequest, fact.entity_id)
    if isinstance(fact, JoinRequested | JoinDecisionUndone):
        if row is None:
            row = ApprovalRequest(
                id=fact.entity_id,
                organization_id=ctx.organization_id,
                kind=JOINING,
                title="to join",
                requester_id=fact.user_id,
                created_at=ctx.now,
            )
            ctx.db.add(row)
        row.status, row.decided_at = Status.PENDING, None
    elif row is not None and isinstance(fact, JoinRequestApproved | JoinRequestDeclined):
        row.status = Status.APPROVED if isinstance(fact, JoinRequestApproved) else Status.REJECTED
        row.decided_at = ctx.now
    elif row is not None:
        ctx.db.delete(row)
    ctx.db.flush()
