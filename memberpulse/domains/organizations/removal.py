"""Undoing a removal for a moment: the membership comes back as it was."""

import uuid
from datetime import timedelta
from typing import Any

from pydantic_core import to_jsonable_python
from sqlalchemy import delete, select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.organizations.errors import AlreadyMember, MemberNotFound, OwnersOnly
from memberpulse.domains.organizations.facts import MemberRestored
from memberpulse.domains.organizations.models import EndedMembership, Membership, Role
from memberpulse.domains.organizations.people import is_member, role_of_caller
from memberpulse.engine import MutationCtx, job, mutation

UNDO = timedelta(seconds=12)
"""Ten seconds on the screen, and what the way to the server may take."""
KEPT = timedelta(hours=1)


@mutation(requires="members.remove", limit="60/minute")
def restore_member(ctx: MutationCtx, *, membership_id: uuid.UUID) -> None:
    """Undo a removal within ten seconds: same role, same date of joining.

    Raises MemberNotFound (404) when it is too late, AlreadyMember (409), OwnersOnly (403).
    """
    statement = select(EndedMembership).where(col(EndedMembership.membership_id) == membership_id)
    ended = ctx.db.scalars(statement.order_by(col(EndedMembership.ended_at).desc())).first()
    if ended is None or ctx.now - ended.ended_at > UNDO:
        raise MemberNotFound("This can no longer be undone. Invite the person again.")
    if is_member(ctx, ended.user_id):
        raise AlreadyMember
    membership = Membership.model_validate(ended.was)
    if membership.role is Role.OWNER and role_of_caller(ctx) is not Role.OWNER:
        raise OwnersOnly
    ctx.db.add(membership)
    ctx.db.delete(ended)
    ctx.db.flush()
    user = ctx.db.get_one(User, membership.user_id)
    ctx.record(MemberRestored(entity_id=membership.id, target=user.name, user_id=user.id, role=membership.role))


def keep_for_undo(ctx: MutationCtx, membership: Membership) -> None:
    """Remember a membership that is about to end."""
    was: dict[str, Any] = to_jsonable_python(membership.model_dump())
    ctx.db.add(
        EndedMembership(
            organization_id=membership.organization_id,
            membership_id=membership.id,
            user_id=membership.user_id,
            was=was,
            ended_at=ctx.now,
            ended_by=ctx.caller.user_id,
        )
    )


@job()
def forget_ended_memberships(ctx: MutationCtx) -> None:
    """Delete what can no longer be undone."""
    old = select(col(EndedMembership.id)).where(col(EndedMembership.ended_at) < ctx.now - KEPT).limit(500)
    with ctx.across_organizations():
        ids = list(ctx.db.scalars(old))
        if ids:
            gone = delete(EndedMembership).where(col(EndedMembership.id).in_(ids))
            ctx.db.execute(gone.execution_options(synchronize_session=False))
    if len(ids) == 500:
        ctx.schedule(forget_ended_memberships)
