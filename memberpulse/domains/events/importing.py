"""Bringing in events that were held elsewhere, with their lines as they went: for the demo, and for moving here."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlmodel import col

from memberpulse.domains.events.covers import put_cover
from memberpulse.domains.events.helping import make_helper
from memberpulse.domains.events.lines.stations import add_station
from memberpulse.domains.events.lines.writing import station_label, take_line, take_turn, write_down
from memberpulse.domains.events.models import DeedKind, Event, EventStatus, Feedback, Line, Place, PlaceStatus, Station
from memberpulse.domains.events.mutations import add_event
from memberpulse.domains.events.rules import EventValues
from memberpulse.engine import INTERNAL, MutationCtx, mutation

KEPT = (EventStatus.CLOSED, EventStatus.CANCELLED)


@dataclass(frozen=True)
class PastPlace:
    """A place as it went. station: its number. promised: seconds, what was promised on joining."""

    joined_at: datetime
    status: PlaceStatus
    user_id: uuid.UUID | None = None
    name: str = ""
    party_size: int = 1
    note: str = ""
    station: int = 1
    called_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    promised_low: int | None = None
    promised_high: int | None = None
    rating: int | None = None
    comment: str = ""


@mutation(requires=INTERNAL)
def import_event(
    ctx: MutationCtx,
    *,
    values: EventValues,
    created_by: uuid.UUID,
    status: EventStatus,
    helpers: list[uuid.UUID],
    places: list[PastPlace],
    payee_account_id: uuid.UUID | None = None,
    cover_file_id: uuid.UUID | None = None,
) -> uuid.UUID:
    """Add an event with a station for each of its helpers and the line as it went; nobody is told.

    places: in any order; those that wait stand in the order in which they joined. payee_account_id: who is paid, where
    there is a price. Raises BadEvent (422).
    """
    event = add_event(ctx, values, created_by)
    event.status, event.payee_account_id = status, payee_account_id
    if cover_file_id is not None:
        put_cover(ctx, event.id, cover_file_id)
    event.published_at = event.created_at
    event.ended_at = event.ends_at if status in KEPT else None
    _, line = take_line(ctx, event.id)
    stations = [_open(ctx, event, helper) for helper in helpers]
    _let_happen(ctx, event, line, stations, places)
    ctx.db.flush()
    return event.id


@mutation(requires=INTERNAL)
def forget_events(ctx: MutationCtx, *, keep: int) -> None:
    """Forget all but the latest events that are over: only for the demo."""
    over = select(col(Event.id)).where(col(Event.status).in_(KEPT))
    ids = list(ctx.db.scalars(over.order_by(col(Event.starts_at).desc(), col(Event.id)).offset(keep).limit(50)))
    if ids:
        gone = delete(Event).where(col(Event.id).in_(ids))
        ctx.db.execute(gone.execution_options(synchronize_session=False))


def _open(ctx: MutationCtx, event: Event, helper: uuid.UUID) -> Station:
    station = add_station(ctx, event)
    make_helper(ctx, event, helper)
    station.helper_id, station.opened_at = helper, event.starts_at
    return station


def _let_happen(ctx: MutationCtx, event: Event, line: Line, stations: list[Station], places: list[PastPlace]) -> None:
    """Write places and their history down in the order in which it all happened."""
    rows: list[tuple[PastPlace, Place]] = []
    for past in sorted(places, key=lambda each: each.joined_at):
        rows.append((past, _place(ctx, event, line, stations, past)))
    moments = [moment for past, place in rows for moment in _moments(past, place)]
    for at, kind, place, status in sorted(moments, key=lambda each: each[0]):
        station = next((each for each in stations if each.id == place.station_id), None)
        where = station_label(event, station) if station else ""
        turn = place.turn if status is PlaceStatus.WAITING else None
        after = {"status": status, "turn": turn, "station_id": place.station_id}
        entry = write_down(ctx, line, kind, place, before={}, after=after, station=where, actor_id=place.user_id)
        entry.at = at
        place.version = entry.seq


def _place(ctx: MutationCtx, event: Event, line: Line, stations: list[Station], past: PastPlace) -> Place:
    place = Place(
        organization_id=event.organization_id,
        event_id=event.id,
        user_id=past.user_id,
        number=line.next_number,
        name=past.name,
        party_size=past.party_size,
        note=past.note,
        status=past.status,
        turn=take_turn(line) if past.status is PlaceStatus.WAITING else None,
        station_id=stations[past.station - 1].id if past.called_at else None,
        calls=1 if past.called_at else 0,
        joined_at=past.joined_at,
        called_at=past.called_at,
        started_at=past.started_at,
        ended_at=past.ended_at,
        end_reason="served" if past.status is PlaceStatus.COMPLETED else past.status.value if past.ended_at else "",
        promised_low=past.promised_low,
        promised_high=past.promised_high,
    )
    line.next_number += 1
    ctx.db.add(place)
    ctx.db.flush()
    if past.rating is not None and past.user_id is not None:
        said = Feedback(
            organization_id=event.organization_id,
            event_id=event.id,
            place_id=place.id,
            user_id=past.user_id,
            rating=past.rating,
            comment=past.comment,
            at=past.ended_at or past.joined_at,
        )
        ctx.db.add(said)
    return place


def _moments(past: PastPlace, place: Place) -> list[tuple[datetime, DeedKind, Place, PlaceStatus]]:
    joined = DeedKind.JOIN if past.user_id else DeedKind.WALK_IN
    found = [(past.joined_at, joined, place, PlaceStatus.WAITING)]
    if past.called_at:
        found.append((past.called_at, DeedKind.CALL, place, PlaceStatus.CALLED))
    if past.started_at:
        found.append((past.started_at, DeedKind.START, place, PlaceStatus.SERVING))
    ends = {
        PlaceStatus.COMPLETED: DeedKind.COMPLETE,
        PlaceStatus.NO_SHOW: DeedKind.NO_SHOW,
        PlaceStatus.CANCELLED: DeedKind.LEAVE,
    }
    if past.ended_at and past.status in ends:
        found.append((past.ended_at, ends[past.status], place, past.status))
    return found
