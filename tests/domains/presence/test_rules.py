"""Seen, stretches of time, and what is usual."""

from datetime import UTC, datetime, timedelta

import pytest

from memberpulse.domains.presence import rules
from memberpulse.domains.presence.schemas import Period, Seen

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "seen", "changes_in"),
    [(0, Seen.HERE, 60), (59, Seen.HERE, 1), (60, Seen.RECENT, 240), (299, Seen.RECENT, 1), (300, Seen.AWAY, None)],
)
def test_seen_changes_when_it_is_said_to(ago: int, seen: Seen, changes_in: int | None) -> None:
    at = NOON - timedelta(seconds=ago)
    changes_at = rules.changes_at(at, NOON)
    assert rules.seen_of(at, NOON) is seen
    assert changes_at == (NOON + timedelta(seconds=changes_in) if changes_in else None)
    if changes_at is not None:
        assert rules.seen_of(at, changes_at) is not seen


@pytest.mark.parametrize(("period", "points"), [(Period.DAY, 97), (Period.WEEK, 85), (Period.MONTH, 121)])
def test_stretches_cover_the_period_and_end_now(period: Period, points: int) -> None:
    starts = rules.stretches(period, NOON + timedelta(minutes=7))
    span, size = rules.SPANS[period]
    assert len(starts) == points
    assert starts[-1] <= NOON + timedelta(minutes=7) < starts[-1] + size
    assert starts[-1] - starts[0] == span


def test_the_usual_band_ranges_over_earlier_weeks() -> None:
    starts = [NOON, NOON + timedelta(hours=1)]
    history = {at - timedelta(weeks=week): 10 * week + place for week in (1, 2, 3) for place, at in enumerate(starts)}
    assert rules.usual_band(starts, history) == ([10, 11], [30, 31])


def test_too_little_history_is_not_called_usual() -> None:
    one_week = {NOON - timedelta(weeks=1): 5}
    assert rules.usual_band([NOON], one_week) == ([], [])
    assert rules.usual_band([NOON], {}) == ([], [])


def test_the_highest_of_a_stretch_counts() -> None:
    samples = [(NOON, 3), (NOON + timedelta(minutes=5), 8), (NOON + timedelta(minutes=15), 1)]
    found = rules.highest_per_bucket(samples, timedelta(minutes=15))
    assert found == {NOON: 8, NOON + timedelta(minutes=15): 1}
