"""What helpers do: they call people, serve them, and put the line in order."""

import uuid
from datetime import timedelta

from sqlalchemy import or_, select
from sqlmodel import col

from memberpulse.domains.events.errors import (
    AlreadyInLine,
    LinePaused,
    NobodyWaiting,
    NoFreeStation,
    StationBusy,
    StationNotFound,
    WrongMoment,
)
from memberpulse.domains.events.facts import (
    CalledOutOfTurn,
    PlaceCalled,
    PlaceEnded,
    PlaceJoined,
    PlaceRemoved,
    PlaceServed,
    about,
)
from memberpulse.domains.events.lines.jobs import ask_feedback, give_up_on, remind_called
from memberpulse.domains.events.lines.joining import check_capacity, check_room, end_place, open_place_of
from memberpulse.domains.events.lines.notices import LINE, tell, tell_called, tell_near
from memberpulse.domains.events.lines.reading import name_of, open_stations, stand
from memberpulse.domains.events.lines.words import done as done_words
from memberpulse.domains.events.lines.writing import (
    add_place,
    change_place,
    done,
    in_order,
    may_work,
    station_label,
    take_line,
    take_place,
    turn_for,
    write_down,
)
from memberpulse.domains.events.models import DeedKind, Event, EventStatus, Line, LineEntry, Place, PlaceStatus, Station
from memberpulse.domains.events.rules import (
    AT_STATION,
    COUNTED,
    MAX_PAUSE_MINUTES,
    check_minutes,
    clean_name,
    clean_party,
    clean_reason,
    is_held,
    is_paused,
)
from memberpulse.domains.events.schemas import DeedDone
from memberpulse.engine import MutationCtx, mutation

FEEDBACK_AFTER = timedelta(minutes=30)
WORKED = (EventStatus.PUBLISHED, EventStatus.CLOSED)


@mutation(requires="events.view", limit="120/minute")
def call_next(ctx: MutationCtx, *, event_id: uuid.UUID, station_id: uuid.UUID | None = None) -> DeedDone:
    """Call the first in line who is not holding their place. Of two helpers at the same moment each gets another.

    station_id: where to; without it, the caller's own station if it is free, else the first free one.
    Raises NotAHelper (403), NobodyWaiting, LinePaused, NoFreeStation, StationBusy (409), StationNotFound (404).
    """
    event, line = _worked_line(ctx, event_id)
    _check_running(ctx, line)
    free_now = or_(col(Place.held_until).is_(None), col(Place.held_until) <= ctx.now)
    first = (
        select(Place)
        .where(col(Place.event_id) == event_id, col(Place.status) == PlaceStatus.WAITING, free_now)
        .order_by(col(Place.turn))
        .limit(1)
    )
    place = ctx.db.scalars(first).first()
    if place is None:
        raise NobodyWaiting
    return _call(ctx, event, line, place, _free_station(ctx, event, station_id), remark="")


@mutation(requires="events.view", limit="120/minute")
def call_place(
    ctx: MutationCtx, *, place_id: uuid.UUID, reason: str = "", station_id: uuid.UUID | None = None
) -> DeedDone:
    """Call a certain person. reason: why before the others, 3 to 200 characters; none is needed for who is next.

    Raises PlaceNotFound (404), NotAHelper (403), BadPlace (422), and as `call_next`.
    """
    event, line, place = _worked_place(ctx, place_id)
    _check_worked(event)
    _check_running(ctx, line)
    before = [each for each in in_order(ctx, event.id) if not is_held(each.held_until, ctx.now)]
    is_next = bool(before) and before[0].id == place.id
    reason = clean_reason(reason, needed=not is_next)
    result = _call(ctx, event, line, place, _free_station(ctx, event, station_id), remark=reason)
    if not is_next:
        ctx.record(
            CalledOutOfTurn(
                entity_id=event.id, target=event.title, place_id=place.id, number=place.number, reason=reason
            )
        )
    return result


def _call(ctx: MutationCtx, event: Event, line: Line, place: Place, station: Station, *, remark: str) -> DeedDone:
    where = station_label(event, station)
    entry = change_place(
        ctx,
        line,
        place,
        DeedKind.CALL,
        station=where,
        station_id=station.id,
        calls=place.calls + 1,
        called_at=ctx.now,
        called_by=ctx.caller.user_id,
        started_at=None,
        remark=remark,
    )
    limit = timedelta(seconds=event.no_show_seconds)
    ctx.schedule(remind_called, place_id=place.id, called_at=ctx.now, after=limit / 2)
    if event.auto_no_show:
        ctx.schedule(give_up_on, place_id=place.id, called_at=ctx.now, after=limit)
    tell_called(ctx, event, place, where, entry.id)
    tell_near(ctx, event)
    ctx.record(PlaceCalled(**about(event, place), station=where))
    return done(entry, done_words(DeedKind.CALL, name_of(ctx, place), where))


@mutation(requires="events.view", limit="120/minute")
def start_service(ctx: MutationCtx, *, place_id: uuid.UUID) -> DeedDone:
    """Whoever was called has come. Raises PlaceNotFound (404), NotAHelper (403), WrongMoment (409)."""
    event, line, place = _worked_place(ctx, place_id)
    entry = change_place(ctx, line, place, DeedKind.START, station=_label_at(ctx, event, place), started_at=ctx.now)
    return done(entry, done_words(DeedKind.START, name_of(ctx, place)))


@mutation(requires="events.view", limit="120/minute")
def complete_service(ctx: MutationCtx, *, place_id: uuid.UUID) -> DeedDone:
    """Somebody has been served. Raises PlaceNotFound (404), NotAHelper (403), WrongMoment (409)."""
    event, line, place = _worked_place(ctx, place_id)
    began = place.started_at or place.called_at
    where = _label_at(ctx, event, place)
    entry = change_place(
        ctx, line, place, DeedKind.COMPLETE, station=where, started_at=began, ended_at=ctx.now, end_reason="served"
    )
    ctx.schedule(ask_feedback, place_id=place.id, after=FEEDBACK_AFTER)
    ctx.record(PlaceServed(**about(event, place)))
    return done(entry, done_words(DeedKind.COMPLETE, name_of(ctx, place)))


@mutation(requires="events.view", limit="120/minute")
def mark_no_show(ctx: MutationCtx, *, place_id: uuid.UUID) -> DeedDone:
    """Somebody was called and did not come. Raises PlaceNotFound (404), NotAHelper (403), WrongMoment (409)."""
    event, line, place = _worked_place(ctx, place_id)
    where = _label_at(ctx, event, place)
    entry = change_place(ctx, line, place, DeedKind.NO_SHOW, station=where, ended_at=ctx.now, end_reason="no_show")
    ctx.record(PlaceEnded(**about(event, place), reason="no_show"))
    return done(entry, done_words(DeedKind.NO_SHOW, name_of(ctx, place)))


@mutation(requires="events.view", limit="120/minute")
def return_to_line(ctx: MutationCtx, *, place_id: uuid.UUID, behind: int = 0, remark: str = "") -> DeedDone:
    """Put somebody who was called, is served or did not come back into the line. behind: how many go first.

    Raises PlaceNotFound (404), NotAHelper (403), WrongMoment, AlreadyInLine (409), BadPlace (422), EventFull (409) for
    a no-show whose place somebody else has.
    """
    remark = clean_reason(remark, field="remark", needed=False)
    event, line, place = _worked_place(ctx, place_id)
    _check_worked(event)
    other = open_place_of(ctx, event.id, place.user_id) if place.user_id else None
    if other is not None and other.id != place.id:
        raise AlreadyInLine("They have another place in this line already.")
    if place.status not in COUNTED:
        check_capacity(ctx, event, place.party_size)
    where = _label_at(ctx, event, place)
    entry = change_place(
        ctx,
        line,
        place,
        DeedKind.RETURN,
        station=where,
        turn=turn_for(ctx, line, behind, place),
        station_id=None,
        started_at=None,
        ended_at=None,
        end_reason="",
        remark=remark,
    )
    tell_near(ctx, event)
    return done(entry, done_words(DeedKind.RETURN, name_of(ctx, place)))


@mutation(requires="events.view", limit="120/minute")
def move_place(ctx: MutationCtx, *, place_id: uuid.UUID, position: int) -> DeedDone:
    """Put somebody at another position of the line, counted from 1.

    Raises PlaceNotFound (404), NotAHelper (403), WrongMoment (409).
    """
    event, line, place = _worked_place(ctx, place_id)
    if place.turn is None:
        raise WrongMoment("Only somebody who waits can be moved.")
    entry = change_place(ctx, line, place, DeedKind.MOVE, turn=turn_for(ctx, line, position - 1, place))
    tell_near(ctx, event)
    return done(entry, done_words(DeedKind.MOVE, name_of(ctx, place)))


@mutation(requires="events.view", limit="60/minute")
def remove_place(ctx: MutationCtx, *, place_id: uuid.UUID, reason: str) -> DeedDone:
    """Take somebody out of the line, who is told why. What was paid is returned.

    Raises PlaceNotFound (404), NotAHelper (403), WrongMoment (409), BadPlace (422).
    """
    reason = clean_reason(reason)
    event, line, place = _worked_place(ctx, place_id)
    entry = end_place(ctx, event, line, place, DeedKind.REMOVE, reason="removed", remark=reason)
    tell(ctx, place, LINE, f"Your place at {event.title} was given up", reason, entry.id)
    tell_near(ctx, event)
    ctx.record(
        PlaceRemoved(entity_id=event.id, target=event.title, place_id=place.id, number=place.number, reason=reason)
    )
    return done(entry, done_words(DeedKind.REMOVE, name_of(ctx, place)))


@mutation(requires="events.view", limit="60/minute")
def add_walk_in(ctx: MutationCtx, *, event_id: uuid.UUID, name: str, party_size: int = 1, note: str = "") -> DeedDone:
    """Add somebody who stands at the door and has no account, at the end of the line.

    Raises NotAHelper (403), EventNotOpen, EventFull (409), BadPlace (422).
    """
    name, (party_size, note) = clean_name(name), clean_party(party_size, note)
    event, line = _worked_line(ctx, event_id)
    check_room(ctx, event, party_size)
    promised = stand(ctx, event).join
    place, entry = add_place(
        ctx,
        line,
        DeedKind.WALK_IN,
        name=name,
        party_size=party_size,
        note=note,
        promised_low=int(promised.low),
        promised_high=int(promised.high),
    )
    ctx.record(PlaceJoined(**about(event, place)))
    return done(entry, done_words(DeedKind.WALK_IN, name))


@mutation(requires="events.view", limit="60/minute")
def pause_line(ctx: MutationCtx, *, event_id: uuid.UUID, minutes: int | None = None, reason: str = "") -> DeedDone:
    """Call nobody for a while: so many minutes, or until somebody resumes. People may still join.

    Raises NotAHelper (403), WrongMoment (409), BadPlace (422).
    """
    check_minutes(minutes, MAX_PAUSE_MINUTES)
    reason = clean_reason(reason, needed=False)
    _, line = _worked_line(ctx, event_id)
    if is_paused(line.paused_at, line.resumes_at, ctx.now):
        raise WrongMoment("The line is paused already.")
    resumes_at = ctx.now + timedelta(minutes=minutes) if minutes else None
    entry = change_line(ctx, line, DeedKind.PAUSE, paused_at=ctx.now, resumes_at=resumes_at, pause_reason=reason)
    return done(entry, done_words(DeedKind.PAUSE))


@mutation(requires="events.view", limit="60/minute")
def resume_line(ctx: MutationCtx, *, event_id: uuid.UUID) -> DeedDone:
    """Go on after a pause. Raises NotAHelper (403), WrongMoment (409)."""
    _, line = _worked_line(ctx, event_id)
    if not is_paused(line.paused_at, line.resumes_at, ctx.now):
        raise WrongMoment("The line is not paused.")
    entry = change_line(ctx, line, DeedKind.RESUME, paused_at=None, resumes_at=None, pause_reason="")
    return done(entry, done_words(DeedKind.RESUME))


def change_line(ctx: MutationCtx, line: Line, deed: DeedKind, **changes: object) -> LineEntry:
    """Do a deed that concerns the whole line, and write it down."""
    before = {name: getattr(line, name) for name in changes}
    for name, value in changes.items():
        setattr(line, name, value)
    return write_down(ctx, line, deed, None, before=before, after=changes)


# Checks


def _worked_line(ctx: MutationCtx, event_id: uuid.UUID) -> tuple[Event, Line]:
    event, line = take_line(ctx, event_id)
    may_work(ctx, event_id).enforce()
    _check_worked(event)
    return event, line


def _worked_place(ctx: MutationCtx, place_id: uuid.UUID) -> tuple[Event, Line, Place]:
    event, line, place = take_place(ctx, place_id)
    may_work(ctx, event.id).enforce()
    return event, line, place


def _check_worked(event: Event) -> None:
    if event.status not in WORKED:
        raise WrongMoment("This event has no line now: it is a draft, or it was cancelled.")


def _check_running(ctx: MutationCtx, line: Line) -> None:
    if is_paused(line.paused_at, line.resumes_at, ctx.now):
        raise LinePaused


def _free_station(ctx: MutationCtx, event: Event, station_id: uuid.UUID | None) -> Station:
    stations = open_stations(ctx, event.id)
    there = select(col(Place.station_id)).where(col(Place.event_id) == event.id, col(Place.status).in_(AT_STATION))
    busy = set(ctx.db.scalars(there))
    if station_id is not None:
        wanted = next((each for each in stations if each.id == station_id), None)
        if wanted is None:
            raise StationNotFound
        if wanted.id in busy:
            raise StationBusy
        return wanted
    free = [each for each in stations if each.id not in busy]
    if not free:
        raise NoFreeStation
    own = [each for each in free if each.helper_id is not None and each.helper_id == ctx.caller.user_id]
    return (own or free)[0]


def _label_at(ctx: MutationCtx, event: Event, place: Place) -> str:
    station = ctx.db.get(Station, place.station_id) if place.station_id else None
    return station_label(event, station) if station else ""
