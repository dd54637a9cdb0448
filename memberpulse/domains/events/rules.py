"""Decisions about events and places. No database, no clock."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from memberpulse.domains.accounts.rules import initials_of
from memberpulse.domains.events.errors import (
    BadEvent,
    BadPlace,
    HeldEnough,
    NotAHelper,
    NotYourEvent,
    NotYourPlace,
    WrongMoment,
)
from memberpulse.domains.events.models import DeedKind, EventStatus, PlaceStatus, WallNames
from memberpulse.domains.organizations.decisions import Decision, allow, refuse
from memberpulse.texts import one_line, paragraphs

MAX_TITLE_CHARACTERS, MAX_TEXT_CHARACTERS = 120, 4000
MAX_PLACE_CHARACTERS, MAX_LINK_CHARACTERS = 200, 300
MAX_NOTE_CHARACTERS, MAX_NAME_CHARACTERS = 200, 80
MAX_MESSAGE_CHARACTERS, MAX_COMMENT_CHARACTERS = 500, 500
MAX_STATION_CHARACTERS = 20
MAX_PARTY, MAX_CAPACITY = 20, 100_000
MAX_SERVICE_MINUTES, MAX_HOLD_MINUTES, MAX_PAUSE_MINUTES = 480, 30, 240
MAX_HOLDS, MAX_NOTIFY_AT, MAX_STATIONS = 3, 20, 50
LONGEST_EVENT = timedelta(days=31)
NO_SHOW_SECONDS = (30, 3600)
UNDO = timedelta(seconds=10)
GRACE = timedelta(seconds=2)
"""What the way to the server may take on top: the button was there when it was pressed."""
RESERVED_FOR = timedelta(minutes=15)
REMIND_BEFORE = timedelta(hours=1)

_S = PlaceStatus
OPEN = (_S.RESERVED, _S.WAITING, _S.CALLED, _S.SERVING)
"""One person has at most one place that is open, in one line."""
AT_STATION = (_S.CALLED, _S.SERVING)
COUNTED = (*OPEN, _S.COMPLETED)
"""What takes of an event's capacity."""

TRANSITIONS: Mapping[DeedKind, tuple[tuple[PlaceStatus | None, ...], PlaceStatus]] = {
    DeedKind.RESERVE: ((None,), _S.RESERVED),
    DeedKind.CONFIRM: ((_S.RESERVED,), _S.WAITING),
    DeedKind.EXPIRE: ((_S.RESERVED,), _S.CANCELLED),
    DeedKind.JOIN: ((None,), _S.WAITING),
    DeedKind.WALK_IN: ((None,), _S.WAITING),
    DeedKind.MOVE: ((_S.WAITING,), _S.WAITING),
    DeedKind.HOLD: ((_S.WAITING,), _S.WAITING),
    DeedKind.RELEASE: ((_S.WAITING,), _S.WAITING),
    DeedKind.CALL: ((_S.WAITING,), _S.CALLED),
    DeedKind.START: ((_S.CALLED,), _S.SERVING),
    DeedKind.COMPLETE: ((_S.CALLED, _S.SERVING), _S.COMPLETED),
    DeedKind.NO_SHOW: ((_S.CALLED,), _S.NO_SHOW),
    DeedKind.RETURN: ((_S.CALLED, _S.SERVING, _S.NO_SHOW), _S.WAITING),
    DeedKind.LEAVE: ((_S.RESERVED, _S.WAITING, _S.CALLED), _S.CANCELLED),
    DeedKind.REMOVE: ((_S.RESERVED, _S.WAITING, _S.CALLED, _S.SERVING), _S.CANCELLED),
    DeedKind.CLOSE: ((_S.RESERVED, _S.WAITING), _S.CANCELLED),
}
"""The whole life of a place: by which deed it may come from where to where. What is not here does not happen."""

HELPERS_DEEDS = frozenset(
    {
        DeedKind.WALK_IN,
        DeedKind.CALL,
        DeedKind.START,
        DeedKind.COMPLETE,
        DeedKind.NO_SHOW,
        DeedKind.RETURN,
        DeedKind.MOVE,
        DeedKind.REMOVE,
        DeedKind.PAUSE,
        DeedKind.RESUME,
        DeedKind.HOLD,
        DeedKind.RELEASE,
    }
)
"""What any helper of a line can undo for another."""
UNDOABLE = HELPERS_DEEDS | {DeedKind.LEAVE}

EVENT_TRANSITIONS: Mapping[str, tuple[tuple[EventStatus, ...], EventStatus]] = {
    "publish": ((EventStatus.DRAFT,), EventStatus.PUBLISHED),
    "close": ((EventStatus.PUBLISHED,), EventStatus.CLOSED),
    "reopen": ((EventStatus.CLOSED,), EventStatus.PUBLISHED),
    "cancel": ((EventStatus.PUBLISHED, EventStatus.CLOSED), EventStatus.CANCELLED),
}

STATUS_WORDS = {
    _S.RESERVED: "not paid yet",
    _S.WAITING: "waiting in line",
    _S.CALLED: "called already",
    _S.SERVING: "being served",
    _S.COMPLETED: "done already",
    _S.CANCELLED: "not in the line any more",
    _S.NO_SHOW: "marked as not shown up",
}


def next_status(deed: DeedKind, current: PlaceStatus | None) -> PlaceStatus:
    """Where a deed brings a place. Raises WrongMoment (409), which says what the place is now."""
    sources, target = TRANSITIONS[deed]
    if current not in sources:
        now = STATUS_WORDS[current] if current else "new"
        raise WrongMoment(f"This cannot be done now: the place is {now}.")
    return target


def next_event_status(act: str, current: EventStatus) -> EventStatus:
    """Where an act brings an event. Raises WrongMoment (409)."""
    sources, target = EVENT_TRANSITIONS[act]
    if current not in sources:
        raise WrongMoment(f"This cannot be done now: the event is {_event_word(current)}.")
    return target


def _event_word(status: EventStatus) -> str:
    return "a draft" if status is EventStatus.DRAFT else "open" if status is EventStatus.PUBLISHED else status.value


def may_still_undo(at: datetime, now: datetime) -> bool:
    return now - at <= UNDO + GRACE


def is_held(held_until: datetime | None, now: datetime) -> bool:
    return held_until is not None and held_until > now


def is_paused(paused_at: datetime | None, resumes_at: datetime | None, now: datetime) -> bool:
    """A pause with an end is over by itself."""
    return paused_at is not None and (resumes_at is None or resumes_at > now)


def accepts(status: EventStatus, ends_at: datetime, now: datetime) -> bool:
    """Whether somebody may still join."""
    return status is EventStatus.PUBLISHED and now < ends_at


def check_hold(holds: int) -> None:
    """Raises HeldEnough (409)."""
    if holds >= MAX_HOLDS:
        raise HeldEnough


# Who may


def decide_line_work(*, manages: bool, helps: bool) -> Decision:
    """Whether a person may work a line: whoever works every line, and its helpers."""
    if manages:
        return allow("queue.work/capability", "They may work the line of any event.")
    if helps:
        return allow("queue.work/helper", "They are a helper of this event.")
    return refuse("queue.work/helper", NotAHelper())


def decide_event_change(
    *, manages: bool, creates: bool, created_by: uuid.UUID | None, user: uuid.UUID | None
) -> Decision:
    """Whether a person may change an event: whoever manages all events, and who made it and may make events."""
    if manages:
        return allow("events.change/capability", "They may change everybody’s events.")
    if creates and user is not None and user == created_by:
        return allow("events.change/creator", "It is their own event.")
    return refuse("events.change/creator", NotYourEvent())


def decide_own_place(*, user_id: uuid.UUID | None, owner_id: uuid.UUID | None) -> Decision:
    if user_id is not None and user_id == owner_id:
        return allow("queue.place/own", "It is their own place.")
    return refuse("queue.place/own", NotYourPlace())


# What people write


@dataclass(frozen=True)
class EventValues:
    """What people write into an event."""

    title: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    description: str = ""
    place: str = ""
    link: str = ""
    price_amount: int = 0
    currency: str = ""
    capacity: int | None = None
    service_minutes: int = 10
    station_word: str = "Bench"
    shows_wall: bool = False
    wall_names: WallNames = WallNames.FIRST_NAME
    no_show_seconds: int = 120
    auto_no_show: bool = False


def clean_event(values: EventValues) -> EventValues:
    """Without stray space around. Raises BadEvent (422) with a message per field. The price is checked by payments."""
    cleaned = replace(
        values,
        title=one_line(values.title),
        description=values.description.replace("\r\n", "\n").strip(),
        place=one_line(values.place),
        link=values.link.strip(),
        currency=values.currency.strip().upper() if values.price_amount else "",
        station_word=one_line(values.station_word),
    )
    found = {field: fault for field, fault in _event_faults(cleaned).items() if fault}
    if found:
        raise BadEvent(fields=found)
    return cleaned


def _event_faults(values: EventValues) -> dict[str, str | None]:
    low, high = NO_SHOW_SECONDS
    return {
        "title": _needed(values.title, "Give it a title.", MAX_TITLE_CHARACTERS),
        "description": _too_long(values.description, MAX_TEXT_CHARACTERS),
        "time_zone": None if is_zone(values.time_zone) else "Choose a time zone from the list.",
        "starts_at": _instant_fault(values.starts_at),
        "ends_at": _end_fault(values),
        "place": _too_long(values.place, MAX_PLACE_CHARACTERS),
        "link": _link_fault(values.link),
        "price_amount": "A price cannot be less than nothing." if values.price_amount < 0 else None,
        "currency": "Choose a currency." if values.price_amount > 0 and len(values.currency) != 3 else None,
        "capacity": _between(values.capacity, 1, MAX_CAPACITY, "people") if values.capacity is not None else None,
        "service_minutes": _between(values.service_minutes, 1, MAX_SERVICE_MINUTES, "minutes"),
        "station_word": _needed(values.station_word, "Say what people are called to.", MAX_STATION_CHARACTERS),
        "no_show_seconds": _between(values.no_show_seconds, low, high, "seconds"),
    }


def _end_fault(values: EventValues) -> str | None:
    if fault := _instant_fault(values.ends_at):
        return fault
    if values.starts_at.tzinfo is None:
        return None
    if values.ends_at <= values.starts_at:
        return "It must end after it starts."
    return "It can last 31 days at most." if values.ends_at - values.starts_at > LONGEST_EVENT else None


def _instant_fault(value: datetime) -> str | None:
    if value.tzinfo is None:
        return "Give the time with its offset from UTC."
    return None if 2000 <= value.year <= 2200 else "Choose a day of this century."


def _link_fault(link: str) -> str | None:
    if link and not link.startswith(("https://", "http://")):
        return "A link begins with https://"
    if any(letter.isspace() for letter in link):
        return "A link has no spaces."
    return _too_long(link, MAX_LINK_CHARACTERS)


def is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return bool(name)


def clean_party(party_size: int, note: str) -> tuple[int, str]:
    """Raises BadPlace (422) with a message per field."""
    note = one_line(note)
    _refuse({"party_size": _between(party_size, 1, MAX_PARTY, "people"), "note": _too_long(note, MAX_NOTE_CHARACTERS)})
    return party_size, note


def clean_name(name: str) -> str:
    """What a walk-in is called. Raises BadPlace (422)."""
    name = one_line(name)
    _refuse({"name": _needed(name, "Say what they are called.", MAX_NAME_CHARACTERS)})
    return name


def clean_reason(reason: str, *, field: str = "reason", needed: bool = True, least: int = 3) -> str:
    """Raises BadPlace (422) when it is missing where it is needed, or too long."""
    reason = one_line(reason)
    missing = "Say why, in a few words." if needed and len(reason) < least else None
    _refuse({field: missing or _too_long(reason, MAX_NOTE_CHARACTERS)})
    return reason


def clean_message(body: str) -> str:
    """What helpers tell a line. Raises BadPlace (422)."""
    body = paragraphs(body)
    _refuse({"body": _needed(body, "Write what you want to say.", MAX_MESSAGE_CHARACTERS)})
    return body


def clean_feedback(rating: int, comment: str) -> tuple[int, str]:
    """Raises BadPlace (422)."""
    comment = comment.replace("\r\n", "\n").strip()
    _refuse({"rating": _between(rating, 1, 5, "stars"), "comment": _too_long(comment, MAX_COMMENT_CHARACTERS)})
    return rating, comment


def check_notify_at(notify_at: int | None) -> None:
    """Raises BadPlace (422)."""
    _refuse({"notify_at": None if notify_at is None else _between(notify_at, 1, MAX_NOTIFY_AT, "th place")})


def check_minutes(minutes: int | None, most: int) -> None:
    """Raises BadPlace (422)."""
    _refuse({"minutes": None if minutes is None else _between(minutes, 1, most, "minutes")})


def _refuse(faults: Mapping[str, str | None]) -> None:
    found = {field: fault for field, fault in faults.items() if fault}
    if found:
        raise BadPlace(fields=found)


def _needed(text: str, when_empty: str, most: int) -> str | None:
    return _too_long(text, most) if text else when_empty


def _too_long(text: str, most: int) -> str | None:
    return f"Use at most {most:,} characters; this has {len(text):,}." if len(text) > most else None


def _between(value: int, low: int, high: int, what: str) -> str | None:
    return None if low <= value <= high else f"Choose from {low:,} to {high:,} {what}."


# What people are called


def short_name(name: str) -> str:
    """As one calls somebody across a room: "Mei-Lin Z."."""
    words = name.split()
    return f"{words[0]} {words[-1][0].upper()}." if len(words) > 1 else name


def wall_label(name: str, number: int, names: WallNames) -> str:
    """What everybody may read on the wall."""
    if names is WallNames.NUMBER or not name:
        return f"No {number}"
    return initials_of(name) if names is WallNames.INITIALS else short_name(name)


def party_words(parties: Sequence[int]) -> str:
    """How many people parties are together: "19 people"."""
    people = sum(parties)
    return "1 person" if people == 1 else f"{people:,} people"


def calendar_moments(starts_at: datetime, ends_at: datetime, time_zone: str) -> tuple[datetime, datetime]:
    """Beginning and end in the event's own zone, as a calendar shows them wherever it is."""
    zone = ZoneInfo(time_zone)
    return starts_at.astimezone(zone), ends_at.astimezone(zone)


def file_name(title: str) -> str:
    """A title as the name of a file: plain letters, digits and hyphens."""
    kept = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in title)
    return "-".join(kept.lower().split())[:60] or "event"
