"""Writes of approval requests. Internal until there is a screen for the queue."""

import uuid
from datetime import datetime

from sqlalchemy import delete, select
from sqlmodel import col

from memberpulse.domains.approvals.errors import AlreadyDecided
from memberpulse.domains.approvals.facts import ApprovalGiven, ApprovalRefused, ApprovalRequested
from memberpulse.domains.approvals.listening import JOINING
from memberpulse.domains.approvals.models import ApprovalRequest, Status
from memberpulse.domains.organizations.requests.mutations import decide as decide_join_request
from memberpulse.engine import INTERNAL, MutationCtx, mutation


@mutation(requires=INTERNAL)
def request_approval(
    ctx: MutationCtx,
    *,
    kind: str,
    title: str,
    requester_id: uuid.UUID,
    created_at: datetime | None = None,
) -> uuid.UUID:
    """Ask for a decision. created_at: given by imports, which tell nobody."""
    request = ApprovalRequest(
        organization_id=ctx.organization_id,
        kind=kind,
        title=title,
        requester_id=requester_id,
        created_at=created_at or ctx.now,
    )
    ctx.db.add(request)
    ctx.db.flush()
    if created_at is None:
        ctx.record(ApprovalRequested(entity_id=request.id, target=title, by=requester_id))
    return request.id


@mutation(requires=INTERNAL)
def decide_request(ctx: MutationCtx, *, request_id: uuid.UUID, approve: bool, by: uuid.UUID) -> None:
    """Approve or reject on somebody's behalf. Raises AlreadyDecided (409).

    A request to join is decided where it belongs, by the same person; the queue follows.
    """
    request = ctx.db.get(ApprovalRequest, request_id)
    if request is None or request.status is not Status.PENDING:
        raise AlreadyDecided
    if request.kind == JOINING:
        decide_join_request(ctx, request_id=request.id, approve=approve, by=by)
        return
    request.status = Status.APPROVED if approve else Status.REJECTED
    request.decided_at = ctx.now
    ctx.db.flush()
    fact = ApprovalGiven if approve else ApprovalRefused
    ctx.record(fact(entity_id=request.id, target=request.title, by=by))


@mutation(requires=INTERNAL)
def forget_decided(ctx: MutationCtx, *, keep: int) -> None:
    """Forget all but the latest decided requests, at most 500 at once: only for the demo."""
    decided = select(col(ApprovalRequest.id)).where(col(ApprovalRequest.status) != Status.PENDING)
    ids = list(ctx.db.scalars(decided.order_by(col(ApprovalRequest.created_at).desc()).offset(keep).limit(500)))
    if ids:
        gone = delete(ApprovalRequest).where(col(ApprovalRequest.id).in_(ids))
        ctx.db.execute(gone.execution_options(synchronize_session=False))
