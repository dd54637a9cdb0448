"""What screens and doors are given of presence."""

import enum
import uuid
from dataclasses import dataclass
from datetime import datetime

from memberpulse.domains.organizations.schemas import PersonView


class Seen(enum.StrEnum):
    """HERE: within 60 s. RECENT: within 5 min. AWAY: longer ago."""

    HERE = "here"
    RECENT = "recent"
    AWAY = "away"


class Period(enum.StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class PresenceRow:
    """page: a path. since: on that page. last_seen_at: exact once they are gone, to the minute while they are here."""

    person: PersonView
    page: str
    seen: Seen
    since: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class OnlineNow:
    """Who is here, then who was here recently; at most 50 rows. online: within 60 s; active: within 5 min."""

    rows: list[PresenceRow]
    online: int
    active: int


@dataclass(frozen=True, slots=True)
class SeenMark:
    """For a row of the members table. last_seen_at is None while they are here."""

    user_id: uuid.UUID
    seen: Seen
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Look:
    """That a person looks at one thing of a page now."""

    thing: str
    person: PersonView


@dataclass(frozen=True, slots=True)
class ActiveCount:
    """online: within 60 s; active: within 5 min; five_minutes_ago: how many were online then."""

    online: int
    active: int
    five_minutes_ago: int


@dataclass(frozen=True, slots=True)
class TrendPoint:
    at: datetime
    online: int


@dataclass(frozen=True, slots=True)
class Trend:
    """People online over a period, the present last.

    usual_low, usual_high: for each point what the same hour of earlier weeks ranged over; both empty while there is
    too little history. highest_at is None when nobody was there at all.
    """

    points: list[TrendPoint]
    usual_low: list[int]
    usual_high: list[int]
    now: int
    highest: int
    highest_at: datetime | None


@dataclass(frozen=True)
class PresenceMark:
    """That a person is there. active_at: when they came to that page; seen_at: when their socket was last open.

    page: None when it is not known, as while every tab is hidden; they then stay where they were. thing: what is open
    on that page, if anything.
    """

    user_id: uuid.UUID
    page: str | None
    active_at: datetime
    seen_at: datetime
    thing: str | None = None


@dataclass(frozen=True)
class SampleImport:
    """A count of the past."""

    at: datetime
    online: int
