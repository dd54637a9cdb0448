"""Reading a file of people: its encoding, its delimiter, its columns. No database, no clock."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from memberpulse.domains.accounts.rules import fold, normalize_email
from memberpulse.domains.organizations.imports.errors import BadFile
from memberpulse.domains.organizations.imports.models import RowFate
from memberpulse.domains.organizations.invitations.rules import problem_of
from memberpulse.domains.organizations.models import Role

MOST_BYTES = 2 * 1024 * 1024
MOST_ROWS = 10_000

_DELIMITERS = (",", ";", "\t", "|")
_EMAIL = {"email", "e-mail", "mail", "e-mail address", "email address", "address", "e mail"}
_NAME = {"name", "full name", "member", "person"}
_FIRST = {"first name", "firstname", "given name", "forename"}
_LAST = {"last name", "lastname", "surname", "family name"}
_ROLE = {"role", "roles"}


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A line of the file and what can be said of it without looking at the members.

    fate: INVITE when nothing speaks against it so far. role: MEMBER where the file names none.
    """

    number: int
    email: str
    name: str
    role: Role
    fate: RowFate
    reason: str


@dataclass(frozen=True, slots=True)
class _Columns:
    email: int
    name: int | None
    first: int | None
    last: int | None
    role: int | None


def read_people(content: bytes) -> list[ReadRow]:
    """The people in a CSV file. Raises BadFile (422) when it is none, is empty, or has too many rows.

    The first line names the columns: one for the e-mail address, and if given name (or first and last name) and role.
    A file without such a line may have addresses in its first column.
    """
    text = decode(content)
    lines = _lines(text, find_delimiter(text))
    if not lines:
        raise BadFile("The file is empty. Its first line names the columns, such as: Name, E-mail, Role.")
    columns = _columns(lines[0][1])
    if columns is None and "@" in "".join(lines[0][1]):
        columns = _Columns(_column_of_addresses(lines[0][1]), None, None, None, None)
    elif columns is None:
        raise BadFile("There is no column for the e-mail address. Name one of the columns E-mail.")
    else:
        lines = lines[1:]
    if not lines:
        raise BadFile("The file has a first line and nobody below it.")
    if len(lines) > MOST_ROWS:
        raise BadFile(f"The file has {len(lines):,} rows; at most {MOST_ROWS:,} can be imported at once. Split it.")
    return _judged(lines, columns)


def decode(content: bytes) -> str:
    """The text of a file: UTF-8 or UTF-16 with a byte order mark, UTF-8, else Windows Latin. Raises BadFile (422)."""
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ["utf-16"] if wide else ["utf-8-sig", "cp1252", "latin-1"]:
        try:
            text = content.decode(encoding)
        except UnicodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise BadFile("This is no text file. Save the sheet as CSV and choose that file.")


def find_delimiter(text: str) -> str:
    """What stands between the columns, by the first line that is not empty; a comma where nothing does."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    counts = {each: first.count(each) for each in _DELIMITERS}
    best = max(counts, key=lambda each: counts[each])
    return best if counts[best] else ","


def read_role(text: str) -> Role | None:
    """The role of a cell, MEMBER for an empty one, None for what is no role."""
    word = fold(text)
    if not word:
        return Role.MEMBER
    return next((role for role in Role if role.value == word), None)


def _lines(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Every row that is not empty, with its number. A quoted cell may run over several lines."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    found: list[tuple[int, list[str]]] = []
    try:
        for number, cells in enumerate(reader, 1):
            stripped = [" ".join(cell.split()) for cell in cells]
            if any(stripped):
                found.append((number, stripped))
    except csv.Error as error:
        raise BadFile(f"The file cannot be read as CSV: {error}.") from None
    return found


def _columns(header: Sequence[str]) -> _Columns | None:
    words = [fold(each) for each in header]

    def find(known: set[str]) -> int | None:
        return next((index for index, word in enumerate(words) if word in known), None)

    email = find(_EMAIL)
    return None if email is None else _Columns(email, find(_NAME), find(_FIRST), find(_LAST), find(_ROLE))


def _column_of_addresses(cells: Sequence[str]) -> int:
    return next(index for index, cell in enumerate(cells) if "@" in cell)


def _judged(lines: list[tuple[int, list[str]]], columns: _Columns) -> list[ReadRow]:
    first_seen: dict[str, int] = {}
    rows: list[ReadRow] = []
    for number, cells in lines:
        row = _judge(number, cells, columns)
        if row.fate is RowFate.INVITE and row.email in first_seen:
            reason = f"The same address as in row {first_seen[row.email]}."
            row = ReadRow(number, row.email, row.name, row.role, RowFate.DUPLICATE, reason)
        first_seen.setdefault(row.email, number)
        rows.append(row)
    return rows


def _judge(number: int, cells: list[str], columns: _Columns) -> ReadRow:
    email, name = normalize_email(_cell(cells, columns.email)), _name(cells, columns)
    role = read_role(_cell(cells, columns.role))
    fate, reason = RowFate.INVITE, ""
    if problem := problem_of(email):
        fate, reason = RowFate.BAD_ADDRESS, problem
    elif role is None:
        fate = RowFate.BAD_ROLE
        reason = f"“{_cell(cells, columns.role)[:40]}” is no role here. Use admin, creator or member."
    elif role is Role.OWNER:
        fate, reason = RowFate.BAD_ROLE, "Owners are not made by an import. Change the role when they have joined."
    return ReadRow(number, email[:254], name[:120], role or Role.MEMBER, fate, reason[:300])


def _name(cells: list[str], columns: _Columns) -> str:
    if columns.name is not None:
        return _cell(cells, columns.name)
    return f"{_cell(cells, columns.first)} {_cell(cells, columns.last)}".strip()


def _cell(cells: list[str], index: int | None) -> str:
    return cells[index] if index is not None and index < len(cells) else ""
