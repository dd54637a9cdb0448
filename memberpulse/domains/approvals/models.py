"""The table of approval requests."""

import enum
import uuid
from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from memberpulse.domains.organizations.models import Owned
from memberpulse.engine import UtcDateTime, utc_now, word_type


class Status(enum.StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class ApprovalRequest(Owned, table=True):
    """Somebody asks for something that somebody else decides."""

    __tablename__ = "approval_request"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("ix_approval_request_pending", "organization_id", "status", "created_at"),)

    kind: str = Field(max_length=40)
    """What sort of thing is asked for, such as "membership"."""
    title: str = Field(max_length=200)
    requester_id: uuid.UUID | None = Field(default=None, foreign_key="user_account.id", ondelete="SET NULL", index=True)
    status: Status = Field(default=Status.PENDING, sa_type=word_type(Status))
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
