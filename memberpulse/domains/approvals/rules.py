"""Decisions about requests. No database, no clock."""

import uuid
from datetime import datetime, timedelta

from memberpulse.domains.approvals.errors import BadReason, BadRequest, TooMuchAtOnce
from memberpulse.texts import one_line, paragraphs

UNDO = timedelta(seconds=10)
"""How long a decision can be undone; the requester is told after it."""
GRACE = timedelta(seconds=2)
"""What the way to the server may take of it."""
MOST_APPROVERS = 3
MOST_AT_ONCE = 100
MAX_REASON_CHARACTERS = 300
MAX_TITLE_CHARACTERS = 120
MAX_SUMMARY_CHARACTERS = 500


def may_still_undo(decided_at: datetime | None, now: datetime) -> bool:
    return decided_at is not None and now - decided_at <= UNDO + GRACE


def is_enough(*, given: int, needed: int) -> bool:
    """Whether so many approvals settle a request."""
    return given >= needed


def clean_reason(reason: str) -> str:
    """Raises BadReason (422)."""
    text = reason.strip()
    if len(text) > MAX_REASON_CHARACTERS:
        raise BadReason(fields={"reason": f"Use at most {MAX_REASON_CHARACTERS} characters; this has {len(text)}."})
    return text


def clean_request(title: str, summary: str) -> tuple[str, str]:
    """What somebody asks for in their own words. Raises BadRequest (422)."""
    title, summary = one_line(title), paragraphs(summary)
    wrong: dict[str, str] = {}
    if not title:
        wrong["title"] = "Say in a few words what you ask for."
    elif len(title) > MAX_TITLE_CHARACTERS:
        wrong["title"] = f"Use at most {MAX_TITLE_CHARACTERS} characters; this has {len(title)}."
    if len(summary) > MAX_SUMMARY_CHARACTERS:
        wrong["summary"] = f"Use at most {MAX_SUMMARY_CHARACTERS} characters; this has {len(summary)}."
    if wrong:
        raise BadRequest("Nothing was asked for. Correct what is marked.", fields=wrong)
    return title, summary


def check_amount(request_ids: list[uuid.UUID]) -> list[uuid.UUID]:
    """The requests without repetitions. Raises TooMuchAtOnce (422)."""
    distinct = list(dict.fromkeys(request_ids))
    if len(distinct) > MOST_AT_ONCE:
        raise TooMuchAtOnce(f"Decide about at most {MOST_AT_ONCE} requests at once; these are {len(distinct)}.")
    return distinct


def people(number: int) -> str:
    """ "1 person", "2 people"."""
    return "1 person" if number == 1 else f"{number} people"
