"""Many people at the same moment, in threads of one process and in several processes: on both databases."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.events.lines.joining import join_line, leave_line
from memberpulse.domains.events.lines.stations import open_station
from memberpulse.domains.events.models import LineEntry, Place, PlaceStatus
from memberpulse.domains.organizations.models import Role
from memberpulse.engine import MutationCtx
from memberpulse.engine.errors import EngineError
from tests.domains.conftest import Cast, people
from tests.domains.events.conftest import Fair, an_open_event
from tests.domains.events.model import Pair, check_history
from tests.domains.events.worker import together

pytestmark = pytest.mark.anyio

PROCESSES, DEEDS = 3, 25


async def at_once(*calls: Any) -> Counter[str]:
    """How the calls ended that were all begun before any of them had: "ok" or the code of the refusal."""
    results = await asyncio.gather(*calls, return_exceptions=True)
    unexpected = [each for each in results if isinstance(each, BaseException) and not isinstance(each, EngineError)]
    assert not unexpected, unexpected
    return Counter(each.code if isinstance(each, EngineError) else "ok" for each in results)


async def read_history(fair: Fair) -> tuple[list[LineEntry], list[Place]]:
    def read(ctx: MutationCtx) -> tuple[list[LineEntry], list[Place]]:
        entries = select(LineEntry).order_by(col(LineEntry.seq))
        return list(ctx.db.scalars(entries)), list(ctx.db.scalars(select(Place)))

    return await fair.cast.write(read)


async def test_everybody_joins_at_the_same_moment(cast: Cast, fair: Fair) -> None:
    names = {f"Person {number}": Role.MEMBER for number in range(24)}
    crowd = await people(cast.engine, cast.here, names)
    assert await at_once(*(fair.join(each) for each in crowd)) == {"ok": 24}
    line = await fair.line()
    assert sorted(spot.position for spot in line.spots.values()) == list(range(1, 25))
    check_history(*await read_history(fair))


async def test_somebody_who_presses_join_ten_times_has_one_place(cast: Cast, fair: Fair) -> None:
    assert await at_once(*(fair.join(cast.max) for _ in range(10))) == {"ok": 1, "already_in_line": 9}


async def test_the_same_press_sent_again_is_answered_with_the_same_place(cast: Cast, fair: Fair) -> None:
    engine = cast.engine
    first = await engine.mutate(join_line, caller=cast.max, key="press-1", event_id=fair.event_id)
    again = await engine.mutate(join_line, caller=cast.max, key="press-1", event_id=fair.event_id)
    assert again == first


async def test_no_more_than_the_capacity_come_in_at_once(cast: Cast) -> None:
    fair = await an_open_event(cast, capacity=5)
    crowd = await people(cast.engine, cast.here, {f"Person {n}": Role.MEMBER for n in range(15)})
    assert await at_once(*(fair.join(each) for each in crowd)) == {"ok": 5, "event_full": 10}


async def test_helpers_who_call_at_the_same_moment_call_different_people(cast: Cast, fair: Fair) -> None:
    for _ in range(3):
        await fair.do(open_station, event_id=fair.event_id)
    crowd = [f"Person {number}" for number in range(6)]
    await fair.crowd(*crowd)
    calls = [fair.call(helper) for helper in (cast.ann, cast.abe, cast.cleo) for _ in range(3)]
    assert await at_once(*calls) == {"ok": 4, "no_free_station": 5}
    board = await fair.board()
    assert sorted(lane.place.name for lane in board.lanes if lane.place) == crowd[:4]
    assert await fair.names() == crowd[4:]
    told = [entry.place_id for entry in (await read_history(fair))[0] if entry.kind == "call"]
    assert len(told) == len(set(told)) == 4


async def test_a_person_who_leaves_while_being_called_is_either_gone_or_called(cast: Cast, fair: Fair) -> None:
    for name in ("Una", "Duo", "Tre", "Quattro"):
        (caller,) = await fair.crowd(name)
        mine = await fair.mine(caller)
        await at_once(fair.call(), fair.do(leave_line, caller, place_id=mine.place_id))
        assert await fair.status(mine.place_id) is PlaceStatus.CANCELLED
    check_history(*await read_history(fair))


def test_several_processes_work_one_line(house_url: str) -> None:
    pair = Pair(house_url, people=10)
    for _ in range(2):
        pair.open_station("helper0")
    counts = together(pair, house_url, PROCESSES, DEEDS)
    assert all(count["done"] + count["refused"] == DEEDS for count in counts)
    assert sum(count["done"] for count in counts) >= DEEDS // 2
    pair.check_history()
    pair.shell.database.close()
