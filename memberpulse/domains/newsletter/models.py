"""Tables of the newsletter."""

import enum
from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from memberpulse.engine import Row, UtcDateTime, utc_now, word_type


class Stage(enum.StrEnum):
    """Whether an address gets the newsletter. Only `subscribed` does."""

    ASKED = "asked"
    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"


class Subscriber(Row, table=True):
    """An address that asked for the newsletter."""

    __tablename__ = "newsletter_subscriber"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("ix_newsletter_subscriber_stage", "stage", "asked_at"),)

    email: str = Field(unique=True, max_length=254)
    """Lower-case."""
    stage: Stage = Field(default=Stage.ASKED, sa_type=word_type(Stage))
    letters: int = 0
    """How many letters were sent to it since somebody last confirmed: strangers may type any address."""
    asked_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    """When the last of these letters was sent."""
    changed_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    """Since when it is at its stage."""
