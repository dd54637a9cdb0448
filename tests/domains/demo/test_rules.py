"""The play keeps a gentle pace and a natural curve."""

from datetime import UTC, datetime, timedelta
from random import Random

from memberpulse.demo import rules

MONDAY = datetime(2026, 3, 9, tzinfo=UTC)


def test_evenings_are_busier_than_nights() -> None:
    assert rules.usual_online(MONDAY.replace(hour=19)) > rules.usual_online(MONDAY.replace(hour=3))
    assert rules.usual_online(MONDAY.replace(hour=3)) >= rules.FEWEST_ONLINE


def test_history_is_the_same_for_everybody() -> None:
    times = [MONDAY + timedelta(minutes=5) * number for number in range(100)]
    first, second = ([rules.online_in_the_past(at, chance) for at in times] for chance in (Random("a"), Random("a")))
    assert first == second
    assert len(set(first)) > 3


def test_the_stage_fills_up_and_then_stays_about_full() -> None:
    chance, at, there, counts = Random("stage"), MONDAY.replace(hour=12), 0, []
    for _ in range(300):
        there += rules.cast_change(there, at, chance)
        counts.append(there)
    wanted = rules.usual_online(at)
    assert counts[10] > wanted / 2
    assert all(abs(count - wanted) <= 5 for count in counts[30:])


def test_announcements_come_every_two_to_three_minutes() -> None:
    chance, since, gaps = Random("pace"), timedelta(), []
    for _ in range(5000):
        since += rules.STEP
        deeds = rules.choose_deeds(chance=chance, since_announcement=since, pending=7, newcomers=0)
        if deeds.announce:
            gaps.append(since)
            since = timedelta()
    average = sum(gaps, timedelta()) / len(gaps)
    assert timedelta(minutes=2) < min(gaps)
    assert timedelta(minutes=2) < average < timedelta(minutes=3)


def test_requests_stay_between_few_and_many() -> None:
    chance = Random("bounds")
    draws = [
        rules.choose_deeds(chance=chance, since_announcement=timedelta(), pending=4, newcomers=0) for _ in range(900)
    ]
    assert not any(deeds.decide for deeds in draws)
    draws = [
        rules.choose_deeds(chance=chance, since_announcement=timedelta(), pending=11, newcomers=0) for _ in range(900)
    ]
    assert not any(deeds.request for deeds in draws)
    assert any(deeds.decide for deeds in draws)
