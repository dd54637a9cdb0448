"""Undoing a removal for a moment: the membership comes back as it was."""

import uuid
from datetime import timedelta
from typing import Any

from pydantic_core import to_jsonable_python
from sqlalchemy import delete, select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.step_up import require_proof
from memberpulse.domains.organizations.directory.models import DirectoryEntry
from memberpulse.domains.organizations.errors import AlreadyMember, MemberNotFound, OwnersOnly
from memberpulse.domains.organizations.facts import MemberRestored
from memberpulse.domains.organizations.fields.models import MemberFieldValue
from memberpulse.domains.organizations.models import EndedMembership, Membership, Role
from memberpulse.domains.organizations.people import is_member, role_of_caller
from memberpulse.domains.organizations.roles.holding import rights_of, rights_of_caller
from memberpulse.domains.organizations.roles.rules import check_given
from memberpulse.engine import MutationCtx, job, mutation

UNDO = timedelta(seconds=12)
"""Ten seconds on the screen, and what the way to the server may take."""
KEPT = timedelta(hours=1)
_GONE_WITH_IT = (MemberFieldValue, DirectoryEntry)
"""Tables whose rows go when their membership goes."""


@mutation(requires="members.remove", limit="60/minute")
def restore_member(ctx: MutationCtx, *, membership_id: uuid.UUID) -> None:
    """Undo a removal within ten seconds: same role, level and date of joining, same details and directory choices.

    Raises MemberNotFound (404) when it is too late, AlreadyMember (409), OwnersOnly (403), NotYoursToGive (403) for a
    role that may do more than the caller, StepUpRequired (403) for an owner.
    """
    statement = select(EndedMembership).where(col(EndedMembership.membership_id) == membership_id)
    ended = ctx.db.scalars(statement.order_by(col(EndedMembership.ended_at).desc())).first()
    if ended is None or ctx.now - ended.ended_at > UNDO:
        raise MemberNotFound("This can no longer be undone. Invite the person again.")
    if is_member(ctx, ended.user_id):
        raise AlreadyMember
    membership = Membership.model_validate(ended.was["membership"])
    _check_may_restore(ctx, membership)
    ctx.db.add(membership)
    ctx.db.flush()
    ctx.db.add_all(table.model_validate(row) for table in _GONE_WITH_IT for row in ended.was[table.__name__])
    ctx.db.delete(ended)
    ctx.db.flush()
    user = ctx.db.get_one(User, membership.user_id)
    ctx.record(MemberRestored(entity_id=membership.id, target=user.name, user_id=user.id, role=membership.role))


def keep_for_undo(ctx: MutationCtx, membership: Membership) -> None:
    """Remember a membership that is about to end, and the rows that go with it."""
    was: dict[str, Any] = {"membership": membership.model_dump()}
    for table in _GONE_WITH_IT:
        rows = ctx.db.scalars(select(table).where(col(table.membership_id) == membership.id))
        was[table.__name__] = [row.model_dump() for row in rows]
    ctx.db.add(
        EndedMembership(
            organization_id=membership.organization_id,
            membership_id=membership.id,
            user_id=membership.user_id,
            was=to_jsonable_python(was),
            ended_at=ctx.now,
            ended_by=ctx.caller.user_id,
        )
    )


def _check_may_restore(ctx: MutationCtx, membership: Membership) -> None:
    if membership.role is Role.OWNER:
        if role_of_caller(ctx) is not Role.OWNER:
            raise OwnersOnly
        require_proof(ctx, "organization.owners")
    check_given(rights_of(ctx, membership), rights_of_caller(ctx))


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
