"""Which organization a session acts in: when it begins, and when its person leaves."""

import uuid

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.accounts.facts import SignedIn
from memberpulse.domains.accounts.models import Session, SessionUse
from memberpulse.domains.accounts.mutations import demand_renewal, set_active_organization
from memberpulse.domains.organizations.facts import RoleChanged
from memberpulse.domains.organizations.models import Membership
from memberpulse.domains.organizations.roles.facts import RoleCapabilitiesChanged
from memberpulse.engine import MutationCtx


def choose_organization(ctx: MutationCtx, fact: SignedIn) -> None:
    """The one in which the person was last, else the one they joined first, else none."""
    belongs = _organizations_of(ctx, fact.user_id)
    if belongs:
        last = _last_active(ctx, fact)
        chosen = last if last in belongs else belongs[0]
        set_active_organization(ctx, session_id=fact.entity_id, organization_id=chosen)


def act_elsewhere(ctx: MutationCtx) -> None:
    """Move the caller's session to the organization that they joined first, or to none.

    For somebody who leaves by their own decision. Whoever is removed, or whose organization ends, is asked where to go
    instead: what they are typing must not land in another organization.
    """
    if ctx.caller.session_id is not None:
        belongs = _organizations_of(ctx, ctx.user_id)
        set_active_organization(ctx, session_id=ctx.caller.session_id, organization_id=belongs[0] if belongs else None)


def renew_sessions(ctx: MutationCtx, fact: RoleChanged) -> None:
    """Whose rights have changed goes on under another token, so that one caught earlier does not gain by it."""
    demand_renewal(ctx, user_id=fact.user_id)


def renew_holders(ctx: MutationCtx, fact: RoleCapabilitiesChanged) -> None:
    """So does everybody who holds a role that may do something else now."""
    holders = select(col(Membership.user_id)).where(col(Membership.custom_role_id) == fact.entity_id)
    for user_id in ctx.db.scalars(holders):
        demand_renewal(ctx, user_id=user_id)


def _organizations_of(ctx: MutationCtx, user_id: uuid.UUID) -> list[uuid.UUID]:
    mine = select(col(Membership.organization_id)).where(col(Membership.user_id) == user_id)
    with ctx.across_organizations():
        return list(ctx.db.scalars(mine.order_by(col(Membership.joined_at), col(Membership.id))))


def _last_active(ctx: MutationCtx, fact: SignedIn) -> uuid.UUID | None:
    earlier = (
        select(col(Session.organization_id))
        .join(SessionUse, col(SessionUse.session_id) == col(Session.id))
        .where(col(Session.user_id) == fact.user_id, col(Session.id) != fact.entity_id)
        .order_by(col(SessionUse.last_seen_at).desc())
        .limit(1)
    )
    return ctx.db.scalars(earlier).first()
