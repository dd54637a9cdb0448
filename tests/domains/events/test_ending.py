"""What is open when an event or a membership ends: who is sent away, in how many transactions, and what is kept."""

import pytest

from memberpulse.domains.events.helping import add_helper
from memberpulse.domains.events.lines import ending
from memberpulse.domains.events.models import PlaceStatus
from memberpulse.domains.events.mutations import cancel_event, close_event, reopen_event
from memberpulse.domains.notifications.queries import list_unread
from memberpulse.domains.organizations.mutations import leave_organization, remove_member
from memberpulse.domains.organizations.queries import list_members
from memberpulse.domains.organizations.removal import restore_member
from tests.domains.conftest import Cast
from tests.domains.events.conftest import Fair

pytestmark = pytest.mark.anyio

CROWD = ("Ann One", "Bob Two", "Cat Three", "Dan Four", "Eve Five")


@pytest.fixture
def batches_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "BATCH", 2)


@pytest.mark.usefixtures("batches_of_two")
async def test_a_cancelled_event_sends_everybody_away_a_batch_at_a_time(cast: Cast, fair: Fair) -> None:
    crowd = await fair.crowd(*CROWD)
    await fair.join(cast.cleo)
    await fair.call()
    await fair.do(cancel_event, event_id=fair.event_id, reason="The roof leaks")
    assert [(await fair.mine(each)).status for each in crowd[:3]] == [
        PlaceStatus.CANCELLED,
        PlaceStatus.CANCELLED,
        PlaceStatus.WAITING,
    ]
    await cast.engine.jobs.settle()
    for each in (*crowd, cast.cleo):
        assert (await fair.mine(each)).status is PlaceStatus.CANCELLED
    for each in crowd:
        unread = await cast.engine.query(list_unread, caller=each)
        assert [row.title for row in unread.rows].count("Repair fair is cancelled") == 1
    assert (await cast.engine.query(list_unread, caller=cast.cleo)).rows == []


@pytest.mark.usefixtures("batches_of_two")
async def test_who_waits_in_an_event_that_is_opened_again_stays(cast: Cast, fair: Fair) -> None:
    crowd = await fair.crowd(*CROWD)
    await fair.do(close_event, event_id=fair.event_id, send_home=True)
    await fair.do(reopen_event, event_id=fair.event_id)
    await cast.engine.jobs.settle()
    assert await fair.names() == list(CROWD[2:])
    await fair.do(close_event, event_id=fair.event_id)
    await cast.engine.jobs.settle()
    assert (await fair.mine(crowd[2])).status is PlaceStatus.WAITING


async def test_who_is_removed_stands_in_no_line_once_that_cannot_be_undone(cast: Cast, fair: Fair) -> None:
    (gone,) = await fair.crowd("Gone Soon")
    mine = await fair.mine(gone)
    members = await cast.engine.query(list_members, caller=cast.ann, search="Gone Soon")
    await cast.engine.mutate(remove_member, caller=cast.ann, membership_id=members.rows[0].id)
    assert await fair.status(mine.place_id) is PlaceStatus.WAITING
    await cast.let_time_pass()
    assert await fair.status(mine.place_id) is PlaceStatus.CANCELLED
    assert await fair.names() == []


async def test_an_undone_removal_leaves_places_and_helpers_as_they_were(cast: Cast, fair: Fair) -> None:
    await fair.join(cast.max)
    await fair.do(add_helper, event_id=fair.event_id, user_id=cast.max.user_id)
    members = await cast.engine.query(list_members, caller=cast.ann, search="Max")
    await cast.engine.mutate(remove_member, caller=cast.ann, membership_id=members.rows[0].id)
    await cast.engine.mutate(restore_member, caller=cast.ann, membership_id=members.rows[0].id)
    await cast.let_time_pass()
    assert await fair.names() == ["Max"]
    assert await fair.board(await cast.again(cast.max))


async def test_who_leaves_stands_in_no_line_at_once(cast: Cast, fair: Fair) -> None:
    await fair.join(cast.max)
    await cast.engine.mutate(leave_organization, caller=cast.max)
    assert await fair.names() == []
