"""Writes of custom roles. Who holds one is written by `change_role`."""

import uuid

from sqlalchemy import func, select
from sqlmodel import col

from memberpulse.domains.accounts.step_up import require_proof
from memberpulse.domains.organizations.models import Membership
from memberpulse.domains.organizations.roles.errors import RoleNotFound, TooManyRoles
from memberpulse.domains.organizations.roles.facts import (
    RoleCapabilitiesChanged,
    RoleCreated,
    RoleEdited,
    RoleRemoved,
    RoleRestored,
)
from memberpulse.domains.organizations.roles.holding import find_role, rights_of_caller
from memberpulse.domains.organizations.roles.models import CustomRole
from memberpulse.domains.organizations.roles.queries import standing_roles
from memberpulse.domains.organizations.roles.rules import (
    MAX_ROLES,
    check_addable,
    check_given,
    check_restorable,
    clean_role,
)
from memberpulse.engine import MutationCtx, mutation


@mutation(requires="roles.manage", limit="30/minute")
def create_role(
    ctx: MutationCtx, *, name: str, description: str = "", capabilities: list[str] | None = None
) -> uuid.UUID:
    """Add a role; nobody holds it yet.

    capabilities: what it adds to what every member may.
    Raises StepUpRequired (403), NotYoursToGive (403), TooManyRoles (409), BadRole (422).
    """
    require_proof(ctx, "roles.manage")
    others = standing_roles(ctx)
    if len(others) >= MAX_ROLES:
        raise TooManyRoles
    name, description = clean_role(name, description, taken=[each.name for each in others])
    adds = check_addable(capabilities or [])
    check_given(adds, rights_of_caller(ctx))
    role = CustomRole(
        organization_id=ctx.organization_id, name=name, description=description, capabilities=adds, created_at=ctx.now
    )
    ctx.db.add(role)
    ctx.db.flush()
    ctx.record(RoleCreated(entity_id=role.id, target=name, after=adds))
    return role.id


@mutation(requires="roles.manage", limit="60/minute")
def edit_role(ctx: MutationCtx, *, role_id: uuid.UUID, name: str, description: str = "") -> None:
    """Call a role otherwise. Raises StepUpRequired (403), RoleNotFound (404), BadRole (422)."""
    require_proof(ctx, "roles.manage")
    role = find_role(ctx, role_id)
    others = [each.name for each in standing_roles(ctx) if each.id != role_id]
    name, description = clean_role(name, description, taken=others)
    before = {"name": role.name, "description": role.description}
    after = {"name": name, "description": description}
    changed = [key for key in after if before[key] != after[key]]
    if changed:
        role.name, role.description = name, description
        ctx.db.flush()
        ctx.record(
            RoleEdited(
                entity_id=role.id,
                target=name,
                before={key: before[key] for key in changed},
                after={key: after[key] for key in changed},
            )
        )


@mutation(requires="roles.manage", limit="120/minute")
def set_capability(ctx: MutationCtx, *, role_id: uuid.UUID, capability: str, given: bool) -> None:
    """Let a role's holders do something more, or not any more; it counts for them within a second.

    Raises StepUpRequired (403), NotYoursToGive (403), RoleNotFound (404), BadRole (422).
    """
    require_proof(ctx, "roles.manage")
    role = find_role(ctx, role_id)
    check_addable([capability])
    check_given([capability], rights_of_caller(ctx))
    before = list(role.capabilities)
    wanted = {*before, capability} if given else {*before} - {capability}
    after = check_addable(wanted)
    if set(after) != set(before):
        role.capabilities = after
        ctx.db.flush()
        ctx.record(RoleCapabilitiesChanged(entity_id=role.id, target=role.name, before=before, after=after))


@mutation(requires="roles.manage", limit="30/minute")
def remove_role(ctx: MutationCtx, *, role_id: uuid.UUID) -> None:
    """Take a role away from everybody: its holders fall back to what every member may.

    Raises StepUpRequired (403), RoleNotFound (404), NotYoursToGive (403) for one that may do more than the caller.
    """
    require_proof(ctx, "roles.manage")
    role = find_role(ctx, role_id)
    check_given(role.capabilities, rights_of_caller(ctx))
    role.removed_at = ctx.now
    ctx.db.flush()
    ctx.record(
        RoleRemoved(
            entity_id=role.id, target=role.name, before=list(role.capabilities), holders=_count_holders(ctx, role_id)
        )
    )


@mutation(requires="roles.manage", limit="30/minute")
def restore_role(ctx: MutationCtx, *, role_id: uuid.UUID) -> None:
    """Undo the removal of a role, for ten minutes: who held it holds it again, if they have no other role by now.

    Raises StepUpRequired (403), NotYoursToGive (403), RoleNotFound (404), BadRole (422) when its name is taken.
    """
    require_proof(ctx, "roles.manage")
    role = ctx.db.get(CustomRole, role_id)
    if role is None:
        raise RoleNotFound
    if role.removed_at is None:
        return
    check_restorable(role.removed_at, ctx.now)
    check_given(role.capabilities, rights_of_caller(ctx))
    clean_role(role.name, role.description, taken=[each.name for each in standing_roles(ctx)])
    role.removed_at = None
    ctx.db.flush()
    holders = _count_holders(ctx, role_id)
    ctx.record(RoleRestored(entity_id=role.id, target=role.name, after=list(role.capabilities), holders=holders))


def _count_holders(ctx: MutationCtx, role_id: uuid.UUID) -> int:
    statement = select(func.count()).select_from(Membership).where(col(Membership.custom_role_id) == role_id)
    return ctx.db.scalars(statement).one()
