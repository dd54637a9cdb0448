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
    """An identifier that sorts by when it was made, to a quarter of a microsecond: what one transaction makes one after
    the other stays in that order. Source: RFC 9562, sections 5.7 and 6.2 (method 3)."""
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction, random = (rest << 12) // 1_000_000, int.from_bytes(os.urandom(8), "big")
    version, variant = 0x7 << 76, 0x2 << 62
    return uuid.UUID(int=milliseconds << 80 | version | fraction << 64 | variant | random & (1 << 62) - 1)


def utc_now() -> datetime:
    return datetime.now(UTC)


def word_type(kind: type[enum.StrEnum]) -> Enum:
    """The column type of an enum: its value as a word, the same on every database."""
    return Enum(kind, native_enum=False, length=16, values_callable=_values)


def _values(words: type[enum.StrEnum]) -> list[str]:
    return [each.value for each in words]
