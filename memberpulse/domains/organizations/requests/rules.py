"""Decisions about requests to join. No database, no clock."""

from datetime import datetime, timedelta

from memberpulse.domains.organizations.models import JoinPolicy
from memberpulse.domains.organizations.requests.errors import BadNote, NotOpen

UNDO = timedelta(seconds=10)
"""How long a decision can be undone; the person's letter leaves after it."""
GRACE = timedelta(seconds=2)
"""What the way to the server may take of it."""
MAX_NOTE_CHARACTERS = 500
MAX_REASON_CHARACTERS = 300


def check_open(policy: JoinPolicy) -> None:
    """Whether people may ask to join. Raises NotOpen (403)."""
    if policy is JoinPolicy.CLOSED:
        raise NotOpen


def clean_note(note: str) -> str:
    """Raises BadNote (422)."""
    return _at_most("note", note.strip(), MAX_NOTE_CHARACTERS)


def clean_reason(reason: str) -> str:
    """Raises BadNote (422)."""
    return _at_most("reason", reason.strip(), MAX_REASON_CHARACTERS)


def may_still_undo(decided_at: datetime | None, now: datetime) -> bool:
    return decided_at is not None and now - decided_at <= UNDO + GRACE


def _at_most(field: str, text: str, most: int) -> str:
    if len(text) > most:
        raise BadNote(fields={field: f"Use at most {most} characters; this has {len(text)}."})
    return text
