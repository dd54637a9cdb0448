"""Ends what is open when an event is called off or closed, or a membership is over."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, func, select
from sqlmodel import col

from memberpulse.domains.events.lines.joining import end_place
from memberpulse.domains.events.lines.notices import EVENT, LINE, place_link, tell_near
from memberpulse.domains.events.lines.stations import leave_stations
from memberpulse.domains.events.lines.writing import take_line, take_place
from memberpulse.domains.events.models import DeedKind, Event, EventHelper, EventStatus, Line, Place, PlaceStatus
from memberpulse.domains.events.rules import AT_STATION, OPEN
from memberpulse.domains.notifications.mutations import notify_people
from memberpulse.domains.notifications.schemas import Notice
from memberpulse.domains.organizations.people import is_member
from memberpulse.engine import MutationCtx, job

BATCH = 40
"""Places in one transaction. One takes some 20 ms where it was paid for, and on SQLite nobody else writes meanwhile."""


@dataclass(frozen=True)
class _Ending:
    """Who is sent away when an event ends in some way, and what they are told."""

    deed: DeedKind
    statuses: tuple[PlaceStatus, ...]
    reason: str
    notice_type: str
    title: str


_ENDINGS = {
    EventStatus.CANCELLED: _Ending(DeedKind.REMOVE, OPEN, "cancelled", EVENT, "{} is cancelled"),
    EventStatus.CLOSED: _Ending(
        DeedKind.CLOSE, tuple(each for each in OPEN if each not in AT_STATION), "closed", LINE, "{} is closed"
    ),
}


# An event


def send_away(ctx: MutationCtx, event: Event, line: Line, *, words: str) -> int:
    """End the open places of an event that has just ended; how many there are. Those of the first batch end at once.

    words: what people are told below the title. Whoever ends the event is not told.
    """
    there = _there(event)
    count = ctx.db.scalars(select(func.count()).select_from(there.subquery())).one()
    _send_batch(ctx, event, line, words, ctx.caller.user_id)
    return count


@job()
def send_others_away(
    ctx: MutationCtx, *, event_id: uuid.UUID, ended_at: datetime, words: str, ended_by: uuid.UUID | None
) -> None:
    """The next batch of `send_away`, unless the event was opened again meanwhile."""
    event, line = take_line(ctx, event_id)
    if event.ended_at == ended_at:
        _send_batch(ctx, event, line, words, ended_by)


def _send_batch(ctx: MutationCtx, event: Event, line: Line, words: str, ended_by: uuid.UUID | None) -> None:
    ending, there = _ENDINGS[event.status], list(ctx.db.scalars(_there(event).limit(BATCH)))
    for place in there:
        end_place(ctx, event, line, place, ending.deed, reason=ending.reason, undo=False)
    notice = Notice(
        type=ending.notice_type,
        title=ending.title.format(event.title),
        message=words,
        link=place_link(event.id),
        person_id=ended_by,
        source_id=event.id,
    )
    people = [each.user_id for each in there if each.user_id not in (None, ended_by)]
    notify_people(ctx, user_ids=people, notice=notice)
    if len(there) == BATCH:
        assert event.ended_at is not None, "an event that sends people away has ended"
        ctx.schedule(send_others_away, event_id=event.id, ended_at=event.ended_at, words=words, ended_by=ended_by)


def _there(event: Event) -> Select[Place]:
    statuses = _ENDINGS[event.status].statuses
    return (
        select(Place)
        .where(col(Place.event_id) == event.id, col(Place.status).in_(statuses))
        .order_by(col(Place.number))
    )


# A membership


def end_membership(ctx: MutationCtx, user_id: uuid.UUID) -> None:
    """Somebody stands in no line any more and helps at none; what they paid is returned."""
    theirs = select(col(Place.id)).where(col(Place.user_id) == user_id, col(Place.status).in_(OPEN))
    for place_id in list(ctx.db.scalars(theirs)):
        event, line, place = take_place(ctx, place_id)
        if place.status is PlaceStatus.SERVING:
            continue  # they are being served this minute; the helper ends it
        end_place(ctx, event, line, place, DeedKind.REMOVE, reason="membership_ended", undo=False)
        tell_near(ctx, event)
    leave_stations(ctx, user_id)
    gone = delete(EventHelper).where(col(EventHelper.user_id) == user_id)
    ctx.db.execute(gone.execution_options(synchronize_session=False))


@job()
def end_removed(ctx: MutationCtx, *, user_id: uuid.UUID) -> None:
    """`end_membership` of somebody who was removed, unless the removal was undone."""
    if not is_member(ctx, user_id):
        end_membership(ctx, user_id)
