"""Tables of notifications."""

import uuid
from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from memberpulse.domains.organizations.models import Owned
from memberpulse.engine import Row, UtcDateTime, utc_now


class Notification(Owned, table=True):
    """One thing that one person should know of."""

    __table_args__ = (
        Index("ix_notification_unread", "organization_id", "user_id", "read_at", "created_at"),
        Index("ix_notification_read", "read_at", "created_at"),
    )

    user_id: uuid.UUID = Field(foreign_key="user_account.id", ondelete="CASCADE", index=True)
    type: str = Field(max_length=40)
    """What it is about, such as "announcement"."""
    title: str = Field(max_length=200)
    message: str = Field(default="", max_length=500)
    link: str | None = Field(default=None, max_length=300)
    """A path on this site."""
    person_id: uuid.UUID | None = Field(default=None, foreign_key="user_account.id", ondelete="SET NULL", index=True)
    """Who caused it."""
    source_id: uuid.UUID | None = Field(default=None, index=True)
    """The entity that it is about, so that it can be withdrawn with it."""
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class Broadcast(Owned, table=True):
    """A notification on its way to the many members of a large organization. It is gone once everybody has it."""

    __tablename__ = "notification_broadcast"  # pyright: ignore[reportAssignmentType]

    type: str = Field(max_length=40)
    title: str = Field(max_length=200)
    message: str = Field(default="", max_length=500)
    link: str | None = Field(default=None, max_length=300)
    person_id: uuid.UUID | None = Field(default=None, foreign_key="user_account.id", ondelete="SET NULL")
    source_id: uuid.UUID | None = Field(default=None, index=True)
    told_until: uuid.UUID | None = None
    """The last person who has it, in the order of their ids; None: nobody yet."""
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class Preference(Row, table=True):
    """What a person wants of one type of notification on one channel, where it differs from what everybody gets."""

    __tablename__ = "notification_preference"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("user_id", "type", "channel", name="uq_notification_preference"),)

    user_id: uuid.UUID = Field(foreign_key="user_account.id", ondelete="CASCADE", index=True)
    type: str = Field(max_length=40)
    """A `type` of `kinds.KINDS`."""
    channel: str = Field(max_length=16)
    """A `Channel`."""
    enabled: bool
