"""Questions about a person and an organization that several writes ask. Parts of the caller's transaction."""

import uuid

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.mutations import set_active_organization
from memberpulse.domains.organizations.models import Membership, Role
from memberpulse.engine import MutationCtx, QueryCtx


def role_of_caller(ctx: QueryCtx) -> Role:
    """The system may do what an owner may."""
    return Role(ctx.caller.role) if ctx.caller.role else Role.OWNER


def is_member(ctx: QueryCtx, user_id: uuid.UUID) -> bool:
    """Whether the person belongs to the organization of this context."""
    return ctx.db.scalars(select(col(Membership.id)).where(col(Membership.user_id) == user_id)).first() is not None


def is_member_of(ctx: QueryCtx, user_id: uuid.UUID, organization_id: uuid.UUID) -> bool:
    """Whether the person belongs to a certain organization, whatever the caller's is."""
    with ctx.across_organizations():
        return (
            ctx.db.scalars(
                select(col(Membership.id)).where(
                    col(Membership.user_id) == user_id, col(Membership.organization_id) == organization_id
                )
            ).first()
            is not None
        )


def is_verified(user: User) -> bool:
    """Whether the person has shown that the e-mail address is theirs."""
    return user.verified_at is not None


def act_in(ctx: MutationCtx, organization_id: uuid.UUID) -> None:
    """Make it the active organization of the caller's session: the open tabs follow at once."""
    if ctx.caller.session_id is not None:
        set_active_organization(ctx, session_id=ctx.caller.session_id, organization_id=organization_id)
