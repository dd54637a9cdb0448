"""What screens and doors are given of workspace records."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from memberpulse.domains.organizations.schemas import PersonView
from memberpulse.domains.records.models import Status


@dataclass(frozen=True, slots=True)
class RecordView:
    """One record.

    due: its day in words, or empty. overdue: not done, and its day is past. changed_by: the name of who changed it
    last, or empty.
    """

    id: uuid.UUID
    title: str
    status: Status
    notes: str
    owner: PersonView | None
    due_on: date | None
    due: str
    overdue: bool
    sample: bool
    archived: bool
    version: int
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, slots=True)
class RecordList:
    """One page, the newest first."""

    rows: list[RecordView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class RecordCounts:
    """total: without archived ones. samples: archived or not."""

    total: int
    open: int
    in_progress: int
    done: int
    archived: int
    samples: int


@dataclass(frozen=True, slots=True)
class OwnerChoice:
    id: uuid.UUID
    name: str


@dataclass(frozen=True, slots=True)
class Removal:
    """What was removed at once; its id undoes it."""

    id: uuid.UUID
    count: int
    words: str
