"""Reads and writes as plain values, and the comparison of one with the other.

A read is a table and the values to which its rows were narrowed; a write is the image of one row, before or after.
Values are compared as Python sees them once the column's type has read them; whatever cannot be compared safely is
left out of a read (it then reads more) or is unknown in a write (it then matches everything).
"""

import enum
import uuid
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Column, Enum, Table
from sqlalchemy.types import TypeDecorator
from sqlmodel.sql.sqltypes import AutoString

from memberpulse.engine.types import UtcDateTime

Values = frozenset[Hashable]

MAX_IN_VALUES = 50
"""A longer IN list widens to the table: an index entry for each value would cost more than it saves."""


@dataclass(frozen=True, slots=True)
class Read:
    """Rows of `table` in which each column of `where` has one of its values. Sorted by column; empty: all rows."""

    table: str
    where: tuple[tuple[str, Values], ...] = ()

    def covers(self, write: "Write") -> bool:
        """Whether the written image could be among the rows that were read."""
        return self.table == write.table and all(
            column not in write.known or write.known[column] in values for column, values in self.where
        )


@dataclass(frozen=True, slots=True)
class Write:
    """The image of a row before or after a write. A column missing from `known` may have any value."""

    table: str
    known: Mapping[str, Hashable]


Changes = tuple[Write, ...]


class NotComparable(Exception):
    """The value has no exact equality that Python and the database share."""


def comparable(column: Column[Any], value: Any) -> Hashable:
    """The value as rows of this column compare. Raises NotComparable."""
    if value is None:
        return None
    if getattr(column.type, "collation", None) is not None:
        raise NotComparable
    if isinstance(column.type, Enum):
        return _enum_name(column.type, value)
    expected = _python_type(column)
    if expected is uuid.UUID and isinstance(value, str):
        return _parsed(uuid.UUID, value)
    if expected is datetime and isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    if expected in (bool, int) and isinstance(value, (bool, int)):
        return int(value)
    if expected in (str, uuid.UUID) and isinstance(value, expected):
        return str(value) if isinstance(value, enum.StrEnum) else value
    if expected is date and type(value) is date:
        return value
    raise NotComparable


def image(table: Table, values: Mapping[str, Any]) -> Write:
    """A write from raw column values (by column key); those that cannot be compared are left unknown."""
    known: dict[str, Hashable] = {}
    for column in table.columns:
        if column.key in values:
            try:
                known[column.name] = comparable(column, values[column.key])
            except NotComparable:
                continue
    return Write(table.name, known)


def narrowed(column: Column[Any], values: Iterable[Any]) -> Values | None:
    """The set of values of an equality or IN, or None when it narrows nothing safely."""
    try:
        found = frozenset(comparable(column, value) for value in values)
    except NotComparable:
        return None
    return found if len(found) <= MAX_IN_VALUES else None


def _python_type(column: Column[Any]) -> type | None:
    kind = column.type
    if isinstance(kind, TypeDecorator):
        if not isinstance(kind, (AutoString, UtcDateTime)):
            return None  # it may store equal values differently
        kind = kind.impl_instance
    try:
        return kind.python_type
    except NotImplementedError:
        return None


def _enum_name(kind: Enum, value: Any) -> str:
    """By member only: a text may stand for a member's name or for its value."""
    if kind.enum_class is not None and isinstance(value, kind.enum_class):
        return value.name
    raise NotComparable


def _parsed(kind: type[uuid.UUID], value: str) -> uuid.UUID:
    try:
        return kind(value)
    except ValueError:
        raise NotComparable from None


def encode(changes: Changes) -> list[Any]:
    """Changes as plain JSON for other processes."""
    return [[write.table, {name: _encode(value) for name, value in write.known.items()}] for write in changes]


def decode(data: list[Any]) -> Changes:
    return tuple(Write(table, {name: _decode(value) for name, value in known.items()}) for table, known in data)


def _encode(value: Hashable) -> Any:
    if isinstance(value, uuid.UUID):
        return {"u": value.hex}
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    return value


def _decode(value: Any) -> Hashable:
    match value:
        case {"u": str(text)}:
            return uuid.UUID(text)
        case {"t": str(text)}:
            return datetime.fromisoformat(text)
        case {"d": str(text)}:
            return date.fromisoformat(text)
        case _:
            return value


def limit(changes: list[Write], most: int = 2000) -> Changes:
    """The same changes, with the tables that were written more than `most` times widened to the whole table."""
    if len(changes) <= most:
        return tuple(changes)
    counts: dict[str, int] = {}
    for write in changes:
        counts[write.table] = counts.get(write.table, 0) + 1
    wide = {table for table, count in counts.items() if count > most / len(counts)}
    return (*(Write(table, {}) for table in sorted(wide)), *(write for write in changes if write.table not in wide))
