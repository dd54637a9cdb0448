"""What screens and doors are given of imports."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from memberpulse.domains.organizations.imports.models import ImportState, RowFate
from memberpulse.domains.organizations.models import Role


@dataclass(frozen=True)
class CheckedRow:
    """A row of the file as it was read, before the members were looked at."""

    number: int
    email: str
    name: str
    role: Role
    fate: RowFate
    reason: str


@dataclass(frozen=True, slots=True)
class ImportView:
    """One import. to_invite, members, invited_before, duplicates, bad_addresses, bad_roles: rows by fate.

    done: rows to invite that were worked off; invited: how many of them were.
    """

    id: uuid.UUID
    file_name: str
    state: ImportState
    created_at: datetime
    finished_at: datetime | None
    rows: int
    to_invite: int
    members: int
    invited_before: int
    duplicates: int
    bad_addresses: int
    bad_roles: int
    done: int
    invited: int


@dataclass(frozen=True, slots=True)
class ImportRowView:
    """outcome: "" before the import was applied to the row, else "invited", "member" or "already_invited"."""

    id: uuid.UUID
    number: int
    email: str
    name: str
    role: Role
    fate: RowFate
    reason: str
    outcome: str


@dataclass(frozen=True, slots=True)
class ImportRows:
    """One page in the order of the file."""

    rows: list[ImportRowView]
    next_cursor: str | None
