"""Reads of organizations and their members."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.rules import fold
from memberpulse.domains.organizations.cursors import read_cursor, write_cursor
from memberpulse.domains.organizations.directory.models import DirectoryEntry
from memberpulse.domains.organizations.errors import MemberNotFound
from memberpulse.domains.organizations.fields.reading import filled_fields
from memberpulse.domains.organizations.levels.models import MembershipLevel
from memberpulse.domains.organizations.levels.reading import is_standing, levels_by_id, state_of, today, until_midnight
from memberpulse.domains.organizations.levels.rules import Standing
from memberpulse.domains.organizations.models import Membership, Organization, Role
from memberpulse.domains.organizations.roles.holding import custom_role_of, name_of, names_of_roles
from memberpulse.domains.organizations.schemas import (
    MemberCount,
    MemberDetail,
    MemberList,
    MemberRow,
    OrganizationSettings,
    OrganizationView,
    Viewer,
    organization_view,
    person_view,
)
from memberpulse.engine import INTERNAL, SIGNED_IN, QueryCtx, query
from memberpulse.engine.errors import Forbidden
from memberpulse.settings import get_settings
from memberpulse.sites import link

PAGE_SIZE = 50


@dataclass(frozen=True)
class Names:
    """What rows of members need besides the membership: roles and levels by id, the day, and whether to say all."""

    roles: dict[uuid.UUID, str]
    levels: dict[uuid.UUID, MembershipLevel]
    day: date
    managing: bool


@dataclass(frozen=True)
class Sought:
    """Which members are asked for."""

    search: str
    role: Role | None
    level_id: uuid.UUID | None = None
    standing: Standing | None = None


@query(requires=SIGNED_IN)
def get_viewer(ctx: QueryCtx) -> Viewer:
    """Who is looking, and in which organization, if any."""
    user = ctx.db.get_one(User, ctx.user_id)
    active = ctx.caller.organization_id
    organization = ctx.db.get(Organization, active) if active else None
    return Viewer(
        person=person_view(user),
        email=user.email,
        organization=organization_view(organization) if organization else None,
        role=Role(ctx.caller.role) if ctx.caller.role else None,
        role_name=_role_name_of_caller(ctx),
        capabilities=sorted(ctx.caller.capabilities),
        organizations=list_my_organizations(ctx),
        time_zone=user.time_zone,
        locale=user.locale,
        erase_at=user.erase_at,
        demo=get_settings().demo,
    )


@query(requires=SIGNED_IN)
def list_my_organizations(ctx: QueryCtx) -> list[OrganizationView]:
    """The organizations that the caller belongs to, by name."""
    memberships = select(col(Membership.organization_id)).where(col(Membership.user_id) == ctx.user_id)
    with ctx.across_organizations():
        ids = list(ctx.db.scalars(memberships))
    organizations = ctx.db.scalars(select(Organization).where(col(Organization.id).in_(ids)))
    return [organization_view(each) for each in sorted(organizations, key=lambda each: fold(each.name))]


@query(requires="members.view")
def list_members(
    ctx: QueryCtx,
    *,
    search: str = "",
    role: Role | None = None,
    level_id: uuid.UUID | None = None,
    standing: Standing | None = None,
    cursor: str | None = None,
) -> MemberList:
    """Members by name, 50 at a time, without addresses and levels: who shows theirs, does so in the directory.

    search: part of a name, without regard to case and accents. Raises Forbidden when asked for a level or a standing.
    """
    if level_id is not None or standing is not None:
        raise Forbidden
    return _list(ctx, Sought(search, role), cursor, managing=False)


@query(requires="members.manage")
def list_members_with_addresses(
    ctx: QueryCtx,
    *,
    search: str = "",
    role: Role | None = None,
    level_id: uuid.UUID | None = None,
    standing: Standing | None = None,
    cursor: str | None = None,
) -> MemberList:
    """What `list_members` gives, with everybody's address and level.

    search: part of a name or of an address. standing: how the membership stands.
    """
    return _list(ctx, Sought(search, role, level_id, standing), cursor, managing=True)


@query(requires="members.manage")
def get_member(ctx: QueryCtx, *, membership_id: uuid.UUID) -> MemberDetail:
    """All that is kept about one member. Raises MemberNotFound (404)."""
    membership = ctx.db.scalars(select(Membership).where(col(Membership.id) == membership_id)).one_or_none()
    if membership is None:
        raise MemberNotFound
    user = ctx.db.get_one(User, membership.user_id)
    until_midnight(ctx)
    levels = levels_by_id(ctx)
    level = levels.get(membership.level_id) if membership.level_id else None
    entry = ctx.db.scalars(
        select(DirectoryEntry).where(col(DirectoryEntry.membership_id) == membership_id)
    ).one_or_none()
    return MemberDetail(
        member=_row(membership, user, Names(names_of_roles(ctx), levels, today(ctx), managing=True)),
        renewable=level is not None and level.months is not None and membership.renews_on is not None,
        listed=entry is not None and entry.listed,
        deactivated=user.deactivated_at is not None,
        fields=filled_fields(ctx, membership_id, manages=True, own=membership.user_id == ctx.user_id),
    )


@query(requires="members.view")
def count_members(ctx: QueryCtx) -> MemberCount:
    """How many members there are, and how many of them joined within seven days."""
    week_ago = ctx.now - timedelta(days=7)
    recent = list(ctx.db.scalars(select(col(Membership.joined_at)).where(col(Membership.joined_at) > week_ago)))
    if recent:
        ctx.stale_at(min(recent) + timedelta(days=7))
    return MemberCount(total=_count(ctx), joined_this_week=len(recent))


@query(requires="members.view")
def get_organization(ctx: QueryCtx) -> OrganizationSettings:
    """How the organization is set up, and whether the caller may leave it."""
    organization = ctx.db.get_one(Organization, ctx.organization_id)
    owners = select(func.count()).select_from(Membership).where(col(Membership.role) == Role.OWNER)
    return OrganizationSettings(
        name=organization.name,
        slug=organization.slug,
        join_policy=organization.join_policy,
        join_url=link(f"/join/{organization.slug}"),
        members=_count(ctx),
        last_owner=ctx.caller.role == Role.OWNER and ctx.db.scalars(owners).one() == 1,
        deletes_at=organization.deletes_at,
    )


@query(requires=INTERNAL)
def find_organization(ctx: QueryCtx, *, slug: str) -> uuid.UUID | None:
    """The id of the organization with that slug, None when there is none."""
    return ctx.db.scalars(select(col(Organization.id)).where(col(Organization.slug) == slug)).one_or_none()


@query(requires=INTERNAL)
def list_organization_ids(ctx: QueryCtx) -> list[uuid.UUID]:
    """All organizations of this server: for sweeps."""
    return list(ctx.db.scalars(select(col(Organization.id)).order_by(col(Organization.id))))


def _list(ctx: QueryCtx, sought: Sought, cursor: str | None, *, managing: bool) -> MemberList:
    day = today(ctx)
    if managing:
        until_midnight(ctx)
    matches = _matching(sought, day, addresses=managing)
    after = [_after(cursor)] if cursor else []
    statement = (
        select(Membership, User)
        .join(User, col(User.id) == col(Membership.user_id))
        .where(*matches, *after)
        .order_by(col(User.name_key), col(Membership.id))
        .limit(PAGE_SIZE + 1)
    )
    found = [(membership, user) for membership, user in ctx.db.execute(statement)]
    page = found[:PAGE_SIZE]
    total = _count(ctx)
    names = Names(names_of_roles(ctx), levels_by_id(ctx) if managing else {}, day, managing)
    return MemberList(
        rows=[_row(membership, user, names) for membership, user in page],
        total=total,
        matching=_count(ctx, *matches) if matches else total,
        next_cursor=write_cursor(page[-1][1].name_key, page[-1][0].id) if len(found) > PAGE_SIZE else None,
    )


def _role_name_of_caller(ctx: QueryCtx) -> str:
    if ctx.caller.role is None or ctx.caller.organization_id is None:
        return ""
    mine = ctx.db.scalars(select(Membership).where(col(Membership.user_id) == ctx.user_id)).one_or_none()
    custom = custom_role_of(ctx, mine) if mine else None
    return name_of(Role(ctx.caller.role), custom.name if custom else None)


def _matching(sought: Sought, day: date, *, addresses: bool) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if sought.level_id is not None:
        found.append(col(Membership.level_id) == sought.level_id)
    if sought.standing is not None:
        found += is_standing(sought.standing, day)
    if sought.role is not None:
        found.append(col(Membership.role) == sought.role)
    term = sought.search.strip()[:100]
    if term:
        in_name = col(User.name_key).contains(fold(term), autoescape=True)
        in_email = col(User.email).contains(term.lower(), autoescape=True)
        found.append(or_(in_name, in_email) if addresses else in_name)
    return found


def _after(cursor: str) -> ColumnElement[bool]:
    key, row_id = read_cursor(cursor)
    same_name = and_(col(User.name_key) == key, col(Membership.id) > row_id)
    return or_(col(User.name_key) > key, same_name)


def _count(ctx: QueryCtx, *matches: ColumnElement[bool]) -> int:
    statement: Any = select(func.count()).select_from(Membership)
    if matches:
        statement = statement.join(User, col(User.id) == col(Membership.user_id)).where(*matches)
    return ctx.db.scalars(statement).one()


def _row(membership: Membership, user: User, names: Names) -> MemberRow:
    custom = names.roles.get(membership.custom_role_id) if membership.custom_role_id else None
    return MemberRow(
        id=membership.id,
        person=person_view(user),
        email=user.email if names.managing else "",
        role=membership.role,
        joined_at=membership.joined_at,
        role_name=name_of(membership.role, custom),
        custom_role_id=membership.custom_role_id if custom else None,
        state=state_of(membership, names.levels, names.day),
    )
