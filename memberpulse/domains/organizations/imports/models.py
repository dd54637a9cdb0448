"""Tables of imports: the file as it was read, and every row with its fate."""

import enum
import uuid
from datetime import datetime

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from memberpulse.domains.organizations.models import Owned, Role
from memberpulse.engine import UtcDateTime, utc_now, word_type


class ImportState(enum.StrEnum):
    CHECKED = "checked"
    """The dry run: nothing has happened yet."""
    APPLYING = "applying"
    DONE = "done"


class RowFate(enum.StrEnum):
    """What becomes of a row, as the dry run foresees it."""

    INVITE = "invite"
    MEMBER = "member"
    INVITED = "invited"
    DUPLICATE = "duplicate"
    BAD_ADDRESS = "bad_address"
    BAD_ROLE = "bad_role"


class MemberImportFile(Owned, table=True):
    """One uploaded file. done_until: the number of the last row that was worked off."""

    __tablename__ = "member_import"  # pyright: ignore[reportAssignmentType]

    file_name: str = Field(max_length=200)
    state: ImportState = Field(default=ImportState.CHECKED, sa_type=word_type(ImportState))
    created_by: uuid.UUID | None = Field(default=None, foreign_key="user_account.id", ondelete="SET NULL", index=True)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime, index=True)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    message: str = Field(default="", max_length=500)
    rows: int = 0
    fates: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    """How many rows have which fate."""
    done: int = 0
    """How many rows to invite were worked off."""
    invited: int = 0
    """How many of them were invited; the others had joined or been invited meanwhile."""
    done_until: int = 0


class MemberImportRow(Owned, table=True):
    """One line of the file. outcome: what the application did, empty before it."""

    __tablename__ = "member_import_row"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("import_id", "number", name="uq_member_import_row"),)

    import_id: uuid.UUID = Field(foreign_key="member_import.id", ondelete="CASCADE", index=True)
    number: int
    """The row in the file; the header is row 1."""
    email: str = Field(max_length=254)
    name: str = Field(default="", max_length=120)
    role: Role = Field(default=Role.MEMBER, sa_type=word_type(Role))
    fate: RowFate = Field(sa_type=word_type(RowFate))
    reason: str = Field(default="", max_length=300)
    outcome: str = Field(default="", max_length=20)
