"""Tables of presence."""

import uuid
from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from memberpulse.domains.organizations.models import Owned
from memberpulse.engine import UtcDateTime


class Presence(Owned, table=True):
    """Where a person was seen last in an organization. Gone an hour after that."""

    __table_args__ = (UniqueConstraint("organization_id", "user_id", name="uq_presence_person"),)

    user_id: uuid.UUID = Field(foreign_key="user_account.id", ondelete="CASCADE", index=True)
    page: str = Field(max_length=200)
    """The path that the most recently used tab shows."""
    thing: str | None = Field(default=None, max_length=64)
    """What is open on that page, such as one request among others: its id, as the address has it."""
    since: datetime = Field(sa_type=UtcDateTime)
    """Since when they have been on that page."""
    active_at: datetime = Field(sa_type=UtcDateTime)
    """When a tab last came to a page. A mark with an older instant does not move the person."""
    last_seen_at: datetime = Field(sa_type=UtcDateTime, index=True)


class PresenceSample(Owned, table=True):
    """How many people of an organization were online at an instant."""

    __tablename__ = "presence_sample"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("ix_presence_sample_latest", "organization_id", "at"),)

    at: datetime = Field(sa_type=UtcDateTime, index=True)
    hour: datetime = Field(sa_type=UtcDateTime)
    """The hour in which `at` lies: what longer periods are grouped by."""
    online: int
