"""The chain: what is hashed, how, and whether a run of entries fits together. No database, no clock.

commitment = SHA-256(salt + value)
hash       = SHA-256(canonical)      canonical: JSON in one line, keys sorted, the previous entry's hash inside
"""

import hashlib
import json
import secrets
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

KEPT = timedelta(days=365)


@dataclass(frozen=True, kw_only=True)
class Link:
    """An entry as it is hashed, with the hash it carries and its personal values that are still there."""

    organization_id: uuid.UUID
    sequence: int
    at: datetime
    actor_id: uuid.UUID | None
    subject_id: uuid.UUID | None
    entity_type: str
    action: str
    entity_id: uuid.UUID
    details: Mapping[str, Any]
    commitments: Mapping[str, str]
    request_id: str
    previous_hash: str
    hash: str = ""
    personal: Mapping[str, tuple[str, str]]
    """Name to salt and value."""


def root_of(organization_id: uuid.UUID) -> str:
    """The hash before the first entry: differs by organization."""
    return hashlib.sha256(f"memberpulse audit {organization_id}".encode()).hexdigest()


def new_salt() -> str:
    return secrets.token_hex(16)


def commitment_of(salt: str, value: str) -> str:
    return hashlib.sha256(f"{salt}{value}".encode()).hexdigest()


def canonical(link: Link) -> str:
    """The text that is hashed: the same for the same entry on every machine."""
    fields = {
        "action": link.action,
        "actor": str(link.actor_id) if link.actor_id else None,
        "at": link.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "commitments": dict(link.commitments),
        "details": dict(link.details),
        "entity": str(link.entity_id),
        "entity_type": link.entity_type,
        "organization": str(link.organization_id),
        "previous": link.previous_hash,
        "request": link.request_id,
        "sequence": link.sequence,
        "subject": str(link.subject_id) if link.subject_id else None,
    }
    return json.dumps(fields, sort_keys=True, separators=(",", ":"))


def hash_of(link: Link) -> str:
    return hashlib.sha256(canonical(link).encode()).hexdigest()


def text_value(value: Any) -> str:
    """A personal value as the text that is committed to."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a check has come: the last entry that fits. fault: why the next one does not."""

    sequence: int
    hash: str
    count: int = 0
    first_at: datetime | None = None
    fault: str = ""


def walk(so_far: Walk, links: Iterable[Link]) -> Walk:
    """Go on over the next entries, in order of their sequence, up to the first that does not fit."""
    for link in links:
        fault = _fault(so_far, link)
        if fault:
            return Walk(so_far.sequence, so_far.hash, so_far.count, so_far.first_at, fault)
        so_far = Walk(link.sequence, link.hash, so_far.count + 1, so_far.first_at or link.at)
    return so_far


def finish(so_far: Walk, *, sequence: int, head_hash: str, stray: int | None) -> Walk:
    """Whether the walk ended where the chain says that it ends. stray: an entry outside of the chain's ends, if any."""
    fault = so_far.fault
    if not fault and stray is not None:
        fault = f"Entry {stray:,} does not belong to the log."
    if not fault and so_far.sequence < sequence:
        fault = f"Entry {so_far.sequence + 1:,} is missing; the log should end with entry {sequence:,}."
    if not fault and so_far.hash != head_hash:
        fault = f"Entry {so_far.sequence:,} is not the one with which the log ended."
    return Walk(so_far.sequence, so_far.hash, so_far.count, so_far.first_at, fault)


def sentence_of(result: Walk) -> str:
    """The outcome of a check in one sentence."""
    if result.fault:
        return result.fault
    if result.first_at is None:
        return "There is no entry yet."
    since = f"{result.first_at.day} {result.first_at:%b %Y}"
    if result.count == 1:
        return f"The one entry, of {since}, is unchanged."
    return f"All {result.count:,} entries since {since} are unchanged."


def _fault(so_far: Walk, link: Link) -> str:
    expected = so_far.sequence + 1
    if link.sequence > expected:
        return f"Entry {expected:,} is missing."
    if link.sequence < expected:
        return f"Entry {link.sequence:,} stands where entry {expected:,} should."
    if link.previous_hash != so_far.hash:
        return f"Entry {link.sequence:,} does not follow the one before it."
    if hash_of(link) != link.hash:
        return f"Entry {link.sequence:,} was changed after it was written."
    for name, (salt, value) in link.personal.items():
        if link.commitments.get(name) != commitment_of(salt, value):
            return f"Entry {link.sequence:,} was changed after it was written: its {name.replace('_', ' ')} is another."
    return ""
