"""Reads of presence. All but `list_here` are one result for the whole organization."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.organizations.schemas import PersonView, person_view
from memberpulse.domains.presence.models import Presence, PresenceSample
from memberpulse.domains.presence.rules import (
    EARLIER_WEEKS,
    RECENT,
    SAMPLE_EVERY,
    SPANS,
    WEEK,
    changes_at,
    highest_per_bucket,
    seen_of,
    stretches,
    to_the_minute,
    usual_band,
)
from memberpulse.domains.presence.schemas import (
    ActiveCount,
    Look,
    OnlineNow,
    Period,
    PresenceRow,
    Seen,
    SeenMark,
    Trend,
    TrendPoint,
)
from memberpulse.engine import QueryCtx, query

MOST_ROWS = 50
MOST_ON_A_PAGE = 12
DAY_AND_MORE = timedelta(hours=25)


@query(requires="presence.view")
def list_online(ctx: QueryCtx) -> OnlineNow:
    """Who is here, and who was within five minutes, by name."""
    statement = (
        select(Presence, User)
        .join(User, col(User.id) == col(Presence.user_id))
        .where(col(Presence.last_seen_at) > ctx.now - RECENT)
        .order_by(col(User.name_key), col(User.id))
    )
    found = [(presence, user) for presence, user in ctx.db.execute(statement)]
    _stale_when_seen_changes(ctx, (presence for presence, _ in found))
    rows = [_row(ctx, presence, user) for presence, user in found]
    here = [row for row in rows if row.seen is Seen.HERE]
    recent = [row for row in rows if row.seen is Seen.RECENT]
    return OnlineNow(rows=[*here, *recent][:MOST_ROWS], online=len(here), active=len(rows))


@query(requires="presence.view")
def list_seen(ctx: QueryCtx) -> list[SeenMark]:
    """When people were last seen, of those who were within an hour."""
    found = list(ctx.db.scalars(select(Presence).order_by(col(Presence.user_id))))
    _stale_when_seen_changes(ctx, found)
    return [_mark(ctx, presence) for presence in found]


@query(requires="presence.view")
def list_here(ctx: QueryCtx, *, path: str) -> list[PersonView]:
    """The others who are on a page now, who came first first; at most 12."""
    statement = (
        select(Presence, User)
        .join(User, col(User.id) == col(Presence.user_id))
        .where(col(Presence.page) == path, col(Presence.user_id) != ctx.user_id)
        .order_by(col(Presence.since), col(User.id))
    )
    found = [(presence, user) for presence, user in ctx.db.execute(statement)]
    _stale_when_seen_changes(ctx, (presence for presence, _ in found))
    here = [user for presence, user in found if seen_of(presence.last_seen_at, ctx.now) is Seen.HERE]
    return [person_view(user) for user in here[:MOST_ON_A_PAGE]]


@query(requires="presence.view")
def count_active(ctx: QueryCtx) -> ActiveCount:
    """How many people are online and active, and how many were online five minutes ago."""
    online, active = _count(ctx)
    middle = ctx.now - SAMPLE_EVERY / 2
    newest = select(PresenceSample).order_by(col(PresenceSample.at).desc()).limit(2)
    samples = list(ctx.db.scalars(newest))
    for sample in samples:
        if sample.at > middle:
            ctx.stale_at(sample.at + SAMPLE_EVERY / 2)
    before = next((sample.online for sample in samples if sample.at <= middle), online)
    return ActiveCount(online=online, active=active, five_minutes_ago=before)


@query(requires="presence.view")
def get_trend(ctx: QueryCtx, *, period: Period = Period.DAY) -> Trend:
    """People online over the last day, week or month, with what is usual at the same hour of the week."""
    online, _ = _count(ctx)
    _, size = SPANS[period]
    starts = stretches(period, ctx.now)
    ctx.stale_at(starts[-1] + size)
    history = highest_per_bucket(_samples(ctx, period, starts[0]), size)
    shown = [TrendPoint(at, history[at]) for at in starts[:-1] if at in history]
    points = [*shown, TrendPoint(starts[-1], online)]
    low, high = usual_band([point.at for point in points], history)
    highest = max(points, key=lambda point: point.online)
    return Trend(
        points=points,
        usual_low=low,
        usual_high=high,
        now=online,
        highest=highest.online,
        highest_at=highest.at if highest.online else None,
    )


@query(requires="presence.view")
def list_looking(ctx: QueryCtx, *, page: str) -> list[Look]:
    """Who looks at which thing of a page now, for badges in its rows; who came first first."""
    statement = (
        select(Presence, User)
        .join(User, col(User.id) == col(Presence.user_id))
        .where(col(Presence.page) == page)
        .order_by(col(Presence.since), col(User.id))
    )
    found = [(presence, user) for presence, user in ctx.db.execute(statement) if presence.thing]
    _stale_when_seen_changes(ctx, (presence for presence, _ in found))
    here = [(presence, user) for presence, user in found if seen_of(presence.last_seen_at, ctx.now) is Seen.HERE]
    return [Look(str(presence.thing), person_view(user)) for presence, user in here[:MOST_ROWS]]


def _samples(ctx: QueryCtx, period: Period, start: datetime) -> list[tuple[datetime, int]]:
    """The counts of a period and of the same stretches in earlier weeks: of a day exact, of more by the hour."""
    if period is Period.DAY:
        days = [start - WEEK * week for week in range(EARLIER_WEEKS + 1)]
        within = [and_(col(PresenceSample.at) >= day, col(PresenceSample.at) <= day + DAY_AND_MORE) for day in days]
        exact = select(col(PresenceSample.at), col(PresenceSample.online)).where(or_(*within))
        return [(at, online) for at, online in ctx.db.execute(exact)]
    hourly = (
        select(col(PresenceSample.hour), func.max(col(PresenceSample.online)))
        .where(col(PresenceSample.at) >= start - WEEK * EARLIER_WEEKS)
        .group_by(col(PresenceSample.hour))
    )
    return [(hour, online) for hour, online in ctx.db.execute(hourly)]


def _count(ctx: QueryCtx) -> tuple[int, int]:
    """How many are online (60 s) and active (5 min)."""
    recent = list(ctx.db.scalars(select(Presence).where(col(Presence.last_seen_at) > ctx.now - RECENT)))
    _stale_when_seen_changes(ctx, recent)
    return sum(seen_of(each.last_seen_at, ctx.now) is Seen.HERE for each in recent), len(recent)


def _stale_when_seen_changes(ctx: QueryCtx, presences: Iterable[Presence]) -> None:
    for presence in presences:
        ctx.stale_at(changes_at(presence.last_seen_at, ctx.now))


def _row(ctx: QueryCtx, presence: Presence, user: User) -> PresenceRow:
    seen = seen_of(presence.last_seen_at, ctx.now)
    return PresenceRow(
        person=person_view(user),
        page=presence.page,
        seen=seen,
        since=presence.since,
        last_seen_at=to_the_minute(presence.last_seen_at) if seen is Seen.HERE else presence.last_seen_at,
    )


def _mark(ctx: QueryCtx, presence: Presence) -> SeenMark:
    seen = seen_of(presence.last_seen_at, ctx.now)
    return SeenMark(presence.user_id, seen, None if seen is Seen.HERE else presence.last_seen_at)
