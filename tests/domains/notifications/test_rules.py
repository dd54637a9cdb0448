"""When somebody is told: quiet hours, digests and snoozing on the clock on the wall, also when clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from memberpulse.domains.notifications.kinds import Channel
from memberpulse.domains.notifications.models import Letters
from memberpulse.domains.notifications.rules import (
    Rhythms,
    SnoozeFor,
    make_plan,
    next_digest,
    quiet_until,
    read_wall_clock,
    snooze_times,
    zone_named,
)

LONDON, NEW_YORK = ZoneInfo("Europe/London"), ZoneInfo("America/New_York")
NIGHT = Rhythms(quiet=True, quiet_from=22 * 60, quiet_until=7 * 60)
EVERYTHING = frozenset(Channel)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ("2026-01-10T21:59", None),
        ("2026-01-10T22:00", "2026-01-11T07:00"),
        ("2026-01-11T06:59", "2026-01-11T07:00"),
        ("2026-01-11T07:00", None),
        ("2026-03-28T23:30", "2026-03-29T06:00"),  # the clocks go forward that night: an hour less
        ("2026-10-24T22:30", "2026-10-25T07:00"),  # and back: an hour more
    ],
)
def test_quiet_hours_end_when_the_clock_on_the_wall_says_so(now: str, ends: str | None) -> None:
    assert quiet_until(NIGHT, LONDON, utc(now)) == (utc(ends) if ends else None)


def test_quiet_hours_that_end_at_a_time_shown_twice_end_the_second_time_when_it_is_the_second() -> None:
    rhythm = Rhythms(quiet=True, quiet_from=22 * 60, quiet_until=90)
    second = utc("2026-10-25T01:10")  # 01:10 for the second time
    assert quiet_until(rhythm, LONDON, second) == utc("2026-10-25T01:30")


def test_quiet_hours_within_a_day_and_of_no_length() -> None:
    noon = Rhythms(quiet=True, quiet_from=12 * 60, quiet_until=13 * 60)
    assert quiet_until(noon, LONDON, utc("2026-01-10T12:30")) == utc("2026-01-10T13:00")
    assert quiet_until(noon, LONDON, utc("2026-01-10T13:30")) is None
    assert quiet_until(Rhythms(quiet=True, quiet_from=60, quiet_until=60), LONDON, utc("2026-01-10T01:00")) is None


@given(
    at=some.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001
    begin=some.integers(0, 1439),
    end=some.integers(0, 1439),
    zone=some.sampled_from([LONDON, NEW_YORK, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kolkata")]),
)
def test_quiet_hours_always_end_within_a_day_or_so_and_it_is_not_quiet_then(
    at: datetime, begin: int, end: int, zone: ZoneInfo
) -> None:
    now, rhythm = at.replace(tzinfo=UTC), Rhythms(quiet=True, quiet_from=begin, quiet_until=end)
    ends = quiet_until(rhythm, zone, now)
    if ends is not None:
        assert now < ends <= now + timedelta(hours=25)


def test_a_daily_digest_comes_at_eight_on_both_sides_of_a_change_of_clocks() -> None:
    daily = Rhythms(letters=Letters.DAILY, digest_at=8 * 60)
    slots, at = [], utc("2026-03-27T12:00")
    for _ in range(3):
        at = next_digest(daily, LONDON, at)
        slots.append(at)
    assert slots == [utc("2026-03-28T08:00"), utc("2026-03-29T07:00"), utc("2026-03-30T07:00")]
    assert {slot.astimezone(LONDON).hour for slot in slots} == {8}


def test_a_weekly_digest_comes_on_its_day_and_never_for_a_slot_that_is_over() -> None:
    weekly = Rhythms(letters=Letters.WEEKLY, digest_at=8 * 60, digest_weekday=4)
    friday = utc("2026-01-16T13:00")
    assert next_digest(weekly, NEW_YORK, utc("2026-01-16T12:59")) == friday
    assert next_digest(weekly, NEW_YORK, friday) == utc("2026-01-23T13:00")
    sent = Rhythms(letters=Letters.WEEKLY, digest_at=8 * 60, digest_weekday=4, digested_until=friday)
    assert next_digest(sent, NEW_YORK, utc("2026-01-16T12:59")) == utc("2026-01-23T13:00")


def test_the_plan_honours_everything_that_was_chosen() -> None:
    day, night = utc("2026-01-10T12:00"), utc("2026-01-10T23:00")
    assert make_plan(frozenset(), NIGHT, LONDON, day) == make_plan(frozenset(), Rhythms(), LONDON, night)
    at_once = make_plan(EVERYTHING, NIGHT, LONDON, day)
    assert (at_once.in_app, at_once.email, at_once.digest, at_once.push) == (True, day, False, day)
    waits = make_plan(EVERYTHING, NIGHT, LONDON, night)
    morning = utc("2026-01-11T07:00")
    assert (waits.in_app, waits.email, waits.push) == (True, morning, morning)
    digest = make_plan(EVERYTHING, Rhythms(letters=Letters.DAILY), LONDON, day)
    assert (digest.email, digest.digest, digest.push) == (utc("2026-01-11T08:00"), True, day)
    never = make_plan(EVERYTHING, Rhythms(letters=Letters.NEVER), LONDON, day)
    assert (never.email, never.digest, never.push) == (None, False, day)
    only_app = make_plan(frozenset({Channel.IN_APP}), NIGHT, LONDON, night)
    assert (only_app.in_app, only_app.email, only_app.push) == (True, None, None)


def test_snoozing_means_what_the_persons_clock_means() -> None:
    times = snooze_times(NEW_YORK, utc("2026-03-06T15:20"))  # Friday, 10:20 there; clocks change on Sunday
    assert times == {
        SnoozeFor.LATER_TODAY: utc("2026-03-06T19:00"),
        SnoozeFor.TOMORROW: utc("2026-03-07T13:00"),
        SnoozeFor.NEXT_WEEK: utc("2026-03-09T12:00"),
    }
    late = snooze_times(NEW_YORK, utc("2026-03-07T01:30"))  # still Friday, 20:30
    assert SnoozeFor.LATER_TODAY not in late
    monday = snooze_times(LONDON, utc("2026-01-12T09:00"))
    assert monday[SnoozeFor.NEXT_WEEK] == utc("2026-01-19T08:00")


def test_a_wall_clock_is_read_strictly() -> None:
    assert read_wall_clock("2026-07-01T09:30", LONDON) == utc("2026-07-01T08:30")
    for text in ("", "2026-07-01", "09:30", "2026-13-01T09:30", "2026-07-01T09:30Z"):
        assert read_wall_clock(text, LONDON) is None


@pytest.mark.parametrize("name", [None, "", "Nowhere/Land", "../etc/passwd"])
def test_a_zone_that_does_not_exist_is_utc(name: str | None) -> None:
    assert zone_named(name) is UTC
