"""The demo's events: a repair café with a line that moves, those before it, and what is to come."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select
from sqlmodel import col

from memberpulse.demo.people import FERNHILL, SIGN_INS, id_of
from memberpulse.demo.rules import LINE_HOURS, line_deeds, service_seconds
from memberpulse.demo.words import REPAIRS, SAID, WALK_INS
from memberpulse.domains.events.importing import PastPlace, forget_events, import_event
from memberpulse.domains.events.lines.joining import join_for, leave_for
from memberpulse.domains.events.lines.reading import Standing, stand
from memberpulse.domains.events.lines.working import (
    add_walk_in,
    call_next,
    complete_service,
    mark_no_show,
    start_service,
)
from memberpulse.domains.events.models import Event, EventStatus, Place, PlaceStatus, WallNames
from memberpulse.domains.events.mutations import close_event
from memberpulse.domains.events.rules import EventValues
from memberpulse.domains.files.models import StoredFile
from memberpulse.domains.notifications.mutations import read_all_for
from memberpulse.domains.payments.queries import find_payee
from memberpulse.engine import MutationCtx
from memberpulse.settings import get_settings

CAFE = "Saturday repair café"
SERVED, WAITING = 41, 9
PAST_CAFES, EVENTS_KEPT = 3, 8
ZONE = "Europe/London"
VISITORS = {id_of(person.email) for person in SIGN_INS}
PATIENCE = timedelta(minutes=10)
"""How long the script leaves alone whom a visitor has called."""


def seed_events(ctx: MutationCtx, chance: Random) -> None:
    """Today's café in full swing, some before it, and three events to come."""
    for weeks in range(PAST_CAFES, 0, -1):
        _past_cafe(ctx, chance, ctx.now - timedelta(days=7 * weeks, hours=2))
    _cafe_now(ctx, chance, ctx.now - timedelta(hours=2), served=SERVED, waiting=WAITING)
    _to_come(ctx)


def play_line(ctx: MutationCtx, chance: Random, people: Sequence[str]) -> None:
    """One step: somebody joins, is called, is served, or goes home; a day that is over is followed by the next.

    people: the ids of scripted members who are about.
    """
    event = _current(ctx)
    if event is None:
        _cafe_now(ctx, chance, ctx.now - timedelta(minutes=2), served=0, waiting=3)
        return
    if event.ends_at <= ctx.now:
        if event.status is EventStatus.PUBLISHED:
            close_event(ctx, event_id=event.id, send_home=True)
        forget_events(ctx, keep=EVENTS_KEPT)
        _cafe_now(ctx, chance, ctx.now - timedelta(minutes=2), served=0, waiting=3)
        return
    standing = stand(ctx, event)
    _serve(ctx, standing, chance)
    _come_and_go(ctx, standing, chance, people)
    if not standing.is_paused:
        _call(ctx, standing, chance)


def _serve(ctx: MutationCtx, standing: Standing, chance: Random) -> None:
    for place, _ in standing.at_station:
        if place.called_by in VISITORS and place.called_at and ctx.now - place.called_at < PATIENCE:
            continue
        since = ctx.now - (place.started_at or place.called_at or ctx.now)
        if place.status is PlaceStatus.CALLED:
            _come_to_station(ctx, place, since, chance)
        elif since.total_seconds() > service_seconds(str(place.id)):
            complete_service(ctx, place_id=place.id)
            if place.user_id is not None and place.user_id not in VISITORS:
                read_all_for(ctx, user_id=place.user_id)


def _come_to_station(ctx: MutationCtx, place: Place, since: timedelta, chance: Random) -> None:
    late = since > timedelta(seconds=90) and place.user_id not in VISITORS
    if late and chance.random() < 0.5:
        mark_no_show(ctx, place_id=place.id)
    elif since > timedelta(seconds=12) and chance.random() < 0.3 and place.user_id not in VISITORS:
        start_service(ctx, place_id=place.id)


def _call(ctx: MutationCtx, standing: Standing, chance: Random) -> None:
    """Two benches call by themselves; the third waits a while for the visitor."""
    busy = {place.station_id for place, _ in standing.at_station}
    ready = [place for place, _ in standing.waiting if not standing.held(place)]
    for station in standing.stations:
        if station.id in busy or not ready:
            continue
        is_visitors = station.helper_id in VISITORS
        if chance.random() < (0.06 if is_visitors else 0.4):
            call_next(ctx, event_id=standing.event.id, station_id=station.id)
            return


def _come_and_go(ctx: MutationCtx, standing: Standing, chance: Random, people: Sequence[str]) -> None:
    there = {str(place.user_id) for place, _ in [*standing.waiting, *standing.at_station]}
    deed = line_deeds(chance=chance, waiting=len(standing.waiting))
    note = chance.choice(REPAIRS)
    staff = {str(each) for each in _staff()}
    away = [each for each in people if each not in there and each not in staff]
    if deed == "walk_in":
        add_walk_in(ctx, event_id=standing.event.id, name=chance.choice(WALK_INS), note=note)
    elif deed == "join" and away:
        size = chance.choice([1, 1, 1, 2, 3])
        person = uuid.UUID(chance.choice(away))
        join_for(ctx, event_id=standing.event.id, user_id=person, party_size=size, note=note, notify_at=2)
    elif deed == "leave":
        scripted = [place for place, _ in standing.waiting if place.user_id and place.user_id not in VISITORS]
        if scripted:
            leave_for(ctx, place_id=scripted[-1].id)


def _current(ctx: MutationCtx) -> Event | None:
    cafes = select(Event).where(col(Event.title) == CAFE, col(Event.status) != EventStatus.CANCELLED)
    return ctx.db.scalars(cafes.order_by(col(Event.starts_at).desc(), col(Event.id)).limit(1)).first()


# What is there at first


def _values(title: str, starts_at: datetime, hours: float, **more: object) -> EventValues:
    starts_at = starts_at.replace(second=0, microsecond=0)
    return EventValues(
        title=title,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=hours),
        time_zone=ZONE,
        **more,  # type: ignore[arg-type]
    )


def _cafe(starts_at: datetime) -> EventValues:
    return _values(
        CAFE,
        starts_at,
        LINE_HOURS,
        description="Bring what is broken, and mend it together with somebody who knows how. Tea is on us.",
        place="Fernhill workshop, 2 Mill Yard",
        service_minutes=4,
        shows_wall=True,
        wall_names=WallNames.FIRST_NAME,
    )


def _staff() -> list[uuid.UUID]:
    """Priya at the first bench, Jonas at the second, and Kofi, whom a visitor may be, at the third."""
    by_name = {each.name: id_of(each.email) for each in FERNHILL}
    kofi = next(id_of(each.email) for each in SIGN_INS if each.key == "creator")
    return [by_name["Priya Raman"], by_name["Jonas Lindqvist"], kofi]


def _cafe_now(ctx: MutationCtx, chance: Random, starts_at: datetime, *, served: int, waiting: int) -> None:
    people = [id_of(each.email) for each in FERNHILL[7:]]
    chance.shuffle(people)
    there, before = people[: waiting + 2], people[waiting + 2 :]
    places = _services(chance, starts_at, ctx.now - timedelta(minutes=4), before, served)
    places += _at_benches(ctx.now, chance, there[:2])
    for position, person in enumerate(there[2:]):
        joined_at = ctx.now - timedelta(seconds=30 + 75 * (waiting - position) + chance.randrange(40))
        walk_in = position == 5
        places.append(
            PastPlace(
                joined_at=joined_at,
                status=PlaceStatus.WAITING,
                user_id=None if walk_in else person,
                name=chance.choice(WALK_INS) if walk_in else "",
                party_size=chance.choice([1, 1, 2, 1, 3]),
                note=chance.choice(REPAIRS),
                promised_low=60 * position,
                promised_high=60 * (2 * position + 3),
            )
        )
    _import(ctx, _cafe(starts_at), EventStatus.PUBLISHED, places, cover="Open day, queue at the bench.jpg")


def _at_benches(now: datetime, chance: Random, people: Sequence[uuid.UUID]) -> list[PastPlace]:
    """Somebody sits at the first bench, and somebody is on the way to the second."""
    first, second = people
    called = now - timedelta(seconds=130)
    sitting = PastPlace(
        joined_at=now - timedelta(minutes=14),
        status=PlaceStatus.SERVING,
        user_id=first,
        note=chance.choice(REPAIRS),
        station=1,
        called_at=called,
        started_at=called + timedelta(seconds=25),
        promised_low=500,
        promised_high=900,
    )
    coming = PastPlace(
        joined_at=now - timedelta(minutes=13),
        status=PlaceStatus.CALLED,
        user_id=second,
        note=chance.choice(REPAIRS),
        station=2,
        called_at=now - timedelta(seconds=18),
        promised_low=500,
        promised_high=900,
    )
    return [sitting, coming]


def _past_cafe(ctx: MutationCtx, chance: Random, starts_at: datetime) -> None:
    people = [id_of(each.email) for each in FERNHILL]
    ends_at = starts_at + timedelta(hours=LINE_HOURS)
    places = _services(chance, starts_at, ends_at, people, 12 + chance.randrange(6), said=True)
    _import(ctx, _cafe(starts_at), EventStatus.CLOSED, places)


def _services(
    chance: Random, since: datetime, until: datetime, people: Sequence[uuid.UUID], count: int, *, said: bool = False
) -> list[PastPlace]:
    """Services one after another at three benches, as evenly as such days go."""
    found: list[PastPlace] = []
    apart = (until - since) / max(1, count)
    for position in range(count):
        ended = since + apart * (position + 1)
        took = timedelta(seconds=service_seconds(f"{since}{position}"))
        called = ended - took - timedelta(seconds=20)
        wait = timedelta(minutes=4 + chance.random() * 9)
        missed = position % 17 == 9
        rating, comment = SAID[position % len(SAID)] if said and position % 3 == 0 else (None, "")
        person = people[position % len(people)]
        low = int(wait.total_seconds() * (0.35 + chance.random() * 0.9))
        found.append(
            PastPlace(
                joined_at=called - wait,
                status=PlaceStatus.NO_SHOW if missed else PlaceStatus.COMPLETED,
                user_id=person,
                party_size=chance.choice([1, 1, 1, 2]),
                note=chance.choice(REPAIRS),
                station=1 + position % 3,
                called_at=called,
                started_at=None if missed else ended - took,
                ended_at=ended,
                promised_low=low,
                promised_high=low + 300,
                rating=None if missed else rating,
                comment=comment,
            )
        )
    return found


def _to_come(ctx: MutationCtx) -> None:
    evening = ctx.now.replace(hour=18, minute=30, second=0, microsecond=0)
    sewing = _values(
        "Sewing evening",
        evening + timedelta(days=3),
        3,
        description="Six machines, one serger, and Bärbel, who knows them all.",
        place="Back room",
        capacity=12,
        service_minutes=20,
        station_word="Machine",
    )
    meeting = _values(
        "General meeting",
        evening + timedelta(days=12),
        2,
        description="Accounts, elections, and what to buy next year.",
        place="Town hall, room 2",
        link="https://meet.fernhill.example/general",
        capacity=80,
        service_minutes=3,
        station_word="Desk",
    )
    knives = _values(
        "Knife sharpening", evening + timedelta(days=20), 4, description="Wet stones only.", station_word="Stone"
    )
    owner = id_of(SIGN_INS[0].email)
    _import(ctx, sewing, EventStatus.PUBLISHED, [], cover="Tool wall after.jpg")
    import_event(ctx, values=meeting, created_by=owner, status=EventStatus.PUBLISHED, helpers=[owner], places=[])
    _import(ctx, knives, EventStatus.DRAFT, [])
    if get_settings().stripe_secret_key is None:  # a real Stripe does not know the demo's account
        _bookbinding(ctx, evening)


def _bookbinding(ctx: MutationCtx, evening: datetime) -> None:
    """An event with a price, paid to whoever signs in as a creator."""
    values = _values(
        "Bookbinding for beginners",
        evening + timedelta(days=6),
        3,
        description="You sew and bind a notebook of your own. Paper, thread and tea are included.",
        place="Back room",
        capacity=10,
        service_minutes=15,
        station_word="Table",
        price_amount=2800,
        currency="GBP",
    )
    payee = find_payee(ctx, user_id=_staff()[-1])
    if payee is not None:
        account_id = payee.account_id
        _import(ctx, values, EventStatus.PUBLISHED, [], payee=account_id, cover="Open day, the workshop at ten.jpg")


def _import(
    ctx: MutationCtx,
    values: EventValues,
    status: EventStatus,
    places: list[PastPlace],
    *,
    payee: uuid.UUID | None = None,
    cover: str = "",
) -> None:
    """cover: the name of a picture in the library."""
    staff = _staff()
    import_event(
        ctx,
        values=values,
        created_by=staff[-1],
        status=status,
        helpers=staff if places else staff[-1:],
        places=places,
        payee_account_id=payee,
        cover_file_id=ctx.db.scalars(select(col(StoredFile.id)).where(col(StoredFile.name) == cover)).first(),
    )
