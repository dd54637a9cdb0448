"""Tables of notifications. Those of browser push are in `push/models.py`."""

import enum
import uuid
from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from memberpulse.domains.organizations.models import Owned
from memberpulse.engine import Row, UtcDateTime, utc_now, word_type


class Notification(Owned, table=True):
    """One thing that one person should know of."""

    __table_args__ = (
        Index("ix_notification_unread", "organization_id", "user_id", "read_at", "created_at"),
        Index("ix_notification_inbox", "organization_id", "user_id", "archived_at", "shown_at"),
        Index("ix_notification_thread", "user_id", "thread"),
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
    why: str = Field(default="", max_length=200)
    """What the person is to it, as the end of "because …"; empty: what its type says."""
    group_key: str = Field(default="", max_length=80)
    """Those of one group that are unread at the same time are shown as one; empty: it stands alone."""
    thread: uuid.UUID
    """What is shown as one: the id of its first notification."""
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    shown_at: datetime = Field(sa_type=UtcDateTime)
    """Where it stands in the inbox: when it came, or until when it is snoozed; in the future it is not shown."""
    change_id: uuid.UUID | None = Field(default=None, index=True)
    """What the person did to it last, which can be undone: then the three columns below are as they were before."""
    former_read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    former_archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    former_shown_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
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
    why: str = Field(default="", max_length=200)
    group_key: str = Field(default="", max_length=80)
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


class Letters(enum.StrEnum):
    """When the letters of notifications leave."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


class Rhythm(Row, table=True):
    """When a person is told by what leaves the app. Times are minutes of the day in the person's own zone."""

    __tablename__ = "notification_rhythm"  # pyright: ignore[reportAssignmentType]

    user_id: uuid.UUID = Field(foreign_key="user_account.id", ondelete="CASCADE", unique=True)
    quiet: bool = False
    quiet_from: int = 22 * 60
    quiet_until: int = 7 * 60
    letters: Letters = Field(default=Letters.AT_ONCE, sa_type=word_type(Letters))
    digest_at: int = 8 * 60
    digest_weekday: int = 0
    """Of a weekly digest: 0 is Monday."""
    digested_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """The last digest slot that is over, sent or empty: each is at most once."""


class Outgoing(Owned, table=True):
    """Something to tell a person outside of the app, later: after quiet hours, or in a digest. Gone once told."""

    __tablename__ = "notification_outgoing"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("ix_notification_outgoing_due", "due_at", "user_id"),)

    user_id: uuid.UUID = Field(foreign_key="user_account.id", ondelete="CASCADE", index=True)
    channel: str = Field(max_length=16)
    """A `Channel`: e-mail or push."""
    digest: bool = False
    due_at: datetime = Field(sa_type=UtcDateTime)
    type: str = Field(max_length=40)
    title: str = Field(max_length=200)
    message: str = Field(default="", max_length=500)
    link: str | None = Field(default=None, max_length=300)
    person_id: uuid.UUID | None = Field(default=None, foreign_key="user_account.id", ondelete="SET NULL", index=True)
    source_id: uuid.UUID | None = Field(default=None, index=True)
    notification_id: uuid.UUID | None = None
    """The same in the app: who has read it there is not told again."""
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
