"""Reads of membership levels."""

import uuid
from collections import Counter
from datetime import date

from sqlalchemy import func, select
from sqlmodel import col

from memberpulse.domains.organizations.levels.models import MembershipLevel
from memberpulse.domains.organizations.levels.reading import is_standing, today, until_midnight, zone_of
from memberpulse.domains.organizations.levels.rules import Standing
from memberpulse.domains.organizations.levels.schemas import LevelChoice, LevelRow, Levels
from memberpulse.domains.organizations.models import Membership
from memberpulse.engine import QueryCtx, query

Counts = dict[Standing, Counter[uuid.UUID]]


@query(requires="levels.manage")
def list_levels(ctx: QueryCtx) -> Levels:
    """All levels in their order, archived ones last, with how many members stand how."""
    day = today(ctx)
    until_midnight(ctx)
    counts = {standing: _count(ctx, standing, day) for standing in Standing}
    return Levels([_row(level, counts) for level in ordered_levels(ctx, archived=True)], zone_of(ctx), day)


@query(requires="members.view")
def list_level_choices(ctx: QueryCtx) -> list[LevelChoice]:
    """The levels that can be given, for pickers and filters."""
    return [LevelChoice(level.id, level.name, lasts(level)) for level in ordered_levels(ctx)]


def ordered_levels(ctx: QueryCtx, *, archived: bool = False) -> list[MembershipLevel]:
    found = ctx.db.scalars(select(MembershipLevel).order_by(col(MembershipLevel.position), col(MembershipLevel.id)))
    every = list(found)
    gone = [level for level in every if level.archived_at is not None]
    return [level for level in every if level.archived_at is None] + (gone if archived else [])


def lasts(level: MembershipLevel) -> str:
    """How long it is valid, in words: "12 months, then 30 days of grace"."""
    if level.months is None:
        return "Without end"
    length = "1 month" if level.months == 1 else f"{level.months} months"
    if not level.grace_days:
        return length
    return f"{length}, then {level.grace_days} {'day' if level.grace_days == 1 else 'days'} of grace"


def _count(ctx: QueryCtx, standing: Standing, day: date) -> Counter[uuid.UUID]:
    statement = (
        select(col(Membership.level_id), func.count())
        .where(*is_standing(standing, day))
        .group_by(col(Membership.level_id))
    )
    return Counter({level_id: number for level_id, number in ctx.db.execute(statement) if level_id is not None})


def _row(level: MembershipLevel, counts: Counts) -> LevelRow:
    active, grace, lapsed = (counts[standing][level.id] for standing in Standing)
    return LevelRow(
        id=level.id,
        name=level.name,
        description=level.description,
        months=level.months,
        grace_days=level.grace_days,
        lasts=lasts(level),
        members=active + grace + lapsed,
        active=active,
        grace=grace,
        lapsed=lapsed,
        archived=level.archived_at is not None,
    )
