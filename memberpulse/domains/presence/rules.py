"""Decisions about presence and its history. No database, no clock."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from memberpulse.domains.presence.schemas import Period, Seen

HERE = timedelta(seconds=60)
RECENT = timedelta(minutes=5)
FORGOTTEN = timedelta(hours=1)
SAMPLE_EVERY = timedelta(minutes=5)
SAMPLES_KEPT = timedelta(days=60)
HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)
EARLIER_WEEKS = 4
OPEN = "?open="
MOST_OF_A_PAGE, MOST_OF_A_THING = 200, 64
ENOUGH_WEEKS = 2
"""Fewer earlier weeks than this say nothing about what is usual."""
ENOUGH_OF_A_PERIOD = 0.9

Samples = Sequence[tuple[datetime, int]]
Buckets = Mapping[datetime, int]

SPANS: dict[Period, tuple[timedelta, timedelta]] = {
    Period.DAY: (timedelta(days=1), timedelta(minutes=15)),
    Period.WEEK: (timedelta(days=7), timedelta(hours=2)),
    Period.MONTH: (timedelta(days=30), timedelta(hours=6)),
}
"""How far back each period goes, and how much time a point stands for."""


def seen_of(last_seen_at: datetime, now: datetime) -> Seen:
    ago = now - last_seen_at
    if ago < HERE:
        return Seen.HERE
    return Seen.RECENT if ago < RECENT else Seen.AWAY


def changes_at(last_seen_at: datetime, now: datetime) -> datetime | None:
    """When `seen_of` will say something else; None: never again."""
    following = {Seen.HERE: last_seen_at + HERE, Seen.RECENT: last_seen_at + RECENT}
    return following.get(seen_of(last_seen_at, now))


def place_of(path: str) -> tuple[str, str | None]:
    """A page and what is open on it: "/approvals?open=0199" is ("/approvals", "0199")."""
    page, _, thing = path.partition(OPEN)
    return page[:MOST_OF_A_PAGE], thing[:MOST_OF_A_THING] or None


def to_the_minute(when: datetime) -> datetime:
    return when.replace(second=0, microsecond=0)


def bucket_of(when: datetime, size: timedelta) -> datetime:
    """The beginning of the stretch of time that `when` lies in."""
    seconds = size.total_seconds()
    return datetime.fromtimestamp(when.timestamp() // seconds * seconds, UTC)


def stretches(period: Period, now: datetime) -> list[datetime]:
    """The beginnings of a period's stretches, the present one last."""
    span, size = SPANS[period]
    last = bucket_of(now, size)
    return [last - size * back for back in range(span // size, -1, -1)]


def highest_per_bucket(samples: Iterable[tuple[datetime, int]], size: timedelta) -> dict[datetime, int]:
    """The highest count within each stretch that has any."""
    found: dict[datetime, int] = {}
    for at, online in samples:
        bucket = bucket_of(at, size)
        found[bucket] = max(found.get(bucket, 0), online)
    return found


def usual_band(stretch_starts: Sequence[datetime], history: Buckets) -> tuple[list[int], list[int]]:
    """The lowest and highest count of the same stretches in earlier weeks; both empty if too few weeks are known."""
    known = [[history.get(at - WEEK * week) for at in stretch_starts] for week in range(1, EARLIER_WEEKS + 1)]
    whole = [week for week in known if _is_known(week)]
    if len(whole) < ENOUGH_WEEKS:
        return [], []
    columns = [[count for count in column if count is not None] or [0] for column in zip(*whole, strict=True)]
    return [min(column) for column in columns], [max(column) for column in columns]


def _is_known(week: Sequence[int | None]) -> bool:
    return sum(count is not None for count in week) >= ENOUGH_OF_A_PERIOD * len(week)
