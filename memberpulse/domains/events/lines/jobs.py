"""What lines do after a while and by the clock. Each looks first whether it still concerns anybody."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlmodel import col

from memberpulse.domains.events.facts import PlaceEnded, about
from memberpulse.domains.events.lines import paying
from memberpulse.domains.events.lines.notices import EVENT, FEEDBACK, TURN, people_there, tell, tell_near
from memberpulse.domains.events.lines.writing import change_place, take_place
from memberpulse.domains.events.models import (
    DeedKind,
    Event,
    EventStatus,
    Feedback,
    LineEntry,
    LineMessage,
    Place,
    PlaceStatus,
)
from memberpulse.domains.events.rules import OPEN
from memberpulse.domains.notifications.mutations import notify_people
from memberpulse.domains.notifications.schemas import Notice
from memberpulse.engine import MutationCtx, job
from memberpulse.texts import isolated

AT_ONCE = 500
HISTORY_KEPT = timedelta(days=90)
OVER_AFTER = timedelta(hours=12)
"""How long after the end of an event a line may go on before it is put in order."""


@job()
def remind_called(ctx: MutationCtx, *, place_id: uuid.UUID, called_at: datetime) -> None:
    """Half of the time to come is over and nobody has come."""
    place = _still_called(ctx, place_id, called_at)
    if place is not None:
        event = ctx.db.get_one(Event, place.event_id)
        tell(ctx, place, TURN, "You are still expected", f"They are waiting for you: {event.title}", place.id)


@job()
def give_up_on(ctx: MutationCtx, *, place_id: uuid.UUID, called_at: datetime) -> None:
    """The time to come is over: mark as not shown up, where the event wants that by itself."""
    if _still_called(ctx, place_id, called_at) is None:
        return
    event, line, place = take_place(ctx, place_id)
    change_place(ctx, line, place, DeedKind.NO_SHOW, ended_at=ctx.now, end_reason="no_show")
    ctx.record(PlaceEnded(**about(event, place), reason="no_show"))
    tell_near(ctx, event)


def _still_called(ctx: MutationCtx, place_id: uuid.UUID, called_at: datetime) -> Place | None:
    """The place, if this very call still stands; one that was undone and made again is another."""
    place = ctx.db.get(Place, place_id)
    if place is None or place.status is not PlaceStatus.CALLED or place.called_at != called_at:
        return None
    return place


@job()
def tell_hold_over(ctx: MutationCtx, *, place_id: uuid.UUID, held_until: datetime) -> None:
    """A hold has ended: whoever holds is in line again as before."""
    place = ctx.db.get(Place, place_id)
    if place is None or place.status is not PlaceStatus.WAITING or place.held_until != held_until:
        return
    event = ctx.db.get_one(Event, place.event_id)
    tell(ctx, place, TURN, "Your place is not held any more", f"You can be called any moment: {event.title}", place.id)


@job()
def return_money(ctx: MutationCtx, *, place_id: uuid.UUID, reason: str, version: int) -> None:
    """Give back what was paid for a place that was given up, once that cannot be undone any more.

    version: of the place as that deed left it. After an undo and another leave, it is the other one's to give back.
    """
    place = ctx.db.get(Place, place_id)
    if place is not None and place.status is PlaceStatus.CANCELLED and place.version == version:
        paying.give_back(ctx, place, reason)


@job()
def ask_feedback(ctx: MutationCtx, *, place_id: uuid.UUID) -> None:
    """Ask somebody who was served how it was, unless they have said so."""
    place = ctx.db.get(Place, place_id)
    if place is None or place.status is not PlaceStatus.COMPLETED:
        return
    if ctx.db.scalars(select(col(Feedback.id)).where(col(Feedback.place_id) == place_id)).first() is None:
        event = ctx.db.get_one(Event, place.event_id)
        tell(ctx, place, FEEDBACK, f"How was {event.title}?", "It takes a moment, and helps the helpers.", place.id)


@job()
def remind_of_event(ctx: MutationCtx, *, event_id: uuid.UUID, starts_at: datetime) -> None:
    """Tell everybody who has a place that it begins in an hour, unless it was moved or called off."""
    event = ctx.db.get(Event, event_id)
    if event is None or event.starts_at != starts_at or event.status is not EventStatus.PUBLISHED:
        return
    notice = Notice(
        type=EVENT,
        title=f"{isolated(event.title)} starts in an hour",
        message=event.place,
        link=f"/events/{event.id}",
        source_id=event.id,
    )
    notify_people(ctx, user_ids=people_there(ctx, event_id), notice=notice)


# By the clock


@job()
def put_ended_in_order(ctx: MutationCtx) -> None:
    """End what is still open long after its event: one place in each line's own transaction, a batch at a time."""
    over = (
        select(col(Place.id), col(Place.organization_id))
        .join(Event, col(Event.id) == col(Place.event_id))
        .where(col(Place.status).in_(OPEN), col(Event.ends_at) < ctx.now - OVER_AFTER)
        .limit(AT_ONCE)
    )
    with ctx.across_organizations():
        found = [(row[0], row[1]) for row in ctx.db.execute(over)]
    for place_id, organization_id in found:
        with ctx.within(organization_id):
            ctx.schedule(end_forgotten, place_id=place_id)
    if len(found) == AT_ONCE:
        ctx.schedule(put_ended_in_order, after=timedelta(minutes=1))


@job()
def end_forgotten(ctx: MutationCtx, *, place_id: uuid.UUID) -> None:
    """Nobody pressed the last button: who was being served was served, everybody else was not."""
    if ctx.db.get(Place, place_id) is None:
        return
    event, line, place = take_place(ctx, place_id)
    if place.status not in OPEN or event.ends_at >= ctx.now - OVER_AFTER:
        return
    if place.status is PlaceStatus.SERVING:
        change_place(ctx, line, place, DeedKind.COMPLETE, ended_at=event.ends_at, started_at=None)
        return
    unpaid = place.status is PlaceStatus.RESERVED
    deed = DeedKind.REMOVE if place.status is PlaceStatus.CALLED else DeedKind.CLOSE
    change_place(ctx, line, place, deed, ended_at=ctx.now, end_reason="over")
    if unpaid:
        paying.release_payment(ctx, place)
    else:
        paying.give_back(ctx, place, "over")
    ctx.record(PlaceEnded(**about(event, place), reason="over"))


@job()
def forget_history(ctx: MutationCtx) -> None:
    """What a line was from minute to minute goes 90 days after its event, and what people wrote there with it."""
    before = ctx.now - HISTORY_KEPT
    with ctx.across_organizations():
        entries = _of_old_events(ctx, LineEntry, before)
        messages = _of_old_events(ctx, LineMessage, before)
        for table, ids in ((LineEntry, entries), (LineMessage, messages)):
            if ids:
                ctx.db.execute(delete(table).where(col(table.id).in_(ids)).execution_options(synchronize_session=False))
        notes = _of_old_events(ctx, Place, before, or_(col(Place.note) != "", col(Place.remark) != ""))
        if notes:
            blank = update(Place).where(col(Place.id).in_(notes)).values(note="", remark="")
            ctx.db.execute(blank.execution_options(synchronize_session=False))
    if AT_ONCE in (len(entries), len(messages), len(notes)):
        ctx.schedule(forget_history, after=timedelta(seconds=10))


def _of_old_events(
    ctx: MutationCtx,
    table: type[LineEntry] | type[LineMessage] | type[Place],
    before: datetime,
    *more: ColumnElement[bool],
) -> list[uuid.UUID]:
    """Ids of rows of events that ended before an instant, so many at once."""
    old = select(col(table.id)).join(Event, col(Event.id) == col(table.event_id))
    return list(ctx.db.scalars(old.where(col(Event.ends_at) < before, *more).limit(AT_ONCE)))
