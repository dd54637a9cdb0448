"""Tables of browser push."""

import enum
import uuid
from datetime import datetime

from sqlmodel import Field

from memberpulse.domains.organizations.models import Owned
from memberpulse.engine import Row, UtcDateTime, utc_now, word_type


class PushDevice(Row, table=True):
    """A browser in which somebody wants to be told with the tab closed. It goes with the session that added it."""

    __tablename__ = "push_device"  # pyright: ignore[reportAssignmentType]

    user_id: uuid.UUID = Field(foreign_key="user_account.id", ondelete="CASCADE", index=True)
    session_id: uuid.UUID = Field(foreign_key="user_session.id", ondelete="CASCADE", index=True)
    endpoint_hash: str = Field(unique=True, max_length=64)
    """SHA-256 of the address at the push service, so that a browser is listed once."""
    sealed: str
    """The address and the browser's keys: whoever has them can send to it."""
    service: str = Field(max_length=120)
    """The host of the push service, for the list."""
    user_agent: str = Field(default="", max_length=300)
    added_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When it was last told something."""


class PushState(enum.StrEnum):
    """What has become of a push. SENDING that stays means that nobody knows: it is not sent again."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


class PushMessage(Owned, table=True):
    """One message to one browser."""

    __tablename__ = "push_message"  # pyright: ignore[reportAssignmentType]

    user_id: uuid.UUID = Field(foreign_key="user_account.id", ondelete="CASCADE", index=True)
    device_id: uuid.UUID = Field(foreign_key="push_device.id", ondelete="CASCADE", index=True)
    title: str = Field(max_length=200)
    body: str = Field(default="", max_length=300)
    link: str = Field(max_length=300)
    source_id: uuid.UUID | None = Field(default=None, index=True)
    notification_id: uuid.UUID | None = None
    thread: uuid.UUID | None = None
    state: PushState = Field(default=PushState.QUEUED, sa_type=word_type(PushState))
    attempts: int = 0
    reason: str = Field(default="", max_length=200)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime, index=True)
    changed_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
