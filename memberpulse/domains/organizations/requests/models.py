"""The table of requests to join."""

import enum
import uuid
from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from memberpulse.domains.organizations.models import Owned, Role
from memberpulse.engine import UtcDateTime, utc_now, word_type


class RequestState(enum.StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class JoinRequest(Owned, table=True):
    """A person who asks to join. At most one of a person and organization is pending."""

    __tablename__ = "join_request"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("ix_join_request_latest", "organization_id", "state", "created_at", "id"),
        Index(
            "uq_join_request_pending",
            "organization_id",
            "user_id",
            unique=True,
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )

    user_id: uuid.UUID = Field(foreign_key="user_account.id", ondelete="CASCADE", index=True)
    note: str = Field(default="", max_length=500)
    state: RequestState = Field(default=RequestState.PENDING, sa_type=word_type(RequestState))
    role: Role | None = Field(default=None, sa_type=word_type(Role))
    """What they became when it was approved."""
    reason: str = Field(default="", max_length=300)
    """Why it was declined, as the person reads it."""
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_by: uuid.UUID | None = Field(default=None, foreign_key="user_account.id", ondelete="SET NULL", index=True)
