"""Folders of the library."""

import uuid

from sqlalchemy import select, update
from sqlmodel import col

from memberpulse.domains.files.errors import BadFileName, FolderNotEmpty, FolderNotFound
from memberpulse.domains.files.facts import FolderCreated, FolderRemoved, FolderRenamed
from memberpulse.domains.files.models import FileFolder, FileUpload, StoredFile
from memberpulse.domains.files.rules import MAX_DEPTH, MAX_FOLDER_CHARACTERS, checked_name, name_key
from memberpulse.domains.files.schemas import FolderChoice
from memberpulse.engine import MutationCtx, mutation


@mutation(requires="files.organize", limit="60/minute")
def create_folder(ctx: MutationCtx, *, name: str, parent_id: uuid.UUID | None = None) -> FolderChoice:
    """Add a folder, at the top or in another one. Raises BadFileName (422), FolderNotFound (404)."""
    parent = _found(ctx, parent_id) if parent_id is not None else None
    if parent is not None and parent.depth + 1 >= MAX_DEPTH:
        raise BadFileName(f"Folders stand at most {MAX_DEPTH} deep.")
    cleaned = _free_name(ctx, name, parent_id)
    folder = FileFolder(
        organization_id=ctx.organization_id,
        name=cleaned,
        name_key=name_key(cleaned),
        parent_id=parent_id,
        depth=parent.depth + 1 if parent else 0,
        created_at=ctx.now,
    )
    ctx.db.add(folder)
    ctx.db.flush()
    ctx.record(FolderCreated(entity_id=folder.id, target=folder.name))
    return FolderChoice(folder.id, folder.name, folder.name)


@mutation(requires="files.organize", limit="60/minute")
def rename_folder(ctx: MutationCtx, *, folder_id: uuid.UUID, name: str) -> None:
    """Raises FolderNotFound (404), BadFileName (422)."""
    folder = _found(ctx, folder_id)
    before, cleaned = folder.name, _free_name(ctx, name, folder.parent_id, but=folder.id)
    if before == cleaned:
        return
    folder.name, folder.name_key = cleaned, name_key(cleaned)
    ctx.db.flush()
    ctx.record(FolderRenamed(entity_id=folder.id, target=folder.name, before=before))


@mutation(requires="files.organize", limit="60/minute")
def remove_folder(ctx: MutationCtx, *, folder_id: uuid.UUID) -> None:
    """Remove an empty folder. What was deleted out of it comes back at the top.

    Raises FolderNotFound (404), FolderNotEmpty (409), also for what only others see.
    """
    folder = _found(ctx, folder_id)
    files = select(col(StoredFile.id)).where(
        col(StoredFile.folder_id) == folder_id, col(StoredFile.binned_at).is_(None)
    )
    folders = select(col(FileFolder.id)).where(col(FileFolder.parent_id) == folder_id)
    if ctx.db.scalars(files.limit(1)).first() or ctx.db.scalars(folders.limit(1)).first():
        raise FolderNotEmpty
    for table in (StoredFile, FileUpload):
        ctx.db.execute(
            update(table)
            .where(col(table.folder_id) == folder_id)
            .values(folder_id=None)
            .execution_options(synchronize_session=False)
        )
    ctx.db.delete(folder)
    ctx.db.flush()
    ctx.record(FolderRemoved(entity_id=folder.id, target=folder.name))


def _found(ctx: MutationCtx, folder_id: uuid.UUID) -> FileFolder:
    folder = ctx.db.get(FileFolder, folder_id)
    if folder is None:
        raise FolderNotFound
    return folder


def _free_name(ctx: MutationCtx, name: str, parent_id: uuid.UUID | None, *, but: uuid.UUID | None = None) -> str:
    cleaned = checked_name(name, most=MAX_FOLDER_CHARACTERS)
    beside = select(col(FileFolder.id)).where(
        col(FileFolder.parent_id) == parent_id, col(FileFolder.name_key) == name_key(cleaned)
    )
    if any(each != but for each in ctx.db.scalars(beside)):
        raise BadFileName(fields={"name": "There is a folder of this name here."})
    return cleaned
