"""What members do themselves: they join a line, hold their place and leave."""

import uuid
from datetime import timedelta

from sqlalchemy import func, select
from sqlmodel import col

from memberpulse.domains.events.errors import AlreadyInLine, EventFull, EventNotOpen, WrongMoment
from memberpulse.domains.events.facts import PlaceEnded, PlaceJoined, about
from memberpulse.domains.events.lines import paying
from memberpulse.domains.events.lines.jobs import return_money, tell_hold_over
from memberpulse.domains.events.lines.notices import tell_near
from memberpulse.domains.events.lines.reading import name_of, stand
from memberpulse.domains.events.lines.words import done as done_words
from memberpulse.domains.events.lines.writing import (
    add_place,
    change_place,
    done,
    may_work,
    take_line,
    take_place,
)
from memberpulse.domains.events.models import DeedKind, Event, Line, LineEntry, Place, PlaceStatus
from memberpulse.domains.events.rules import (
    COUNTED,
    GRACE,
    MAX_HOLD_MINUTES,
    OPEN,
    RESERVED_FOR,
    UNDO,
    accepts,
    check_hold,
    check_minutes,
    check_notify_at,
    clean_party,
    decide_own_place,
    is_held,
)
from memberpulse.domains.events.schemas import DeedDone, Joined
from memberpulse.engine import INTERNAL, MutationCtx, QueryCtx, mutation


@mutation(requires="queue.join", limit="30/minute")
def join_line(
    ctx: MutationCtx, *, event_id: uuid.UUID, party_size: int = 1, note: str = "", notify_at: int | None = None
) -> Joined:
    """Join the line of an event; a priced place is reserved, and joins once it is paid for.

    party_size: 1 to 20. note: what one comes for, at most 200 characters, for the helpers. notify_at: be told when one
    stands there, 1 to 20.
    Raises EventNotFound (404), EventNotOpen, AlreadyInLine, EventFull (409), BadPlace (422).
    """
    return join_for(ctx, event_id=event_id, user_id=ctx.user_id, party_size=party_size, note=note, notify_at=notify_at)


@mutation(requires=INTERNAL)
def join_for(
    ctx: MutationCtx,
    *,
    event_id: uuid.UUID,
    user_id: uuid.UUID,
    party_size: int = 1,
    note: str = "",
    notify_at: int | None = None,
) -> Joined:
    """Join on a member's behalf. Raises as `join_line`."""
    party_size, note = clean_party(party_size, note)
    check_notify_at(notify_at)
    event, line = take_line(ctx, event_id)
    check_room(ctx, event, party_size)
    if open_place_of(ctx, event_id, user_id) is not None:
        raise AlreadyInLine
    if event.price_amount:
        return _reserve(ctx, event, line, user_id, party_size, note, notify_at)
    promised = stand(ctx, event).join
    place, entry = add_place(
        ctx,
        line,
        DeedKind.JOIN,
        actor_id=user_id,
        user_id=user_id,
        party_size=party_size,
        note=note,
        notify_at=notify_at,
        promised_low=int(promised.low),
        promised_high=int(promised.high),
    )
    return _joined(ctx, event, place, entry)


def check_room(ctx: QueryCtx, event: Event, party_size: int) -> None:
    """Raises EventNotOpen (409), EventFull (409)."""
    if not accepts(event.status, event.ends_at, ctx.now):
        raise EventNotOpen
    check_capacity(ctx, event, party_size)


def check_capacity(ctx: QueryCtx, event: Event, more: int) -> None:
    """Raises EventFull (409) when so many more people have no room."""
    if more > 0 and event.capacity is not None and taken_of(ctx, event.id) + more > event.capacity:
        raise EventFull


def taken_of(ctx: QueryCtx, event_id: uuid.UUID) -> int:
    """How many people have a place, or had one and were served."""
    taken = (
        select(func.coalesce(func.sum(col(Place.party_size)), 0))
        .select_from(Place)
        .where(col(Place.event_id) == event_id, col(Place.status).in_(COUNTED))
    )
    return int(ctx.db.scalars(taken).one())


def open_place_of(ctx: QueryCtx, event_id: uuid.UUID, user_id: uuid.UUID) -> Place | None:
    theirs = select(Place).where(
        col(Place.event_id) == event_id, col(Place.user_id) == user_id, col(Place.status).in_(OPEN)
    )
    return ctx.db.scalars(theirs).first()


def _reserve(
    ctx: MutationCtx, event: Event, line: Line, user_id: uuid.UUID, party_size: int, note: str, notify_at: int | None
) -> Joined:
    place, entry = add_place(
        ctx,
        line,
        DeedKind.RESERVE,
        actor_id=user_id,
        user_id=user_id,
        party_size=party_size,
        note=note,
        notify_at=notify_at,
        reserved_until=ctx.now + RESERVED_FOR,
    )
    paying.ask_payment(ctx, event, place)
    return Joined(place.id, place.status, 0, paying.path_of(place), entry.id)


def _joined(ctx: MutationCtx, event: Event, place: Place, entry: LineEntry) -> Joined:
    position = position_of(ctx, place)
    if place.notify_at is not None and position <= place.notify_at:
        place.notified_at = ctx.now  # they see it themselves
    ctx.record(PlaceJoined(**about(event, place)))
    return Joined(place.id, place.status, position, "", entry.id)


def position_of(ctx: QueryCtx, place: Place) -> int:
    """The rank in line, 0 when not waiting."""
    if place.turn is None:
        return 0
    before = (
        select(func.count())
        .select_from(Place)
        .where(
            col(Place.event_id) == place.event_id,
            col(Place.status) == PlaceStatus.WAITING,
            col(Place.turn) <= place.turn,
        )
    )
    return ctx.db.scalars(before).one()


@mutation(requires="queue.join", limit="60/minute")
def leave_line(ctx: MutationCtx, *, place_id: uuid.UUID) -> DeedDone:
    """Give up one's own place; `undo_deed` brings it back within 10 seconds. What was paid is returned after that.

    Raises PlaceNotFound (404), NotYourPlace (403), WrongMoment (409) once one is being served.
    """
    event, line, place = take_place(ctx, place_id)
    decide_own_place(user_id=ctx.user_id, owner_id=place.user_id).enforce()
    entry = end_place(ctx, event, line, place, DeedKind.LEAVE, reason="left")
    tell_near(ctx, event)
    return done(entry, done_words(DeedKind.LEAVE))


@mutation(requires=INTERNAL)
def leave_for(ctx: MutationCtx, *, place_id: uuid.UUID) -> None:
    """Give up a place on its owner's behalf. Raises PlaceNotFound (404), WrongMoment (409)."""
    event, line, place = take_place(ctx, place_id)
    end_place(ctx, event, line, place, DeedKind.LEAVE, reason="left")
    tell_near(ctx, event)


def end_place(
    ctx: MutationCtx,
    event: Event,
    line: Line,
    place: Place,
    deed: DeedKind,
    *,
    reason: str,
    remark: str | None = None,
    undo: bool = True,
) -> LineEntry:
    """End a place that was not served, and settle what was or would be paid for it. Raises WrongMoment (409).

    undo: whether the deed can be undone, so that money stays until it cannot be any more.
    """
    was_paid = place.payment_id is not None and place.status is not PlaceStatus.RESERVED
    unpaid = place.status is PlaceStatus.RESERVED
    said = place.remark if remark is None else remark
    entry = change_place(ctx, line, place, deed, ended_at=ctx.now, end_reason=reason, remark=said)
    if unpaid:
        paying.release_payment(ctx, place)
    elif was_paid and undo:
        after = UNDO + GRACE + GRACE
        ctx.schedule(return_money, place_id=place.id, reason=reason, version=entry.seq, after=after)
    elif was_paid:
        paying.give_back(ctx, place, reason)
    ctx.record(PlaceEnded(**about(event, place), reason=reason))
    return entry


@mutation(requires="events.view", limit="60/minute")
def hold_place(ctx: MutationCtx, *, place_id: uuid.UUID, minutes: int = 20) -> DeedDone:
    """Keep a place while others go first, for 1 to 30 minutes and at most three times: one's own, or as a helper.

    Raises PlaceNotFound (404), NotYourPlace (403), HeldEnough (409), WrongMoment (409), BadPlace (422).
    """
    check_minutes(minutes, MAX_HOLD_MINUTES)
    _, line, place = _mine_or_helped(ctx, place_id)
    check_hold(place.holds)
    until = ctx.now + timedelta(minutes=minutes)
    entry = change_place(ctx, line, place, DeedKind.HOLD, held_until=until, holds=place.holds + 1)
    ctx.schedule(tell_hold_over, place_id=place.id, held_until=until, at=until)
    return done(entry, done_words(DeedKind.HOLD, name_of(ctx, place)))


@mutation(requires="events.view", limit="60/minute")
def release_hold(ctx: MutationCtx, *, place_id: uuid.UUID) -> DeedDone:
    """End a hold before its time. Raises PlaceNotFound (404), NotYourPlace (403), WrongMoment (409)."""
    _, line, place = _mine_or_helped(ctx, place_id)
    if not is_held(place.held_until, ctx.now):
        raise WrongMoment("This place is not held.")
    entry = change_place(ctx, line, place, DeedKind.RELEASE, held_until=None)
    return done(entry, done_words(DeedKind.RELEASE, name_of(ctx, place)))


@mutation(requires="events.view", limit="60/minute")
def edit_place(ctx: MutationCtx, *, place_id: uuid.UUID, party_size: int, note: str) -> None:
    """Change how many come and what for: of one's own place, or as a helper.

    Raises PlaceNotFound (404), NotYourPlace (403), WrongMoment (409) once it is over, EventFull (409), BadPlace (422).
    """
    party_size, note = clean_party(party_size, note)
    event, _, place = _mine_or_helped(ctx, place_id)
    if place.status not in OPEN:
        raise WrongMoment("This place is over and cannot be changed any more.")
    check_capacity(ctx, event, party_size - place.party_size)
    place.party_size, place.note = party_size, note
    ctx.db.flush()


@mutation(requires="queue.join", limit="60/minute")
def set_notify_at(ctx: MutationCtx, *, place_id: uuid.UUID, notify_at: int | None) -> None:
    """Be told when one stands at a position, 1 to 20, or not at all (None).

    Raises PlaceNotFound (404), NotYourPlace (403), BadPlace (422).
    """
    check_notify_at(notify_at)
    event, _, place = take_place(ctx, place_id)
    decide_own_place(user_id=ctx.user_id, owner_id=place.user_id).enforce()
    place.notify_at, place.notified_at = notify_at, None
    ctx.db.flush()
    tell_near(ctx, event)


def _mine_or_helped(ctx: MutationCtx, place_id: uuid.UUID) -> tuple[Event, Line, Place]:
    event, line, place = take_place(ctx, place_id)
    mine = decide_own_place(user_id=ctx.caller.user_id, owner_id=place.user_id)
    if not mine.allowed and not may_work(ctx, event.id).allowed:
        mine.enforce()
    return event, line, place
