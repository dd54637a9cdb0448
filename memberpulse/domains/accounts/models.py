"""Tables of people, their sessions, and what proves who they are."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
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
    city: str = Field(default="", max_length=80, sa_column_kwargs={"server_default": ""})
    state: str = Field(default="", max_length=80, sa_column_kwargs={"server_default": ""})
    """State, county or region."""
    postcode: str = Field(default="", max_length=16, sa_column_kwargs={"server_default": ""})
    picture: str | None = Field(default=None, max_length=43)
    """The random name of their picture, see `pictures`."""
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    verified_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the person showed that the address is theirs; None: somebody else entered it, and no password counts."""
    deactivated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    erase_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    """When the account is to be erased, since its owner asked for it; until then they may keep it."""
    erased_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Session(Row, table=True):
    """A signed-in browser. The token itself is only in its cookie.

    organization_id is the active organization; it is no foreign key, since organizations stand above accounts, and
    counts only while the person is a member of it.
    """

    __tablename__ = "user_session"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("former_hash", name="uq_user_session_former_hash"),)

    token_hash: str = Field(unique=True, max_length=64)
    """SHA-256 of the token, in hexadecimal. Everywhere called the session's reference."""
    renewal_due: bool = False
    """The person's rights have changed: the next page that this browser opens gets it another token."""
    former_hash: str | None = Field(default=None, max_length=64)
    """The token before, good until `former_until` for the requests that were under way."""
    former_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    user_id: uuid.UUID = Field(foreign_key="user_account.id", index=True, ondelete="CASCADE")
    organization_id: uuid.UUID | None = None
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    user_agent: str = Field(default="", max_length=300)
    ip: str = Field(default="", max_length=45)


class SessionUse(Row, table=True):
    """When a session was last used. Apart from it, since a change of the session has its person asked again."""

    __tablename__ = "session_use"  # pyright: ignore[reportAssignmentType]

    session_id: uuid.UUID = Field(foreign_key="user_session.id", unique=True, ondelete="CASCADE")
    user_id: uuid.UUID = Field(foreign_key="user_account.id", index=True, ondelete="CASCADE")
    last_seen_at: datetime = Field(sa_type=UtcDateTime)


class OneTimeToken(Row, table=True):
    """A link or code that works once; see `tokens`. The token itself is only in the mail."""

    __tablename__ = "one_time_token"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("ix_one_time_token_expired", "expires_at"),)

    token_hash: str = Field(unique=True, max_length=64)
    kind: str = Field(max_length=40)
    email: str = Field(default="", max_length=254)
    user_id: uuid.UUID | None = Field(default=None, foreign_key="user_account.id", index=True, ondelete="CASCADE")
    subject_id: uuid.UUID | None = Field(default=None, index=True)
    details: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class StepUpGrant(Row, table=True):
    """A session may do one sensitive action for ten minutes, since its person has just proven who they are."""

    __tablename__ = "step_up_grant"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("session_id", "action", name="uq_step_up_grant"),)

    session_id: uuid.UUID = Field(foreign_key="user_session.id", index=True, ondelete="CASCADE")
    action: str = Field(max_length=60)
    method: str = Field(max_length=20)
    """What it was proven by: password, totp, passkey, recovery or email."""
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)


class Picture(Row, table=True):
    """A picture that we made ourselves out of an upload: 256 px square, WebP, at most 100 KB.

    organization_id: whose logo it is; None: a person's portrait. It is no foreign key, since organizations stand above.
    """

    name: str = Field(unique=True, max_length=43)
    """256 random bits: who knows the address may see the picture."""
    user_id: uuid.UUID = Field(foreign_key="user_account.id", index=True, ondelete="CASCADE")
    """Who uploaded it."""
    organization_id: uuid.UUID | None = Field(default=None, index=True)
    content: bytes
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    dropped_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    """Since when nothing shows it; it stays for an hour, so that taking it away can be undone."""


class SecurityEvent(Row, table=True):
    """One line of a person's security log: what happened to their account, when, and from where."""

    __tablename__ = "security_event"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("ix_security_event_latest", "user_id", "happened_at"),)

    user_id: uuid.UUID = Field(foreign_key="user_account.id", ondelete="CASCADE")
    action: str = Field(max_length=60)
    """Such as "session.signed_in"."""
    details: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    user_agent: str = Field(default="", max_length=300)
    ip: str = Field(default="", max_length=45)
    count: int = 1
    """How often it happened: wrong passwords within an hour are one line."""
    happened_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime, index=True)
    """The last time of those."""
