"""What a member may do, read from the membership and its custom role; and whether the caller may give a role."""

import uuid

from sqlalchemy import or_, select
from sqlmodel import col

from memberpulse.domains.organizations.models import Membership, Role
from memberpulse.domains.organizations.permissions import BY_ROLE, capabilities_of
from memberpulse.domains.organizations.roles.errors import BadRole, RoleNotFound
from memberpulse.domains.organizations.roles.models import CustomRole
from memberpulse.domains.organizations.roles.rules import check_given
from memberpulse.engine import QueryCtx


def find_role(ctx: QueryCtx, role_id: uuid.UUID) -> CustomRole:
    """A role of the caller's organization that was not removed. Raises RoleNotFound (404)."""
    role = ctx.db.scalars(select(CustomRole).where(col(CustomRole.id) == role_id)).one_or_none()
    if role is None or role.removed_at is not None:
        raise RoleNotFound
    return role


def custom_role_of(ctx: QueryCtx, membership: Membership) -> CustomRole | None:
    """The custom role that somebody holds, if it still counts. One row by its key."""
    if membership.custom_role_id is None:
        return None
    role = ctx.db.scalars(select(CustomRole).where(col(CustomRole.id) == membership.custom_role_id)).one_or_none()
    return role if role is not None and role.removed_at is None else None


def rights_of(ctx: QueryCtx, membership: Membership) -> frozenset[str]:
    """All that a member may do."""
    role = custom_role_of(ctx, membership)
    return capabilities_of(membership.role, role.capabilities if role else ())


def rights_of_caller(ctx: QueryCtx) -> frozenset[str]:
    """The system holds what an owner holds."""
    return ctx.caller.capabilities if ctx.caller.kind == "person" else BY_ROLE[Role.OWNER]


def check_may_give(ctx: QueryCtx, *, role: Role, custom_role_id: uuid.UUID | None = None) -> CustomRole | None:
    """Pass when the caller holds all that the role would give; ask before a role is given or offered to anybody.

    Returns the custom role. Raises NotYoursToGive (403), RoleNotFound (404), BadRole (422).
    """
    if custom_role_id is None:
        check_given(BY_ROLE[role], rights_of_caller(ctx))
        return None
    if role is not Role.MEMBER:
        raise BadRole("Somebody with a custom role is a member by their base role.")
    found = find_role(ctx, custom_role_id)
    check_given(found.capabilities, rights_of_caller(ctx))
    return found


def holders_of(ctx: QueryCtx, capability: str) -> list[uuid.UUID]:
    """Everybody who holds the capability, by their role or a custom one: ids of people."""
    by_base = col(Membership.role).in_([role for role, held in BY_ROLE.items() if capability in held])
    roles = ctx.db.scalars(select(CustomRole).where(col(CustomRole.removed_at).is_(None)))
    giving = [role.id for role in roles if capability in capabilities_of(Role.MEMBER, role.capabilities)]
    holds = or_(by_base, col(Membership.custom_role_id).in_(giving))
    return list(ctx.db.scalars(select(col(Membership.user_id)).where(holds).order_by(col(Membership.user_id))))


def names_of_roles(ctx: QueryCtx) -> dict[uuid.UUID, str]:
    """The names of the organization's own roles by id."""
    roles = ctx.db.scalars(select(CustomRole).where(col(CustomRole.removed_at).is_(None)))
    return {role.id: role.name for role in roles}


def name_of(role: Role, custom: str | None) -> str:
    """A role as it is shown: the custom role's name, else "Admin"."""
    return custom or role.value.capitalize()


def with_article(words: str) -> str:
    """For sentences: "an Admin", "a Workshop lead"."""
    return f"an {words}" if words[:1].lower() in "aeiou" else f"a {words}"
