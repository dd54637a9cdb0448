"""Decisions about fields and what they hold. No database, no clock."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from memberpulse.domains.organizations.decisions import Decision, allow, refuse
from memberpulse.domains.organizations.fields.errors import BadField, BadValue, FieldArchived, FilledByAdmins
from memberpulse.domains.organizations.fields.models import Audience, Editor, FieldKind
from memberpulse.texts import one_line

MAX_FIELDS = 40
MAX_OPTIONS = 30
MAX_NAME_CHARACTERS = 60
MAX_HINT_CHARACTERS = 200
MAX_OPTION_CHARACTERS = 60
MAX_TEXT = {FieldKind.TEXT: 200, FieldKind.LONG_TEXT: 2000}
_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,6})?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_YES_NO = ("yes", "no")


def clean_field(
    *, name: str, hint: str, kind: FieldKind, options: Iterable[str], taken: Iterable[str]
) -> tuple[str, str, list[str]]:
    """Name, hint and options without stray spaces. Raises BadField (422) with a message per field.

    taken: the names of the other fields. Only a choice has options, and it has at least two.
    """
    name, hint = one_line(name), one_line(hint)
    chosen = [each for each in dict.fromkeys(map(one_line, options)) if each]
    faults = {
        "name": _name_fault(name, taken),
        "hint": f"Use at most {MAX_HINT_CHARACTERS} characters." if len(hint) > MAX_HINT_CHARACTERS else "",
        "options": _options_fault(kind, chosen),
    }
    found = {field: fault for field, fault in faults.items() if fault}
    if found:
        raise BadField(fields=found)
    return name, hint, chosen if kind is FieldKind.CHOICE else []


def check_audience(seen_by: Audience, edited_by: Editor) -> None:
    """Nobody fills in what they do not see. Raises BadField (422)."""
    if seen_by is Audience.ADMINS and edited_by is Editor.SELF:
        raise BadField(fields={"edited_by": "Members cannot fill in what only admins see."})


def clean_value(kind: FieldKind, options: Sequence[str], required: bool, value: str) -> str:
    """The value in the one form that its kind has; empty for none. Raises BadValue (422).

    A number is plain ("12.5"), a date ISO 8601, a choice one of the options, yes_no "yes" or "no".
    """
    text = value.replace("\r\n", "\n").strip()
    if kind is not FieldKind.LONG_TEXT:
        text = " ".join(text.split())
    if not text:
        if required:
            raise BadValue(fields={"value": "This is needed. Fill it in."})
        return ""
    fault, cleaned = _read(kind, options, text)
    if fault:
        raise BadValue(fields={"value": fault})
    return cleaned


def words_of(kind: FieldKind, value: str) -> str:
    """A value as it is read: "Yes", "12 March 2026"."""
    if kind is FieldKind.YES_NO:
        return value.capitalize()
    if kind is FieldKind.DATE and _DATE.fullmatch(value):
        day = date.fromisoformat(value)
        return f"{day.day} {day:%B %Y}"
    return value


def decide_field_edit(*, archived: bool, editor: Editor, manages: bool, own: bool) -> Decision:
    """Whether somebody may fill a field in. manages: they hold members.manage; own: it is about themselves."""
    if archived:
        return refuse("fields.edit/archived", FieldArchived())
    if manages:
        return allow("fields.edit/manages", "Who may change members’ details fills in every field.")
    if own and editor is Editor.SELF:
        return allow("fields.edit/own", "Everybody fills this in about themselves.")
    return refuse("fields.edit/admins", FilledByAdmins())


def may_see(*, seen_by: Audience, manages: bool, own: bool) -> bool:
    """Whether somebody sees what a field holds outside of the directory."""
    return manages or (own and seen_by is not Audience.ADMINS)


def _name_fault(name: str, taken: Iterable[str]) -> str:
    if not name:
        return "Give the field a name."
    if len(name) > MAX_NAME_CHARACTERS:
        return f"Use at most {MAX_NAME_CHARACTERS} characters; this has {len(name)}."
    same = name.casefold() in {each.casefold() for each in taken}
    return "There is a field of that name already." if same else ""


def _options_fault(kind: FieldKind, options: Sequence[str]) -> str:
    if kind is not FieldKind.CHOICE:
        return ""
    if len(options) < 2:
        return "Give at least two options, each on a line of its own."
    if len(options) > MAX_OPTIONS:
        return f"Use at most {MAX_OPTIONS} options; these are {len(options)}."
    longest = max(options, key=len)
    return f"Use at most {MAX_OPTION_CHARACTERS} characters each." if len(longest) > MAX_OPTION_CHARACTERS else ""


def _read(kind: FieldKind, options: Sequence[str], text: str) -> tuple[str, str]:
    """What is wrong with it, and its one form."""
    if kind is FieldKind.NUMBER:
        return _read_number(text)
    if kind is FieldKind.DATE:
        return _read_date(text)
    if kind is FieldKind.CHOICE:
        return ("", text) if text in options else ("Choose one of the options.", "")
    if kind is FieldKind.YES_NO:
        return ("", text) if text in _YES_NO else ("Choose yes or no.", "")
    most = MAX_TEXT[kind]
    return (f"Use at most {most:,} characters; this has {len(text):,}." if len(text) > most else "", text)


def _read_number(text: str) -> tuple[str, str]:
    if not _NUMBER.fullmatch(text):
        return "Give a number such as 12 or 12.5.", ""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return "Give a number such as 12 or 12.5.", ""
    shortest = format(number.normalize(), "f")
    return "", "0" if shortest in ("-0", "0") else shortest


def _read_date(text: str) -> tuple[str, str]:
    try:
        if not _DATE.fullmatch(text):
            raise ValueError(text)
        return "", date.fromisoformat(text).isoformat()
    except ValueError:
        return "Give a day such as 2026-03-31.", ""
