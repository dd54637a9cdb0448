"""Tables of mail."""

import enum
import uuid
from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from memberpulse.engine import Row, UtcDateTime, utc_now, word_type


class Status(enum.StrEnum):
    """How far a message came. What the provider reports never goes back."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    FAILED = "failed"


class Message(Row, table=True):
    """One letter to one address."""

    __tablename__ = "mail_message"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("ix_mail_message_latest", "created_at", "id"),)

    to_email: str = Field(max_length=254)
    kind: str = Field(max_length=40)
    subject: str = Field(max_length=200)
    sealed_letter: str | None = None
    """The letter, sealed, since it holds links that let people in; gone once a provider has taken it."""
    status: Status = Field(default=Status.QUEUED, sa_type=word_type(Status))
    about_type: str = Field(default="", max_length=40)
    about_id: uuid.UUID | None = Field(default=None, index=True)
    """What the letter is about, such as an invitation: who listens to MailMoved finds its row by it."""
    provider_id: str | None = Field(default=None, unique=True, max_length=120)
    reason: str = Field(default="", max_length=300)
    """Why it bounced or failed, or has to wait."""
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How often a provider was asked to take it and could not."""
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    changed_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class MailEvent(Row, table=True):
    """One delivery event of the provider, kept so that it counts once however often it is told."""

    __tablename__ = "mail_event"  # pyright: ignore[reportAssignmentType]

    event_id: str = Field(unique=True, max_length=120)
    """The provider's id of the event: the same for every repetition."""
    type: str = Field(max_length=80)
    message_id: uuid.UUID | None = Field(default=None, index=True)
    """The message that it is about; None: it concerns no message of ours."""
    moved: bool = False
    """Whether it moved the message to another status."""
    received_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime, index=True)
