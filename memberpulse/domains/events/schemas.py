"""What screens and doors are given of events and their lines."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from memberpulse.domains.events.models import DeedKind, EventStatus, PlaceStatus, WallNames
from memberpulse.domains.organizations.schemas import PersonView


@dataclass(frozen=True, slots=True)
class EventCard:
    """An event in a list.

    price_words: such as "£12.50", empty when it is free. taken: people who have a place or had one; waiting: parties in
    the line. mine: the caller's latest place there.
    """

    id: uuid.UUID
    title: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    place: str
    link: str
    status: EventStatus
    price_amount: int
    currency: str
    price_words: str
    capacity: int | None
    taken: int
    waiting: int
    cover_file_id: uuid.UUID | None
    mine: PlaceStatus | None
    mine_place_id: uuid.UUID | None
    is_helper: bool
    is_open: bool
    is_paused: bool


@dataclass(frozen=True, slots=True)
class EventList:
    rows: list[EventCard]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class EventRights:
    """What the caller may do here. work: work the line. join: they have no place yet, and it is open."""

    edit: bool
    publish: bool
    cancel: bool
    work: bool
    remove: bool
    join: bool


@dataclass(frozen=True, slots=True)
class HelperView:
    """station: where they serve now, or empty."""

    person: PersonView
    station: str


@dataclass(frozen=True, slots=True)
class EventView:
    id: uuid.UUID
    title: str
    description: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    place: str
    link: str
    status: EventStatus
    price_amount: int
    currency: str
    price_words: str
    capacity: int | None
    service_minutes: int
    station_word: str
    shows_wall: bool
    wall_names: WallNames
    no_show_seconds: int
    auto_no_show: bool
    cover_file_id: uuid.UUID | None
    created_by: PersonView | None
    helpers: list[HelperView]
    version: int
    cancel_reason: str
    can_take_payments: bool
    rights: EventRights
    calendar_path: str
    qr_path: str
    wall_path: str
    join_url: str


@dataclass(frozen=True, slots=True)
class Range:
    """When something is expected: whole minutes from now, and the same as instants."""

    low: int
    high: int
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Spot:
    """Where one party stands in a line; small, since a long line has many.

    ahead: parties that really go first, without those that are held. low, high: minutes until the call, counted from
    the line's `as_of`.
    """

    position: int
    ahead: int
    low: int
    high: int
    held: bool


@dataclass(frozen=True, slots=True)
class Dot:
    """One of the first in a line, by the name that everybody may see."""

    position: int
    label: str
    party_size: int
    held: bool
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to a line, in words without anything private. place_id: empty when it concerns all."""

    id: uuid.UUID
    at: datetime
    kind: DeedKind
    words: str
    place_id: str


@dataclass(frozen=True, slots=True)
class AtStation:
    """is_called: they are on their way; else they are there."""

    label: str
    station: str
    is_called: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class LineView:
    """A line as everybody in the organization may see it: one result for all who look.

    waiting: parties; people: all of them together. taken: people who have a place or were served. stations: how many
    are open. usual, usual_low, usual_high: minutes that a party takes. average_wait, longest_wait: minutes from joining
    to the call. join_now: when somebody who joined now would be called; one_more: the same with one more station.
    spots: everybody who waits, by ticket. first: the first 30 of them in order. as_of: the instant that the minutes
    count from.
    """

    event_id: uuid.UUID
    title: str
    status: EventStatus
    is_open: bool
    paused_at: datetime | None
    resumes_at: datetime | None
    pause_reason: str
    waiting: int
    people: int
    taken: int
    capacity: int | None
    is_full: bool
    stations: int
    usual_low: int
    usual_high: int
    usual: int
    served: int
    no_shows: int
    average_wait: int | None
    longest_wait: int
    join_now: Range
    one_more: Range | None
    why: str
    spots: dict[str, Spot]
    first: list[Dot]
    serving: list[AtStation]
    happened: list[Happening]
    as_of: datetime


@dataclass(frozen=True, slots=True)
class MyPlace:
    """The caller's own place. Where it stands is in the line's `spots[ticket]`. rating: what they said afterwards."""

    place_id: uuid.UUID
    event_id: uuid.UUID
    ticket: str
    status: PlaceStatus
    party_size: int
    note: str
    notify_at: int | None
    held_until: datetime | None
    holds_left: int
    joined_at: datetime
    called_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    end_reason: str
    station: str
    payment_id: uuid.UUID | None
    pay_path: str
    reserved_until: datetime | None
    rating: int | None
    comment: str
    happened: list[Happening]


@dataclass(frozen=True, slots=True)
class MyPlaceRow:
    """One of the caller's places, of any event. position: 0 when not waiting."""

    place_id: uuid.UUID
    event_id: uuid.UUID
    title: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    status: PlaceStatus
    position: int
    wait: Range | None
    joined_at: datetime
    price_words: str
    rating: int | None


@dataclass(frozen=True, slots=True)
class BoardPlace:
    """A place as helpers see it. person: None for a walk-in. waited: minutes. paid: whether a payment went through."""

    id: uuid.UUID
    number: int
    person: PersonView | None
    name: str
    party_size: int
    note: str
    remark: str
    position: int
    held_until: datetime | None
    joined_at: datetime
    waited: int
    wait: Range | None
    is_walk_in: bool
    is_next: bool
    status: PlaceStatus
    end_reason: str
    paid: bool
    version: int


@dataclass(frozen=True, slots=True)
class Lane:
    """A station and who is there. no_show_at: when somebody who was called has taken too long. mine: the caller's."""

    station_id: uuid.UUID
    number: int
    label: str
    helper: PersonView | None
    place: BoardPlace | None
    called_at: datetime | None
    started_at: datetime | None
    no_show_at: datetime | None
    usual_low: int
    usual_high: int
    free_since: datetime | None
    mine: bool
    served: int


@dataclass(frozen=True, slots=True)
class HelperRow:
    person: PersonView
    station: str
    served: int
    on_duty: bool


@dataclass(frozen=True, slots=True)
class Undoable:
    """The caller's latest deed that can still be undone."""

    entry_id: uuid.UUID
    words: str
    until: datetime


@dataclass(frozen=True, slots=True)
class BoardView:
    """All that a helper works with. accuracy: per cent of the calls that came within the range promised on joining."""

    event: EventCard
    line: LineView
    lanes: list[Lane]
    places: list[BoardPlace]
    reserved: list[BoardPlace]
    ended: list[BoardPlace]
    next: BoardPlace | None
    helpers: list[HelperRow]
    accuracy: int | None
    accuracy_of: int
    undoable: Undoable | None


@dataclass(frozen=True, slots=True)
class DeedDone:
    """What a deed on a line did. `undo_deed` takes it back until `undo_until`."""

    entry_id: uuid.UUID
    place_id: uuid.UUID | None
    words: str
    undo_until: datetime


@dataclass(frozen=True, slots=True)
class Joined:
    """A new place. pay_path: where to pay for it, empty when it is free. position: 0 until it is paid."""

    place_id: uuid.UUID
    status: PlaceStatus
    position: int
    pay_path: str
    entry_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class DayBucket:
    """A part of the day. label: its beginning in the event's zone. expected: how many would be served in it."""

    start: datetime
    label: str
    served: int
    expected: int
    is_past: bool


@dataclass(frozen=True, slots=True)
class DayChart:
    buckets: list[DayBucket]
    served: int
    no_shows: int
    left: int
    average_service: int | None


@dataclass(frozen=True, slots=True)
class HistoryRow:
    id: uuid.UUID
    seq: int
    at: datetime
    kind: DeedKind
    words: str
    actor: PersonView | None
    undone: bool


@dataclass(frozen=True, slots=True)
class HistoryList:
    rows: list[HistoryRow]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class MessageView:
    """told: how many people were in the line to read it."""

    id: uuid.UUID
    at: datetime
    author: PersonView | None
    body: str
    told: int


@dataclass(frozen=True, slots=True)
class FeedbackRow:
    id: uuid.UUID
    at: datetime
    rating: int
    comment: str
    name: str


@dataclass(frozen=True, slots=True)
class FeedbackList:
    rows: list[FeedbackRow]
    count: int
    average: float | None
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class OpenLine:
    event_id: uuid.UUID
    title: str
    waiting: int
    is_paused: bool
    join_now: Range


@dataclass(frozen=True, slots=True)
class WallNext:
    position: int
    label: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class WallParty:
    """One of those who wait, without a name: as much as the drawing of the line needs."""

    party_size: int
    held: bool


@dataclass(frozen=True, slots=True)
class WallView:
    """What anybody may see of a line whose wall display is open. No ids of people or places, no notes, no addresses.

    free: stations that are ready for the next. parties: the first 34 of those who wait. join_address: to be read aloud,
    without its scheme.
    """

    title: str
    organization: str
    initial: str
    is_open: bool
    is_paused: bool
    resumes_at: datetime | None
    serving: list[AtStation]
    free: list[str]
    next: list[WallNext]
    parties: list[WallParty]
    waiting: int
    join_now: Range
    why: str
    join_url: str
    join_address: str
    qr_path: str
    station_word: str
    ends_at: datetime
    time_zone: str
