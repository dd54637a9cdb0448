"""Tables of the file library: folders, files, uploads under way, use of storage, and what is to be removed from it.

The bytes are in the store, see `stores`; each object there is named by exactly one row of these tables.
"""

import enum
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, UniqueConstraint
from sqlmodel import Field

from memberpulse.domains.files.kinds import FileKind
from memberpulse.domains.organizations.models import Owned
from memberpulse.engine import Row, UtcDateTime, utc_now, word_type

__all__ = [
    "Audience",
    "DoomedObject",
    "FileAttachment",
    "FileFolder",
    "FileKind",
    "FileUpload",
    "StorageCheck",
    "StorageUse",
    "StoredFile",
    "UploadState",
]


class Audience(enum.StrEnum):
    """Who may see a file. The person who uploaded it always does."""

    ORGANIZATION = "organization"
    CREATORS = "creators"
    """Who may organize the library: creators, admins and owners, and custom roles with that right."""
    ADMINS = "admins"
    """Who may manage all files: admins and owners, and custom roles with that right."""
    ONLY_ME = "only_me"


class UploadState(enum.StrEnum):
    RESERVED = "reserved"
    RECEIVING = "receiving"
    RECEIVED = "received"
    DONE = "done"
    ENDED = "ended"
    """Refused, cancelled or expired: nothing is reserved any more."""


OPEN_STATES = (UploadState.RESERVED, UploadState.RECEIVING, UploadState.RECEIVED)
"""Those for which space is set apart."""


class FileFolder(Owned, table=True):
    """A folder of the library; folders may stand in folders."""

    __tablename__ = "file_folder"  # pyright: ignore[reportAssignmentType]

    name: str = Field(max_length=80)
    name_key: str = Field(max_length=80)
    """The name as it is compared: two folders of one parent differ in it."""
    parent_id: uuid.UUID | None = Field(default=None, foreign_key="file_folder.id", index=True)
    depth: int = 0
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class StoredFile(Owned, table=True):
    """One file of the library, or in its bin."""

    __tablename__ = "stored_file"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("ix_stored_file_latest", "organization_id", "uploaded_at", "id"),
        Index("ix_stored_file_binned", "binned_at"),
    )

    name: str = Field(max_length=120)
    name_key: str = Field(max_length=120)
    folder_id: uuid.UUID | None = Field(default=None, foreign_key="file_folder.id", ondelete="SET NULL", index=True)
    kind: FileKind = Field(sa_type=word_type(FileKind))
    media_type: str = Field(max_length=100)
    size_bytes: int = Field(sa_type=BigInteger)
    thumbnail_bytes: int = 0
    """0: it has no thumbnail."""
    sha256: str = Field(max_length=64)
    """Of the content as it is kept and downloaded."""
    object_name: str = Field(max_length=64, unique=True)
    width: int | None = None
    height: int | None = None
    pages: int | None = None
    excerpt: str = Field(default="", max_length=400)
    """How a text begins."""
    audience: Audience = Field(default=Audience.ORGANIZATION, sa_type=word_type(Audience))
    uploader_id: uuid.UUID | None = Field(default=None, foreign_key="user_account.id", ondelete="SET NULL", index=True)
    uploaded_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    changed_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    binned_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    binned_by: uuid.UUID | None = Field(default=None, foreign_key="user_account.id", ondelete="SET NULL", index=True)
    missing_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Since when the store is known not to have the content."""


class FileUpload(Owned, table=True):
    """A file on its way: space is reserved for it, and it belongs to the person who sends it."""

    __tablename__ = "file_upload"  # pyright: ignore[reportAssignmentType]

    uploader_id: uuid.UUID = Field(foreign_key="user_account.id", ondelete="CASCADE", index=True)
    name: str = Field(max_length=120)
    folder_id: uuid.UUID | None = Field(default=None, foreign_key="file_folder.id", ondelete="SET NULL", index=True)
    audience: Audience = Field(default=Audience.ORGANIZATION, sa_type=word_type(Audience))
    declared_bytes: int = Field(sa_type=BigInteger)
    reserved_bytes: int = Field(sa_type=BigInteger)
    state: UploadState = Field(default=UploadState.RESERVED, sa_type=word_type(UploadState))
    attempt: int = 0
    """Goes up whenever the content is sent anew; what an earlier attempt still brings counts for nothing."""
    object_name: str | None = Field(default=None, max_length=64, unique=True)
    received: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """What was found of the content: the columns of the file to come."""
    begun_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    file_id: uuid.UUID | None = None
    """The file that came of it."""


class StorageUse(Owned, table=True):
    """How much of its quota an organization uses; changed in the same transaction as the files."""

    __tablename__ = "storage_use"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("organization_id", name="uq_storage_use_organization"),)

    used_bytes: int = Field(default=0, sa_type=BigInteger)
    """Contents and thumbnails of all files, those in the bin too."""
    reserved_bytes: int = Field(default=0, sa_type=BigInteger)
    quota_bytes: int | None = Field(default=None, sa_type=BigInteger)
    """None: the server's default."""
    warned_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When those who manage files were told that it is nearly full; None: it is not."""
    checked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    missing_files: int = 0
    drift_bytes: int = 0
    """What the last comparison with the store found: files without content, and by how much the use was wrong."""


class FileAttachment(Owned, table=True):
    """A file at a record of another domain: the cover of an event, the receipt of a request."""

    __tablename__ = "file_attachment"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        UniqueConstraint("entity_type", "entity_id", "file_id", name="uq_file_attachment"),
        Index("ix_file_attachment_entity", "entity_type", "entity_id"),
    )

    entity_type: str = Field(max_length=40)
    entity_id: uuid.UUID
    file_id: uuid.UUID = Field(foreign_key="stored_file.id", ondelete="CASCADE", index=True)
    attached_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class DoomedObject(Row, table=True):
    """Something in the store that no row needs any more. It goes after commit, and as often as it takes."""

    __tablename__ = "doomed_object"  # pyright: ignore[reportAssignmentType]

    object_name: str = Field(max_length=64, unique=True)
    due_at: datetime = Field(sa_type=UtcDateTime, index=True)


class StorageCheck(Row, table=True):
    """One comparison of the whole store with the rows, part by part."""

    __tablename__ = "storage_check"  # pyright: ignore[reportAssignmentType]

    begun_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    objects: int = 0
    orphans: int = 0
    """Objects that no row names and that are older than a day; they are removed."""
    orphan_bytes: int = Field(default=0, sa_type=BigInteger)
    missing: int = 0
