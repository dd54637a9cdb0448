"""Column types and identifiers that every table shares."""

import enum
import os
import time
import uuid
from datetime import UTC, datetime

from sqlalchemy import Enum
from sqlmodel.sql.sqltypes import UTCDateTime as UtcDateTime

__all__ = ["UtcDateTime", "utc_now", "uuid7", "word_type"]


def uuid7() -> uuid.UUID:
    """A time-ordered identifier. Source: RFC 9562, section 5.7."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & (1 << 48) - 1) << 80 | random & (1 << 80) - 1
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)


def utc_now() -> datetime:
    return datetime.now(UTC)


def word_type(kind: type[enum.StrEnum]) -> Enum:
    """The column type of an enum: its value as a word, the same on every database."""
    return Enum(kind, native_enum=False, length=16, values_callable=_values)


def _values(words: type[enum.StrEnum]) -> list[str]:
    return [each.value for each in words]
