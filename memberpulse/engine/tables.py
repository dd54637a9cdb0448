"""The base of every table, and the engine's own tables."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from memberpulse.engine.types import UtcDateTime, utc_now, uuid7


class Row(SQLModel):
    """A table row with a UUIDv7 key."""

    id: uuid.UUID = Field(default_factory=uuid7, primary_key=True)


class TenantRow(Row):
    """A row that belongs to one organization: every read and write of it is filtered by the engine."""

    organization_id: uuid.UUID = Field(index=True)


class JobState(StrEnum):
    SCHEDULED = "scheduled"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"


class EngineJob(Row, table=True):
    """A deed that a transaction promised: it runs after commit, at least once."""

    __tablename__ = "engine_job"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("ix_engine_job_due", "state", "run_at"),)

    function: str = Field(max_length=200)
    arguments: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    organization_id: uuid.UUID | None = None
    key: str | None = Field(default=None, unique=True, max_length=200)
    state: str = Field(default=JobState.SCHEDULED, max_length=16)
    run_at: datetime = Field(sa_type=UtcDateTime)
    attempts: int = 0
    """How often it was begun, by processes that died under it too."""
    failures: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    max_attempts: int = 5
    """So many failures are its end."""
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_error: str | None = None
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class EngineCall(Row, table=True):
    """The remembered answer to a mutation under a client's idempotency key."""

    __tablename__ = "engine_call"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("caller", "key"),)

    caller: str = Field(max_length=100)
    key: str = Field(max_length=100)
    function: str = Field(max_length=200)
    arguments_hash: str = Field(max_length=64)
    result: str
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)


class EngineLease(SQLModel, table=True):
    """Who holds a role that only one process may play, and until when."""

    __tablename__ = "engine_lease"  # pyright: ignore[reportAssignmentType]

    name: str = Field(primary_key=True, max_length=100)
    holder: str = Field(max_length=100)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class EngineLogEntry(Row, table=True):
    """One call of one function, as the function log shows it."""

    __tablename__ = "engine_log"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("ix_engine_log_function_at", "function", "at"),)

    at: datetime = Field(sa_type=UtcDateTime, index=True)
    function: str = Field(max_length=200)
    kind: str = Field(max_length=16)
    caller: str = Field(max_length=100)
    organization_id: uuid.UUID | None = None
    duration_us: int
    outcome: str = Field(max_length=64)
    request_id: str = Field(max_length=40)


class EngineChange(SQLModel, table=True):
    """A change set on its way to other processes, for databases that cannot notify."""

    __tablename__ = "engine_change"  # pyright: ignore[reportAssignmentType]

    id: int | None = Field(default=None, primary_key=True)
    origin: str = Field(max_length=40)
    payload: str
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime, index=True)
