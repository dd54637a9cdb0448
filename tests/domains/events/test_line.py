"""Standing in a line and being called: what each person does, and what the others see of it."""

import json
import uuid
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest
from pydantic_core import to_jsonable_python
from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.events.errors import (
    BadPlace,
    EventFull,
    NobodyWaiting,
    NotAHelper,
    NotYourPlace,
    PlaceNotFound,
    TooLateToUndo,
    WallNotShown,
)
from memberpulse.domains.events.helping import add_helper
from memberpulse.domains.events.lines.board import get_board, list_history
from memberpulse.domains.events.lines.jobs import give_up_on
from memberpulse.domains.events.lines.joining import hold_place, leave_line, set_notify_at
from memberpulse.domains.events.lines.messages import give_feedback, list_feedback, message_line
from memberpulse.domains.events.lines.queries import get_line
from memberpulse.domains.events.lines.undoing import undo_deed
from memberpulse.domains.events.lines.wall import get_wall
from memberpulse.domains.events.lines.working import (
    add_walk_in,
    call_place,
    complete_service,
    mark_no_show,
    move_place,
    pause_line,
    remove_place,
    return_to_line,
    start_service,
)
from memberpulse.domains.events.models import LineEntry, Place, PlaceStatus
from memberpulse.domains.notifications.queries import list_unread
from memberpulse.engine import ANONYMOUS, Caller, MutationCtx
from memberpulse.engine.errors import EngineError
from tests.domains.conftest import Cast
from tests.domains.events.conftest import Fair, an_open_event

pytestmark = pytest.mark.anyio


async def told(cast: Cast, caller: Caller) -> list[str]:
    unread = await cast.engine.query(list_unread, caller=caller)
    return [row.title for row in unread.rows]


async def test_people_join_are_called_and_served_in_order(fair: Fair) -> None:
    ann, bob = await fair.crowd("Ann One", "Bob Two")
    done = await fair.call()
    assert done.words == "Called Ann One to Bench 1"
    assert (await fair.mine(ann)).station == "Bench 1"
    line = await fair.line()
    assert line.spots[(await fair.mine(bob)).ticket].position == 1
    assert [each.label for each in line.serving] == ["Ann O."]
    assert line.happened[0].words == "Ann O. was called to Bench 1"
    await fair.do(start_service, place_id=done.place_id)
    await fair.do(complete_service, place_id=done.place_id)
    assert ((await fair.line()).served, await fair.names()) == (1, ["Bob Two"])
    await fair.do(give_feedback, ann, place_id=done.place_id, rating=5, comment="Thank you")
    said = await fair.cast.engine.query(list_feedback, caller=fair.cast.cleo, event_id=fair.event_id)
    assert (said.average, said.rows[0].name) == (5.0, "Ann O.")


async def test_a_call_leaves_everybody_elses_row_and_query_alone(fair: Fair) -> None:
    """What is pushed: one result of the line for all, and nobody's own place but that of who is called."""
    _, bob = await fair.crowd("Ann One", "Bob Two")
    before = await fair.mine(bob)
    first, second = (
        fair.cast.watch(bob, get_line, event_id=fair.event_id),
        fair.cast.watch(fair.cast.max, get_line, event_id=fair.event_id),
    )
    await fair.call()
    assert await fair.mine(bob) == before
    assert first.query is second.query


async def test_each_notice_is_given_once_and_taken_back_with_its_deed(cast: Cast, fair: Fair) -> None:
    _, bob, cat = await fair.crowd("Ann One", "Bob Two", "Cat Three")
    await fair.do(set_notify_at, cat, place_id=(await fair.mine(cat)).place_id, notify_at=2)
    assert await told(cast, cat) == []
    done = await fair.call()
    assert await told(cast, cat) == ["You are number 2 in line"]
    await fair.do(complete_service, place_id=done.place_id)
    call = await fair.call()
    assert await told(cast, bob) == ["It is your turn"]
    await fair.do(undo_deed, entry_id=call.entry_id)
    assert await told(cast, bob) == []
    await fair.call()
    assert (await told(cast, bob), await told(cast, cat)) == (["It is your turn"], ["You are number 2 in line"])


async def test_undo_is_for_ten_seconds_and_for_those_concerned(cast: Cast, fair: Fair) -> None:
    (ann,) = await fair.crowd("Ann One")
    call = await fair.call()
    with pytest.raises(NotAHelper):
        await fair.do(undo_deed, cast.max, entry_id=call.entry_id)

    def older(ctx: MutationCtx) -> None:
        ctx.db.get_one(LineEntry, call.entry_id).at -= timedelta(seconds=13)

    await cast.write(older)
    with pytest.raises(TooLateToUndo):
        await fair.do(undo_deed, entry_id=call.entry_id)
    gone = await fair.do(leave_line, ann, place_id=call.place_id)
    await fair.do(undo_deed, ann, entry_id=gone.entry_id)
    assert (await fair.mine(ann)).status is PlaceStatus.CALLED


async def test_out_of_turn_takes_a_reason_and_is_kept(cast: Cast, fair: Fair) -> None:
    _, bob = await fair.crowd("Ann One", "Bob Two")
    mine = await fair.mine(bob)
    with pytest.raises(BadPlace):
        await fair.do(call_place, place_id=mine.place_id)
    await fair.do(call_place, place_id=mine.place_id, reason="Has to catch a train")
    board = await fair.board()
    assert [lane.place.remark for lane in board.lanes if lane.place] == ["Has to catch a train"]
    history = await cast.engine.query(list_history, caller=cast.cleo, event_id=fair.event_id)
    assert history.rows[0].words == "Bob Two was called to Bench 1"


async def test_holding_lets_others_go_first_and_keeps_the_place(fair: Fair) -> None:
    ann, _ = await fair.crowd("Ann One", "Bob Two")
    await fair.do(hold_place, ann, place_id=(await fair.mine(ann)).place_id, minutes=20)
    assert (await fair.call()).words == "Called Bob Two to Bench 1"
    spot = (await fair.line()).spots[(await fair.mine(ann)).ticket]
    assert (spot.position, spot.held) == (1, True)
    await fair.do(complete_service, place_id=(await fair.board()).lanes[0].place.id)  # type: ignore[union-attr]
    with pytest.raises(NobodyWaiting):
        await fair.call()


async def test_helpers_put_the_line_in_order(fair: Fair) -> None:
    ann, _, cat = await fair.crowd("Ann One", "Bob Two", "Cat Three")
    await fair.do(add_walk_in, event_id=fair.event_id, name="At the door", party_size=3)
    await fair.do(move_place, place_id=(await fair.mine(cat)).place_id, position=1)
    assert await fair.names() == ["Cat Three", "Ann One", "Bob Two", "At the door"]
    done = await fair.call()
    await fair.do(mark_no_show, place_id=done.place_id)
    await fair.do(return_to_line, place_id=done.place_id, behind=2, remark="Was parking")
    assert await fair.names() == ["Ann One", "Bob Two", "Cat Three", "At the door"]
    await fair.do(remove_place, place_id=(await fair.mine(ann)).place_id, reason="Asked to go")
    assert (await fair.mine(ann)).end_reason == "removed"
    paused = await fair.do(pause_line, event_id=fair.event_id, minutes=30)
    line = await fair.line()
    assert line.resumes_at is not None
    assert line.join_now.low >= 29
    await fair.do(undo_deed, entry_id=paused.entry_id)
    assert (await fair.line()).paused_at is None


async def test_only_helpers_work_a_line_and_only_of_their_event(cast: Cast, fair: Fair) -> None:
    await fair.crowd("Ann One")
    with pytest.raises(NotAHelper):
        await fair.call(cast.max)
    with pytest.raises(NotAHelper):
        await fair.board(cast.max)
    await fair.do(add_helper, event_id=fair.event_id, user_id=cast.max.user_id)
    await fair.call(cast.max)
    other = await an_open_event(cast)
    with pytest.raises(NotAHelper):
        await cast.engine.query(get_board, caller=cast.max, event_id=other.event_id)


async def test_another_organization_finds_neither_line_nor_place(cast: Cast, fair: Fair) -> None:
    (ann,) = await fair.crowd("Ann One")
    place_id = (await fair.mine(ann)).place_id
    for function in (call_place, leave_line, complete_service, hold_place):
        more: dict[str, Any] = {"reason": "Because"} if function is call_place else {}
        with pytest.raises(PlaceNotFound):
            await fair.do(function, cast.otto, place_id=place_id, **more)
    with pytest.raises(EngineError) as refused:
        await fair.line(cast.otto)
    assert refused.value.code == "event_not_found"
    with pytest.raises(NotYourPlace):
        await fair.do(leave_line, cast.max, place_id=place_id)


async def test_the_wall_says_nothing_private(cast: Cast) -> None:
    fair = await an_open_event(cast, shows_wall=True)
    crowd = await fair.crowd("Ann One", "Bob Two")
    await fair.join(cast.max, note="Something embarrassing")
    await fair.call()
    wall = await cast.engine.query(get_wall, caller=ANONYMOUS, event_id=fair.event_id)
    assert [each.label for each in wall.serving] == ["Ann O."]
    assert [each.label for each in wall.next] == ["Bob T.", "Max"]
    shown = json.dumps(to_jsonable_python(asdict(wall)))
    ids = await cast.write(lambda ctx: [str(each) for each in ctx.db.scalars(select(col(Place.id)))])
    private = ["embarrassing", "@post.example", "Ann One", *ids, *(str(each.user_id) for each in crowd)]
    assert not [each for each in private if each in shown]


async def test_there_is_no_wall_unless_the_organizer_shows_it(cast: Cast, fair: Fair) -> None:
    for event_id in (fair.event_id, uuid.uuid4()):
        with pytest.raises(WallNotShown):
            await cast.engine.query(get_wall, caller=ANONYMOUS, event_id=event_id)


async def test_everybody_in_line_is_told_what_helpers_say(cast: Cast, fair: Fair) -> None:
    (ann,) = await fair.crowd("Ann One")
    assert await fair.do(message_line, event_id=fair.event_id, body="Tea is ready") == 1
    assert await told(cast, ann) == ["Repair fair"]
    with pytest.raises(NotAHelper):
        await fair.do(message_line, cast.max, event_id=fair.event_id, body="Me too")


async def test_the_timer_of_a_call_that_was_undone_ends_no_later_call(cast: Cast) -> None:
    fair = await an_open_event(cast, auto_no_show=True)
    joined = await fair.join(cast.max)
    first = await fair.call()
    before = await cast.write(lambda ctx: ctx.db.get_one(Place, joined.place_id).called_at)
    await fair.do(undo_deed, entry_id=first.entry_id)
    await fair.call()
    await cast.write(lambda ctx: give_up_on(ctx, place_id=joined.place_id, called_at=before))
    assert await fair.status(joined.place_id) is PlaceStatus.CALLED
    now = await cast.write(lambda ctx: ctx.db.get_one(Place, joined.place_id).called_at)
    await cast.write(lambda ctx: give_up_on(ctx, place_id=joined.place_id, called_at=now))
    assert await fair.status(joined.place_id) is PlaceStatus.NO_SHOW


async def test_a_no_show_comes_back_only_while_there_is_room(cast: Cast) -> None:
    fair = await an_open_event(cast, capacity=1)
    gone = await fair.join(cast.max)
    await fair.call()
    await fair.do(mark_no_show, place_id=gone.place_id)
    await fair.join(cast.abe)
    with pytest.raises(EventFull):
        await fair.do(return_to_line, place_id=gone.place_id)
    assert await fair.names() == ["Abe"]
