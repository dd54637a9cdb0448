"""The table of activities."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field

from memberpulse.domains.organizations.models import Owned
from memberpulse.engine import UtcDateTime, utc_now


class Activity(Owned, table=True):
    """Somebody did something to something. Written once, never changed."""

    __table_args__ = (Index("ix_activity_latest", "organization_id", "created_at", "id"),)

    user_id: uuid.UUID | None = Field(default=None, foreign_key="user_account.id", ondelete="SET NULL", index=True)
    """Who; None: the system, or somebody whose account is gone."""
    action: str = Field(max_length=40)
    entity_type: str = Field(max_length=40)
    entity_id: uuid.UUID
    target: str = Field(default="", max_length=200)
    """What the entity was called then."""
    details: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
