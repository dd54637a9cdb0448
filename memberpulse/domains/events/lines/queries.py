"""Reads of a line: what everybody may see of it, and what one's own place is.

Everybody in an organization shares one result of `get_line`, however many look at it. A person's own place is a query
of its own, whose row does not change when others move; where it stands is looked up in the shared result.
"""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.events.errors import EventNotFound
from memberpulse.domains.events.lines import paying
from memberpulse.domains.events.lines.joining import taken_of
from memberpulse.domains.events.lines.reading import (
    Standing,
    average_wait,
    find_event,
    range_of,
    reason_of,
    stand,
    with_names,
)
from memberpulse.domains.events.lines.words import SHOWN_TO_ALL, happened
from memberpulse.domains.events.models import (
    DeedKind,
    Event,
    EventStatus,
    Feedback,
    LineEntry,
    Place,
    PlaceStatus,
    Station,
)
from memberpulse.domains.events.rules import MAX_HOLDS, OPEN, accepts, wall_label
from memberpulse.domains.events.schemas import (
    AtStation,
    Dot,
    Happening,
    LineView,
    MyPlace,
    MyPlaceRow,
    OpenLine,
    Spot,
)
from memberpulse.engine import QueryCtx, query

FIRST_SHOWN, HAPPENINGS_SHOWN = 30, 12
PAST_PLACES_SHOWN = 10
OPEN_LINES_SHOWN = 20
RUNNING = (EventStatus.PUBLISHED, EventStatus.CLOSED)


@query(requires="events.view")
def get_line(ctx: QueryCtx, *, event_id: uuid.UUID) -> LineView:
    """The line of an event as every member may see it. Raises EventNotFound (404), also for a draft."""
    event = find_event(ctx, event_id)
    if event.status is EventStatus.DRAFT:
        raise EventNotFound
    return line_view(ctx, stand(ctx, event))


def line_view(ctx: QueryCtx, standing: Standing) -> LineView:
    event, line, pace = standing.event, standing.line, standing.pace
    taken = taken_of(ctx, event.id)
    longest = min((place.joined_at for place, _ in standing.waiting), default=standing.as_of)
    return LineView(
        event_id=event.id,
        title=event.title,
        status=event.status,
        is_open=accepts(event.status, event.ends_at, ctx.now),
        paused_at=line.paused_at if standing.is_paused else None,
        resumes_at=line.resumes_at if standing.is_paused else None,
        pause_reason=line.pause_reason if standing.is_paused else "",
        waiting=len(standing.waiting),
        people=sum(place.party_size for place, _ in standing.waiting),
        taken=taken,
        capacity=event.capacity,
        is_full=event.capacity is not None and taken >= event.capacity,
        stations=len(standing.stations),
        usual_low=round(pace.low / 60),
        usual_high=max(round(pace.low / 60) + 1, round(pace.high / 60)),
        usual=max(1, round(pace.mean / 60)),
        served=standing.served,
        no_shows=standing.no_shows,
        average_wait=average_wait(standing.done),
        longest_wait=max(0, int((standing.as_of - longest).total_seconds() // 60)),
        join_now=range_of(standing.join, standing.as_of),
        one_more=range_of(standing.one_more, standing.as_of) if standing.one_more else None,
        why=reason_of(standing),
        spots=spots_of(standing),
        first=_first(standing),
        serving=serving_of(standing),
        happened=_happened(ctx, event),
        as_of=standing.as_of,
    )


def spots_of(standing: Standing) -> dict[str, Spot]:
    """Where everybody stands who waits, by ticket."""
    found: dict[str, Spot] = {}
    ahead = 0
    for rank, ((place, _), wait) in enumerate(zip(standing.waiting, standing.waits, strict=True), start=1):
        low, high = wait.minutes
        held = standing.held(place)
        found[str(place.number)] = Spot(rank, ahead, low, high, held)
        ahead += not held
    return found


def serving_of(standing: Standing) -> list[AtStation]:
    """Who is at a station or on the way there, by station."""
    found = [
        AtStation(
            label=standing.label(place, name),
            station=standing.station_label(place.station_id),
            is_called=place.status is PlaceStatus.CALLED,
            since=place.started_at or place.called_at or place.joined_at,
        )
        for place, name in standing.at_station
    ]
    numbers = {standing.station_label(each.id): each.number for each in standing.stations}
    return sorted(found, key=lambda each: numbers.get(each.station, 0))


def _first(standing: Standing) -> list[Dot]:
    found: list[Dot] = []
    both = zip(standing.waiting[:FIRST_SHOWN], standing.waits, strict=False)
    for rank, ((place, name), wait) in enumerate(both, start=1):
        low, high = wait.minutes
        label = standing.label(place, name)
        found.append(Dot(rank, label, place.party_size, standing.held(place), low, high))
    return found


def _happened(ctx: QueryCtx, event: Event) -> list[Happening]:
    """What has happened lately, in words that everybody may read; what was undone did not happen."""
    shown = select(LineEntry).where(
        col(LineEntry.event_id) == event.id,
        col(LineEntry.kind).in_(sorted(SHOWN_TO_ALL)),
        col(LineEntry.undone_by).is_(None),
    )
    entries = list(ctx.db.scalars(shown.order_by(col(LineEntry.seq).desc()).limit(HAPPENINGS_SHOWN)))
    return happenings(ctx, event, entries)


def happenings(ctx: QueryCtx, event: Event, entries: Sequence[LineEntry]) -> list[Happening]:
    ids = {each.place_id for each in entries if each.place_id is not None}
    places = list(ctx.db.scalars(select(Place).where(col(Place.id).in_(ids)))) if ids else []
    labels = {place.id: wall_label(name, place.number, event.wall_names) for place, name in with_names(ctx, places)}
    return [
        Happening(
            id=each.id,
            at=each.at,
            kind=each.kind,
            words=happened(each.kind, labels[each.place_id] if each.place_id else None, each.station),
            place_id=str(each.place_id or ""),
        )
        for each in entries
    ]


@query(requires="queue.join")
def get_my_place(ctx: QueryCtx, *, event_id: uuid.UUID) -> MyPlace | None:
    """The caller's latest place at an event, or None. Raises EventNotFound (404)."""
    event = find_event(ctx, event_id)
    mine = select(Place).where(col(Place.event_id) == event_id, col(Place.user_id) == ctx.user_id)
    place = ctx.db.scalars(mine.order_by(col(Place.number).desc()).limit(1)).first()
    if place is None:
        return None
    if place.held_until is not None and place.held_until > ctx.now:
        ctx.stale_at(place.held_until)
    said = ctx.db.scalars(select(Feedback).where(col(Feedback.place_id) == place.id)).one_or_none()
    station = ctx.db.get(Station, place.station_id) if place.station_id else None
    entries = select(LineEntry).where(col(LineEntry.place_id) == place.id, col(LineEntry.undone_by).is_(None))
    newest = [
        each
        for each in ctx.db.scalars(entries.order_by(col(LineEntry.seq).desc()).limit(HAPPENINGS_SHOWN))
        if each.kind is not DeedKind.UNDO
    ]
    return MyPlace(
        place_id=place.id,
        event_id=event_id,
        ticket=str(place.number),
        status=place.status,
        party_size=place.party_size,
        note=place.note,
        notify_at=place.notify_at,
        held_until=place.held_until if place.held_until and place.held_until > ctx.now else None,
        holds_left=max(0, MAX_HOLDS - place.holds),
        joined_at=place.joined_at,
        called_at=place.called_at,
        started_at=place.started_at,
        ended_at=place.ended_at,
        end_reason=place.end_reason,
        station=f"{event.station_word} {station.number}" if station else "",
        payment_id=place.payment_id,
        pay_path=paying.path_of(place),
        reserved_until=place.reserved_until if place.status is PlaceStatus.RESERVED else None,
        rating=said.rating if said else None,
        comment=said.comment if said else "",
        happened=happenings(ctx, event, newest),
    )


@query(requires="queue.join")
def list_my_places(ctx: QueryCtx) -> list[MyPlaceRow]:
    """The caller's places here: those that are open, and the last 10 that are over."""
    mine = select(Place).where(col(Place.user_id) == ctx.user_id)
    newest = mine.order_by(col(Place.joined_at).desc(), col(Place.id).desc())
    there = list(ctx.db.scalars(newest.where(col(Place.status).in_(OPEN))))
    over = [each for each in ctx.db.scalars(newest.limit(PAST_PLACES_SHOWN + len(there))) if each.status not in OPEN]
    return [_my_row(ctx, place) for place in [*there, *over[:PAST_PLACES_SHOWN]]]


def _my_row(ctx: QueryCtx, place: Place) -> MyPlaceRow:
    event = find_event(ctx, place.event_id)
    position, wait = 0, None
    if place.status is PlaceStatus.WAITING:
        standing = stand(ctx, event)
        position = next(rank for rank, (each, _) in enumerate(standing.waiting, start=1) if each.id == place.id)
        wait = range_of(standing.waits[position - 1], standing.as_of)
    said = ctx.db.scalars(select(col(Feedback.rating)).where(col(Feedback.place_id) == place.id)).one_or_none()
    return MyPlaceRow(
        place_id=place.id,
        event_id=event.id,
        title=event.title,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        time_zone=event.time_zone,
        status=place.status,
        position=position,
        wait=wait,
        joined_at=place.joined_at,
        price_words=paying.price_words(event.price_amount, event.currency),
        rating=said,
    )


@query(requires="events.view")
def list_open_lines(ctx: QueryCtx) -> list[OpenLine]:
    """Lines that are running now or start within the hour, at most 20."""
    running = select(Event).where(col(Event.status).in_(RUNNING), col(Event.ends_at) > ctx.now)
    events = list(ctx.db.scalars(running.order_by(col(Event.starts_at), col(Event.id)).limit(OPEN_LINES_SHOWN)))
    soon = ctx.now + timedelta(hours=1)
    for event in events:
        ctx.stale_at(event.ends_at)
        if event.starts_at > soon:
            ctx.stale_at(event.starts_at - timedelta(hours=1))
    return [_open_line(ctx, event) for event in events if event.starts_at <= soon]


def _open_line(ctx: QueryCtx, event: Event) -> OpenLine:
    standing = stand(ctx, event)
    return OpenLine(
        event_id=event.id,
        title=event.title,
        waiting=len(standing.waiting),
        is_paused=standing.is_paused,
        join_now=range_of(standing.join, standing.as_of),
    )
