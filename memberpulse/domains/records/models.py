"""The table of workspace records."""

import enum
import uuid
from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field

from memberpulse.domains.organizations.models import Owned
from memberpulse.engine import UtcDateTime, utc_now, word_type


class Status(enum.StrEnum):
    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DONE = "done"


class WorkspaceRecord(Owned, table=True):
    """Something to try things on: a line with a state, an owner and a day by which it is due."""

    __tablename__ = "workspace_record"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("ix_workspace_record_latest", "organization_id", "created_at", "id"),)

    title: str = Field(max_length=120)
    status: Status = Field(default=Status.OPEN, sa_type=word_type(Status))
    notes: str = Field(default="", max_length=4000)
    owner_id: uuid.UUID | None = Field(default=None, foreign_key="user_account.id", ondelete="SET NULL", index=True)
    due_on: date | None = None
    sample: bool = False
    """Whether it came with the workspace; else it is the organization's own."""
    version: int = 1
    """Goes up with every change: an edit names the version that it started from."""
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    changed_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    changed_by: uuid.UUID | None = Field(default=None, foreign_key="user_account.id", ondelete="SET NULL", index=True)
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Removed, and to be undone for a moment yet; a job deletes it."""
    removal_id: uuid.UUID | None = Field(default=None, index=True)
    """What removed it: one act may remove many."""
    batch_id: uuid.UUID | None = Field(default=None, index=True)
    """The reset that added it."""
