"""Tables of invitations."""

import enum
import uuid
from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from memberpulse.domains.mail.models import Status as MailStatus
from memberpulse.domains.organizations.models import Owned, Role
from memberpulse.engine import UtcDateTime, utc_now, word_type


class State(enum.StrEnum):
    """What became of an invitation. One that is too old is still PENDING; `expires_at` says so."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REVOKED = "revoked"


class Invitation(Owned, table=True):
    """One address, asked to join with one role. The link itself is a single-use token, only in the letter."""

    __table_args__ = (
        Index("ix_invitation_latest", "organization_id", "created_at", "id"),
        Index(
            "uq_invitation_pending",
            "organization_id",
            "email",
            unique=True,
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )

    email: str = Field(max_length=254, index=True)
    """Lower-case."""
    name: str = Field(default="", max_length=120)
    """How an import called the person: a suggestion for the sign-up form."""
    role: Role = Field(default=Role.MEMBER, sa_type=word_type(Role))
    message: str = Field(default="", max_length=500)
    state: State = Field(default=State.PENDING, sa_type=word_type(State))
    invited_by: uuid.UUID | None = Field(default=None, foreign_key="user_account.id", ondelete="SET NULL", index=True)
    import_id: uuid.UUID | None = Field(default=None, index=True)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    sent_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When it was accepted or revoked."""
    accepted_by: uuid.UUID | None = Field(default=None, foreign_key="user_account.id", ondelete="SET NULL", index=True)
    mail_id: uuid.UUID | None = None
    """The latest letter; what becomes of earlier ones does not count."""
    mail_status: MailStatus = Field(default=MailStatus.QUEUED, sa_type=word_type(MailStatus))
    mail_reason: str = Field(default="", max_length=300)


class JoinLink(Owned, table=True):
    """A link with which whoever has it joins as a member, while the organization's policy allows links."""

    __tablename__ = "join_link"  # pyright: ignore[reportAssignmentType]

    code_hash: str = Field(unique=True, max_length=64)
    sealed_code: str = Field(max_length=400)
    """The code itself, sealed, so that the link can be copied again."""
    created_by: uuid.UUID | None = Field(default=None, foreign_key="user_account.id", ondelete="SET NULL", index=True)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    max_uses: int | None = None
    uses: int = 0
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
