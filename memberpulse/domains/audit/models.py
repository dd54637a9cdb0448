"""Tables of the audit log: its entries, the personal data in them, and where each organization's chain ends."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field

from memberpulse.domains.organizations.models import Owned
from memberpulse.engine import UtcDateTime


class AuditEntry(Owned, table=True):
    """One act. Written once, never changed; it goes after 365 days. What is hashed is said in `rules.canonical`.

    People are named by id alone, without a foreign key, so that an entry outlives an account.
    """

    __tablename__ = "audit_entry"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        UniqueConstraint("organization_id", "sequence", name="uq_audit_entry_sequence"),
        Index("ix_audit_entry_kind", "organization_id", "entity_type"),
        Index("ix_audit_entry_actor", "organization_id", "actor_id"),
    )

    sequence: int
    """1, 2, 3 … within the organization, without gaps."""
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    actor_id: uuid.UUID | None = None
    """Who; None: the system."""
    subject_id: uuid.UUID | None = None
    """The person to whom it was done, if it was done to one."""
    entity_type: str = Field(max_length=40)
    action: str = Field(max_length=40)
    entity_id: uuid.UUID
    details: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """What the fact said, but for what is personal."""
    commitments: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """For each personal value, by name, SHA-256 over its salt and itself."""
    request_id: str = Field(default="", max_length=40)
    previous_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)
    folded: str = Field(default="", max_length=500)
    """For searching; not part of the chain."""


class AuditPersonal(Owned, table=True):
    """One personal value of an entry: a name, an address. Erasing the person removes it; the chain still verifies."""

    __tablename__ = "audit_personal"  # pyright: ignore[reportAssignmentType]

    entry_id: uuid.UUID = Field(foreign_key="audit_entry.id", index=True, ondelete="CASCADE")
    name: str = Field(max_length=40)
    salt: str = Field(max_length=32)
    value: str
    folded: str = Field(default="", max_length=300)
    person_id: uuid.UUID | None = Field(default=None, index=True)
    """Whom it says something about, where that is known."""


class AuditHead(Owned, table=True):
    """The end of an organization's chain, locked by whoever appends, and where its kept part begins."""

    __tablename__ = "audit_head"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("organization_id", name="uq_audit_head_organization"),)

    sequence: int = 0
    hash: str = Field(max_length=64)
    pruned_sequence: int = 0
    """The last entry that is not kept any more; 0: all are kept."""
    pruned_hash: str = Field(max_length=64)
    verified_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    verified_by: uuid.UUID | None = None
    intact: bool | None = None
    verdict: str = Field(default="", max_length=300)
