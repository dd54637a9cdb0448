"""Tables of the fields that an organization keeps about its members, and of what they hold."""

import enum
import uuid
from datetime import datetime

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from memberpulse.domains.organizations.models import Owned
from memberpulse.engine import UtcDateTime, utc_now, word_type


class FieldKind(enum.StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes_no"


class Audience(enum.StrEnum):
    """Who sees what a field holds.

    Of MEMBERS, the person concerned decides in addition whether the directory shows it.
    """

    ADMINS = "admins"
    SELF = "self"
    MEMBERS = "members"


class Editor(enum.StrEnum):
    """Who fills a field in. Admins always may."""

    ADMINS = "admins"
    SELF = "self"


class MemberField(Owned, table=True):
    """One thing that the organization wants to know of everybody."""

    __tablename__ = "member_field"  # pyright: ignore[reportAssignmentType]

    name: str = Field(max_length=60)
    hint: str = Field(default="", max_length=200)
    kind: FieldKind = Field(sa_type=word_type(FieldKind))
    options: list[str] = Field(default_factory=list, sa_type=JSON)
    """What can be chosen, for a choice."""
    required: bool = False
    seen_by: Audience = Field(default=Audience.ADMINS, sa_type=word_type(Audience))
    edited_by: Editor = Field(default=Editor.ADMINS, sa_type=word_type(Editor))
    position: int = 0
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class MemberFieldValue(Owned, table=True):
    """What a field holds of one member, in the one form that its kind has."""

    __tablename__ = "member_field_value"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("membership_id", "field_id", name="uq_member_field_value"),)

    membership_id: uuid.UUID = Field(foreign_key="membership.id", index=True, ondelete="CASCADE")
    field_id: uuid.UUID = Field(foreign_key="member_field.id", index=True, ondelete="CASCADE")
    value: str = Field(max_length=2000)
    changed_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
