"""What screens and doors are given of the directory: only what each person shows."""

import enum
import uuid
from dataclasses import dataclass
from datetime import datetime

from memberpulse.domains.organizations.fields.schemas import FilledField
from memberpulse.domains.organizations.levels.schemas import MembershipState
from memberpulse.domains.organizations.schemas import PersonView


class Shown(enum.StrEnum):
    """What a person decides about, besides the fields."""

    LISTED = "listed"
    EMAIL = "email"
    CITY = "city"
    LEVEL = "level"


@dataclass(frozen=True, slots=True)
class DirectoryRow:
    """Somebody who is listed; id is the membership's. email, city, level: empty unless they are shown."""

    id: uuid.UUID
    person: PersonView
    email: str
    city: str
    level: str


@dataclass(frozen=True, slots=True)
class DirectoryList:
    """One page by name. total: all who are listed. cities: those that people show, for the filter."""

    rows: list[DirectoryRow]
    total: int
    matching: int
    cities: list[str]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class ShownField:
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class DirectoryPerson:
    """One person, with the fields that they show."""

    id: uuid.UUID
    person: PersonView
    email: str
    city: str
    level: str
    joined_at: datetime
    fields: list[ShownField]


@dataclass(frozen=True, slots=True)
class ShareChoice:
    """A field that the person may show. words: what it holds."""

    id: uuid.UUID
    name: str
    words: str
    shown: bool


@dataclass(frozen=True, slots=True)
class MyMembership:
    """The caller's own membership: what is kept, and what the directory shows of it.

    chosen: whether they have decided yet. shares: the fields that may be shown.
    """

    membership_id: uuid.UUID
    person: PersonView
    email: str
    city: str
    role: str
    joined_at: datetime
    state: MembershipState
    chosen: bool
    listed: bool
    shows_email: bool
    shows_city: bool
    shows_level: bool
    shares: list[ShareChoice]
    fields: list[FilledField]
