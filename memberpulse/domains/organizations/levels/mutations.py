"""Writes of levels, and of which one a member has and until when."""

import uuid
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.organizations.errors import MemberNotFound
from memberpulse.domains.organizations.levels.errors import (
    BadDate,
    LevelNotFound,
    NothingToRenew,
    RenewedAlready,
    TooManyLevels,
)
from memberpulse.domains.organizations.levels.facts import (
    LevelArchived,
    LevelCreated,
    LevelEdited,
    LevelRestored,
    MemberLevelChanged,
    MembershipRenewed,
    TimeZoneChanged,
)
from memberpulse.domains.organizations.levels.models import MembershipLevel
from memberpulse.domains.organizations.levels.queries import ordered_levels
from memberpulse.domains.organizations.levels.reading import find_level, today
from memberpulse.domains.organizations.levels.rules import (
    MAX_LEVELS,
    Standing,
    check_day,
    check_zone,
    clean_level,
    first_end,
    grace_after,
    renewed_until,
    standing_of,
)
from memberpulse.domains.organizations.models import Membership, Organization
from memberpulse.engine import MutationCtx, mutation


@mutation(requires="levels.manage", limit="30/minute")
def create_level(
    ctx: MutationCtx, *, name: str, description: str = "", months: int | None = None, grace_days: int = 0
) -> uuid.UUID:
    """Add a level after the others. months: None for one without end. Raises BadLevel (422), TooManyLevels (409)."""
    others = ordered_levels(ctx, archived=True)
    if len([each for each in others if each.archived_at is None]) >= MAX_LEVELS:
        raise TooManyLevels
    taken = [each.name for each in others]
    name, description = clean_level(
        name=name, description=description, months=months, grace_days=grace_days, taken=taken
    )
    level = MembershipLevel(
        organization_id=ctx.organization_id,
        name=name,
        description=description,
        months=months,
        grace_days=grace_days,
        position=max((each.position for each in others), default=-1) + 1,
        created_at=ctx.now,
    )
    ctx.db.add(level)
    ctx.db.flush()
    ctx.record(LevelCreated(entity_id=level.id, target=name, after=_facts_of(level)))
    return level.id


@mutation(requires="levels.manage", limit="60/minute")
def edit_level(
    ctx: MutationCtx,
    *,
    level_id: uuid.UUID,
    name: str,
    description: str = "",
    months: int | None = None,
    grace_days: int = 0,
) -> None:
    """Change a level. What members have paid for stays: length and grace count from their next renewal.

    Raises LevelNotFound (404), BadLevel (422).
    """
    level = find_level(ctx, level_id)
    taken = [each.name for each in ordered_levels(ctx, archived=True) if each.id != level_id]
    name, description = clean_level(
        name=name, description=description, months=months, grace_days=grace_days, taken=taken
    )
    before = _facts_of(level)
    level.name, level.description, level.months, level.grace_days = name, description, months, grace_days
    ctx.db.flush()
    after = _facts_of(level)
    changed = [key for key in after if before[key] != after[key]]
    if changed:
        ctx.record(
            LevelEdited(
                entity_id=level.id,
                target=name,
                before={key: before[key] for key in changed},
                after={key: after[key] for key in changed},
            )
        )


@mutation(requires="levels.manage", limit="60/minute")
def move_level(ctx: MutationCtx, *, level_id: uuid.UUID, up: bool) -> None:
    """Change places with the level above or below; at the end nothing happens. Raises LevelNotFound (404)."""
    levels = ordered_levels(ctx)
    place = next((index for index, each in enumerate(levels) if each.id == level_id), None)
    if place is None:
        raise LevelNotFound
    other = place - 1 if up else place + 1
    if not 0 <= other < len(levels):
        return
    levels[place], levels[other] = levels[other], levels[place]
    for position, level in enumerate(levels):
        level.position = position
    ctx.db.flush()


@mutation(requires="levels.manage", limit="30/minute")
def archive_level(ctx: MutationCtx, *, level_id: uuid.UUID) -> None:
    """Offer a level to nobody any more; who has it keeps it. Raises LevelNotFound (404)."""
    level = find_level(ctx, level_id)
    if level.archived_at is None:
        level.archived_at = ctx.now
        ctx.db.flush()
        ctx.record(LevelArchived(entity_id=level.id, target=level.name))


@mutation(requires="levels.manage", limit="30/minute")
def restore_level(ctx: MutationCtx, *, level_id: uuid.UUID) -> None:
    """Offer a level again. Raises LevelNotFound (404), TooManyLevels (409)."""
    level = find_level(ctx, level_id)
    if level.archived_at is None:
        return
    if len(ordered_levels(ctx)) >= MAX_LEVELS:
        raise TooManyLevels
    level.archived_at = None
    ctx.db.flush()
    ctx.record(LevelRestored(entity_id=level.id, target=level.name))


@mutation(requires="levels.manage", limit="30/minute")
def set_time_zone(ctx: MutationCtx, *, time_zone: str) -> str:
    """Say where the organization's days begin and end; returns where they did. Raises BadZone (422)."""
    check_zone(time_zone)
    organization = ctx.db.get_one(Organization, ctx.organization_id)
    before = organization.time_zone
    if before != time_zone:
        organization.time_zone = time_zone
        ctx.db.flush()
        ctx.record(TimeZoneChanged(entity_id=organization.id, target=time_zone, before=before, after=time_zone))
    return before


@mutation(requires="members.manage", limit="120/minute")
def renew_membership(ctx: MutationCtx, *, membership_id: uuid.UUID, ends_on: date) -> date:
    """Extend a membership by its level's length: from its end, or from today once it has lapsed.

    ends_on: its end as the caller sees it, so that two who renew at once renew once. Returns the new end.
    Raises MemberNotFound (404), NothingToRenew (409), RenewedAlready (409).
    """
    membership, user = _member(ctx, membership_id)
    level = find_level(ctx, membership.level_id) if membership.level_id else None
    if level is None or level.months is None or membership.renews_on is None:
        raise NothingToRenew
    before = membership.renews_on
    if before != ends_on:
        raise RenewedAlready
    until = renewed_until(before, membership.grace_until, level.months, today(ctx))
    _set_end(membership, level, until)
    ctx.db.flush()
    ctx.record(
        MembershipRenewed(entity_id=membership.id, target=user.name, user_id=user.id, before=before, after=until)
    )
    return until


@mutation(requires="members.manage", limit="120/minute")
def change_level(
    ctx: MutationCtx, *, membership_id: uuid.UUID, level_id: uuid.UUID | None, renews_on: date | None = None
) -> None:
    """Give a member another level, or none.

    renews_on: the last day that is paid for; left out, the end stays while the membership has not lapsed, and a new
    one begins today.
    Raises MemberNotFound (404), LevelNotFound (404), BadDate (422).
    """
    membership, user = _member(ctx, membership_id)
    level = find_level(ctx, level_id) if level_id else None
    if level is not None and level.archived_at is not None and level.id != membership.level_id:
        raise LevelNotFound("This level is archived. Restore it first.")
    if renews_on is not None and (level is None or level.months is None):
        raise BadDate(fields={"renews_on": "A membership of this level has no end."})
    check_day(renews_on)
    before = _standing_facts(ctx, membership)
    membership.level_id = level.id if level else None
    _set_end(membership, level, renews_on or _end_on_change(membership, level, today(ctx)))
    ctx.db.flush()
    after = _standing_facts(ctx, membership)
    if before != after:
        ctx.record(
            MemberLevelChanged(entity_id=membership.id, target=user.name, user_id=user.id, before=before, after=after)
        )


def _end_on_change(membership: Membership, level: MembershipLevel | None, day: date) -> date | None:
    if level is None or level.months is None:
        return None
    current = membership.renews_on
    lapsed = standing_of(current, membership.grace_until, day) is Standing.LAPSED
    return current if current is not None and not lapsed else first_end(level.months, day)


def _set_end(membership: Membership, level: MembershipLevel | None, until: date | None) -> None:
    if membership.renews_on != until:
        membership.renewal_notice = ""
    membership.renews_on = until
    membership.grace_until = grace_after(until, level.grace_days if level else 0)


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


def _facts_of(level: MembershipLevel) -> dict[str, Any]:
    return {
        "name": level.name,
        "description": level.description,
        "months": level.months,
        "grace_days": level.grace_days,
    }


def _standing_facts(ctx: MutationCtx, membership: Membership) -> dict[str, str]:
    level = ctx.db.get(MembershipLevel, membership.level_id) if membership.level_id else None
    return {"level": level.name if level else "", "until": str(membership.renews_on or "")}
