"""What approvals do after a transaction."""

import uuid

from memberpulse.domains.approvals.models import ApprovalRequest, Status
from memberpulse.domains.notifications.mutations import notify_people
from memberpulse.domains.notifications.schemas import Notice
from memberpulse.domains.organizations.people import is_member
from memberpulse.engine import MutationCtx, job
from memberpulse.texts import isolated

NOTICE = "approval"
PLACE = "/approvals"


@job()
def tell_requester(ctx: MutationCtx, *, request_id: uuid.UUID, decided_at: str) -> None:
    """Tell whoever asked what was decided, unless it was taken back meanwhile. decided_at: which decision, ISO 8601."""
    request = ctx.db.get(ApprovalRequest, request_id)
    if request is None or request.decided_at is None or request.decided_at.isoformat() != decided_at:
        return
    if request.requester_id is None or not is_member(ctx, request.requester_id):
        return
    approved = request.status is Status.APPROVED
    notice = Notice(
        type=NOTICE,
        title=f"{isolated(request.title)}: {'approved' if approved else 'rejected'}",
        message=request.reason,
        link=f"{PLACE}?show=mine&open={request.id}",
        person_id=request.decided_by,
        source_id=request.id,
    )
    notify_people(ctx, user_ids=[request.requester_id], notice=notice)
