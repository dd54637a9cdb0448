"""Opening and closing the stations of a line, and who serves there."""

import uuid

from sqlalchemy import func, select
from sqlmodel import col

from memberpulse.domains.events.errors import BadPlace, StationBusy, StationNotFound, WrongMoment
from memberpulse.domains.events.lines.writing import is_helper, may_work, take_line
from memberpulse.domains.events.models import Event, EventStatus, Place, Station
from memberpulse.domains.events.rules import AT_STATION, MAX_STATIONS
from memberpulse.domains.organizations.people import is_member
from memberpulse.engine import MutationCtx, QueryCtx, mutation


@mutation(requires="events.view", limit="60/minute")
def open_station(ctx: MutationCtx, *, event_id: uuid.UUID, helper_id: uuid.UUID | None = None) -> uuid.UUID:
    """Open one more station, or the first that was closed. helper_id: who serves there; they leave their other one.

    Raises EventNotFound (404), NotAHelper (403), WrongMoment (409) when there are 50, BadPlace (422).
    """
    event, _ = take_line(ctx, event_id)
    may_work(ctx, event_id).enforce()
    if event.status not in (EventStatus.PUBLISHED, EventStatus.CLOSED):
        raise WrongMoment("This event has no line now: it is a draft, or it was cancelled.")
    station = _closed_one(ctx, event_id) or add_station(ctx, event)
    station.opened_at, station.closed_at = ctx.now, None
    put_helper(ctx, event, station, helper_id)
    return station.id


@mutation(requires="events.view", limit="60/minute")
def staff_station(ctx: MutationCtx, *, station_id: uuid.UUID, helper_id: uuid.UUID | None) -> None:
    """Say who serves at a station, or nobody. Raises StationNotFound (404), NotAHelper (403), BadPlace (422)."""
    event, station = _take_station(ctx, station_id)
    put_helper(ctx, event, station, helper_id)


@mutation(requires="events.view", limit="60/minute")
def close_station(ctx: MutationCtx, *, station_id: uuid.UUID) -> None:
    """Serve nobody there any more. Raises StationNotFound (404), NotAHelper (403), StationBusy (409)."""
    _, station = _take_station(ctx, station_id)
    there = select(col(Place.id)).where(col(Place.station_id) == station_id, col(Place.status).in_(AT_STATION))
    if ctx.db.scalars(there).first() is not None:
        raise StationBusy
    station.closed_at, station.helper_id = ctx.now, None
    ctx.db.flush()


def add_station(ctx: MutationCtx, event: Event) -> Station:
    """The next station of an event, open. Raises WrongMoment (409) when there are 50."""
    most = select(func.coalesce(func.max(col(Station.number)), 0)).select_from(Station)
    number = ctx.db.scalars(most.where(col(Station.event_id) == event.id)).one() + 1
    if number > MAX_STATIONS:
        raise WrongMoment(f"There are {MAX_STATIONS} already, and there can be no more.")
    station = Station(organization_id=event.organization_id, event_id=event.id, number=number, opened_at=ctx.now)
    ctx.db.add(station)
    ctx.db.flush()
    return station


def put_helper(ctx: MutationCtx, event: Event, station: Station, helper_id: uuid.UUID | None) -> None:
    """Nobody serves at two stations of one event. Raises BadPlace (422) for somebody who may not work the line."""
    if helper_id is not None:
        if not is_member(ctx, helper_id) or not (
            is_helper(ctx, event.id, helper_id) or helper_id == ctx.caller.user_id
        ):
            raise BadPlace(fields={"helper_id": "Add this person as a helper of the event first."})
        mine = select(Station).where(col(Station.event_id) == event.id, col(Station.helper_id) == helper_id)
        for other in ctx.db.scalars(mine):
            other.helper_id = None
    station.helper_id = helper_id
    ctx.db.flush()


def leave_stations(ctx: MutationCtx, user_id: uuid.UUID, event_id: uuid.UUID | None = None) -> None:
    """Somebody serves nowhere any more: at one event, or at all of them here."""
    theirs = select(Station).where(col(Station.helper_id) == user_id)
    for station in ctx.db.scalars(theirs.where(col(Station.event_id) == event_id) if event_id else theirs):
        station.helper_id = None
    ctx.db.flush()


def _take_station(ctx: MutationCtx, station_id: uuid.UUID) -> tuple[Event, Station]:
    station = ctx.db.get(Station, station_id)
    if station is None:
        raise StationNotFound
    event, _ = take_line(ctx, station.event_id)
    ctx.db.refresh(station)
    may_work(ctx, event.id).enforce()
    if station.closed_at is not None:
        raise StationNotFound
    return event, station


def _closed_one(ctx: QueryCtx, event_id: uuid.UUID) -> Station | None:
    closed = select(Station).where(col(Station.event_id) == event_id, col(Station.closed_at).is_not(None))
    return ctx.db.scalars(closed.order_by(col(Station.number)).limit(1)).first()
