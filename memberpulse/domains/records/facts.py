"""What happens to workspace records. `target` is the title."""

from dataclasses import dataclass
from typing import Any, ClassVar

from memberpulse.domains.organizations.facts import Act, Deed


@dataclass(frozen=True, kw_only=True)
class RecordAdded(Deed):
    entity_type = "record"
    action = "added"


@dataclass(frozen=True, kw_only=True)
class RecordChanged(Act):
    """before, after: the fields that differ, in words. What notes say and who owned it may be personal."""

    entity_type = "record"
    action = "changed"
    personal: ClassVar[tuple[str, ...]] = ("notes_before", "owner_before", "owner_after")
    before: dict[str, Any]
    after: dict[str, Any]
    notes_before: str | None = None
    owner_before: str | None = None
    owner_after: str | None = None


@dataclass(frozen=True, kw_only=True)
class RecordArchived(Act):
    entity_type = "record"
    action = "archived"


@dataclass(frozen=True, kw_only=True)
class RecordUnarchived(Act):
    entity_type = "record"
    action = "unarchived"


@dataclass(frozen=True, kw_only=True)
class RecordRemoved(Deed):
    entity_type = "record"
    action = "removed"


@dataclass(frozen=True, kw_only=True)
class RecordsRemoved(Deed):
    """Many at once; entity_id is the removal, `target` how many and which."""

    entity_type = "record"
    action = "removed_all"
    count: int
    samples_only: bool


@dataclass(frozen=True, kw_only=True)
class RecordsRestored(Act):
    """A removal or reset was undone; entity_id is the removal."""

    entity_type = "record"
    action = "restored"
    count: int


@dataclass(frozen=True, kw_only=True)
class RecordsReset(Deed):
    """All went, and the samples came back; entity_id is the removal."""

    entity_type = "record"
    action = "reset"
    count: int


@dataclass(frozen=True, kw_only=True)
class SamplesAdded(Act):
    """entity_id is the organization."""

    entity_type = "record"
    action = "samples_added"
    count: int
