"""A line as it stands, read by few narrow statements, and what follows from it. Shared by all views of a line."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Row, func, select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.events.errors import EventNotFound
from memberpulse.domains.events.lines import estimates
from memberpulse.domains.events.lines.estimates import AtWork, Pace, Party, Served, Wait
from memberpulse.domains.events.models import Event, Line, Place, PlaceStatus, Station
from memberpulse.domains.events.rules import is_held, is_paused, wall_label
from memberpulse.domains.events.schemas import Range
from memberpulse.engine import QueryCtx

CLOCK = timedelta(seconds=30)
"""How often minutes are counted anew while nothing else happens."""
REMEMBERED = 400
"""Of how many services, the latest ones, averages are taken."""
BY_ID_AT_ONCE, MOST_BY_ID = 50, 200


@dataclass(frozen=True, slots=True)
class Done:
    """One service that is over."""

    joined_at: datetime
    called_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    party_size: int
    station_id: uuid.UUID | None
    promised_low: int | None
    promised_high: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A line at an instant, with its places in order and when each is called."""

    event: Event
    line: Line
    as_of: datetime
    stations: list[Station]
    waiting: list[tuple[Place, str]]
    """Places and the names of who stands there."""
    at_station: list[tuple[Place, str]]
    done: list[Done]
    served: int
    no_shows: int
    pace: Pace
    waits: list[Wait]
    """Of those who wait, in their order."""
    join: Wait
    one_more: Wait | None

    @property
    def is_paused(self) -> bool:
        return is_paused(self.line.paused_at, self.line.resumes_at, self.as_of)

    def station_label(self, station_id: uuid.UUID | None) -> str:
        number = next((each.number for each in self.stations if each.id == station_id), None)
        return f"{self.event.station_word} {number}" if number else ""

    def label(self, place: Place, name: str) -> str:
        """What everybody may call them, as the organizer has chosen."""
        return wall_label(name, place.number, self.event.wall_names)

    def held(self, place: Place) -> bool:
        return is_held(place.held_until, self.as_of)


def clock(now: datetime) -> datetime:
    """The last full half minute: what is counted from it is the same for all who look meanwhile."""
    seconds = int(now.timestamp() // CLOCK.total_seconds() * CLOCK.total_seconds())
    return datetime.fromtimestamp(seconds, UTC)


def find_event(ctx: QueryCtx, event_id: uuid.UUID) -> Event:
    """Raises EventNotFound (404)."""
    found = ctx.db.get(Event, event_id)
    if found is None:
        raise EventNotFound
    return found


def find_line(ctx: QueryCtx, event_id: uuid.UUID) -> Line:
    """Raises EventNotFound (404); an event has a line from the beginning."""
    found = ctx.db.scalars(select(Line).where(col(Line.event_id) == event_id)).one_or_none()
    if found is None:
        raise EventNotFound
    return found


def stand(ctx: QueryCtx, event: Event) -> Standing:
    """Read a line and play it forward. What it gives changes every half minute while somebody is there."""
    line, as_of = find_line(ctx, event.id), clock(ctx.now)
    stations = open_stations(ctx, event.id)
    there = _there(ctx, event.id)
    waiting = sorted(((p, n) for p, n in there if p.turn is not None), key=lambda each: each[0].turn or 0)
    at_station = [(p, n) for p, n in there if p.turn is None]
    counts = _counts(ctx, event.id)
    done = list_done(ctx, event.id) if counts.get(PlaceStatus.COMPLETED) else []
    pace = estimates.pace_of(_observed(done), event.service_minutes)
    begins_in = _begins_in(event, line, as_of)
    work = [_work(station, at_station, as_of) for station in stations]
    parties = [Party(place.party_size, _held_for(place, as_of)) for place, _ in waiting]
    played = estimates.waits(pace, work, [*parties, Party()], begins_in=begins_in)
    more = estimates.waits(pace, [*work, AtWork()], [*parties, Party()], begins_in=begins_in) if stations else None
    _say_when_stale(ctx, event, line, as_of, [place for place, _ in there])
    return Standing(
        event=event,
        line=line,
        as_of=as_of,
        stations=stations,
        waiting=waiting,
        at_station=at_station,
        done=done,
        served=counts.get(PlaceStatus.COMPLETED, 0),
        no_shows=counts.get(PlaceStatus.NO_SHOW, 0),
        pace=pace,
        waits=played[:-1],
        join=played[-1],
        one_more=more[-1] if more else None,
    )


def open_stations(ctx: QueryCtx, event_id: uuid.UUID) -> list[Station]:
    there = select(Station).where(col(Station.event_id) == event_id, col(Station.closed_at).is_(None))
    return list(ctx.db.scalars(there.order_by(col(Station.number))))


def range_of(wait: Wait, as_of: datetime) -> Range:
    low, high = wait.minutes
    return Range(low, high, as_of + timedelta(minutes=low), as_of + timedelta(minutes=high))


def reason_of(standing: Standing) -> str:
    """Why the estimate is what it is."""
    ahead = sum(not standing.held(place) for place, _ in standing.waiting)
    return estimates.why(
        standing.pace,
        ahead=ahead,
        stations=len(standing.stations),
        station_word=standing.event.station_word,
        service_minutes=standing.event.service_minutes,
        begins=_begins_words(standing),
    )


def average_wait(done: Sequence[Done]) -> int | None:
    """Minutes from joining to the call, of the latest services."""
    times = [(each.called_at - each.joined_at).total_seconds() for each in done if each.called_at]
    return round(sum(times) / len(times) / 60) if times else None


def list_done(ctx: QueryCtx, event_id: uuid.UUID) -> list[Done]:
    """The latest services, the newest first."""
    columns = (
        col(Place.joined_at),
        col(Place.called_at),
        col(Place.started_at),
        col(Place.ended_at),
        col(Place.party_size),
        col(Place.station_id),
        col(Place.promised_low),
        col(Place.promised_high),
    )
    served = select(*columns).where(col(Place.event_id) == event_id, col(Place.status) == PlaceStatus.COMPLETED)
    rows: Sequence[Row[tuple[object, ...]]] = ctx.db.execute(
        served.order_by(col(Place.ended_at).desc(), col(Place.id).desc()).limit(REMEMBERED)
    ).all()  # pyright: ignore[reportAssignmentType]
    return [Done(*row) for row in rows]  # pyright: ignore[reportArgumentType]


def _observed(done: Sequence[Done]) -> list[Served]:
    return [
        Served((each.ended_at - each.started_at).total_seconds(), each.party_size)
        for each in done
        if each.ended_at and each.started_at and each.ended_at > each.started_at
    ]


def _there(ctx: QueryCtx, event_id: uuid.UUID) -> list[tuple[Place, str]]:
    there = select(Place).where(
        col(Place.event_id) == event_id,
        col(Place.status).in_([PlaceStatus.WAITING, PlaceStatus.CALLED, PlaceStatus.SERVING]),
    )
    return with_names(ctx, list(ctx.db.scalars(there)))


def with_names(ctx: QueryCtx, places: Sequence[Place]) -> list[tuple[Place, str]]:
    """Each place with the name of the person, or of the walk-in."""
    people = people_of(ctx, [place.user_id for place in places])
    return [(place, people[place.user_id].name if place.user_id in people else place.name) for place in places]


def name_of(ctx: QueryCtx, place: Place) -> str:
    """The name of whoever has a place."""
    return with_names(ctx, [place])[0][1]


def people_of(ctx: QueryCtx, ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID | None, User]:
    """The accounts of people, asked for by their ids while they are few, so that nobody else's change is read."""
    wanted = sorted({each for each in ids if each is not None})
    if len(wanted) > MOST_BY_ID:
        wide = select(User).where(col(User.id).in_(wanted))
        return {user.id: user for user in ctx.db.scalars(wide)}
    found: dict[uuid.UUID | None, User] = {}
    for start in range(0, len(wanted), BY_ID_AT_ONCE):
        some = select(User).where(col(User.id).in_(wanted[start : start + BY_ID_AT_ONCE]))
        found.update((user.id, user) for user in ctx.db.scalars(some))
    return found


def _counts(ctx: QueryCtx, event_id: uuid.UUID) -> dict[PlaceStatus, int]:
    over = [PlaceStatus.COMPLETED, PlaceStatus.NO_SHOW]
    counted = (
        select(col(Place.status), func.count())
        .select_from(Place)
        .where(col(Place.event_id) == event_id, col(Place.status).in_(over))
        .group_by(col(Place.status))
    )
    return {row[0]: row[1] for row in ctx.db.execute(counted)}


def _work(station: Station, at_station: Sequence[tuple[Place, str]], as_of: datetime) -> AtWork:
    place = next((each for each, _ in at_station if each.station_id == station.id), None)
    if place is None:
        return AtWork()
    if place.started_at is None or place.status is PlaceStatus.CALLED:
        return AtWork(place.party_size)
    return AtWork(place.party_size, max(0.0, (as_of - place.started_at).total_seconds()))


def _held_for(place: Place, as_of: datetime) -> float:
    return max(0.0, (place.held_until - as_of).total_seconds()) if place.held_until else 0.0


def _begins_in(event: Event, line: Line, as_of: datetime) -> float:
    pause = line.resumes_at if is_paused(line.paused_at, line.resumes_at, as_of) else None
    return max(0.0, *((each - as_of).total_seconds() for each in (event.starts_at, pause) if each is not None))


def _begins_words(standing: Standing) -> str:
    if standing.event.starts_at > standing.as_of:
        return "when the event starts"
    if not standing.is_paused:
        return ""
    return "after the pause" if standing.line.resumes_at else "after the pause, whose end is not known"


def _say_when_stale(ctx: QueryCtx, event: Event, line: Line, as_of: datetime, there: Sequence[Place]) -> None:
    if there:
        ctx.stale_at(as_of + CLOCK)
    later = [event.starts_at, event.ends_at, line.resumes_at, *(place.held_until for place in there)]
    for each in later:
        if each is not None and each > ctx.now:
            ctx.stale_at(each)
