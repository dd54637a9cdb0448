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
    """Why it bounced or failed."""
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    changed_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
