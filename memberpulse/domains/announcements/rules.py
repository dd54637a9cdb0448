"""Decisions about announcements. No database, no clock."""

import uuid
from datetime import datetime, timedelta

from memberpulse.domains.announcements.errors import BadAnnouncement, NotTheAuthor, TooLateToWithdraw
from memberpulse.domains.organizations.decisions import Decision, allow, refuse
from memberpulse.texts import one_line, paragraphs

MAX_TITLE_CHARACTERS = 120
MAX_BODY_CHARACTERS = 4000
UNDO = timedelta(seconds=10)
GRACE = timedelta(seconds=2)
"""What the way to the server may take on top: the button was there when it was pressed."""
EXCERPT_CHARACTERS = 140


def clean_text(title: str, body: str) -> tuple[str, str]:
    """Title in one line and body, without stray space around. Raises BadAnnouncement (422) with a message per field."""
    title, body = one_line(title), paragraphs(body)
    faults = {
        "title": _fault(title, "Give it a title.", MAX_TITLE_CHARACTERS),
        "body": _fault(body, "Write what you want to say.", MAX_BODY_CHARACTERS),
    }
    found = {field: fault for field, fault in faults.items() if fault}
    if found:
        raise BadAnnouncement(fields=found)
    return title, body


def may_still_withdraw(posted_at: datetime, now: datetime) -> bool:
    return now - posted_at <= UNDO + GRACE


def decide_withdrawal(
    *, author_id: uuid.UUID, posted_at: datetime, user_id: uuid.UUID | None, now: datetime
) -> Decision:
    """Whether a person may withdraw an announcement: its author, for as long as the undo is offered."""
    if user_id != author_id:
        return refuse("announcements.withdraw/author", NotTheAuthor())
    if not may_still_withdraw(posted_at, now):
        return refuse("announcements.withdraw/window", TooLateToWithdraw())
    return allow("announcements.withdraw/author", "Its author may withdraw it for 10 seconds.")


def excerpt(body: str) -> str:
    """The beginning of a body in one line, for a notification."""
    line = " ".join(body.split())
    return line if len(line) <= EXCERPT_CHARACTERS else line[: EXCERPT_CHARACTERS - 1].rstrip() + "…"


def _fault(text: str, when_empty: str, most: int) -> str | None:
    if not text:
        return when_empty
    return f"Use at most {most:,} characters; this has {len(text):,}." if len(text) > most else None
