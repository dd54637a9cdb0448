"""Decisions of notifications: by which way and when somebody is told, and what "tomorrow morning" means to them.

All local times are of the person's own zone, on the clock on the wall: when clocks change, quiet hours still end at
seven and a digest still comes at eight.
"""

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from memberpulse.domains.notifications.kinds import Channel
from memberpulse.domains.notifications.models import Letters

DAY_MINUTES = 24 * 60
MORNING = 8 * 60
LATER = timedelta(hours=3)
LATEST_TODAY = 22 * 60
LONGEST_SNOOZE = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Rhythms:
    """When a person wants to be told by what leaves the app; see `models.Rhythm`."""

    quiet: bool = False
    quiet_from: int = 22 * 60
    quiet_until: int = 7 * 60
    letters: Letters = Letters.AT_ONCE
    digest_at: int = MORNING
    digest_weekday: int = 0
    digested_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of one notice for one person. email, push: when it leaves, None: not at all."""

    in_app: bool = False
    email: datetime | None = None
    digest: bool = False
    push: datetime | None = None


def make_plan(wanted: frozenset[Channel], rhythm: Rhythms, zone: tzinfo, now: datetime) -> Plan:
    """By which ways a person is told of a notice, and when: the one place that knows all that was chosen."""
    quiet_end = quiet_until(rhythm, zone, now) or now
    in_digest = rhythm.letters in (Letters.DAILY, Letters.WEEKLY)
    by_letter = Channel.EMAIL in wanted and rhythm.letters is not Letters.NEVER
    return Plan(
        in_app=Channel.IN_APP in wanted,
        email=(next_digest(rhythm, zone, now) if in_digest else quiet_end) if by_letter else None,
        digest=by_letter and in_digest,
        push=quiet_end if Channel.PUSH in wanted else None,
    )


def quiet_until(rhythm: Rhythms, zone: tzinfo, now: datetime) -> datetime | None:
    """When the quiet hours end that it is in now; None when it is not quiet."""
    begin, end = rhythm.quiet_from, rhythm.quiet_until
    local = now.astimezone(zone)
    minute = local.hour * 60 + local.minute
    within = begin <= minute < end if begin < end else minute >= begin or minute < end
    if not rhythm.quiet or begin == end or not within:
        return None
    return next(at for at in _each_day(end, zone, now) if at > now)


def next_digest(rhythm: Rhythms, zone: tzinfo, now: datetime) -> datetime:
    """The slot of the next digest: after now, and after the last one that was sent."""
    after = max(now, rhythm.digested_until or now)
    slots = _each_day(rhythm.digest_at, zone, after, twice=False)
    return next(at for at in slots if at > after and _fits(rhythm, at.astimezone(zone)))


def _fits(rhythm: Rhythms, local: datetime) -> bool:
    return rhythm.letters is not Letters.WEEKLY or local.weekday() == rhythm.digest_weekday


def _each_day(minute: int, zone: tzinfo, since: datetime, *, twice: bool = True) -> Iterator[datetime]:
    """That minute of the wall clock on each day from the day of `since`; where the clock shows it twice, both."""
    day = since.astimezone(zone).date()
    while True:
        at = datetime.combine(day, time(minute // 60, minute % 60), zone)
        yield at.astimezone(UTC)
        if twice and at.replace(fold=1).utcoffset() != at.utcoffset():
            yield at.replace(fold=1).astimezone(UTC)
        day += timedelta(days=1)


class SnoozeFor(enum.StrEnum):
    """Until when something is out of sight."""

    LATER_TODAY = "later_today"
    TOMORROW = "tomorrow"
    NEXT_WEEK = "next_week"
    CHOSEN = "chosen"


def snooze_times(zone: tzinfo, now: datetime) -> dict[SnoozeFor, datetime]:
    """What each choice means now. Late in the evening nothing is later today."""
    local = now.astimezone(zone)
    later = _full_hour(local + LATER)
    found: dict[SnoozeFor, datetime] = {}
    if later.date() == local.date() and later.hour * 60 <= LATEST_TODAY:
        found[SnoozeFor.LATER_TODAY] = later.astimezone(UTC)
    found[SnoozeFor.TOMORROW] = _morning(local, days=1)
    found[SnoozeFor.NEXT_WEEK] = _morning(local, days=7 - local.weekday())
    return found


def read_wall_clock(text: str, zone: tzinfo) -> datetime | None:
    """The instant at which the person's clock shows "2026-03-14T09:30"; None for anything else."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.replace(tzinfo=zone).astimezone(UTC) if at.tzinfo is None and "T" in text else None


def zone_named(name: str | None) -> tzinfo:
    """The zone, or UTC where there is none of that name."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def clock_words(minute: int) -> str:
    """A minute of the day as a clock shows it."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _full_hour(at: datetime) -> datetime:
    return (at + timedelta(minutes=59)).replace(minute=0, second=0, microsecond=0)


def _morning(local: datetime, *, days: int) -> datetime:
    day = local.date() + timedelta(days=days)
    return datetime.combine(day, time(MORNING // 60), local.tzinfo).astimezone(UTC)
