"""What screens and doors are given of files."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from memberpulse.domains.files.models import Audience, FileKind
from memberpulse.domains.organizations.schemas import PersonView


@dataclass(frozen=True, slots=True)
class FileView:
    """One file.

    size: in words. address: where it is served; thumbnail: the address of a small picture of it, or empty. detail:
    what can be said of its inside, such as "3 pages". changeable: whether the asker may change it. gone_at: when the
    bin lets go of it; None: it is not there. missing: the storage has lost its content.
    """

    id: uuid.UUID
    name: str
    kind: FileKind
    media_type: str
    size: str
    size_bytes: int
    detail: str
    pages: int
    excerpt: str
    address: str
    thumbnail: str
    audience: Audience
    folder_id: uuid.UUID | None
    folder: str
    uploader: PersonView | None
    uploaded_at: datetime
    changeable: bool
    mine: bool
    gone_at: datetime | None
    missing: bool


@dataclass(frozen=True, slots=True)
class FileList:
    """One page, the newest first."""

    rows: list[FileView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class FolderView:
    """files: how many of those that the asker may see stand directly in it."""

    id: uuid.UUID
    name: str
    files: int
    folders: int


@dataclass(frozen=True, slots=True)
class FolderChoice:
    """path: "Workshop / Plans"."""

    id: uuid.UUID
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class FolderPlace:
    """Where one is: the folder (None at the top), the way to it from the top, and the folders in it."""

    folder: FolderChoice | None
    way: list[FolderChoice]
    folders: list[FolderView]


@dataclass(frozen=True, slots=True)
class StorageView:
    """How full the storage is.

    percent: of the quota, 0 to 100, rounded down. state: "calm", "warn" from 80 % or "full". binned: what the bin
    holds, in words. largest: the most bytes of one file.
    """

    used: str
    quota: str
    free: str
    quota_mb: int
    default_quota_mb: int
    own_quota: bool
    percent: int
    state: str
    files: int
    binned: int
    binned_size: str
    largest: str
    largest_bytes: int
    checked_at: datetime | None
    missing_files: int
    drift: str


@dataclass(frozen=True, slots=True)
class UploadTicket:
    """Space is reserved: send the content by PUT to `address`, then complete the upload."""

    upload_id: uuid.UUID
    name: str
    address: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What came of an upload."""

    file_id: uuid.UUID
    name: str


@dataclass(frozen=True, slots=True)
class Binned:
    """What went into the bin at once, or came back."""

    file_ids: list[uuid.UUID]
    words: str


@dataclass(frozen=True, slots=True)
class Content:
    """What the serving route needs of a file. size_bytes: of what is asked for, the content or the thumbnail."""

    object_name: str
    name: str
    kind: FileKind
    media_type: str
    size_bytes: int
    sha256: str
    thumbnail_bytes: int
    pages: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sending of an upload's content."""

    object_name: str
    number: int
    name: str
    declared_bytes: int


@dataclass(frozen=True)
class Received:
    """What was found of a content that arrived and is in the store."""

    name: str
    kind: FileKind
    media_type: str
    size_bytes: int
    thumbnail_bytes: int
    sha256: str
    width: int | None = None
    height: int | None = None
    pages: int | None = None
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class AttachmentView:
    """A file at a record, as far as the asker may see it."""

    id: uuid.UUID
    file: FileView


@dataclass(frozen=True, slots=True)
class NamedObject:
    """An object of the store that a row names. content_bytes: None where it is not known yet what they should be."""

    object_name: str
    content_bytes: int | None
    thumbnail_bytes: int
