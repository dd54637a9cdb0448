"""Cursors for lists in a stable order: opaque to clients, the sort key of the last row inside."""

import base64
import json
import uuid
from datetime import datetime

from memberpulse.engine.errors import BadArguments


def write_cursor(key: str | datetime, row_id: uuid.UUID) -> str:
    """The place after the row that sorts by `key` and then by its id."""
    text = key.isoformat() if isinstance(key, datetime) else key
    return base64.urlsafe_b64encode(json.dumps([text, row_id.hex]).encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[str, uuid.UUID]:
    """The key and the id inside. Raises BadArguments (422) for anything that this server did not write."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        key, row_id = json.loads(base64.urlsafe_b64decode(padded))
        return str(key), uuid.UUID(row_id)
    except (ValueError, TypeError, AttributeError):
        raise BadArguments(fields={"cursor": "This is not a cursor from an earlier page."}) from None


def read_time_cursor(cursor: str) -> tuple[datetime, uuid.UUID]:
    """The instant and the id inside. Raises BadArguments (422)."""
    key, row_id = read_cursor(cursor)
    try:
        at = datetime.fromisoformat(key)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise BadArguments(fields={"cursor": "This is not a cursor from an earlier page."})
    return at, row_id
