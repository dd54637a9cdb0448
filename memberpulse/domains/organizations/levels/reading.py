"""How memberships stand on the organization's day. Used by queries of members, levels and the directory."""

import uuid
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlmodel import col

from memberpulse.domains.organizations.errors import OrganizationNotFound
from memberpulse.domains.organizations.levels.errors import LevelNotFound
from memberpulse.domains.organizations.levels.models import MembershipLevel
from memberpulse.domains.organizations.levels.rules import (
    Standing,
    next_midnight,
    standing_of,
    standing_words,
    today_in,
)
from memberpulse.domains.organizations.levels.schemas import MembershipState
from memberpulse.domains.organizations.models import Membership, Organization
from memberpulse.engine import QueryCtx


def today(ctx: QueryCtx) -> date:
    """The organization's day."""
    return today_in(zone_of(ctx), ctx.now)


def zone_of(ctx: QueryCtx) -> str:
    """Where its days begin. Raises OrganizationNotFound (404) once it is deleted."""
    organization = ctx.db.get(Organization, ctx.organization_id)
    if organization is None:
        raise OrganizationNotFound
    return organization.time_zone


def until_midnight(ctx: QueryCtx) -> None:
    """Say that the result changes when the organization's next day begins."""
    ctx.stale_at(next_midnight(zone_of(ctx), ctx.now))


def levels_by_id(ctx: QueryCtx) -> dict[uuid.UUID, MembershipLevel]:
    """All levels, archived ones too: members may still have them."""
    return {level.id: level for level in ctx.db.scalars(select(MembershipLevel))}


def find_level(ctx: QueryCtx, level_id: uuid.UUID) -> MembershipLevel:
    """Raises LevelNotFound (404)."""
    level = ctx.db.get(MembershipLevel, level_id)
    if level is None:
        raise LevelNotFound
    return level


def state_of(membership: Membership, levels: dict[uuid.UUID, MembershipLevel], day: date) -> MembershipState:
    level = levels.get(membership.level_id) if membership.level_id else None
    if level is None:
        return MembershipState(None, "", "", "", None)
    standing = standing_of(membership.renews_on, membership.grace_until, day)
    words = standing_words(standing, membership.renews_on, membership.grace_until, day)
    return MembershipState(level.id, level.name, standing.value, words, membership.renews_on)


def is_standing(standing: Standing, day: date) -> list[ColumnElement[bool]]:
    """The conditions under which a membership stands so on that day."""
    has_level = col(Membership.level_id).is_not(None)
    if standing is Standing.GRACE:
        return [has_level, col(Membership.renews_on) < day, col(Membership.grace_until) >= day]
    if standing is Standing.LAPSED:
        return [has_level, col(Membership.renews_on) < day, col(Membership.grace_until) < day]
    unending = col(Membership.renews_on).is_(None)
    return [has_level, unending | (col(Membership.renews_on) >= day)]
