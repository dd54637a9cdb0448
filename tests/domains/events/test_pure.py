"""The pure core: the state machine, the order, the estimates and the words, without a database."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memberpulse.domains.events.errors import BadEvent, WrongMoment
from memberpulse.domains.events.lines.estimates import (
    PRIOR_COUNT,
    AtWork,
    Party,
    Served,
    factor,
    pace_of,
    waits,
    why,
)
from memberpulse.domains.events.lines.ordering import SPACING, following, spread, turn_at
from memberpulse.domains.events.models import DeedKind, PlaceStatus, WallNames
from memberpulse.domains.events.rules import (
    TRANSITIONS,
    EventValues,
    clean_event,
    file_name,
    next_status,
    wall_label,
)

NOON = datetime(2026, 6, 6, 12, tzinfo=UTC)


@pytest.mark.parametrize(("deed", "current"), list(itertools.product(TRANSITIONS, [None, *PlaceStatus])))
def test_a_deed_is_done_from_where_the_table_says_and_from_nowhere_else(
    deed: DeedKind, current: PlaceStatus | None
) -> None:
    sources, target = TRANSITIONS[deed]
    if current in sources:
        assert next_status(deed, current) is target
    else:
        with pytest.raises(WrongMoment):
            next_status(deed, current)


def test_what_is_over_comes_back_only_from_a_no_show() -> None:
    over = {PlaceStatus.COMPLETED, PlaceStatus.CANCELLED}
    assert not any(over & set(sources) for sources, _ in TRANSITIONS.values())


@given(st.lists(st.integers(0, 12), max_size=60))
def test_whoever_is_put_somewhere_stands_there_whatever_was_put_before(places: list[int]) -> None:
    order: list[int] = []
    turns: dict[int, int] = {}
    next_turn = 1
    for person, wanted in enumerate(places):
        others = [turns[each] for each in order]
        turn = turn_at(others, wanted, next_turn)
        if turn is None:
            for each, new in zip(order, spread(len(order), next_turn), strict=True):
                turns[each] = new
            next_turn = following(turns[order[-1]])
            turn = turn_at([turns[each] for each in order], wanted, next_turn)
        assert turn is not None
        next_turn = max(next_turn, following(turn)) if turn >= next_turn else next_turn
        turns[person] = turn
        order.insert(min(wanted, len(order)), person)
        assert sorted(order, key=lambda each: turns[each]) == order
        assert len(set(turns.values())) == len(turns)


def test_a_line_without_history_is_estimated_by_what_was_expected() -> None:
    pace = pace_of([], 10)
    assert pace.mean == 600
    (first, second) = waits(pace, [AtWork()], [Party(), Party()])
    assert first.low == 0
    assert second.low < 645 < second.high
    assert "nobody has been served yet" in why(pace, ahead=2, stations=1, station_word="Bench", service_minutes=10)


def test_what_was_observed_outweighs_what_was_expected_after_a_dozen() -> None:
    pace = pace_of([Served(240)] * 12, 10)
    assert 240 < pace.mean < 360
    weights = sum(0.95**age for age in range(12))
    assert pace.mean == pytest.approx((PRIOR_COUNT * 600 + weights * 240) / (PRIOR_COUNT + weights))


def test_one_service_that_was_forgotten_at_a_station_does_not_spoil_the_estimate() -> None:
    usual = [Served(240)] * 12
    assert pace_of([Served(6 * 3600), *usual], 4).mean < 2 * pace_of(usual, 4).mean


def test_newer_services_count_more() -> None:
    slower_lately = [Served(600)] * 6 + [Served(240)] * 6
    assert pace_of(slower_lately, 7).mean > pace_of(slower_lately[::-1], 7).mean
    reason = why(pace_of(slower_lately, 7), ahead=3, stations=3, station_word="Bench", service_minutes=7)
    assert "ran slower" in reason
    assert "3 benches" in reason


def test_more_stations_and_smaller_parties_are_quicker() -> None:
    pace = pace_of([Served(300)] * 20, 5)
    line = [Party() for _ in range(9)]
    one, three = waits(pace, [AtWork()], line)[-1], waits(pace, [AtWork()] * 3, line)[-1]
    assert three.expected < one.expected / 2
    assert (
        waits(pace, [AtWork()], [Party(4), Party()])[-1].expected
        > waits(pace, [AtWork()], [Party(), Party()])[-1].expected
    )
    assert factor(50) == 2.0


def test_whoever_holds_their_place_is_passed_until_the_hold_ends() -> None:
    pace = pace_of([Served(300)] * 20, 5)
    held, second, third = waits(pace, [AtWork()], [Party(held=500), Party(), Party()])
    assert second.expected == 0
    assert held.expected >= 500
    assert third.expected < held.expected


def test_a_pause_comes_before_everything() -> None:
    found = waits(pace_of([], 5), [AtWork(1, 10.0)], [Party(), Party()], begins_in=1200)
    assert all(each.low >= 1200 for each in found)


@given(
    st.lists(st.floats(1, 20_000), max_size=50),
    st.lists(st.tuples(st.integers(0, 6), st.one_of(st.none(), st.floats(0, 9000))), max_size=6),
    st.lists(st.tuples(st.integers(1, 20), st.floats(0, 3000)), max_size=30),
    st.floats(0, 5000),
)
def test_estimates_are_sane_for_every_line(
    observed: list[float], stations: list[tuple[int, float | None]], parties: list[tuple[int, float]], begins: float
) -> None:
    pace = pace_of([Served(each) for each in observed], 7)
    found = waits(pace, [AtWork(*each) for each in stations], [Party(*each) for each in parties], begins_in=begins)
    assert len(found) == len(parties)
    for wait, (_, held) in zip(found, parties, strict=True):
        assert max(begins, held) <= wait.low <= wait.high
        low, high = wait.minutes
        assert 0 <= low < high


@pytest.mark.parametrize(
    ("names", "label"),
    [(WallNames.FIRST_NAME, "Mei-Lin Z."), (WallNames.INITIALS, "MZ"), (WallNames.NUMBER, "No 12")],
)
def test_the_wall_calls_people_as_was_chosen(names: WallNames, label: str) -> None:
    assert wall_label("Mei-Lin Zhao", 12, names) == label


def test_an_event_says_beside_each_field_what_is_wrong() -> None:
    values = EventValues(
        title=" ",
        starts_at=NOON,
        ends_at=NOON - timedelta(hours=1),
        time_zone="Mars/Olympus",
        link="ftp://x",
        capacity=0,
        price_amount=-1,
        service_minutes=0,
    )
    with pytest.raises(BadEvent) as refused:
        clean_event(values)
    assert set(refused.value.fields) == {
        "title",
        "ends_at",
        "time_zone",
        "link",
        "capacity",
        "price_amount",
        "service_minutes",
    }


def test_a_file_is_named_by_plain_letters() -> None:
    assert file_name("Saturday: “repair” café/../x") == "saturday-repair-caf-x"
    assert file_name("修理") == "event"
    assert SPACING > 2**10
