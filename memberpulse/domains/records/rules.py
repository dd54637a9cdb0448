"""Decisions about workspace records. No database, no clock."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from memberpulse.domains.organizations.decisions import Decision, allow, refuse
from memberpulse.domains.records.errors import BadRecord, NotYourRecord
from memberpulse.domains.records.models import Status
from memberpulse.texts import one_line, paragraphs

MAX_TITLE_CHARACTERS = 120
MAX_NOTES_CHARACTERS = 4000
UNDO = timedelta(seconds=10)
GRACE = timedelta(seconds=2)
"""What the way to the server may take on top: the button was there when it was pressed."""
FORGOTTEN_AFTER = timedelta(minutes=1)

STATUS_WORDS = {Status.OPEN: "Open", Status.IN_PROGRESS: "In progress", Status.DONE: "Done"}


@dataclass(frozen=True)
class Values:
    """What people write into a record."""

    title: str
    status: Status
    notes: str
    owner_id: uuid.UUID | None
    due_on: date | None


@dataclass(frozen=True)
class Sample:
    """due: in so many days."""

    title: str
    status: Status
    notes: str
    due: int | None


SAMPLES = (
    Sample("Renew the public liability insurance", Status.OPEN, "The policy number is in the safe.", 12),
    Sample("Order new membership cards", Status.IN_PROGRESS, "Two hundred, with the new logo.", 5),
    Sample("Book the hall for the general meeting", Status.OPEN, "Ask for the room with the projector.", 21),
    Sample("Thank the volunteers of the open day", Status.DONE, "Cards went out by post.", -6),
    Sample("Repair the notice board by the gate", Status.OPEN, "", 9),
    Sample("Translate the house rules", Status.IN_PROGRESS, "German and Arabic first.", 30),
    Sample("Check the first-aid boxes", Status.OPEN, "There are three: office, workshop, van.", 2),
    Sample("Close last year’s accounts", Status.DONE, "Sent to both auditors.", -20),
    Sample("Ask the council about the bicycle stands", Status.OPEN, "", None),
    Sample("Plan the spring newsletter", Status.IN_PROGRESS, "Three stories are promised.", 14),
    Sample("Replace the smoke detectors", Status.OPEN, "The batteries last until the end of the month.", -1),
    Sample("Collect ideas for the anniversary", Status.OPEN, "Ten years next summer.", 60),
)


def clean(values: Values) -> Values:
    """Without stray space around. Raises BadRecord (422) with a message per field."""
    title, notes = one_line(values.title), paragraphs(values.notes)
    faults = {
        "title": "Give it a title." if not title else _too_long(title, MAX_TITLE_CHARACTERS),
        "notes": _too_long(notes, MAX_NOTES_CHARACTERS),
    }
    found = {field: fault for field, fault in faults.items() if fault}
    if found:
        raise BadRecord(fields=found)
    return Values(title, values.status, notes, values.owner_id, values.due_on)


def decide_edit(*, edits: bool, owner_id: uuid.UUID | None, user_id: uuid.UUID | None) -> Decision:
    """Whether a person may change or archive a record: whoever edits records, and its owner."""
    if edits:
        return allow("records.edit/capability", "They may change every record.")
    if user_id is not None and user_id == owner_id:
        return allow("records.edit/owner", "It is their own record.")
    return refuse("records.edit/owner", NotYourRecord())


def may_still_undo(removed_at: datetime, now: datetime) -> bool:
    return now - removed_at <= UNDO + GRACE


def count_words(count: int, *, samples_only: bool = False) -> str:
    """How many records, in words: "12 sample records"."""
    return f"{count:,} {'sample ' if samples_only else ''}record{'' if count == 1 else 's'}"


def day_words(day: date | None, today: date) -> str:
    """A day as it is read: "3 Dec", with its year when that is another."""
    if day is None:
        return ""
    return f"{day.day} {day:%b}" if day.year == today.year else f"{day.day} {day:%b %Y}"


def _too_long(text: str, most: int) -> str | None:
    return f"Use at most {most:,} characters; this has {len(text):,}." if len(text) > most else None
