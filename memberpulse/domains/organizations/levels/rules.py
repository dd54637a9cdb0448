"""Decisions about levels and renewals. Days are those of the organization's zone. No database, no clock."""

import calendar
import enum
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from memberpulse.domains.organizations.levels.errors import BadDate, BadLevel, BadZone
from memberpulse.texts import one_line

MAX_LEVELS = 20
MAX_NAME_CHARACTERS = 60
MAX_DESCRIPTION_CHARACTERS = 300
MAX_MONTHS = 120
MAX_GRACE_DAYS = 365
EARLIEST, LATEST = date(1990, 1, 1), date(2200, 1, 1)
NOTICES = (timedelta(days=3), timedelta(days=14))
"""How long before the end somebody is reminded, the latest first."""
LAPSED = "lapsed"


class Standing(enum.StrEnum):
    """How a membership stands. Rights do not depend on it: it is shown, and people decide."""

    ACTIVE = "active"
    GRACE = "grace"
    LAPSED = "lapsed"


def standing_of(renews_on: date | None, grace_until: date | None, today: date) -> Standing:
    """renews_on: the last day that is paid for. grace_until: the last day of the grace."""
    if renews_on is None or today <= renews_on:
        return Standing.ACTIVE
    return Standing.GRACE if grace_until is not None and today <= grace_until else Standing.LAPSED


def standing_words(standing: Standing, renews_on: date | None, grace_until: date | None, today: date) -> str:
    """For a badge: "Until 1 Apr", "Grace until 1 Apr", "Lapsed 1 Apr"; empty for a membership without end."""
    if renews_on is None:
        return ""
    if standing is Standing.ACTIVE:
        return f"Until {day_words(renews_on, today)}"
    last = grace_until or renews_on
    if standing is Standing.GRACE:
        return f"Grace until {day_words(last, today)}"
    return f"Lapsed {day_words(last + timedelta(days=1), today)}"


def day_words(day: date, today: date) -> str:
    """ "1 Apr" in this year, "1 Apr 2027" in another."""
    words = f"{day.day} {day:%b}"
    return words if day.year == today.year else f"{words} {day.year}"


def today_in(zone: str, now: datetime) -> date:
    """The day that it is there."""
    return now.astimezone(ZoneInfo(zone)).date()


def next_midnight(zone: str, now: datetime) -> datetime:
    """When the next day begins there, in UTC."""
    tomorrow = today_in(zone, now) + timedelta(days=1)
    return datetime.combine(tomorrow, time(), ZoneInfo(zone)).astimezone(UTC)


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or its last one: 31 January and a month is 28 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def first_end(months: int | None, today: date) -> date | None:
    """The last day of a membership that begins today."""
    return None if months is None else add_months(today, months)


def renewed_until(renews_on: date, grace_until: date | None, months: int, today: date) -> date:
    """From its old end while it is active or in grace, from today once it has lapsed."""
    lapsed = standing_of(renews_on, grace_until, today) is Standing.LAPSED
    return add_months(today if lapsed else renews_on, months)


def grace_after(renews_on: date | None, grace_days: int) -> date | None:
    return None if renews_on is None else renews_on + timedelta(days=grace_days)


def notice_due(renews_on: date, grace_until: date | None, today: date, sent: str) -> str:
    """The reminder to send today: "14", "3" or "lapsed"; empty for none. Whoever is told late is told once.

    sent: the last one, as `notice_key` made it.
    """
    standing = standing_of(renews_on, grace_until, today)
    if standing is Standing.LAPSED:
        due = LAPSED
    elif standing is Standing.GRACE:
        return ""
    else:
        left = renews_on - today
        due = next((str(each.days) for each in NOTICES if left <= each), "")
    return due if due and sent != notice_key(renews_on, due) else ""


def notice_key(renews_on: date, notice: str) -> str:
    return f"{renews_on.isoformat()}/{notice}"


def renewal_words(*, notice: str, organization: str, level: str, ends_on: date) -> str:
    """The reminder in two sentences."""
    day = f"{ends_on.day} {ends_on:%B %Y}"
    if notice == LAPSED:
        return f"Your membership of {organization} ({level}) was valid until {day}. Ask an admin to renew it."
    return f"Your membership of {organization} ({level}) is valid until {day}. Ask an admin to renew it before then."


def clean_level(
    *, name: str, description: str, months: int | None, grace_days: int, taken: Iterable[str]
) -> tuple[str, str]:
    """Name and description in one line each. Raises BadLevel (422) with a message per field."""
    name, description = one_line(name), one_line(description)
    faults = {
        "name": _name_fault(name, taken),
        "description": ""
        if len(description) <= MAX_DESCRIPTION_CHARACTERS
        else f"Use at most {MAX_DESCRIPTION_CHARACTERS} characters; this has {len(description)}.",
        "months": ""
        if months is None or 1 <= months <= MAX_MONTHS
        else f"Give 1 to {MAX_MONTHS} months, or nothing for a membership without end.",
        "grace_days": "" if 0 <= grace_days <= MAX_GRACE_DAYS else f"Give 0 to {MAX_GRACE_DAYS} days.",
    }
    found = {field: fault for field, fault in faults.items() if fault}
    if found:
        raise BadLevel(fields=found)
    return name, description


def check_day(day: date | None) -> None:
    """Raises BadDate (422) for a day that is no plausible end."""
    if day is not None and not EARLIEST <= day <= LATEST:
        raise BadDate(fields={"renews_on": f"Give a day from {EARLIEST.year} to {LATEST.year}."})


def check_zone(zone: str) -> None:
    """Raises BadZone (422)."""
    if zone not in available_timezones():
        raise BadZone(fields={"time_zone": "Choose a time zone from the list."})


def zone_names() -> list[str]:
    """The zones to choose from: those named after places."""
    areas = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    named = [zone for zone in available_timezones() if zone.split("/")[0] in areas]
    return ["UTC", *sorted(named)]


def _name_fault(name: str, taken: Iterable[str]) -> str:
    if not name:
        return "Give the level a name."
    if len(name) > MAX_NAME_CHARACTERS:
        return f"Use at most {MAX_NAME_CHARACTERS} characters; this has {len(name)}."
    same = name.casefold() in {each.casefold() for each in taken}
    return "There is a level of that name already." if same else ""
