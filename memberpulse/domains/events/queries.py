"""Reads of events; their lines are read in `lines.queries`."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.events.covers import find_covers
from memberpulse.domains.events.errors import EventNotFound
from memberpulse.domains.events.lines import paying
from memberpulse.domains.events.lines.joining import open_place_of
from memberpulse.domains.events.lines.reading import find_event, open_stations, people_of
from memberpulse.domains.events.lines.writing import may_work, station_label
from memberpulse.domains.events.models import (
    Event,
    EventHelper,
    EventsShown,
    EventStatus,
    Line,
    Place,
    PlaceStatus,
)
from memberpulse.domains.events.policies import may_change
from memberpulse.domains.events.rules import COUNTED, accepts, is_paused
from memberpulse.domains.events.schemas import EventCard, EventList, EventRights, EventView, HelperView
from memberpulse.domains.organizations.cursors import read_time_cursor, write_cursor
from memberpulse.domains.organizations.models import Membership
from memberpulse.domains.organizations.schemas import PersonView, person_view
from memberpulse.engine import QueryCtx, query
from memberpulse.sites import link

PAGE_SIZE = 20
CHOICES_SHOWN = 20


@query(requires="events.view")
def list_events(
    ctx: QueryCtx, *, shown: EventsShown = EventsShown.UPCOMING, search: str = "", cursor: str | None = None
) -> EventList:
    """Events, 20 at a time: what comes next first, what is past latest first."""
    soonest_first = shown in (EventsShown.UPCOMING, EventsShown.DRAFTS)
    wanted = [*_shown(ctx, shown), *_search(search), *([_after(cursor, soonest_first)] if cursor else [])]
    starts, row_id = col(Event.starts_at), col(Event.id)
    order = (starts, row_id) if soonest_first else (starts.desc(), row_id.desc())
    events = list(ctx.db.scalars(select(Event).where(*wanted).order_by(*order).limit(PAGE_SIZE + 1)))
    page = events[:PAGE_SIZE]
    _say_when_stale(ctx, page)
    last = page[-1] if len(events) > PAGE_SIZE else None
    return EventList(
        rows=cards_of(ctx, page),
        next_cursor=write_cursor(last.starts_at, last.id) if last else None,
    )


@query(requires="events.view")
def get_event(ctx: QueryCtx, *, event_id: uuid.UUID) -> EventView:
    """One event with what the caller may do there. Raises EventNotFound (404), also for somebody else's draft."""
    event = find_event(ctx, event_id)
    rights = _rights(ctx, event)
    if event.status is EventStatus.DRAFT and not (rights.edit or rights.work):
        raise EventNotFound
    _say_when_stale(ctx, [event])
    maker = people_of(ctx, [event.created_by]).get(event.created_by)
    return EventView(
        id=event.id,
        title=event.title,
        description=event.description,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        time_zone=event.time_zone,
        place=event.place,
        link=event.link,
        status=event.status,
        price_amount=event.price_amount,
        currency=event.currency,
        price_words=paying.price_words(event.price_amount, event.currency),
        capacity=event.capacity,
        service_minutes=event.service_minutes,
        station_word=event.station_word,
        shows_wall=event.shows_wall,
        wall_names=event.wall_names,
        no_show_seconds=event.no_show_seconds,
        auto_no_show=event.auto_no_show,
        cover_file_id=find_covers(ctx, [event.id]).get(event.id),
        created_by=person_view(maker) if maker else None,
        helpers=_helpers(ctx, event),
        version=event.version,
        cancel_reason=event.cancel_reason,
        can_take_payments=paying.are_prices_offered(),
        rights=rights,
        calendar_path=f"/calendars/{event.id}.ics",
        qr_path=f"/join-codes/{event.id}.svg",
        wall_path=f"/events/{event.id}/display",
        join_url=join_url(event.id),
    )


@query(requires="events.create")
def list_helper_choices(ctx: QueryCtx, *, event_id: uuid.UUID, search: str = "") -> list[PersonView]:
    """Members by name who are no helpers of the event yet, at most 20.

    Raises EventNotFound (404), NotYourEvent (403).
    """
    may_change(ctx, find_event(ctx, event_id)).enforce()
    helping = select(col(EventHelper.user_id)).where(col(EventHelper.event_id) == event_id)
    there = set(ctx.db.scalars(helping))
    members = select(Membership, User).join(User, col(User.id) == col(Membership.user_id))
    term = search.strip().lower()[:100]
    if term:
        members = members.where(func.lower(col(User.name)).contains(term, autoescape=True))
    named = members.order_by(col(User.name_key), col(User.id)).limit(CHOICES_SHOWN + len(there))
    return [person_view(user) for _, user in ctx.db.execute(named) if user.id not in there][:CHOICES_SHOWN]


def join_url(event_id: uuid.UUID) -> str:
    """The address behind the QR code."""
    return link(f"/events/{event_id}?join=1")


def cards_of(ctx: QueryCtx, events: Sequence[Event]) -> list[EventCard]:
    """Events as the caller sees them in a list."""
    ids = [each.id for each in events]
    lines = {each.event_id: each for each in ctx.db.scalars(select(Line).where(col(Line.event_id).in_(ids)))}
    for line in lines.values():
        if line.resumes_at is not None and line.resumes_at > ctx.now:
            ctx.stale_at(line.resumes_at)
    taken, waiting = _numbers(ctx, ids)
    mine, covers = _my_places(ctx, ids), find_covers(ctx, ids)
    user_id = ctx.caller.user_id
    helping = select(col(EventHelper.event_id)).where(
        col(EventHelper.event_id).in_(ids), col(EventHelper.user_id) == user_id
    )
    helps = set(ctx.db.scalars(helping)) if user_id else set[uuid.UUID]()
    return [
        _card(
            ctx,
            event,
            lines[event.id],
            taken=taken.get(event.id, 0),
            waiting=waiting.get(event.id, 0),
            mine=mine,
            cover=covers.get(event.id),
            helps=event.id in helps,
        )
        for event in events
    ]


def _card(
    ctx: QueryCtx,
    event: Event,
    line: Line,
    *,
    taken: int,
    waiting: int,
    mine: dict[uuid.UUID, Place],
    cover: uuid.UUID | None,
    helps: bool,
) -> EventCard:
    place = mine.get(event.id)
    return EventCard(
        id=event.id,
        title=event.title,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        time_zone=event.time_zone,
        place=event.place,
        link=event.link,
        status=event.status,
        price_amount=event.price_amount,
        currency=event.currency,
        price_words=paying.price_words(event.price_amount, event.currency),
        capacity=event.capacity,
        taken=taken,
        waiting=waiting,
        cover_file_id=cover,
        mine=place.status if place else None,
        mine_place_id=place.id if place else None,
        is_helper=helps,
        is_open=accepts(event.status, event.ends_at, ctx.now),
        is_paused=is_paused(line.paused_at, line.resumes_at, ctx.now),
    )


def _numbers(ctx: QueryCtx, ids: Sequence[uuid.UUID]) -> tuple[dict[uuid.UUID, int], dict[uuid.UUID, int]]:
    """People who have or had a place, and parties who wait, by event."""
    counted = (
        select(col(Place.event_id), col(Place.status), func.count(), func.sum(col(Place.party_size)))
        .select_from(Place)
        .where(col(Place.event_id).in_(ids), col(Place.status).in_(COUNTED))
        .group_by(col(Place.event_id), col(Place.status))
    )
    taken: dict[uuid.UUID, int] = {}
    waiting: dict[uuid.UUID, int] = {}
    for event_id, status, parties, people in ctx.db.execute(counted):
        taken[event_id] = taken.get(event_id, 0) + int(people)
        if status is PlaceStatus.WAITING:
            waiting[event_id] = parties
    return taken, waiting


def _my_places(ctx: QueryCtx, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Place]:
    """The caller's latest place of each event."""
    if ctx.caller.user_id is None:
        return {}
    mine = select(Place).where(col(Place.user_id) == ctx.caller.user_id, col(Place.event_id).in_(ids))
    return {place.event_id: place for place in ctx.db.scalars(mine.order_by(col(Place.joined_at), col(Place.number)))}


def _rights(ctx: QueryCtx, event: Event) -> EventRights:
    edits, works = may_change(ctx, event).allowed, may_work(ctx, event.id).allowed
    draft, running = event.status is EventStatus.DRAFT, event.status in (EventStatus.PUBLISHED, EventStatus.CLOSED)
    user_id = ctx.caller.user_id
    has_place = user_id is not None and open_place_of(ctx, event.id, user_id) is not None
    return EventRights(
        edit=edits and event.status is not EventStatus.CANCELLED,
        publish=edits and draft,
        cancel=edits and running,
        work=works,
        remove=edits and draft,
        join=ctx.can("queue.join") and accepts(event.status, event.ends_at, ctx.now) and not has_place,
    )


def _helpers(ctx: QueryCtx, event: Event) -> list[HelperView]:
    helping = select(EventHelper).where(col(EventHelper.event_id) == event.id)
    helpers = list(ctx.db.scalars(helping.order_by(col(EventHelper.added_at), col(EventHelper.id))))
    people = people_of(ctx, [each.user_id for each in helpers])
    at = {each.helper_id: station_label(event, each) for each in open_stations(ctx, event.id)}
    return [HelperView(person_view(people[each.user_id]), at.get(each.user_id, "")) for each in helpers]


def _shown(ctx: QueryCtx, shown: EventsShown) -> list[ColumnElement[bool]]:
    status, user_id = col(Event.status), ctx.caller.user_id
    if shown is EventsShown.DRAFTS:
        own: list[ColumnElement[bool]] = [] if ctx.can("events.manage") else [col(Event.created_by) == user_id]
        return [status == EventStatus.DRAFT, *own]
    if shown is EventsShown.MINE:
        helping = select(col(EventHelper.event_id)).where(col(EventHelper.user_id) == user_id)
        return [or_(col(Event.created_by) == user_id, col(Event.id).in_(list(ctx.db.scalars(helping))))]
    if shown is EventsShown.PAST:
        _say_when_next_ends(ctx)
        over = or_(status.in_([EventStatus.CLOSED, EventStatus.CANCELLED]), col(Event.ends_at) <= ctx.now)
        return [status != EventStatus.DRAFT, over]
    return [status == EventStatus.PUBLISHED, col(Event.ends_at) > ctx.now]


def _search(search: str) -> list[ColumnElement[bool]]:
    term = search.strip().lower()[:100]
    if not term:
        return []
    return [
        or_(
            func.lower(col(Event.title)).contains(term, autoescape=True),
            func.lower(col(Event.place)).contains(term, autoescape=True),
        )
    ]


def _after(cursor: str, soonest_first: bool) -> ColumnElement[bool]:
    at, row_id = read_time_cursor(cursor)
    starts, key = col(Event.starts_at), col(Event.id)
    if soonest_first:
        return or_(starts > at, and_(starts == at, key > row_id))
    return or_(starts < at, and_(starts == at, key < row_id))


def _say_when_next_ends(ctx: QueryCtx) -> None:
    coming = select(func.min(col(Event.ends_at))).select_from(Event)
    following = ctx.db.scalars(coming.where(col(Event.status) == EventStatus.PUBLISHED, col(Event.ends_at) > ctx.now))
    if ends_at := following.one():
        ctx.stale_at(ends_at)


def _say_when_stale(ctx: QueryCtx, events: Sequence[Event]) -> None:
    later: list[datetime] = [each.ends_at for each in events if each.ends_at > ctx.now]
    if later:
        ctx.stale_at(min(later))
