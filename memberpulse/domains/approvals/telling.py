"""Telling those who decide that something waits for them."""

from memberpulse.domains.accounts.models import User
from memberpulse.domains.approvals.jobs import NOTICE, PLACE
from memberpulse.domains.approvals.kinds import kind_of
from memberpulse.domains.approvals.models import ApprovalRequest
from memberpulse.domains.notifications.mutations import notify_people
from memberpulse.domains.notifications.schemas import Notice
from memberpulse.domains.organizations.roles.holding import holders_of
from memberpulse.engine import MutationCtx
from memberpulse.texts import isolated


def tell_deciders(ctx: MutationCtx, request: ApprovalRequest, *, again: bool = False) -> None:
    """Tell everybody who may decide. again: they were told before, so that it is only put back in the app."""
    user = ctx.db.get(User, request.requester_id) if request.requester_id else None
    notice = Notice(
        type=NOTICE,
        title=f"{isolated(user.name) if user else 'Somebody'} asks for {isolated(request.title)}",
        message=request.summary or kind_of(request.kind).words,
        link=f"{PLACE}?open={request.id}",
        person_id=request.requester_id,
        source_id=request.id,
    )
    deciders = [each for each in holders_of(ctx, kind_of(request.kind).requires) if each != request.requester_id]
    notify_people(ctx, user_ids=deciders, notice=notice, in_app_only=again)
