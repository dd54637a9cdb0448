"""Tables of what proves who somebody is. Secrets are sealed, codes are kept as fingerprints."""

import uuid
from datetime import datetime

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from memberpulse.engine import Row, UtcDateTime, utc_now


class Authenticator(Row, table=True):
    """A person's authenticator app. It counts once a code of it has been seen."""

    __tablename__ = "authenticator"  # pyright: ignore[reportAssignmentType]

    user_id: uuid.UUID = Field(foreign_key="user_account.id", unique=True, ondelete="CASCADE")
    sealed_secret: str = Field(max_length=400)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_step: int = Field(default=0)
    """The newest time step of which a code was accepted; no older one is accepted again."""
    begun_by: uuid.UUID | None = Field(default=None)
    """The session in which it is being set up: only there the secret is shown."""
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class RecoveryCode(Row, table=True):
    """One of the codes for the day the phone is lost. Each works once."""

    __tablename__ = "recovery_code"  # pyright: ignore[reportAssignmentType]

    user_id: uuid.UUID = Field(foreign_key="user_account.id", index=True, ondelete="CASCADE")
    code_hash: str = Field(unique=True, max_length=64)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Passkey(Row, table=True):
    """A public key whose private half a device of the person keeps."""

    __tablename__ = "passkey"  # pyright: ignore[reportAssignmentType]

    user_id: uuid.UUID = Field(foreign_key="user_account.id", index=True, ondelete="CASCADE")
    credential_id: str = Field(unique=True, max_length=1400)
    """In base64url, as the browser names it."""
    public_key: str = Field(max_length=4000)
    """COSE, in base64url."""
    sign_count: int = Field(default=0)
    transports: list[str] = Field(default_factory=list[str], sa_type=JSON)
    name: str = Field(max_length=60)
    synced: bool = Field(default=False)
    """It is kept in an account of the person's, so that other devices of theirs have it too."""
    second_step: bool = Field(default=False)
    """After a password or a mailed link it is asked for, unless another second factor is given."""
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class LinkedProvider(Row, table=True):
    """An account elsewhere with which a person signs in here. The pair of issuer and subject is who it is."""

    __tablename__ = "linked_provider"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        UniqueConstraint("issuer", "subject", name="uq_linked_provider_who"),
        UniqueConstraint("user_id", "provider", name="uq_linked_provider_once"),
    )

    user_id: uuid.UUID = Field(foreign_key="user_account.id", index=True, ondelete="CASCADE")
    provider: str = Field(max_length=20)
    """Which of `oidc.providers`."""
    issuer: str = Field(max_length=300)
    subject: str = Field(max_length=255)
    email: str = Field(max_length=254)
    """As the provider told it last, for the person to know the account by. Nothing is decided by it."""
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ProofTally(Row, table=True):
    """How often in a row something was proven wrongly, by one session or to one person."""

    __tablename__ = "proof_tally"  # pyright: ignore[reportAssignmentType]

    counted: str = Field(unique=True, max_length=60)
    """What is counted, such as "session:<id>"."""
    wrong: int = Field(default=0)
    last_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime, index=True)
