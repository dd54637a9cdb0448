"""What screens and doors are given of announcements."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from memberpulse.domains.organizations.schemas import PersonView


@dataclass(frozen=True, slots=True)
class AnnouncementView:
    id: uuid.UUID
    title: str
    body: str
    author: PersonView
    at: datetime


@dataclass(frozen=True, slots=True)
class AnnouncementList:
    """One page, newest first."""

    rows: list[AnnouncementView]
    next_cursor: str | None
