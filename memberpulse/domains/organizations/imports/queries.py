"""Reads of imports."""

import uuid

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.organizations.cursors import read_cursor, write_cursor
from memberpulse.domains.organizations.imports.errors import ImportNotFound
from memberpulse.domains.organizations.imports.models import MemberImportFile, MemberImportRow, RowFate
from memberpulse.domains.organizations.imports.schemas import ImportRows, ImportRowView, ImportView
from memberpulse.engine import QueryCtx, query
from memberpulse.engine.errors import BadArguments

PAGE_SIZE = 100


@query(requires="members.import")
def get_import(ctx: QueryCtx, *, import_id: uuid.UUID) -> ImportView:
    """One import with its counts, and how far it came. Raises ImportNotFound (404)."""
    file = ctx.db.get(MemberImportFile, import_id)
    if file is None:
        raise ImportNotFound
    return _view(file)


@query(requires="members.import")
def list_imports(ctx: QueryCtx) -> list[ImportView]:
    """The latest imports, newest first."""
    statement = select(MemberImportFile).order_by(col(MemberImportFile.created_at).desc()).limit(10)
    return [_view(file) for file in ctx.db.scalars(statement)]


@query(requires="members.import")
def list_import_rows(
    ctx: QueryCtx, *, import_id: uuid.UUID, fate: RowFate | None = None, cursor: str | None = None
) -> ImportRows:
    """The rows of an import in the order of the file, 100 at a time."""
    matches = [col(MemberImportRow.import_id) == import_id]
    if fate is not None:
        matches.append(col(MemberImportRow.fate) == fate)
    if cursor:
        matches.append(col(MemberImportRow.number) > _number(cursor))
    statement = select(MemberImportRow).where(*matches).order_by(col(MemberImportRow.number)).limit(PAGE_SIZE + 1)
    found = list(ctx.db.scalars(statement))
    page = found[:PAGE_SIZE]
    more = len(found) > PAGE_SIZE
    return ImportRows(
        rows=[row_view(row) for row in page],
        next_cursor=write_cursor(str(page[-1].number), page[-1].id) if more else None,
    )


def row_view(row: MemberImportRow) -> ImportRowView:
    return ImportRowView(
        id=row.id,
        number=row.number,
        email=row.email,
        name=row.name,
        role=row.role,
        fate=row.fate,
        reason=row.reason,
        outcome=row.outcome,
    )


def _number(cursor: str) -> int:
    key, _ = read_cursor(cursor)
    if not key.isdigit():
        raise BadArguments(fields={"cursor": "This is not a cursor from an earlier page."})
    return int(key)


def _view(file: MemberImportFile) -> ImportView:
    def count(fate: RowFate) -> int:
        return file.fates.get(fate.value, 0)

    return ImportView(
        id=file.id,
        file_name=file.file_name,
        state=file.state,
        created_at=file.created_at,
        finished_at=file.finished_at,
        rows=file.rows,
        to_invite=count(RowFate.INVITE),
        members=count(RowFate.MEMBER),
        invited_before=count(RowFate.INVITED),
        duplicates=count(RowFate.DUPLICATE),
        bad_addresses=count(RowFate.BAD_ADDRESS),
        bad_roles=count(RowFate.BAD_ROLE),
        done=file.done,
        invited=file.invited,
    )
