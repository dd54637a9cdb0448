"""Reads of custom roles."""

import uuid
from collections import Counter

from sqlalchemy import func, select
from sqlmodel import col

from memberpulse.domains.accounts.rules import fold
from memberpulse.domains.organizations.models import Membership, Role
from memberpulse.domains.organizations.permissions import BY_ROLE, SENTENCES, group_of, in_order
from memberpulse.domains.organizations.roles.holding import find_role
from memberpulse.domains.organizations.roles.models import CustomRole
from memberpulse.domains.organizations.roles.rules import ADDABLE
from memberpulse.domains.organizations.roles.schemas import (
    CapabilityChoice,
    CapabilityGroup,
    RoleChoice,
    RoleDetail,
    RoleRow,
)
from memberpulse.engine import QueryCtx, query


@query(requires="roles.manage")
def list_roles(ctx: QueryCtx) -> list[RoleRow]:
    """The organization's own roles by name."""
    holders = _holders(ctx)
    return [
        RoleRow(
            id=role.id,
            name=role.name,
            description=role.description,
            capabilities=_known(role),
            adds=[SENTENCES[each] for each in _known(role)],
            holders=holders[role.id],
        )
        for role in standing_roles(ctx)
    ]


@query(requires="members.view")
def list_role_choices(ctx: QueryCtx) -> list[RoleChoice]:
    """The organization's own roles, for a picker."""
    return [RoleChoice(role.id, role.name, role.description or _about(role)) for role in standing_roles(ctx)]


@query(requires="roles.manage")
def get_role(ctx: QueryCtx, *, role_id: uuid.UUID) -> RoleDetail:
    """One role with all that it could add, by heading. Raises RoleNotFound (404)."""
    role = find_role(ctx, role_id)
    held = set(role.capabilities)
    rows = [CapabilityChoice(each, SENTENCES[each], each in held, ctx.can(each)) for each in ADDABLE]
    titles = dict.fromkeys(group_of(row.name) for row in rows)
    return RoleDetail(
        id=role.id,
        name=role.name,
        description=role.description,
        holders=_holders(ctx)[role.id],
        groups=[CapabilityGroup(title, [row for row in rows if group_of(row.name) == title]) for title in titles],
        everybody=[SENTENCES[each] for each in in_order() if each in BY_ROLE[Role.MEMBER]],
    )


def standing_roles(ctx: QueryCtx) -> list[CustomRole]:
    """Those that were not removed, by name."""
    found = ctx.db.scalars(select(CustomRole).where(col(CustomRole.removed_at).is_(None)))
    return sorted(found, key=lambda role: fold(role.name))


def _known(role: CustomRole) -> list[str]:
    return [each for each in ADDABLE if each in role.capabilities]


def _about(role: CustomRole) -> str:
    adds = [SENTENCES[each] for each in _known(role)]
    return ", ".join(adds[:2]) + (f" and {len(adds) - 2} more" if len(adds) > 2 else "")


def _holders(ctx: QueryCtx) -> Counter[uuid.UUID]:
    statement = (
        select(col(Membership.custom_role_id), func.count())
        .where(col(Membership.custom_role_id).is_not(None))
        .group_by(col(Membership.custom_role_id))
    )
    return Counter({role_id: number for role_id, number in ctx.db.execute(statement) if role_id is not None})
