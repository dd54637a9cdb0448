# pyright: reportUnknownMemberType=false
"""Events are drafted, published, changed, closed and called off."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from memberpulse.domains.events.errors import (
    EventNotFound,
    EventNotOpen,
    NotYourEvent,
    PricesNotOffered,
    StaleEvent,
    WrongMoment,
)
from memberpulse.domains.events.http import calendar_file, qr_svg
from memberpulse.domains.events.models import EventsShown, EventStatus, PlaceStatus
from memberpulse.domains.events.mutations import (
    cancel_event,
    close_event,
    create_event,
    duplicate_event,
    edit_event,
    publish_event,
    remove_event,
    reopen_event,
)
from memberpulse.domains.events.queries import get_event, list_events
from memberpulse.domains.organizations.models import Role
from memberpulse.engine.errors import Forbidden
from tests.domains.conftest import Cast, a_person
from tests.domains.events.conftest import Fair, an_event, an_open_event
from tests.domains.events.test_line import told

pytestmark = pytest.mark.anyio


async def test_a_draft_is_seen_by_who_made_it_until_it_is_published(cast: Cast) -> None:
    engine = cast.engine
    event_id = await engine.mutate(create_event, caller=cast.cleo, **an_event())
    with pytest.raises(EventNotFound):
        await engine.query(get_event, caller=cast.max, event_id=event_id)
    assert (await engine.query(list_events, caller=cast.max)).rows == []
    drafts = await engine.query(list_events, caller=cast.cleo, shown=EventsShown.DRAFTS)
    assert [each.id for each in drafts.rows] == [event_id]
    await engine.mutate(publish_event, caller=cast.cleo, event_id=event_id)
    event = await engine.query(get_event, caller=cast.max, event_id=event_id)
    assert (event.status, event.rights.join, event.rights.edit) == (EventStatus.PUBLISHED, True, False)
    assert [each.station for each in event.helpers] == ["Bench 1"]
    assert ("Cleo", "published", "Repair fair") in await cast.happened()
    with pytest.raises(WrongMoment):
        await engine.mutate(remove_event, caller=cast.cleo, event_id=event_id)


async def test_only_who_made_it_and_admins_change_an_event(cast: Cast, fair: Fair) -> None:
    with pytest.raises(Forbidden):
        await cast.engine.mutate(create_event, caller=cast.max, **an_event())
    colleague = await a_person(cast.engine, "Colleague", cast.here, Role.CREATOR)
    with pytest.raises(NotYourEvent):
        await fair.do(cancel_event, colleague, event_id=fair.event_id, reason="Because")
    with pytest.raises(EventNotFound):
        await fair.do(cancel_event, cast.otto, event_id=fair.event_id, reason="Because")
    changed = await fair.do(edit_event, cast.abe, event_id=fair.event_id, version=2, **an_event(title="Fair"))
    assert changed.title == "Fair"
    with pytest.raises(StaleEvent):
        await fair.do(edit_event, event_id=fair.event_id, version=2, **an_event(title="Other"))


async def test_people_with_a_place_are_told_of_changes_and_of_the_end(cast: Cast, fair: Fair) -> None:
    (ann,) = await fair.crowd("Ann One")
    event = await cast.engine.query(get_event, caller=cast.cleo, event_id=fair.event_id)
    await fair.do(edit_event, event_id=fair.event_id, version=event.version, **an_event(place="Hall"))
    assert await told(cast, ann) == ["Repair fair has changed"]
    await fair.do(cancel_event, event_id=fair.event_id, reason="The roof leaks")
    assert "Repair fair is cancelled" in await told(cast, ann)
    assert (await fair.mine(ann)).status is PlaceStatus.CANCELLED
    with pytest.raises(EventNotOpen):
        await fair.join(cast.max)


async def test_nobody_joins_what_is_closed_and_who_waits_may_still_be_served(cast: Cast, fair: Fair) -> None:
    ann, bob = await fair.crowd("Ann One", "Bob Two")
    await fair.do(close_event, event_id=fair.event_id)
    with pytest.raises(EventNotOpen):
        await fair.join(cast.max)
    await fair.call()
    await fair.do(reopen_event, event_id=fair.event_id)
    await fair.join(cast.max)
    await fair.do(close_event, event_id=fair.event_id, send_home=True)
    assert (await fair.mine(ann)).status is PlaceStatus.CALLED
    assert (await fair.mine(bob)).end_reason == "closed"


async def test_without_payments_an_event_is_free(cast: Cast) -> None:
    with pytest.raises(PricesNotOffered):
        await cast.engine.mutate(create_event, caller=cast.cleo, **an_event(price_amount=500, currency="GBP"))


async def test_the_same_again_for_another_day(cast: Cast, fair: Fair) -> None:
    starts_at = an_event()["starts_at"] + timedelta(days=7)
    copy = await fair.do(duplicate_event, event_id=fair.event_id, starts_at=starts_at)
    event = await cast.engine.query(get_event, caller=cast.cleo, event_id=copy)
    assert (event.status, event.ends_at - event.starts_at) == (EventStatus.DRAFT, timedelta(hours=6))


async def test_a_calendar_takes_the_event_in_its_own_zone(cast: Cast) -> None:
    fair = await an_open_event(cast, description="Bring; things,\nplease", place="Hall")
    event = await cast.engine.query(get_event, caller=cast.max, event_id=fair.event_id)
    calendar = Calendar.from_ical(calendar_file(event))
    (entry,) = calendar.walk("VEVENT")
    assert entry.decoded("dtstart") == event.starts_at
    assert str(entry["dtstart"].params["TZID"]) == "Europe/London"
    assert (str(entry["description"]), str(entry["location"])) == ("Bring; things,\nplease", "Hall")
    assert str(event.id) in str(entry["uid"])
    assert qr_svg(event.join_url).startswith(b"<svg")
