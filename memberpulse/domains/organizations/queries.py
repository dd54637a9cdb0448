"""Reads of organizations and their members."""

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.rules import fold
from memberpulse.domains.organizations.cursors import read_cursor, write_cursor
from memberpulse.domains.organizations.models import Membership, Organization, Role
from memberpulse.domains.organizations.schemas import (
    MemberCount,
    MemberList,
    MemberRow,
    OrganizationSettings,
    OrganizationView,
    Viewer,
    organization_view,
    person_view,
)
from memberpulse.engine import INTERNAL, SIGNED_IN, QueryCtx, query
from memberpulse.settings import get_settings
from memberpulse.sites import link

PAGE_SIZE = 50


@query(requires=SIGNED_IN)
def get_viewer(ctx: QueryCtx) -> Viewer:
    """Who is looking, and in which organization, if any."""
    user = ctx.db.get_one(User, ctx.user_id)
    active = ctx.caller.organization_id
    organization = ctx.db.get_one(Organization, active) if active else None
    return Viewer(
        person=person_view(user),
        email=user.email,
        organization=organization_view(organization) if organization else None,
        role=Role(ctx.caller.role) if ctx.caller.role else None,
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
def list_members(ctx: QueryCtx, *, search: str = "", role: Role | None = None, cursor: str | None = None) -> MemberList:
    """Members by name, 50 at a time.

    search: part of a name or e-mail address, without regard to case and accents.
    """
    matches = _matching(search, role)
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
    return MemberList(
        rows=[_row(membership, user) for membership, user in page],
        total=total,
        matching=_count(ctx, *matches) if matches else total,
        next_cursor=write_cursor(page[-1][1].name_key, page[-1][0].id) if len(found) > PAGE_SIZE else None,
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


def _matching(search: str, role: Role | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if role is not None:
        found.append(col(Membership.role) == role)
    term = search.strip()[:100]
    if term:
        in_name = col(User.name_key).contains(fold(term), autoescape=True)
        in_email = col(User.email).contains(term.lower(), autoescape=True)
        found.append(or_(in_name, in_email))
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


def _row(membership: Membership, user: User) -> MemberRow:
    return MemberRow(
        id=membership.id,
        person=person_view(user),
        email=user.email,
        role=membership.role,
        joined_at=membership.joined_at,
    )
