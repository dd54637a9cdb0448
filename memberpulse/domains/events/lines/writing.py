"""What every deed on a line goes through: it takes the line, changes one place or the line, and is written down.

Deeds on one line happen one after another. On SQLite there is one writer. On PostgreSQL `take_line` locks the line's
row and every deed writes its number into it, so that of two deeds at the same moment the second sees what the first has
done or is run again. What must never be, such as two people with one turn or at one station, the tables refuse as well.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic_core import to_jsonable_python
from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.events.errors import EventNotFound, PlaceNotFound
from memberpulse.domains.events.lines.ordering import following, spread, turn_at
from memberpulse.domains.events.models import (
    DeedKind,
    Event,
    EventHelper,
    Line,
    LineEntry,
    Place,
    PlaceStatus,
    Station,
)
from memberpulse.domains.events.rules import UNDO, decide_line_work, next_status
from memberpulse.domains.events.schemas import DeedDone
from memberpulse.domains.organizations.decisions import Decision
from memberpulse.engine import MutationCtx, QueryCtx

READERS: dict[str, Any] = {
    "status": PlaceStatus,
    "station_id": uuid.UUID,
    "called_by": uuid.UUID,
    **dict.fromkeys(
        ("held_until", "called_at", "started_at", "ended_at", "notified_at", "paused_at", "resumes_at"),
        datetime.fromisoformat,
    ),
}
"""How a column comes back out of the history, where that is not as it stands."""
_WITH_EVENT = select(Line, Event).join(Event, col(Event.id) == col(Line.event_id)).with_for_update(of=Line)


def take_line(ctx: MutationCtx, event_id: uuid.UUID) -> tuple[Event, Line]:
    """The event and its line, for this transaction alone. Raises EventNotFound (404)."""
    found = ctx.db.execute(_WITH_EVENT.where(col(Line.event_id) == event_id)).one_or_none()
    if found is None:
        raise EventNotFound
    line, event = found
    return event, line


def take_place(ctx: MutationCtx, place_id: uuid.UUID) -> tuple[Event, Line, Place]:
    """A place and its line, for this transaction alone. Raises PlaceNotFound (404)."""
    of_place = col(Place.event_id) == col(Line.event_id)
    statement = _WITH_EVENT.add_columns(Place).join(Place, of_place).where(col(Place.id) == place_id)
    found = ctx.db.execute(statement).one_or_none()
    if found is None:
        raise PlaceNotFound
    line, event, place = found
    return event, line, place


def may_work(ctx: QueryCtx, event_id: uuid.UUID) -> Decision:
    """Whether the caller may work a line; the system may."""
    user_id, manages = ctx.caller.user_id, ctx.can("queue.manage")
    helps = not manages and user_id is not None and is_helper(ctx, event_id, user_id)
    return decide_line_work(manages=manages, helps=helps)


def is_helper(ctx: QueryCtx, event_id: uuid.UUID, user_id: uuid.UUID) -> bool:
    helping = select(col(EventHelper.id)).where(
        col(EventHelper.event_id) == event_id, col(EventHelper.user_id) == user_id
    )
    return ctx.db.scalars(helping).first() is not None


def change_place(
    ctx: MutationCtx,
    line: Line,
    place: Place,
    deed: DeedKind,
    *,
    station: str = "",
    actor_id: uuid.UUID | None = None,
    **changes: Any,
) -> LineEntry:
    """Do a deed to a place as the state machine allows, and write it down. Raises WrongMoment (409).

    changes: what becomes of its columns besides its status. A place that is not in the line any more loses its turn.
    """
    changes["status"] = next_status(deed, place.status)
    if changes["status"] is not PlaceStatus.WAITING:
        changes |= {"turn": None, "held_until": None}
    before = {name: getattr(place, name) for name in changes}
    for name, value in changes.items():
        setattr(place, name, value)
    entry = write_down(ctx, line, deed, place, before=before, after=changes, station=station, actor_id=actor_id)
    place.version = entry.seq
    ctx.db.flush()
    return entry


def add_place(
    ctx: MutationCtx, line: Line, deed: DeedKind, *, actor_id: uuid.UUID | None = None, **columns: Any
) -> tuple[Place, LineEntry]:
    """A new place, at the end of the line unless it is only reserved."""
    status = next_status(deed, None)
    turn = take_turn(line) if status is PlaceStatus.WAITING else None
    place = Place(
        organization_id=line.organization_id,
        event_id=line.event_id,
        number=line.next_number,
        status=status,
        turn=turn,
        joined_at=ctx.now,
        version=line.version + 1,
        **columns,
    )
    line.next_number += 1
    ctx.db.add(place)
    ctx.db.flush()
    after = {"status": status, "turn": turn}
    return place, write_down(ctx, line, deed, place, before={}, after=after, actor_id=actor_id)


def write_down(
    ctx: MutationCtx,
    line: Line,
    deed: DeedKind,
    place: Place | None,
    *,
    before: dict[str, Any],
    after: dict[str, Any],
    station: str = "",
    actor_id: uuid.UUID | None = None,
) -> LineEntry:
    """Add a deed to the history of a line, under the next number."""
    line.version += 1
    entry = LineEntry(
        organization_id=line.organization_id,
        event_id=line.event_id,
        seq=line.version,
        kind=deed,
        place_id=place.id if place else None,
        actor_id=actor_id or ctx.caller.user_id,
        station=station,
        at=ctx.now,
        before=to_jsonable_python(before),
        after=to_jsonable_python(after),
    )
    ctx.db.add(entry)
    ctx.db.flush()
    return entry


def read_columns(columns: dict[str, Any]) -> dict[str, Any]:
    """Columns as they were before they went into the history."""
    return {
        name: READERS[name](value) if name in READERS and value is not None else value
        for name, value in columns.items()
    }


def done(entry: LineEntry, words: str) -> DeedDone:
    return DeedDone(entry_id=entry.id, place_id=entry.place_id, words=words, undo_until=entry.at + UNDO)


# The order


def take_turn(line: Line) -> int:
    """The turn at the end of the line."""
    turn = line.next_turn
    line.next_turn = following(turn)
    return turn


def turn_for(ctx: MutationCtx, line: Line, index: int, without: Place | None = None) -> int:
    """A free turn that puts somebody behind `index` others; everybody takes a new one when there is no room left."""
    others = [each for each in in_order(ctx, line.event_id) if without is None or each.id != without.id]
    turn = turn_at([each.turn or 0 for each in others], index, line.next_turn)
    if turn is None:
        for each, new in zip(others, spread(len(others), line.next_turn), strict=True):
            each.turn = new
        line.next_turn = following(others[-1].turn or 0)
        write_down(ctx, line, DeedKind.CHANGE, None, before={}, after={"spread": len(others)})
        turn = turn_at([each.turn or 0 for each in others], index, line.next_turn)
        assert turn is not None, "there is room between turns that were just spread"
    if turn >= line.next_turn:
        line.next_turn = following(turn)
    return turn


def in_order(ctx: QueryCtx, event_id: uuid.UUID, *, most: int | None = None) -> Sequence[Place]:
    """Places that wait, in the order of the line."""
    waiting = (
        select(Place)
        .where(col(Place.event_id) == event_id, col(Place.status) == PlaceStatus.WAITING)
        .order_by(col(Place.turn))
    )
    return ctx.db.scalars(waiting.limit(most) if most else waiting).all()


def station_label(event: Event, station: Station) -> str:
    return f"{event.station_word} {station.number}"
