"""What people in a line are told, each thing once. Parts of the transaction that makes it true."""

import uuid

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.events.lines.writing import in_order
from memberpulse.domains.events.models import Event, Place
from memberpulse.domains.events.rules import AT_STATION, MAX_NOTIFY_AT, OPEN
from memberpulse.domains.notifications.mutations import notify_people
from memberpulse.domains.notifications.schemas import Notice
from memberpulse.engine import MutationCtx

TURN, LINE, EVENT, FEEDBACK = "turn", "line", "event", "feedback"


def place_link(event_id: uuid.UUID) -> str:
    return f"/events/{event_id}"


def tell_called(ctx: MutationCtx, event: Event, place: Place, station: str, entry_id: uuid.UUID) -> None:
    """It is somebody's turn. The notice belongs to the deed, so that undoing it takes the notice back."""
    tell(ctx, place, TURN, "It is your turn", f"Please come to {station} now. {event.title}", entry_id)


def tell_near(ctx: MutationCtx, event: Event) -> None:
    """Tell those who asked for it and whose place is near enough now. Each is told once for each time they asked."""
    for rank, place in enumerate(in_order(ctx, event.id, most=MAX_NOTIFY_AT), start=1):
        if place.notify_at is None or place.notified_at is not None or rank > place.notify_at:
            continue
        place.notified_at = ctx.now
        title = "You are next" if rank == 1 else f"You are number {rank} in line"
        tell(ctx, place, TURN, title, f"Be near: {event.title}", place.id)
    ctx.db.flush()


def tell(ctx: MutationCtx, place: Place, type_: str, title: str, message: str, source_id: uuid.UUID) -> None:
    """Tell whoever has a place; a walk-in is told by voice."""
    if place.user_id is None:
        return
    notice = Notice(type=type_, title=title, message=message, link=place_link(place.event_id), source_id=source_id)
    notify_people(ctx, user_ids=[place.user_id], notice=notice)


def people_there(ctx: MutationCtx, event_id: uuid.UUID, *, at_stations: bool = True) -> list[uuid.UUID]:
    """Members with an open place."""
    wanted = OPEN if at_stations else tuple(each for each in OPEN if each not in AT_STATION)
    there = select(col(Place.user_id)).where(
        col(Place.event_id) == event_id, col(Place.status).in_(wanted), col(Place.user_id).is_not(None)
    )
    return [each for each in ctx.db.scalars(there) if each is not None]
