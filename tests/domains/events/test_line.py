"""Standing in a line and being called: what each person does, and what the others see of it."""

import pytest

from memberpulse.domains.events.lines.working import complete_service, start_service
from memberpulse.domains.events.models import PlaceStatus
from tests.domains.events.conftest import Fair

pytestmark = pytest.mark.anyio


async def test_people_join_are_called_and_served_in_order(fair: Fair) -> None:
    ann, bob = await fair.crowd("Ann One", "Bob Two")
    assert await fair.names() == ["Ann One", "Bob Two"]
    done = await fair.call()
    assert done.words == "Called Ann One to Bench 1"
    assert (await fair.mine(ann)).status is PlaceStatus.CALLED
    line = await fair.line()
    assert line.spots[(await fair.mine(bob)).ticket].position == 1
    assert [each.label for each in line.serving] == ["Ann O."]
    assert line.happened[0].words == "Ann O. was called to Bench 1"
    await fair.do(start_service, place_id=done.place_id)
    await fair.do(complete_service, place_id=done.place_id)
    assert (await fair.line()).served == 1
    assert await fair.names() == ["Bob Two"]
