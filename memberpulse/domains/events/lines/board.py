"""What helpers see of the line that they work."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.events.lines.queries import line_view
from memberpulse.domains.events.lines.reading import (
    Done,
    Standing,
    find_event,
    people_of,
    range_of,
    stand,
    with_names,
)
from memberpulse.domains.events.lines.undoing import can_undo
from memberpulse.domains.events.lines.words import UNDONE, happened
from memberpulse.domains.events.lines.words import done as done_words
from memberpulse.domains.events.lines.writing import may_work, station_label
from memberpulse.domains.events.models import (
    DeedKind,
    Event,
    EventHelper,
    LineEntry,
    Place,
    PlaceStatus,
    Station,
)
from memberpulse.domains.events.queries import cards_of
from memberpulse.domains.events.rules import GRACE, UNDO, may_still_undo
from memberpulse.domains.events.schemas import (
    BoardPlace,
    BoardView,
    DayBucket,
    DayChart,
    HelperRow,
    HistoryList,
    HistoryRow,
    Lane,
    Undoable,
)
from memberpulse.domains.organizations.schemas import person_view
from memberpulse.engine import QueryCtx, query
from memberpulse.engine.errors import BadArguments

ENDED_SHOWN = 10
HISTORY_PAGE = 30
BUCKET = timedelta(minutes=30)
MOST_BUCKETS = 48
OVER = (PlaceStatus.COMPLETED, PlaceStatus.NO_SHOW, PlaceStatus.CANCELLED)


@query(requires="events.view")
def get_board(ctx: QueryCtx, *, event_id: uuid.UUID) -> BoardView:
    """Everything that a helper works with. Raises EventNotFound (404), NotAHelper (403)."""
    event = find_event(ctx, event_id)
    may_work(ctx, event_id).enforce()
    standing = stand(ctx, event)
    reserved = _places(ctx, event_id, PlaceStatus.RESERVED)
    ended = _places(ctx, event_id, *OVER, most=ENDED_SHOWN)
    everybody = [place for place, _ in [*standing.waiting, *standing.at_station, *reserved, *ended]]
    people = people_of(ctx, [place.user_id for place in everybody])
    helpers = _helpers(ctx, event_id)
    staff = people_of(ctx, [*helpers, *(each.helper_id for each in standing.stations)])
    waiting = _waiting(standing, people)
    accuracy, judged = accuracy_of(standing.done)
    return BoardView(
        event=cards_of(ctx, [event])[0],
        line=line_view(ctx, standing),
        lanes=_lanes(ctx, standing, people, staff),
        places=waiting,
        reserved=[_row(standing, place, name, people) for place, name in reserved],
        ended=[_row(standing, place, name, people) for place, name in ended],
        next=next((each for each in waiting if each.is_next), None),
        helpers=_helper_rows(standing, helpers, staff),
        accuracy=accuracy,
        accuracy_of=judged,
        undoable=_undoable(ctx, event_id),
    )


def accuracy_of(done: Sequence[Done]) -> tuple[int | None, int]:
    """Per cent of services whose call came within the range promised on joining, give or take a minute; of how many."""
    hits = [
        each.promised_low - 60 <= (each.called_at - each.joined_at).total_seconds() <= each.promised_high + 60
        for each in done
        if each.called_at and each.promised_low is not None and each.promised_high is not None
    ]
    return (round(100 * sum(hits) / len(hits)), len(hits)) if hits else (None, 0)


def _places(
    ctx: QueryCtx, event_id: uuid.UUID, *statuses: PlaceStatus, most: int | None = None
) -> list[tuple[Place, str]]:
    found = select(Place).where(col(Place.event_id) == event_id, col(Place.status).in_(statuses))
    if most:
        found = found.order_by(col(Place.ended_at).desc(), col(Place.id).desc()).limit(most)
    else:
        found = found.order_by(col(Place.number))
    return with_names(ctx, list(ctx.db.scalars(found)))


def _waiting(standing: Standing, people: dict[uuid.UUID | None, User]) -> list[BoardPlace]:
    first = next((place.id for place, _ in standing.waiting if not standing.held(place)), None)
    found: list[BoardPlace] = []
    both = zip(standing.waiting, standing.waits, strict=True)
    for rank, ((place, name), wait) in enumerate(both, start=1):
        row = _row(standing, place, name, people)
        expected = range_of(wait, standing.as_of)
        found.append(replace(row, position=rank, is_next=place.id == first, wait=expected))
    return found


def _row(standing: Standing, place: Place, name: str, people: dict[uuid.UUID | None, User]) -> BoardPlace:
    person = people.get(place.user_id)
    until = place.called_at if place.status is not PlaceStatus.WAITING and place.called_at else standing.as_of
    return BoardPlace(
        id=place.id,
        number=place.number,
        person=person_view(person) if person else None,
        name=name,
        party_size=place.party_size,
        note=place.note,
        remark=place.remark,
        position=0,
        held_until=place.held_until if standing.held(place) else None,
        joined_at=place.joined_at,
        waited=max(0, int((until - place.joined_at).total_seconds() // 60)),
        wait=None,
        is_walk_in=place.user_id is None,
        is_next=False,
        status=place.status,
        end_reason=place.end_reason,
        paid=place.payment_id is not None and place.status is not PlaceStatus.RESERVED,
        version=place.version,
    )


def _lanes(
    ctx: QueryCtx,
    standing: Standing,
    people: dict[uuid.UUID | None, User],
    staff: dict[uuid.UUID | None, User],
) -> list[Lane]:
    at = {place.station_id: (place, name) for place, name in standing.at_station}
    served = _served_at(standing.done)
    free_since = _free_since(standing.done)
    return [
        _lane(ctx, standing, station, at.get(station.id), people, staff, served, free_since)
        for station in standing.stations
    ]


def _lane(
    ctx: QueryCtx,
    standing: Standing,
    station: Station,
    there: tuple[Place, str] | None,
    people: dict[uuid.UUID | None, User],
    staff: dict[uuid.UUID | None, User],
    served: dict[uuid.UUID | None, int],
    free_since: dict[uuid.UUID | None, datetime],
) -> Lane:
    place = there[0] if there else None
    called = place is not None and place.status is PlaceStatus.CALLED
    limit = timedelta(seconds=standing.event.no_show_seconds)
    helper = staff.get(station.helper_id)
    return Lane(
        station_id=station.id,
        number=station.number,
        label=station_label(standing.event, station),
        helper=person_view(helper) if helper else None,
        place=_row(standing, *there, people) if there else None,
        called_at=place.called_at if place else None,
        started_at=place.started_at if place else None,
        no_show_at=place.called_at + limit if place and called and place.called_at else None,
        usual_low=round(standing.pace.low / 60),
        usual_high=max(round(standing.pace.low / 60) + 1, round(standing.pace.high / 60)),
        free_since=None if there else max(station.opened_at, free_since.get(station.id, station.opened_at)),
        mine=station.helper_id is not None and station.helper_id == ctx.caller.user_id,
        served=served.get(station.id, 0),
    )


def _served_at(done: Sequence[Done]) -> dict[uuid.UUID | None, int]:
    found: dict[uuid.UUID | None, int] = {}
    for each in done:
        found[each.station_id] = found.get(each.station_id, 0) + 1
    return found


def _free_since(done: Sequence[Done]) -> dict[uuid.UUID | None, datetime]:
    found: dict[uuid.UUID | None, datetime] = {}
    for each in done:  # the newest first
        if each.ended_at is not None:
            found.setdefault(each.station_id, each.ended_at)
    return found


def _helpers(ctx: QueryCtx, event_id: uuid.UUID) -> list[uuid.UUID]:
    helping = select(col(EventHelper.user_id)).where(col(EventHelper.event_id) == event_id)
    return list(ctx.db.scalars(helping.order_by(col(EventHelper.added_at), col(EventHelper.id))))


def _helper_rows(
    standing: Standing, helpers: Sequence[uuid.UUID], staff: dict[uuid.UUID | None, User]
) -> list[HelperRow]:
    served = _served_at(standing.done)
    at = {each.helper_id: each for each in standing.stations if each.helper_id is not None}
    everybody = list(dict.fromkeys([*helpers, *at]))
    return [
        HelperRow(
            person=person_view(staff[each]),
            station=station_label(standing.event, at[each]) if each in at else "",
            served=served.get(at[each].id, 0) if each in at else 0,
            on_duty=each in at,
        )
        for each in everybody
        if each in staff
    ]


def _undoable(ctx: QueryCtx, event_id: uuid.UUID) -> Undoable | None:
    """The caller's latest deed while it can be undone."""
    mine = select(LineEntry).where(
        col(LineEntry.event_id) == event_id,
        col(LineEntry.actor_id) == ctx.caller.user_id,
        col(LineEntry.kind) != DeedKind.UNDO,
    )
    entry = ctx.db.scalars(mine.order_by(col(LineEntry.seq).desc()).limit(1)).first()
    if entry is None or not can_undo(entry) or not may_still_undo(entry.at, ctx.now):
        return None
    ctx.stale_at(entry.at + UNDO + GRACE)
    place = ctx.db.get(Place, entry.place_id) if entry.place_id else None
    if place is not None and place.version != entry.seq:
        return None
    who = with_names(ctx, [place])[0][1] if place else ""
    return Undoable(entry.id, done_words(entry.kind, who, entry.station), entry.at + UNDO)


@query(requires="events.view")
def get_day(ctx: QueryCtx, *, event_id: uuid.UUID) -> DayChart:
    """The day of a line in half hours: who was served, and who is expected to be.

    Raises EventNotFound (404), NotAHelper (403).
    """
    event = find_event(ctx, event_id)
    may_work(ctx, event_id).enforce()
    standing = stand(ctx, event)
    zone = ZoneInfo(event.time_zone)
    left = _places(ctx, event_id, PlaceStatus.CANCELLED)
    services = [
        (each.ended_at - each.started_at).total_seconds() / 60
        for each in standing.done
        if each.ended_at and each.started_at
    ]
    return DayChart(
        buckets=[
            DayBucket(
                start=start,
                label=f"{start.astimezone(zone):%H:%M}",
                served=sum(start <= each.ended_at < start + BUCKET for each in standing.done if each.ended_at),
                expected=_expected(standing, start),
                is_past=start + BUCKET <= standing.as_of,
            )
            for start in _starts(event)
        ],
        served=standing.served,
        no_shows=standing.no_shows,
        left=len(left),
        average_service=round(sum(services) / len(services)) if services else None,
    )


def _starts(event: Event) -> list[datetime]:
    seconds = BUCKET.total_seconds()
    first = event.starts_at - timedelta(seconds=event.starts_at.timestamp() % seconds)
    count = min(MOST_BUCKETS, int(-(-(event.ends_at - first).total_seconds() // seconds)))
    return [first + BUCKET * number for number in range(count)]


def _expected(standing: Standing, start: datetime) -> int:
    """How many of those who wait, or are at a station, are expected to be done in that half hour."""
    takes = standing.pace.mean
    ends = [standing.as_of + timedelta(seconds=each.expected + takes) for each in standing.waits]
    for place, _ in standing.at_station:
        begun = place.started_at or standing.as_of
        ends.append(max(standing.as_of, begun + timedelta(seconds=takes)))
    return sum(start <= each < start + BUCKET for each in ends)


@query(requires="events.view")
def list_history(ctx: QueryCtx, *, event_id: uuid.UUID, cursor: str | None = None) -> HistoryList:
    """Everything that happened to a line, the newest first, 30 at a time.

    cursor: of the page before. Raises EventNotFound (404), NotAHelper (403), BadArguments (422).
    """
    find_event(ctx, event_id)
    may_work(ctx, event_id).enforce()
    entries = select(LineEntry).where(col(LineEntry.event_id) == event_id)
    if cursor:
        entries = entries.where(col(LineEntry.seq) < _before(cursor))
    rows = list(ctx.db.scalars(entries.order_by(col(LineEntry.seq).desc()).limit(HISTORY_PAGE + 1)))
    page = rows[:HISTORY_PAGE]
    people = people_of(ctx, [each.actor_id for each in page])
    ids = {each.place_id for each in page if each.place_id}
    places = list(ctx.db.scalars(select(Place).where(col(Place.id).in_(ids)))) if ids else []
    names = {place.id: name for place, name in with_names(ctx, places)}
    return HistoryList(
        rows=[
            HistoryRow(
                id=each.id,
                seq=each.seq,
                at=each.at,
                kind=each.kind,
                words=_words(each, names),
                actor=person_view(people[each.actor_id]) if each.actor_id in people else None,
                undone=each.undone_by is not None,
            )
            for each in page
        ],
        next_cursor=str(page[-1].seq) if len(rows) > HISTORY_PAGE else None,
    )


def _words(entry: LineEntry, names: dict[uuid.UUID, str]) -> str:
    who = names.get(entry.place_id) if entry.place_id else None
    if entry.kind is DeedKind.UNDO:
        return f"The last change of {who} was undone" if who else "The last change of the line was undone"
    words = happened(entry.kind, who, entry.station)
    return UNDONE.format(what=words) if entry.undone_by is not None else words


def _before(cursor: str) -> int:
    if not cursor.isdecimal() or len(cursor) > 9:
        raise BadArguments(fields={"cursor": "This is not a cursor from an earlier page."})
    return int(cursor)
