"""Reads of approval requests."""

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.approvals.models import ApprovalRequest, Status
from memberpulse.domains.approvals.schemas import PendingCount
from memberpulse.engine import QueryCtx, query


@query(requires="approvals.view")
def count_pending(ctx: QueryCtx) -> PendingCount:
    """How many requests wait for a decision, and since when."""
    pending = select(col(ApprovalRequest.created_at)).where(col(ApprovalRequest.status) == Status.PENDING)
    times = list(ctx.db.scalars(pending))
    return PendingCount(count=len(times), oldest_at=min(times, default=None))
