"""The table of what each member shows of themselves in the directory of one organization."""

import uuid
from datetime import datetime

from sqlalchemy import JSON
from sqlmodel import Field

from memberpulse.domains.organizations.models import Owned
from memberpulse.engine import UtcDateTime, utc_now


class DirectoryEntry(Owned, table=True):
    """What one member chose. Without an entry nobody finds them; with one, nothing but what it says is sent."""

    __tablename__ = "directory_entry"  # pyright: ignore[reportAssignmentType]

    membership_id: uuid.UUID = Field(foreign_key="membership.id", unique=True, ondelete="CASCADE")
    listed: bool = False
    shows_email: bool = False
    shows_city: bool = False
    shows_level: bool = False
    shown_fields: list[str] = Field(default_factory=list, sa_type=JSON)
    """Ids of the custom fields that are shown, as text."""
    chosen_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
