"""Files as screens are given them. Parts of queries and mutations."""

import uuid
from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.files.kinds import ALL
from memberpulse.domains.files.models import FileFolder, FileKind, StoredFile
from memberpulse.domains.files.rules import BIN_KEEPS, MANAGE, audiences_of, decide_change, size_words
from memberpulse.domains.files.schemas import FileView
from memberpulse.domains.organizations.policies import subject_of_caller
from memberpulse.domains.organizations.schemas import person_view
from memberpulse.engine import QueryCtx

_TITLES = {each.media_type: each.title for each in ALL} | {"text/csv": "CSV"}


def seen_by_caller(ctx: QueryCtx) -> ColumnElement[bool]:
    """What the caller may see, as a condition: the same rule as `decide_view`."""
    subject = subject_of_caller(ctx)
    shared = col(StoredFile.audience).in_(audiences_of(subject.capabilities))
    return or_(shared, col(StoredFile.uploader_id) == subject.user_id) if subject.user_id else shared


def views_of(ctx: QueryCtx, files: Sequence[StoredFile]) -> list[FileView]:
    """Files that the caller may see, in the same order."""
    people = _people(ctx, {each.uploader_id for each in files} - {None})
    folders = _folders(ctx, {each.folder_id for each in files} - {None})
    return [_view(ctx, each, people, folders) for each in files]


def _view(
    ctx: QueryCtx, file: StoredFile, people: dict[uuid.UUID, User], folders: dict[uuid.UUID, FileFolder]
) -> FileView:
    uploader = people.get(file.uploader_id) if file.uploader_id else None
    folder = folders.get(file.folder_id) if file.folder_id else None
    user_id = ctx.caller.user_id
    changeable = decide_change(manages=ctx.can(MANAGE), uploader_id=file.uploader_id, user_id=user_id).allowed
    return FileView(
        id=file.id,
        name=file.name,
        kind=file.kind,
        media_type=file.media_type,
        size=size_words(file.size_bytes),
        size_bytes=file.size_bytes,
        detail=_detail(file),
        pages=file.pages or 0,
        excerpt=file.excerpt,
        address=f"/content/{file.id}",
        thumbnail=f"/content/{file.id}/thumbnail" if file.thumbnail_bytes else "",
        audience=file.audience,
        folder_id=file.folder_id,
        folder=folder.name if folder else "",
        uploader=person_view(uploader) if uploader else None,
        uploaded_at=file.uploaded_at,
        changeable=changeable,
        mine=user_id is not None and user_id == file.uploader_id,
        gone_at=file.binned_at + BIN_KEEPS if file.binned_at else None,
        missing=file.missing_at is not None,
    )


def _detail(file: StoredFile) -> str:
    title = _TITLES.get(file.media_type, "File")
    if file.kind is FileKind.IMAGE and file.width and file.height:
        return f"{title}, {file.width:,} × {file.height:,}"
    if file.pages:
        return f"{title}, {file.pages:,} page{'' if file.pages == 1 else 's'}"
    return title


def _people(ctx: QueryCtx, ids: set[uuid.UUID | None]) -> dict[uuid.UUID, User]:
    if not ids:
        return {}
    return {user.id: user for user in ctx.db.scalars(select(User).where(col(User.id).in_(ids)))}


def _folders(ctx: QueryCtx, ids: set[uuid.UUID | None]) -> dict[uuid.UUID, FileFolder]:
    if not ids:
        return {}
    return {folder.id: folder for folder in ctx.db.scalars(select(FileFolder).where(col(FileFolder.id).in_(ids)))}
