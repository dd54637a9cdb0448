"""What screens and doors are given of the audit log."""

import enum
import uuid
from dataclasses import dataclass
from datetime import datetime

from memberpulse.domains.organizations.schemas import PersonView


class Style(enum.StrEnum):
    PLAIN = "plain"
    STRONG = "strong"
    STRUCK = "struck"
    """What it was before."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a sentence."""

    text: str
    style: Style


@dataclass(frozen=True, slots=True)
class Line:
    """One field of an entry, for its details."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class EntryView:
    """One act: the actor's name and then the parts read as a sentence. actor None: the system did it.

    origin: device and address of the session it came from. lines: all fields. sentence: the whole in one line.
    """

    id: uuid.UUID
    sequence: int
    at: datetime
    actor: PersonView | None
    parts: list[Part]
    sentence: str
    kind: str
    origin: str
    lines: list[Line]
    request_id: str
    hash: str
    previous_hash: str


@dataclass(frozen=True, slots=True)
class EntryList:
    """One page, newest first."""

    rows: list[EntryView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class KindView:
    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What the log can be narrowed to: kinds of acts, and people who act in it, by name."""

    kinds: list[KindView]
    people: list[KindView]


@dataclass(frozen=True, slots=True)
class ChainView:
    """The state of the chain. total: how many entries are kept. verdict: how the last check ended, in a sentence;
    intact None: never checked."""

    total: int
    hash: str
    intact: bool | None
    verdict: str
    verified_at: datetime | None
    verified_by: str


@dataclass(frozen=True, slots=True)
class ChainHead:
    """Where the kept part begins (sequence and hash of what stood before it) and where the chain ends.

    lowest, highest: the sequences that there are; None without entries.
    """

    pruned_sequence: int
    pruned_hash: str
    sequence: int
    hash: str
    lowest: int | None
    highest: int | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a check ended. entries: how many fit before the first that does not, or all."""

    intact: bool
    sentence: str
    entries: int
    since: datetime | None
    hash: str


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One entry of an export. canonical: exactly what was hashed. personal: name to salt and value."""

    sequence: int
    at: datetime
    actor: str
    sentence: str
    kind: str
    origin: str
    canonical: str
    personal: dict[str, tuple[str, str]]
    hash: str


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export reaches: entries up to a sequence, between two instants."""

    until_sequence: int
    start: datetime | None
    end: datetime | None
