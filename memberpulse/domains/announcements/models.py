"""The table of announcements."""

import uuid
from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from memberpulse.domains.organizations.models import Owned
from memberpulse.engine import UtcDateTime, utc_now


class Announcement(Owned, table=True):
    __table_args__ = (Index("ix_announcement_latest", "organization_id", "created_at", "id"),)

    author_id: uuid.UUID = Field(foreign_key="user_account.id", ondelete="CASCADE", index=True)
    title: str = Field(max_length=120)
    body: str = Field(max_length=4000)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
