"""Tables of events and their lines.

A line is an event's queue. A waiting place has a `turn`, which the database keeps unique within its event; its position
is its rank among them, so that positions have no gaps and nobody's row changes when others move.
"""

import enum
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from memberpulse.domains.organizations.models import Owned
from memberpulse.engine import UtcDateTime, utc_now, word_type

_OPEN = "status IN ('reserved', 'waiting', 'called', 'serving')"
_AT_STATION = "status IN ('called', 'serving')"


class EventStatus(enum.StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"
    """Nobody joins any more; who is in the line may still be served."""
    CANCELLED = "cancelled"


class WallNames(enum.StrEnum):
    """What the wall display calls people."""

    FIRST_NAME = "first_name"
    INITIALS = "initials"
    NUMBER = "number"


class PlaceStatus(enum.StrEnum):
    RESERVED = "reserved"
    """Kept for a moment for somebody who is paying; not in the line."""
    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


class DeedKind(enum.StrEnum):
    """What can happen to a line; `rules.TRANSITIONS` says from which status to which."""

    RESERVE = "reserve"
    CONFIRM = "confirm"
    EXPIRE = "expire"
    JOIN = "join"
    WALK_IN = "walk_in"
    CALL = "call"
    START = "start"
    COMPLETE = "complete"
    NO_SHOW = "no_show"
    RETURN = "return"
    MOVE = "move"
    HOLD = "hold"
    RELEASE = "release"
    LEAVE = "leave"
    REMOVE = "remove"
    PAUSE = "pause"
    RESUME = "resume"
    CLOSE = "close"
    REOPEN = "reopen"
    CHANGE = "change"
    UNDO = "undo"


class EventsShown(enum.StrEnum):
    """Which events a list shows."""

    UPCOMING = "upcoming"
    PAST = "past"
    DRAFTS = "drafts"
    """The caller's own, and everybody's for who manages events."""
    MINE = "mine"
    """Those that the caller made or helps at."""


class Event(Owned, table=True):
    """Something that happens at a time and a place, and that people join."""

    __table_args__ = (Index("ix_event_when", "organization_id", "status", "starts_at", "id"),)

    title: str = Field(max_length=120)
    description: str = Field(default="", max_length=4000)
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    time_zone: str = Field(max_length=64)
    place: str = Field(default="", max_length=200)
    link: str = Field(default="", max_length=300)
    price_amount: int = 0
    """Minor units of `currency` for each party; 0: free."""
    currency: str = Field(default="", max_length=3)
    payee_account_id: uuid.UUID | None = None
    """The connected account that is paid; set when a priced event is published."""
    capacity: int | None = None
    """The most people who can have a place at all; None: as many as come."""
    service_minutes: int = 10
    """How long one party takes, as far as anybody knows beforehand."""
    station_word: str = Field(default="Bench", max_length=20)
    """What people are called to: "Bench 2"."""
    status: EventStatus = Field(default=EventStatus.DRAFT, sa_type=word_type(EventStatus))
    shows_wall: bool = False
    """Whether the wall display is open to everybody."""
    wall_names: WallNames = Field(default=WallNames.FIRST_NAME, sa_type=word_type(WallNames))
    no_show_seconds: int = 120
    """How long somebody who is called may take to come."""
    auto_no_show: bool = False
    cancel_reason: str = Field(default="", max_length=300)
    created_by: uuid.UUID | None = Field(default=None, foreign_key="user_account.id", ondelete="SET NULL", index=True)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When it was closed or cancelled."""
    version: int = 1
    """Goes up with every change of the event itself: an edit names the version that it started from."""


class EventHelper(Owned, table=True):
    """Somebody who may work the line of one event."""

    __tablename__ = "event_helper"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("event_id", "user_id", name="uq_event_helper"),)

    event_id: uuid.UUID = Field(foreign_key="event.id", ondelete="CASCADE", index=True)
    user_id: uuid.UUID = Field(foreign_key="user_account.id", ondelete="CASCADE", index=True)
    added_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class Line(Owned, table=True):
    """The queue of one event: its counters and whether it is paused.

    Every deed takes this row first and writes its `version`, so that deeds on one line happen one after another.
    """

    __tablename__ = "event_line"  # pyright: ignore[reportAssignmentType]

    event_id: uuid.UUID = Field(foreign_key="event.id", ondelete="CASCADE", unique=True)
    version: int = 0
    """The number of the last deed."""
    next_turn: int = Field(default=1, sa_type=BigInteger)
    next_number: int = 1
    paused_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    resumes_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    pause_reason: str = Field(default="", max_length=200)


class Station(Owned, table=True):
    """Where one party at a time is served."""

    __tablename__ = "event_station"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("event_id", "number", name="uq_event_station_number"),)

    event_id: uuid.UUID = Field(foreign_key="event.id", ondelete="CASCADE", index=True)
    number: int
    helper_id: uuid.UUID | None = Field(default=None, foreign_key="user_account.id", ondelete="SET NULL", index=True)
    opened_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Place(Owned, table=True):
    """One party in a line, from joining until they are served or gone."""

    __tablename__ = "event_place"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        UniqueConstraint("event_id", "turn", name="uq_event_place_turn"),
        UniqueConstraint("event_id", "number", name="uq_event_place_number"),
        CheckConstraint("(turn IS NULL) = (status <> 'waiting')", name="ck_event_place_turn"),
        CheckConstraint(f"(station_id IS NOT NULL) OR NOT ({_AT_STATION})", name="ck_event_place_station"),
        Index(
            "uq_event_place_person",
            "event_id",
            "user_id",
            unique=True,
            sqlite_where=text(_OPEN),
            postgresql_where=text(_OPEN),
        ),
        Index(
            "uq_event_place_station",
            "station_id",
            unique=True,
            sqlite_where=text(_AT_STATION),
            postgresql_where=text(_AT_STATION),
        ),
        Index("ix_event_place_status", "event_id", "status"),
        Index("ix_event_place_payment", "payment_id"),
    )

    event_id: uuid.UUID = Field(foreign_key="event.id", ondelete="CASCADE", index=True)
    user_id: uuid.UUID | None = Field(default=None, foreign_key="user_account.id", ondelete="SET NULL", index=True)
    """None: a walk-in, whom a helper added by name."""
    number: int
    """The ticket number within the event."""
    name: str = Field(default="", max_length=80)
    """What a walk-in is called."""
    party_size: int = 1
    note: str = Field(default="", max_length=200)
    """What they come for; only helpers and they themselves see it."""
    remark: str = Field(default="", max_length=200)
    """What a helper said about this place last, such as why it was called out of turn."""
    status: PlaceStatus = Field(sa_type=word_type(PlaceStatus))
    turn: int | None = Field(default=None, sa_type=BigInteger)
    """The order in the line; set exactly while waiting."""
    notify_at: int | None = None
    """Tell the person when they stand at this position or before."""
    notified_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    held_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    holds: int = 0
    station_id: uuid.UUID | None = Field(default=None, foreign_key="event_station.id", ondelete="CASCADE", index=True)
    """Where they are served, or were."""
    calls: int = 0
    """How often they were called: what is due after a call knows by it whether it is still about that call."""
    joined_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    called_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    called_by: uuid.UUID | None = Field(default=None, foreign_key="user_account.id", ondelete="SET NULL", index=True)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    end_reason: str = Field(default="", max_length=200)
    payment_id: uuid.UUID | None = None
    reserved_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    promised_low: int | None = None
    """Seconds from joining to the call, as they were promised on joining."""
    promised_high: int | None = None
    version: int = 0
    """The number of the deed that changed it last."""


class LineEntry(Owned, table=True):
    """One deed in the history of a line. Its numbers have no gaps: the history is the order in which it happened."""

    __tablename__ = "event_line_entry"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("event_id", "seq", name="uq_event_line_entry_seq"),)

    event_id: uuid.UUID = Field(foreign_key="event.id", ondelete="CASCADE", index=True)
    seq: int
    kind: DeedKind = Field(sa_type=word_type(DeedKind))
    place_id: uuid.UUID | None = Field(default=None, foreign_key="event_place.id", ondelete="CASCADE", index=True)
    actor_id: uuid.UUID | None = Field(default=None, foreign_key="user_account.id", ondelete="SET NULL", index=True)
    station: str = Field(default="", max_length=30)
    at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    before: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """The columns of the place, or of the line, that the deed changed, as they were."""
    after: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    undone_by: int | None = None
    """The number of the deed that undid it."""


class LineMessage(Owned, table=True):
    """What helpers told everybody in a line."""

    __tablename__ = "event_line_message"  # pyright: ignore[reportAssignmentType]

    event_id: uuid.UUID = Field(foreign_key="event.id", ondelete="CASCADE", index=True)
    author_id: uuid.UUID | None = Field(default=None, foreign_key="user_account.id", ondelete="SET NULL", index=True)
    body: str = Field(max_length=500)
    told: int = 0
    at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class Feedback(Owned, table=True):
    """How it was, said afterwards by somebody who was served."""

    __tablename__ = "event_feedback"  # pyright: ignore[reportAssignmentType]

    event_id: uuid.UUID = Field(foreign_key="event.id", ondelete="CASCADE", index=True)
    place_id: uuid.UUID = Field(foreign_key="event_place.id", ondelete="CASCADE", unique=True)
    user_id: uuid.UUID = Field(foreign_key="user_account.id", ondelete="CASCADE", index=True)
    rating: int
    """1 to 5."""
    comment: str = Field(default="", max_length=500)
    at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
