"""Reads of the file library. What somebody may not see is not there."""

import uuid
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import col

from memberpulse.domains.files.errors import FileNotFound, FolderNotFound
from memberpulse.domains.files.models import DoomedObject, FileAttachment, FileFolder, FileKind, FileUpload, StoredFile
from memberpulse.domains.files.reading import seen_by_caller, views_of
from memberpulse.domains.files.rules import decide_view, name_key, size_words
from memberpulse.domains.files.schemas import (
    AttachmentView,
    Content,
    FileList,
    FileView,
    FolderChoice,
    FolderPlace,
    FolderView,
    NamedObject,
    StorageView,
)
from memberpulse.domains.files.uploading import largest_file_bytes
from memberpulse.domains.files.use import default_quota_bytes, is_nearly_full, read_use, use_of
from memberpulse.domains.organizations.cursors import read_time_cursor, write_cursor
from memberpulse.domains.organizations.policies import subject_of_caller
from memberpulse.engine import INTERNAL, QueryCtx, query

PAGE_SIZE = 24
MOST_FOLDERS = 500
MOST_ATTACHMENTS = 50


@query(requires="files.view")
def list_files(
    ctx: QueryCtx,
    *,
    search: str = "",
    folder_id: uuid.UUID | None = None,
    kind: FileKind | None = None,
    cursor: str | None = None,
) -> FileList:
    """Files that the caller may see, the newest first, 24 at a time.

    search: part of a name, in all folders; without it those that stand directly in the folder (None: at the top). kind:
    of that kind only, in all folders.
    """
    wanted = [col(StoredFile.binned_at).is_(None), seen_by_caller(ctx)]
    term = name_key(search.strip()[:100])
    if term:
        wanted.append(col(StoredFile.name_key).contains(term, autoescape=True))
    if kind is not None:
        wanted.append(col(StoredFile.kind) == kind)
    if not term and kind is None:
        wanted.append(col(StoredFile.folder_id) == folder_id)
    return _page(ctx, wanted, "uploaded_at", cursor)


@query(requires="files.view")
def list_binned(ctx: QueryCtx, *, cursor: str | None = None) -> FileList:
    """The bin: what the caller uploaded, or all that they may see when they manage files; last deleted first."""
    wanted = [col(StoredFile.binned_at).is_not(None), seen_by_caller(ctx)]
    if not ctx.can("files.manage"):
        wanted.append(col(StoredFile.uploader_id) == ctx.caller.user_id)
    return _page(ctx, wanted, "binned_at", cursor)


@query(requires="files.view")
def get_file(ctx: QueryCtx, *, file_id: uuid.UUID) -> FileView:
    """One file as it is now. Raises FileNotFound (404), also when the caller may not see it."""
    file = ctx.db.scalars(select(StoredFile).where(col(StoredFile.id) == file_id)).one_or_none()
    if file is None:
        raise FileNotFound
    subject = subject_of_caller(ctx)
    _check_seen(file, subject.capabilities, subject.user_id)
    return views_of(ctx, [file])[0]


@query(requires="files.view")
def get_place(ctx: QueryCtx, *, folder_id: uuid.UUID | None = None) -> FolderPlace:
    """A folder, the way to it, and the folders in it. Raises FolderNotFound (404)."""
    by_id = {each.id: each for each in ctx.db.scalars(select(FileFolder).limit(MOST_FOLDERS))}
    if folder_id is not None and folder_id not in by_id:
        raise FolderNotFound
    counts = _counts(ctx)
    inside = sorted((each for each in by_id.values() if each.parent_id == folder_id), key=lambda each: each.name_key)
    folders = [
        FolderView(
            id=each.id,
            name=each.name,
            files=counts.get(each.id, 0),
            folders=sum(other.parent_id == each.id for other in by_id.values()),
        )
        for each in inside
    ]
    here = _choice(by_id[folder_id], by_id) if folder_id is not None else None
    way = [_choice(each, by_id) for each in _way(by_id[folder_id], by_id)] if folder_id is not None else []
    return FolderPlace(folder=here, way=way, folders=folders)


@query(requires="files.view")
def list_folders(ctx: QueryCtx) -> list[FolderChoice]:
    """All folders by their path; at most 500."""
    by_id = {each.id: each for each in ctx.db.scalars(select(FileFolder).limit(MOST_FOLDERS))}
    return sorted((_choice(each, by_id) for each in by_id.values()), key=lambda each: each.path.casefold())


@query(requires="files.view")
def get_storage(ctx: QueryCtx) -> StorageView:
    """How full the organization's storage is. One result for everybody."""
    row = read_use(ctx)
    use = use_of(row)
    kept = _sizes(ctx, binned=False)
    binned = _sizes(ctx, binned=True)
    full = use.taken >= use.quota
    return StorageView(
        used=size_words(use.used),
        quota=size_words(use.quota),
        free=size_words(use.free),
        quota_mb=use.quota // (1024 * 1024),
        default_quota_mb=default_quota_bytes() // (1024 * 1024),
        own_quota=row is not None and row.quota_bytes is not None,
        percent=min(100, use.used * 100 // use.quota),
        state="full" if full else "warn" if is_nearly_full(use) else "calm",
        files=kept[0],
        binned=binned[0],
        binned_size=size_words(binned[1]),
        largest=size_words(largest_file_bytes()),
        largest_bytes=largest_file_bytes(),
        checked_at=row.checked_at if row else None,
        missing_files=row.missing_files if row else 0,
        drift=size_words(abs(row.drift_bytes)) if row and row.drift_bytes else "",
    )


@query(requires="files.view")
def count_files(ctx: QueryCtx) -> int:
    """How many files the caller may see, without those in the bin."""
    counted = (
        select(func.count()).select_from(StoredFile).where(col(StoredFile.binned_at).is_(None), seen_by_caller(ctx))
    )
    return ctx.db.scalars(counted).one()


@query(requires="files.view")
def list_attachments(ctx: QueryCtx, *, entity_type: str, entity_id: uuid.UUID) -> list[AttachmentView]:
    """The files at a record that the caller may see, in the order in which they were attached; at most 50."""
    at_record = (
        select(FileAttachment, StoredFile)
        .join(StoredFile, col(StoredFile.id) == col(FileAttachment.file_id))
        .where(col(FileAttachment.entity_type) == entity_type, col(FileAttachment.entity_id) == entity_id)
        .where(col(StoredFile.binned_at).is_(None), seen_by_caller(ctx))
        .order_by(col(FileAttachment.attached_at), col(FileAttachment.id))
        .limit(MOST_ATTACHMENTS)
    )
    found = ctx.db.execute(at_record).all()
    views = views_of(ctx, [file for _, file in found])
    return [AttachmentView(attachment.id, view) for (attachment, _), view in zip(found, views, strict=True)]


@query(requires=INTERNAL)
def find_content(ctx: QueryCtx, *, file_id: uuid.UUID, viewer_id: uuid.UUID, capabilities: list[str]) -> Content:
    """What the serving route needs, for a person with these rights. Raises FileNotFound (404)."""
    file = ctx.db.get(StoredFile, file_id)
    if file is None:
        raise FileNotFound
    _check_seen(file, frozenset(capabilities), viewer_id)
    return Content(
        object_name=file.object_name,
        name=file.name,
        kind=file.kind,
        media_type=file.media_type,
        size_bytes=file.size_bytes,
        sha256=file.sha256,
        thumbnail_bytes=file.thumbnail_bytes,
        pages=file.pages or 0,
    )


def _check_seen(file: StoredFile, capabilities: frozenset[str], user_id: uuid.UUID | None) -> None:
    """What is in the bin is seen by those who see the bin: its uploader, and who manages files."""
    decide_view(
        audience=file.audience, capabilities=capabilities, uploader_id=file.uploader_id, user_id=user_id
    ).enforce()
    if file.binned_at is not None and file.uploader_id != user_id and "files.manage" not in capabilities:
        raise FileNotFound


@query(requires=INTERNAL)
def list_named_objects(ctx: QueryCtx, *, prefix: str) -> list[NamedObject]:
    """Every object that a row names and whose name begins so, in all organizations: files, uploads, doomed ones."""
    with ctx.across_organizations():
        files = select(col(StoredFile.object_name), col(StoredFile.size_bytes), col(StoredFile.thumbnail_bytes)).where(
            col(StoredFile.object_name).startswith(prefix, autoescape=True)
        )
        found = [NamedObject(name, size, thumbnail) for name, size, thumbnail in ctx.db.execute(files)]
        for column in (col(FileUpload.object_name), col(DoomedObject.object_name)):
            names = ctx.db.scalars(select(column).where(column.startswith(prefix, autoescape=True)))
            found += [NamedObject(name, None, 0) for name in names if name is not None]
    return found


@query(requires=INTERNAL)
def list_doomed(ctx: QueryCtx, *, most: int) -> list[str]:
    """Names of objects whose time has come, the oldest first."""
    due = select(col(DoomedObject.object_name)).where(col(DoomedObject.due_at) <= ctx.now)
    return list(ctx.db.scalars(due.order_by(col(DoomedObject.due_at)).limit(most)))


def _page(ctx: QueryCtx, wanted: list[ColumnElement[bool]], by: str, cursor: str | None) -> FileList:
    at = col(getattr(StoredFile, by))
    if cursor:
        moment, row_id = read_time_cursor(cursor)
        wanted.append(or_(at < moment, and_(at == moment, col(StoredFile.id) < row_id)))
    newest_first = select(StoredFile).where(*wanted).order_by(at.desc(), col(StoredFile.id).desc())
    found = list(ctx.db.scalars(newest_first.limit(PAGE_SIZE + 1)))
    page = found[:PAGE_SIZE]
    following: str | None = None
    if len(found) > PAGE_SIZE:
        moment_of: datetime = getattr(page[-1], by)
        following = write_cursor(moment_of, page[-1].id)
    return FileList(rows=views_of(ctx, page), next_cursor=following)


def _counts(ctx: QueryCtx) -> dict[uuid.UUID | None, int]:
    folder = col(StoredFile.folder_id)
    counted = (
        select(folder, func.count())
        .select_from(StoredFile)
        .where(col(StoredFile.binned_at).is_(None), seen_by_caller(ctx))
    )
    return {row[0]: row[1] for row in ctx.db.execute(counted.group_by(folder))}


def _sizes(ctx: QueryCtx, *, binned: bool) -> tuple[int, int]:
    """How many files there are, and how much they take."""
    at = col(StoredFile.binned_at)
    size = func.coalesce(func.sum(col(StoredFile.size_bytes) + col(StoredFile.thumbnail_bytes)), 0)
    counted = select(func.count(), size).select_from(StoredFile).where(at.is_not(None) if binned else at.is_(None))
    count, total = ctx.db.execute(counted).one()
    return count, int(total)


def _way(folder: FileFolder, by_id: dict[uuid.UUID, FileFolder]) -> list[FileFolder]:
    """From the top to the folder itself."""
    found = [folder]
    while (parent := by_id.get(found[0].parent_id) if found[0].parent_id else None) is not None:
        found.insert(0, parent)
    return found


def _choice(folder: FileFolder, by_id: dict[uuid.UUID, FileFolder]) -> FolderChoice:
    return FolderChoice(folder.id, folder.name, " / ".join(each.name for each in _way(folder, by_id)))
