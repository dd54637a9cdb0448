"""Writes to organizations and memberships."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.accounts.models import Session, User
from memberpulse.domains.accounts.mutations import set_active_organization
from memberpulse.domains.accounts.step_up import require_proof
from memberpulse.domains.organizations.errors import (
    AlreadyMember,
    MemberNotFound,
    OrganizationNotFound,
)
from memberpulse.domains.organizations.facts import (
    MemberJoined,
    MemberLeft,
    MemberRemoved,
    OrganizationRenamed,
    RoleChanged,
)
from memberpulse.domains.organizations.models import Membership, Organization, Role
from memberpulse.domains.organizations.policies import count_owners, subject_of_caller
from memberpulse.domains.organizations.removal import keep_for_undo
from memberpulse.domains.organizations.roles.holding import (
    check_may_give,
    custom_role_of,
    rights_of,
    with_article,
)
from memberpulse.domains.organizations.rules import (
    MAX_SLUG_CHARACTERS,
    article_of,
    clean_name,
    decide_departure,
    decide_removal,
    decide_role_change,
    slug_of,
)
from memberpulse.domains.organizations.schemas import OrganizationView, organization_view
from memberpulse.domains.organizations.sessions import act_elsewhere
from memberpulse.engine import INTERNAL, MutationCtx, mutation, uuid7

SLUG_NUMBER_CHARACTERS = 8
"""Room for the number of organizations whose names begin alike."""


@dataclass(frozen=True)
class MemberImport:
    """One membership of an import."""

    user_id: uuid.UUID
    role: Role
    joined_at: datetime


@mutation(requires="members.change_role", limit="60/minute")
def change_role(
    ctx: MutationCtx, *, membership_id: uuid.UUID, role: Role, custom_role_id: uuid.UUID | None = None
) -> Role:
    """Give a member another role.

    custom_role_id: one of the organization's own roles; then `role` is member.
    Raises MemberNotFound (404), OwnersOnly (403), LastOwner (409), MayDoMore (403), NotYoursToGive (403),
    RoleNotFound (404), StepUpRequired (403) when an owner is made or unmade.
    """
    membership, user = _member(ctx, membership_id)
    caller, current = subject_of_caller(ctx), custom_role_of(ctx, membership)
    decide_role_change(
        actor=caller.role,
        held=caller.capabilities,
        current=membership.role,
        theirs=rights_of(ctx, membership),
        wanted=role,
        owners=count_owners(ctx, beside=membership.user_id),
    ).enforce()
    custom = check_may_give(ctx, role=role, custom_role_id=custom_role_id)
    if (membership.role is Role.OWNER) != (role is Role.OWNER):
        require_proof(ctx, "organization.owners")
    before = current.name if current else membership.role.value
    if (membership.role, current) == (role, custom):
        return role
    membership.role, membership.custom_role_id = role, custom_role_id
    ctx.db.flush()
    after = custom.name if custom else role.value
    made = with_article(custom.name) if custom else article_of(role)
    ctx.record(
        RoleChanged(entity_id=membership.id, target=f"{user.name} {made}", user_id=user.id, before=before, after=after)
    )
    return role


@mutation(requires="members.remove", limit="60/minute")
def remove_member(ctx: MutationCtx, *, membership_id: uuid.UUID) -> uuid.UUID:
    """End somebody's membership; their open tabs lose access at once. `restore_member` undoes it for ten seconds.

    Raises MemberNotFound (404), OwnersOnly (403), LastOwner (409), MayDoMore (403), StepUpRequired (403) for an owner.
    """
    membership, user = _member(ctx, membership_id)
    caller = subject_of_caller(ctx)
    decide_removal(
        actor=caller.role,
        held=caller.capabilities,
        current=membership.role,
        theirs=rights_of(ctx, membership),
        owners=count_owners(ctx, beside=membership.user_id),
    ).enforce()
    if membership.role is Role.OWNER:
        require_proof(ctx, "organization.owners")
    keep_for_undo(ctx, membership)
    ctx.db.delete(membership)
    ctx.db.flush()
    ctx.record(MemberRemoved(entity_id=membership_id, target=user.name, user_id=user.id))
    return membership_id


@mutation(requires="members.view")
def leave_organization(ctx: MutationCtx) -> None:
    """End the caller's own membership, and act in another organization of theirs, if any. Raises LastOwner (409)."""
    end_membership(ctx, user_id=ctx.user_id)
    act_elsewhere(ctx)


@mutation(requires=INTERNAL)
def end_membership(ctx: MutationCtx, *, user_id: uuid.UUID) -> None:
    """Let a person leave of their own accord. Raises MemberNotFound (404), LastOwner (409)."""
    membership = _membership_of(ctx, user_id)
    if membership is None:
        raise MemberNotFound
    decide_departure(current=membership.role, owners=count_owners(ctx, beside=membership.user_id)).enforce()
    ctx.db.delete(membership)
    ctx.db.flush()
    ctx.record(MemberLeft(entity_id=membership.id, user_id=user_id, by=user_id))


@mutation(requires="organization.manage", limit="20/minute")
def rename_organization(ctx: MutationCtx, *, name: str) -> OrganizationView:
    """Change the organization's name; its address stays. Raises BadName (422)."""
    organization = ctx.db.get_one(Organization, ctx.organization_id)
    cleaned, before = clean_name(name), organization.name
    if cleaned != before:
        organization.name = cleaned
        ctx.db.flush()
        ctx.record(OrganizationRenamed(entity_id=organization.id, target=cleaned, before=before))
    return organization_view(organization)


@mutation(requires=INTERNAL)
def create_organization(
    ctx: MutationCtx, *, name: str, organization_id: uuid.UUID | None = None, created_at: datetime | None = None
) -> uuid.UUID:
    """Add an organization, still without members. Its slug comes from its name and is made unique."""
    cleaned = clean_name(name)
    organization = Organization(
        id=organization_id or uuid7(),
        name=cleaned,
        slug=_free_slug(ctx, slug_of(cleaned)),
        created_at=created_at or ctx.now,
    )
    ctx.db.add(organization)
    ctx.db.flush()
    return organization.id


@mutation(requires=INTERNAL)
def delete_organization(ctx: MutationCtx, *, organization_id: uuid.UUID) -> None:
    """Remove an organization and everything that it owns. Its people keep their accounts."""
    organization = ctx.db.get(Organization, organization_id)
    if organization is None:
        raise OrganizationNotFound
    ctx.db.delete(organization)
    ctx.db.flush()
    ctx.db.expunge_all()


@mutation(requires=INTERNAL)
def add_member(ctx: MutationCtx, *, user_id: uuid.UUID, role: Role = Role.MEMBER) -> uuid.UUID:
    """Let a person join the caller's organization. Raises AlreadyMember (409)."""
    if _membership_of(ctx, user_id) is not None:
        raise AlreadyMember
    membership = Membership(organization_id=ctx.organization_id, user_id=user_id, role=role, joined_at=ctx.now)
    ctx.db.add(membership)
    ctx.db.flush()
    ctx.record(MemberJoined(entity_id=membership.id, user_id=user_id, role=role, by=user_id))
    return membership.id


@mutation(requires=INTERNAL)
def import_members(ctx: MutationCtx, *, members: list[MemberImport]) -> None:
    """Add memberships that began in the past, without telling anybody."""
    ctx.db.add_all(
        Membership(organization_id=ctx.organization_id, user_id=each.user_id, role=each.role, joined_at=each.joined_at)
        for each in members
    )
    ctx.db.flush()


@mutation(requires=INTERNAL)
def switch_organization(ctx: MutationCtx, *, token_hash: str, organization_id: uuid.UUID) -> None:
    """Let a session act in another organization of its person. Raises OrganizationNotFound (404)."""
    session = ctx.db.scalars(select(Session).where(col(Session.token_hash) == token_hash)).one_or_none()
    if session is None or session.revoked_at is not None or session.expires_at <= ctx.now:
        raise OrganizationNotFound
    with ctx.across_organizations():
        belongs = select(col(Membership.id)).where(
            col(Membership.user_id) == session.user_id, col(Membership.organization_id) == organization_id
        )
        if ctx.db.scalars(belongs).first() is None:
            raise OrganizationNotFound
    set_active_organization(ctx, session_id=session.id, organization_id=organization_id)


def _member(ctx: MutationCtx, membership_id: uuid.UUID) -> tuple[Membership, User]:
    statement = (
        select(Membership, User)
        .join(User, col(User.id) == col(Membership.user_id))
        .where(col(Membership.id) == membership_id)
    )
    found = ctx.db.execute(statement).one_or_none()
    if found is None:
        raise MemberNotFound
    return found[0], found[1]


def _membership_of(ctx: MutationCtx, user_id: uuid.UUID) -> Membership | None:
    return ctx.db.scalars(select(Membership).where(col(Membership.user_id) == user_id)).one_or_none()


def _free_slug(ctx: MutationCtx, slug: str) -> str:
    """The slug, or with a number after as much of it as fits."""
    beginning = slug[: MAX_SLUG_CHARACTERS - SLUG_NUMBER_CHARACTERS]
    alike = col(Organization.slug).startswith(beginning, autoescape=True)
    taken = set(ctx.db.scalars(select(col(Organization.slug)).where(alike)))
    candidate, number = slug, 2
    while candidate in taken:
        candidate, number = f"{beginning.rstrip('-')}-{number}", number + 1
    return candidate
