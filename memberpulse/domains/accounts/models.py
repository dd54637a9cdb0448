"""Tables of people and their sessions."""

import uuid
from datetime import datetime

from sqlmodel import Field

from memberpulse.engine import Row, UtcDateTime, utc_now


class User(Row, table=True):
    """A person who can sign in, whatever organizations they belong to."""

    __tablename__ = "user_account"  # pyright: ignore[reportAssignmentType]

    email: str = Field(unique=True, max_length=254)
    """Lower-case."""
    name: str = Field(max_length=120)
    name_key: str = Field(index=True, max_length=240)
    """The name folded for sorting and searching, see `rules.fold`."""
    password_hash: str | None = Field(default=None, max_length=200)
    """Argon2id; None: nobody can sign in with a password."""
    time_zone: str = Field(default="Europe/London", max_length=64)
    locale: str = Field(default="en-GB", max_length=16)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    deactivated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Session(Row, table=True):
    """A signed-in browser. The token itself is only in its cookie.

    organization_id is the active organization; it is no foreign key, since organizations stand above accounts, and
    counts only while the person is a member of it.
    """

    __tablename__ = "user_session"  # pyright: ignore[reportAssignmentType]

    token_hash: str = Field(unique=True, max_length=64)
    """SHA-256 of the token, in hexadecimal. Everywhere called the session's reference."""
    user_id: uuid.UUID = Field(foreign_key="user_account.id", index=True, ondelete="CASCADE")
    organization_id: uuid.UUID | None = None
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    last_seen_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    user_agent: str = Field(default="", max_length=300)
    ip: str = Field(default="", max_length=45)
