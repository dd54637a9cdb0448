"""What screens and doors are given of notifications."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from memberpulse.domains.organizations.schemas import PersonView


@dataclass(frozen=True, slots=True)
class NotificationRow:
    """link: a path on this site. person: who caused it. source_id: the entity that it is about."""

    id: uuid.UUID
    type: str
    title: str
    message: str
    link: str | None
    at: datetime
    person: PersonView | None
    source_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """count: all that are unread; rows: the latest 50 of them, newest first."""

    count: int
    rows: list[NotificationRow]


@dataclass(frozen=True)
class Notice:
    """What to tell people.

    person_id: who caused it, and is not told. source_id: the entity that it is about.
    """

    type: str
    title: str
    message: str = ""
    link: str | None = None
    person_id: uuid.UUID | None = None
    source_id: uuid.UUID | None = None


@dataclass(frozen=True)
class NoticeImport:
    """A notice that one person was given before."""

    user_id: uuid.UUID
    notice: Notice
    created_at: datetime
    read_at: datetime | None
