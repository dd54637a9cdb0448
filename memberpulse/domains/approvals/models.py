"""The tables of approval requests, of what each approver said, and of how many of them it takes."""

import enum
import uuid
from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from memberpulse.domains.organizations.models import Owned
from memberpulse.engine import UtcDateTime, utc_now, word_type


class Status(enum.StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class ApprovalRequest(Owned, table=True):
    """Somebody asks for something that somebody else decides."""

    __tablename__ = "approval_request"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("ix_approval_request_pending", "organization_id", "status", "created_at"),
        Index("ix_approval_request_decided", "organization_id", "status", "decided_at"),
    )

    kind: str = Field(max_length=40)
    """The name of a registered kind, such as "joining"."""
    title: str = Field(max_length=200)
    summary: str = Field(default="", max_length=500, sa_column_kwargs={"server_default": ""})
    """A few words of the requester's, shown in the row."""
    subject_id: uuid.UUID | None = None
    """What the kind decides about, in a table of its own domain."""
    requester_id: uuid.UUID | None = Field(default=None, foreign_key="user_account.id", ondelete="SET NULL", index=True)
    needed: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    """How many must approve; fixed when it was asked, so that nobody lowers it for a request that waits."""
    status: Status = Field(default=Status.PENDING, sa_type=word_type(Status))
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_by: uuid.UUID | None = Field(default=None, foreign_key="user_account.id", ondelete="SET NULL", index=True)
    """Whose decision settled it."""
    reason: str = Field(default="", max_length=300, sa_column_kwargs={"server_default": ""})
    """Why, as the requester reads it."""


class ApprovalVote(Owned, table=True):
    """What one person said about a request; at most one of each."""

    __tablename__ = "approval_vote"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("request_id", "user_id", name="uq_approval_vote_person"),)

    request_id: uuid.UUID = Field(foreign_key="approval_request.id", ondelete="CASCADE", index=True)
    user_id: uuid.UUID | None = Field(default=None, foreign_key="user_account.id", ondelete="SET NULL", index=True)
    approves: bool
    choice: str | None = Field(default=None, max_length=40)
    """What they chose to grant, of what the kind offers."""
    reason: str = Field(default="", max_length=300)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class ApprovalRule(Owned, table=True):
    """How many must approve requests of a kind, where the organization differs from the kind's own number."""

    __tablename__ = "approval_rule"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("organization_id", "kind", name="uq_approval_rule_kind"),)

    kind: str = Field(max_length=40)
    approvers: int
