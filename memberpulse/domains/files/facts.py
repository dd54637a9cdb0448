"""What happens to files. `target` is the file's name; of files that only one person sees it does not tell the name."""

from dataclasses import dataclass
from typing import ClassVar

from memberpulse.domains.files.models import Audience
from memberpulse.domains.organizations.facts import Act, Deed


@dataclass(frozen=True, kw_only=True)
class FileUploaded(Deed):
    """A file that the whole organization may see."""

    entity_type = "file"
    action = "uploaded"


@dataclass(frozen=True, kw_only=True)
class FileKept(Act):
    """A file that not everybody may see."""

    entity_type = "file"
    action = "kept"


@dataclass(frozen=True, kw_only=True)
class FileRenamed(Act):
    entity_type = "file"
    action = "renamed"
    personal: ClassVar[tuple[str, ...]] = ("before",)
    before: str


@dataclass(frozen=True, kw_only=True)
class FilesMoved(Act):
    """One or several; entity_id is the folder, or the organization for the top. `target` is what was moved."""

    entity_type = "file"
    action = "moved"
    folder: str


@dataclass(frozen=True, kw_only=True)
class AudienceChanged(Act):
    entity_type = "file"
    action = "changed_audience"
    before: Audience
    after: Audience


@dataclass(frozen=True, kw_only=True)
class FileBinned(Act):
    entity_type = "file"
    action = "binned"


@dataclass(frozen=True, kw_only=True)
class FileRestored(Act):
    entity_type = "file"
    action = "restored"


@dataclass(frozen=True, kw_only=True)
class FileDeleted(Act):
    """For good: by a person, or by the clock after 30 days in the bin."""

    entity_type = "file"
    action = "deleted"


@dataclass(frozen=True, kw_only=True)
class FolderCreated(Act):
    entity_type = "file_folder"
    action = "created"


@dataclass(frozen=True, kw_only=True)
class FolderRenamed(Act):
    entity_type = "file_folder"
    action = "renamed"
    before: str


@dataclass(frozen=True, kw_only=True)
class FolderRemoved(Act):
    entity_type = "file_folder"
    action = "removed"


@dataclass(frozen=True, kw_only=True)
class QuotaChanged(Act):
    """before, after: bytes, 0 for the server's default; entity_id is the organization."""

    entity_type = "file_storage"
    action = "quota_changed"
    before: int
    after: int


@dataclass(frozen=True, kw_only=True)
class StorageDrifted(Act):
    """The nightly comparison found a difference; entity_id is the organization. drift_bytes: how wrong the use was."""

    entity_type = "file_storage"
    action = "drifted"
    missing: int
    drift_bytes: int
