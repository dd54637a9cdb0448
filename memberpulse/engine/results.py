"""Results as bytes: serialized once, named by their content."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from pydantic_core import to_json

from memberpulse.engine.errors import EngineError
from memberpulse.engine.functions import Scope
from memberpulse.engine.predicates import Read


def serialize(value: Any) -> bytes:
    """The value as JSON: dataclasses as objects, ids as strings, instants as ISO 8601 in UTC."""
    return to_json(value)


def version_of(body: bytes) -> str:
    """The same for equal results on every process and after every restart."""
    return blake2b(body, digest_size=9).hexdigest()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run of a query gave. Either a body, an error, or the wider scope that it needs."""

    reads: frozenset[Read] = frozenset()
    body: bytes = b"null"
    value: Any = None
    error: EngineError | None = None
    stale_from: datetime | None = None
    needs: Scope | None = None
