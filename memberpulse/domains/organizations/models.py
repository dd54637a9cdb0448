"""Tables of organizations and memberships, and the base of every table that an organization owns."""

import enum
import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from memberpulse.engine import Row, TenantRow, UtcDateTime, utc_now, word_type


class Role(enum.StrEnum):
    """From most to least. What each may do is in `permissions`."""

    OWNER = "owner"
    ADMIN = "admin"
    CREATOR = "creator"
    MEMBER = "member"


class JoinPolicy(enum.StrEnum):
    """How people may come in. Each allows what the one before it allows."""

    CLOSED = "closed"
    """By an invitation to their address alone."""
    REQUEST = "request"
    """Anybody may ask on the join page, and somebody decides."""
    LINK = "link"
    """Whoever has an invitation link joins at once."""


class Organization(Row, table=True):
    """A club, association, community or charity."""

    name: str = Field(max_length=80)
    slug: str = Field(unique=True, max_length=60)
    picture: str | None = Field(default=None, max_length=43)
    """The random name of the logo, see `accounts.pictures`."""
    time_zone: str = Field(default="Europe/London", max_length=64, sa_column_kwargs={"server_default": "Europe/London"})
    """Where its days begin and end."""
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    join_policy: JoinPolicy = Field(default=JoinPolicy.CLOSED, sa_type=word_type(JoinPolicy))
    deletes_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    """When it will be deleted with all that it owns; None: not at all. Any owner can still cancel it."""
    deletion_by: uuid.UUID | None = None
    """Who asked for it."""


class Owned(TenantRow):
    """A row that goes when its organization goes. The base of all domains' tables from here up."""

    organization_id: uuid.UUID = Field(foreign_key="organization.id", index=True, ondelete="CASCADE")


class Membership(Owned, table=True):
    """A person in an organization, with one role.

    Who has a custom role is a member by `role`, and may do what the custom role adds. Roles and levels are never
    deleted before their organization, so neither needs a cascade.
    """

    __table_args__ = (UniqueConstraint("organization_id", "user_id", name="uq_membership_person"),)

    user_id: uuid.UUID = Field(foreign_key="user_account.id", index=True, ondelete="CASCADE")
    role: Role = Field(default=Role.MEMBER, sa_type=word_type(Role))
    joined_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    custom_role_id: uuid.UUID | None = Field(default=None, foreign_key="custom_role.id", index=True)
    level_id: uuid.UUID | None = Field(default=None, foreign_key="membership_level.id", index=True)
    renews_on: date | None = None
    """The last day that is paid for, in the organization's zone; None: without end."""
    grace_until: date | None = None
    """The last day of the grace that follows."""
    renewal_notice: str = Field(default="", max_length=24, sa_column_kwargs={"server_default": ""})
    """The last reminder that was sent: which day, and which of them."""


class EndedMembership(Owned, table=True):
    """A membership that somebody has just ended, kept for as long as that can be undone."""

    __tablename__ = "ended_membership"  # pyright: ignore[reportAssignmentType]

    membership_id: uuid.UUID = Field(index=True)
    user_id: uuid.UUID = Field(foreign_key="user_account.id", ondelete="CASCADE", index=True)
    was: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """The membership's columns, and the rows that went with it by their table, as plain JSON."""
    ended_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime, index=True)
    ended_by: uuid.UUID | None = None
