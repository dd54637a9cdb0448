"""Writes of events themselves; what happens in their lines is in `lines`."""

import uuid
from dataclasses import asdict, fields, replace
from datetime import datetime

from pydantic_core import to_jsonable_python
from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.events.covers import copy_cover, forget_cover
from memberpulse.domains.events.errors import EventNotFound, StaleEvent, WrongMoment
from memberpulse.domains.events.facts import (
    EventCancelled,
    EventChanged,
    EventClosed,
    EventCreated,
    EventPublished,
    EventRemoved,
    EventReopened,
)
from memberpulse.domains.events.helping import make_helper
from memberpulse.domains.events.lines import paying
from memberpulse.domains.events.lines.ending import send_away
from memberpulse.domains.events.lines.jobs import remind_of_event
from memberpulse.domains.events.lines.notices import EVENT, people_there
from memberpulse.domains.events.lines.stations import add_station
from memberpulse.domains.events.lines.words import done as done_words
from memberpulse.domains.events.lines.writing import done, may_work, take_line, write_down
from memberpulse.domains.events.models import (
    DeedKind,
    Event,
    EventHelper,
    EventStatus,
    Line,
    Place,
    WallNames,
)
from memberpulse.domains.events.policies import may_change
from memberpulse.domains.events.queries import get_event
from memberpulse.domains.events.rules import (
    OPEN,
    REMIND_BEFORE,
    EventValues,
    clean_event,
    clean_reason,
    next_event_status,
)
from memberpulse.domains.events.schemas import DeedDone, EventView
from memberpulse.domains.notifications.mutations import notify_people
from memberpulse.domains.notifications.schemas import Notice
from memberpulse.domains.organizations.people import is_member
from memberpulse.engine import MutationCtx, mutation
from memberpulse.texts import isolated

TOLD_FIELDS = ("title", "starts_at", "ends_at", "time_zone", "place", "link")
"""When one of these changes, people who have a place are told."""


@mutation(requires="events.create", limit="30/minute")
def create_event(
    ctx: MutationCtx,
    *,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    time_zone: str,
    description: str = "",
    place: str = "",
    link: str = "",
    price_amount: int = 0,
    currency: str = "",
    capacity: int | None = None,
    service_minutes: int = 10,
    station_word: str = "Bench",
    shows_wall: bool = False,
    wall_names: WallNames = WallNames.FIRST_NAME,
    no_show_seconds: int = 120,
    auto_no_show: bool = False,
) -> uuid.UUID:
    """Draft an event, which nobody else sees until it is published; its id.

    time_zone: a name of the IANA database. price_amount: minor units of `currency` per party, 0 for free.
    Raises BadEvent (422) with a message per field, PricesNotOffered (409).
    """
    values = EventValues(
        title=title,
        starts_at=starts_at,
        ends_at=ends_at,
        time_zone=time_zone,
        description=description,
        place=place,
        link=link,
        price_amount=price_amount,
        currency=currency,
        capacity=capacity,
        service_minutes=service_minutes,
        station_word=station_word,
        shows_wall=shows_wall,
        wall_names=wall_names,
        no_show_seconds=no_show_seconds,
        auto_no_show=auto_no_show,
    )
    event = draft(ctx, values, ctx.caller.user_id)
    ctx.record(EventCreated(entity_id=event.id, target=event.title))
    return event.id


@mutation(requires="events.create", limit="60/minute")
def edit_event(
    ctx: MutationCtx,
    *,
    event_id: uuid.UUID,
    version: int,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    time_zone: str,
    description: str = "",
    place: str = "",
    link: str = "",
    price_amount: int = 0,
    currency: str = "",
    capacity: int | None = None,
    service_minutes: int = 10,
    station_word: str = "Bench",
    shows_wall: bool = False,
    wall_names: WallNames = WallNames.FIRST_NAME,
    no_show_seconds: int = 120,
    auto_no_show: bool = False,
) -> EventView:
    """Change an event; people with a place are told when its time or place changes. version: what the edit began from.

    Raises EventNotFound (404), NotYourEvent (403), StaleEvent (409), WrongMoment (409) for a change of price once
    people have places, BadEvent (422), PricesNotOffered (409).
    """
    event, _ = _own_event(ctx, event_id)
    wanted = EventValues(
        title=title,
        starts_at=starts_at,
        ends_at=ends_at,
        time_zone=time_zone,
        description=description,
        place=place,
        link=link,
        price_amount=price_amount,
        currency=currency,
        capacity=capacity,
        service_minutes=service_minutes,
        station_word=station_word,
        shows_wall=shows_wall,
        wall_names=wall_names,
        no_show_seconds=no_show_seconds,
        auto_no_show=auto_no_show,
    )
    _change(ctx, event, version, clean_event(wanted))
    return get_event(ctx, event_id=event_id)


def draft(ctx: MutationCtx, values: EventValues, created_by: uuid.UUID | None) -> Event:
    """A new event with its line, not yet to be seen. Raises BadEvent, BadPrice (422), PricesNotOffered (409)."""
    paying.check_price_of(clean_event(values))
    return add_event(ctx, values, created_by)


def add_event(ctx: MutationCtx, values: EventValues, created_by: uuid.UUID | None) -> Event:
    """The same, whether or not anybody can pay at this moment."""
    values = clean_event(values)
    event = Event(organization_id=ctx.organization_id, **asdict(values), created_by=created_by, created_at=ctx.now)
    ctx.db.add(event)
    ctx.db.flush()
    ctx.db.add(Line(organization_id=ctx.organization_id, event_id=event.id))
    ctx.db.flush()
    return event


def _change(ctx: MutationCtx, event: Event, version: int, wanted: EventValues) -> None:
    before = values_of(event)
    differing = [each.name for each in fields(EventValues) if getattr(before, each.name) != getattr(wanted, each.name)]
    if version != event.version:
        now = to_jsonable_python(before)
        raise StaleEvent(fields={name: f"It is {now[name]!r} now." for name in differing})
    if not differing:
        return
    if event.status is EventStatus.CANCELLED:
        raise WrongMoment("A cancelled event cannot be changed any more.")
    if {"price_amount", "currency"} & set(differing):
        _check_price_may_change(ctx, event, wanted)
    for name in differing:
        setattr(event, name, getattr(wanted, name))
    event.version += 1
    if event.status is EventStatus.PUBLISHED:
        _follow_change(ctx, event, differing)
    ctx.db.flush()
    was, now = to_jsonable_python(before), to_jsonable_python(wanted)
    fact = EventChanged(
        entity_id=event.id,
        target=event.title,
        before={name: was[name] for name in differing},
        after={name: now[name] for name in differing},
    )
    ctx.record(fact)


def _check_price_may_change(ctx: MutationCtx, event: Event, wanted: EventValues) -> None:
    paying.check_price_of(wanted)
    if event.status is EventStatus.DRAFT:
        return
    taken = select(col(Place.id)).where(col(Place.event_id) == event.id, col(Place.status).in_(OPEN))
    if ctx.db.scalars(taken).first() is not None:
        raise WrongMoment("The price cannot change while people have places. Cancel the event and make another.")
    if wanted.price_amount:
        event.payee_account_id = paying.ready_account(ctx, event)


def _follow_change(ctx: MutationCtx, event: Event, differing: list[str]) -> None:
    if "starts_at" in differing:
        _promise_reminder(ctx, event)
    if not set(differing) & set(TOLD_FIELDS):
        return
    notice = Notice(
        type=EVENT,
        title=f"{isolated(event.title)} has changed",
        message="Look at when and where it is now.",
        link=f"/events/{event.id}",
        person_id=ctx.caller.user_id,
        source_id=event.id,
    )
    notify_people(ctx, user_ids=_others_there(ctx, event), notice=notice)


@mutation(requires="events.create", limit="30/minute")
def publish_event(ctx: MutationCtx, *, event_id: uuid.UUID) -> None:
    """Let members see an event and join it. Its first station opens, with whoever made the event.

    Raises EventNotFound (404), NotYourEvent (403), WrongMoment (409) when it is no draft or is over already,
    PricesNotOffered, PayeeNotReady (409) for a price that cannot be paid yet.
    """
    event, _ = _own_event(ctx, event_id)
    publish(ctx, event)
    ctx.record(EventPublished(entity_id=event.id, target=event.title, starts_at=event.starts_at))


def publish(ctx: MutationCtx, event: Event) -> None:
    status = next_event_status("publish", event.status)
    if event.ends_at <= ctx.now:
        raise WrongMoment("It would be over already. Choose another time first.")
    if event.price_amount:
        event.payee_account_id = paying.ready_account(ctx, event)
    event.status, event.published_at = status, ctx.now
    event.version += 1
    ctx.db.flush()
    station = add_station(ctx, event)
    if event.created_by is not None and is_member(ctx, event.created_by):
        make_helper(ctx, event, event.created_by)
        station.helper_id = event.created_by
    _promise_reminder(ctx, event)
    ctx.db.flush()


def _promise_reminder(ctx: MutationCtx, event: Event) -> None:
    at = event.starts_at - REMIND_BEFORE
    if at > ctx.now:
        ctx.schedule(remind_of_event, event_id=event.id, starts_at=event.starts_at, at=at)


@mutation(requires="events.create", limit="30/minute")
def cancel_event(ctx: MutationCtx, *, event_id: uuid.UUID, reason: str) -> None:
    """Call an event off: everybody who has a place is told why, and what was paid is returned.

    Raises EventNotFound (404), NotYourEvent (403), WrongMoment (409), BadPlace (422) without a reason.
    """
    reason = clean_reason(reason)
    event, line = _own_event(ctx, event_id)
    event.status, event.ended_at = next_event_status("cancel", event.status), ctx.now
    event.cancel_reason = reason
    event.version += 1
    parties = send_away(ctx, event, line, words=reason)
    ctx.record(EventCancelled(entity_id=event.id, target=event.title, reason=reason, parties=parties))


@mutation(requires="events.view", limit="30/minute")
def close_event(ctx: MutationCtx, *, event_id: uuid.UUID, send_home: bool = False) -> DeedDone:
    """Let nobody join any more. Who is in line may still be served, or is sent home and given back what was paid.

    Raises EventNotFound (404), NotAHelper (403), WrongMoment (409).
    """
    event, line = take_line(ctx, event_id)
    may_work(ctx, event_id).enforce()
    event.status, event.ended_at = next_event_status("close", event.status), ctx.now
    event.version += 1
    entry = write_down(ctx, line, DeedKind.CLOSE, None, before={}, after={"event": event.status})
    sent = send_away(ctx, event, line, words="Nobody else can be served today.") if send_home else 0
    ctx.record(EventClosed(entity_id=event.id, target=event.title, sent_home=sent))
    return done(entry, done_words(DeedKind.CLOSE))


@mutation(requires="events.view", limit="30/minute")
def reopen_event(ctx: MutationCtx, *, event_id: uuid.UUID) -> None:
    """Let people join again. Raises EventNotFound (404), NotAHelper (403), WrongMoment (409)."""
    event, line = take_line(ctx, event_id)
    may_work(ctx, event_id).enforce()
    if event.ends_at <= ctx.now:
        raise WrongMoment("The event is over. Move its end first.")
    event.status, event.ended_at = next_event_status("reopen", event.status), None
    event.version += 1
    write_down(ctx, line, DeedKind.REOPEN, None, before={}, after={"event": event.status})
    ctx.record(EventReopened(entity_id=event.id, target=event.title))


@mutation(requires="events.create", limit="30/minute")
def remove_event(ctx: MutationCtx, *, event_id: uuid.UUID) -> None:
    """Throw a draft away. Raises EventNotFound (404), NotYourEvent (403), WrongMoment (409) for what is no draft."""
    event, _ = _own_event(ctx, event_id)
    if event.status is not EventStatus.DRAFT:
        raise WrongMoment("Only a draft can be thrown away. Cancel the event instead, so that people are told.")
    forget_cover(ctx, event_id)
    ctx.db.delete(event)
    ctx.db.flush()
    ctx.record(EventRemoved(entity_id=event_id, target=event.title))


@mutation(requires="events.create", limit="30/minute")
def duplicate_event(ctx: MutationCtx, *, event_id: uuid.UUID, starts_at: datetime) -> uuid.UUID:
    """Draft the same event for another time, with the same helpers and cover; its id.

    Raises EventNotFound (404), BadEvent (422).
    """
    event = ctx.db.get(Event, event_id)
    if event is None or (event.status is EventStatus.DRAFT and not may_change(ctx, event).allowed):
        raise EventNotFound
    ends_at = starts_at + (event.ends_at - event.starts_at)
    copy = draft(ctx, replace(values_of(event), starts_at=starts_at, ends_at=ends_at), ctx.caller.user_id)
    helpers = select(col(EventHelper.user_id)).where(col(EventHelper.event_id) == event_id)
    for user_id in list(ctx.db.scalars(helpers)):
        make_helper(ctx, copy, user_id)
    copy_cover(ctx, event_id, copy.id)
    ctx.record(EventCreated(entity_id=copy.id, target=copy.title))
    return copy.id


def values_of(event: Event) -> EventValues:
    return EventValues(**{each.name: getattr(event, each.name) for each in fields(EventValues)})


def _own_event(ctx: MutationCtx, event_id: uuid.UUID) -> tuple[Event, Line]:
    event, line = take_line(ctx, event_id)
    may_change(ctx, event).enforce()
    return event, line


def _others_there(ctx: MutationCtx, event: Event) -> list[uuid.UUID]:
    return [each for each in people_there(ctx, event.id) if each != ctx.caller.user_id]
