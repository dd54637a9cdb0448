"""Taking back what has just been done to a line."""

import uuid

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.events.errors import ChangedSince, EntryNotFound, TooLateToUndo
from memberpulse.domains.events.lines.joining import check_capacity, open_place_of
from memberpulse.domains.events.lines.notices import tell_near
from memberpulse.domains.events.lines.writing import may_work, read_columns, take_line, write_down
from memberpulse.domains.events.models import DeedKind, Event, EventStatus, Line, LineEntry, Place, PlaceStatus, Station
from memberpulse.domains.events.rules import AT_STATION, COUNTED, HELPERS_DEEDS, OPEN, UNDOABLE, may_still_undo
from memberpulse.domains.notifications.mutations import withdraw_notice
from memberpulse.engine import MutationCtx, QueryCtx, mutation


@mutation(requires="events.view", limit="120/minute")
def undo_deed(ctx: MutationCtx, *, entry_id: uuid.UUID) -> None:
    """Take back a deed within 10 seconds, as if it had not been done: one's own, or as a helper any helper's.

    Raises EntryNotFound (404), TooLateToUndo (409), ChangedSince (409) when the place has changed since or what it
    needs is taken, NotAHelper (403).
    """
    found = ctx.db.get(LineEntry, entry_id)
    if found is None:
        raise EntryNotFound
    event, line = take_line(ctx, found.event_id)
    ctx.db.refresh(found)
    _check_may_undo(ctx, found)
    _check_in_time(ctx, found)
    if found.place_id is None:
        _undo_of_line(ctx, line, found)
    else:
        _undo_of_place(ctx, event, line, found)
    withdraw_notice(ctx, source_id=found.id)
    tell_near(ctx, event)


def can_undo(entry: LineEntry) -> bool:
    """Whether it is a deed that can be undone at all. What a reserved place gave up is not held for anybody."""
    if entry.kind is DeedKind.LEAVE and entry.before.get("status") == PlaceStatus.RESERVED.value:
        return False
    return entry.kind in UNDOABLE and entry.undone_by is None


def _check_may_undo(ctx: MutationCtx, entry: LineEntry) -> None:
    if entry.actor_id is not None and entry.actor_id == ctx.caller.user_id:
        return
    may_work(ctx, entry.event_id).enforce()
    if entry.kind not in HELPERS_DEEDS:
        raise EntryNotFound


def _check_in_time(ctx: MutationCtx, entry: LineEntry) -> None:
    if not can_undo(entry) or not may_still_undo(entry.at, ctx.now):
        raise TooLateToUndo


def _undo_of_line(ctx: MutationCtx, line: Line, entry: LineEntry) -> None:
    later = select(col(LineEntry.id)).where(
        col(LineEntry.event_id) == line.event_id,
        col(LineEntry.place_id).is_(None),
        col(LineEntry.kind).in_(UNDOABLE),
        col(LineEntry.undone_by).is_(None),
        col(LineEntry.seq) > entry.seq,
    )
    if ctx.db.scalars(later).first() is not None:
        raise ChangedSince
    before = read_columns(entry.before)
    now = {name: getattr(line, name) for name in before}
    for name, value in before.items():
        setattr(line, name, value)
    undo = write_down(ctx, line, DeedKind.UNDO, None, before=now, after=before)
    entry.undone_by = undo.seq
    ctx.db.flush()


def _undo_of_place(ctx: MutationCtx, event: Event, line: Line, entry: LineEntry) -> None:
    place = ctx.db.get_one(Place, entry.place_id)
    if place.version != entry.seq or _was_spread_since(ctx, entry):
        raise ChangedSince
    before = read_columns(entry.before) or {"status": PlaceStatus.CANCELLED, "turn": None, "end_reason": "undone"}
    _check_possible(ctx, event, place, entry, before)
    now = {name: getattr(place, name) for name in before}
    for name, value in before.items():
        setattr(place, name, value)
    undo = write_down(ctx, line, DeedKind.UNDO, place, before=now, after=before, station=entry.station)
    place.version, entry.undone_by = undo.seq, undo.seq
    ctx.db.flush()


def _was_spread_since(ctx: QueryCtx, entry: LineEntry) -> bool:
    """Turns of before mean nothing any more once everybody has taken a new one, be it to make room for this deed."""
    spread = select(col(LineEntry.id)).where(
        col(LineEntry.event_id) == entry.event_id,
        col(LineEntry.kind) == DeedKind.CHANGE,
        col(LineEntry.seq) >= entry.seq - (entry.before.get("turn") is not None),
    )
    return ctx.db.scalars(spread).first() is not None


def _check_possible(ctx: QueryCtx, event: Event, place: Place, entry: LineEntry, before: dict[str, object]) -> None:
    status = before["status"]
    if status in OPEN and place.status not in OPEN:
        ended_since = event.ended_at is not None and event.ended_at >= entry.at
        if event.status is EventStatus.CANCELLED or (ended_since and place.status is PlaceStatus.CANCELLED):
            raise ChangedSince("The event has ended since, and everybody who had a place was told.")
        if place.user_id is not None and open_place_of(ctx, event.id, place.user_id) is not None:
            raise ChangedSince
        if place.status not in COUNTED:
            check_capacity(ctx, event, place.party_size)
    if before.get("turn") is not None and _turn_is_taken(ctx, place, before["turn"]):
        raise ChangedSince
    if status in AT_STATION and not _is_free(ctx, place, before.get("station_id") or place.station_id):
        raise ChangedSince("Somebody else is there now. Complete them first, or put this person back into the line.")


def _turn_is_taken(ctx: QueryCtx, place: Place, turn: object) -> bool:
    taken = select(col(Place.id)).where(
        col(Place.event_id) == place.event_id, col(Place.turn) == turn, col(Place.id) != place.id
    )
    return ctx.db.scalars(taken).first() is not None


def _is_free(ctx: QueryCtx, place: Place, station_id: object) -> bool:
    station = ctx.db.get(Station, station_id) if station_id else None
    if station is None or station.closed_at is not None:
        return False
    others = select(col(Place.id)).where(
        col(Place.station_id) == station_id, col(Place.status).in_(AT_STATION), col(Place.id) != place.id
    )
    return ctx.db.scalars(others).first() is None
