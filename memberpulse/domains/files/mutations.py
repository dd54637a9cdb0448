"""What becomes of files in the library: their names, places and audiences, the bin and the way back from it."""

import uuid
from collections.abc import Sequence

from memberpulse.domains.activity.mutations import retell
from memberpulse.domains.files.errors import FileNotFound, NothingToRestore
from memberpulse.domains.files.facts import (
    AudienceChanged,
    FileBinned,
    FileDeleted,
    FileRenamed,
    FileRestored,
    FilesMoved,
    QuotaChanged,
)
from memberpulse.domains.files.models import Audience, FileFolder, StoredFile
from memberpulse.domains.files.reading import views_of
from memberpulse.domains.files.rules import (
    MANAGE,
    MB,
    MOST_AT_ONCE,
    checked_name,
    decide_change,
    decide_view,
    name_key,
    with_extension,
)
from memberpulse.domains.files.schemas import Binned, FileView
from memberpulse.domains.files.uploading import called, check_folder, doom, free_name
from memberpulse.domains.files.use import default_quota_bytes, give_back, lock_use
from memberpulse.domains.organizations.policies import subject_of_caller
from memberpulse.engine import MutationCtx, mutation
from memberpulse.engine.errors import BadArguments


@mutation(requires="files.view", limit="60/minute")
def rename_file(ctx: MutationCtx, *, file_id: uuid.UUID, name: str) -> FileView:
    """Give a file another name; it keeps the ending that tells what it is. One that is taken gets a number.

    Raises FileNotFound (404), NotYourFile (403), BadFileName (422).
    """
    file = changeable(ctx, file_id)
    _, dot, extension = file.name.rpartition(".")
    wanted = with_extension(checked_name(name), (extension.lower(),)) if dot else checked_name(name)
    before, file.name = file.name, free_name(ctx, wanted, file.folder_id, but=file.id)
    file.name_key, file.changed_at = name_key(file.name), ctx.now
    ctx.db.flush()
    if before != file.name:
        secret = file.audience is Audience.ONLY_ME
        ctx.record(FileRenamed(entity_id=file.id, target=called(file), before="" if secret else before))
    return views_of(ctx, [file])[0]


@mutation(requires="files.view", limit="60/minute")
def move_files(ctx: MutationCtx, *, file_ids: list[uuid.UUID], folder_id: uuid.UUID | None = None) -> Binned:
    """Put files into another folder, or (None) at the top. All, or none of them.

    Raises FileNotFound (404), NotYourFile (403), FolderNotFound (404).
    """
    check_folder(ctx, folder_id)
    files = [each for each in _several(ctx, file_ids) if each.folder_id != folder_id]
    for file in files:
        file.name = free_name(ctx, file.name, folder_id, but=file.id)
        file.name_key, file.folder_id, file.changed_at = name_key(file.name), folder_id, ctx.now
        ctx.db.flush()
    folder = ctx.db.get(FileFolder, folder_id) if folder_id else None
    if files:
        where = folder.name if folder else "the top"
        ctx.record(FilesMoved(entity_id=folder_id or ctx.organization_id, target=_words(files), folder=where))
    return Binned([each.id for each in files], _words(files))


@mutation(requires="files.view", limit="60/minute")
def set_audience(ctx: MutationCtx, *, file_id: uuid.UUID, audience: Audience) -> FileView:
    """Say who may see a file. Only who uploaded it can have it for themselves alone.

    Raises FileNotFound (404), NotYourFile (403).
    """
    file = changeable(ctx, file_id)
    if audience is Audience.ONLY_ME and file.uploader_id != ctx.caller.user_id:
        raise BadArguments("Only who uploaded a file can keep it to themselves.")
    before, file.audience = file.audience, audience
    file.changed_at = ctx.now
    ctx.db.flush()
    if before is not audience:
        retell(ctx, entity_id=file.id, target=file.name if audience is Audience.ORGANIZATION else "a file")
        ctx.record(AudienceChanged(entity_id=file.id, target=called(file), before=before, after=audience))
    return views_of(ctx, [file])[0]


@mutation(requires="files.view", limit="60/minute")
def bin_files(ctx: MutationCtx, *, file_ids: list[uuid.UUID]) -> Binned:
    """Put files into the bin, from where they come back for 30 days. All, or none of them.

    Raises FileNotFound (404), NotYourFile (403).
    """
    files = _several(ctx, file_ids)
    for file in files:
        file.binned_at, file.binned_by, file.changed_at = ctx.now, ctx.caller.user_id, ctx.now
    ctx.db.flush()
    for file in files:
        ctx.record(FileBinned(entity_id=file.id, target=called(file)))
    return Binned([each.id for each in files], _words(files))


@mutation(requires="files.view", limit="60/minute")
def restore_files(ctx: MutationCtx, *, file_ids: list[uuid.UUID]) -> Binned:
    """Bring files back from the bin to where they were; a name that is taken by now gets a number.

    Raises FileNotFound (404), NotYourFile (403), NothingToRestore (409) when none of them is in the bin.
    """
    files = [each for each in _several(ctx, file_ids, binned=None) if each.binned_at is not None]
    if not files:
        raise NothingToRestore
    for file in files:
        file.name = free_name(ctx, file.name, file.folder_id, but=file.id)
        file.name_key, file.binned_at, file.binned_by = name_key(file.name), None, None
        ctx.db.flush()
        ctx.record(FileRestored(entity_id=file.id, target=called(file)))
    return Binned([each.id for each in files], _words(files))


@mutation(requires="files.view", limit="60/minute")
def delete_files(ctx: MutationCtx, *, file_ids: list[uuid.UUID]) -> Binned:
    """Delete files in the bin for good; their room is free at once. All, or none of them.

    Raises FileNotFound (404), NotYourFile (403).
    """
    files = _several(ctx, file_ids, binned=True)
    for file in files:
        delete_file(ctx, file)
    return Binned([each.id for each in files], _words(files))


@mutation(requires="files.manage", limit="20/minute")
def set_quota(ctx: MutationCtx, *, quota_mb: int | None = None) -> None:
    """Say how much the organization may keep, at most what the server allows; None: just that.

    Raises BadArguments (422).
    """
    most = default_quota_bytes() // MB
    if quota_mb is not None and not 1 <= quota_mb <= most:
        raise BadArguments(fields={"quota_mb": f"Between 1 and {most:,} MB."})
    row = lock_use(ctx)
    before, row.quota_bytes = row.quota_bytes, quota_mb * MB if quota_mb is not None else None
    ctx.db.flush()
    if before != row.quota_bytes:
        ctx.record(QuotaChanged(entity_id=ctx.organization_id, before=before or 0, after=row.quota_bytes or 0))


def delete_file(ctx: MutationCtx, file: StoredFile) -> None:
    """Delete a file for good. Part of the caller's transaction; its content goes after that."""
    doom(ctx, file.object_name)
    give_back(ctx, file.size_bytes + file.thumbnail_bytes)
    ctx.db.delete(file)
    ctx.db.flush()
    ctx.record(FileDeleted(entity_id=file.id, target=called(file)))


def visible(ctx: MutationCtx, file_id: uuid.UUID) -> StoredFile:
    """A file that the caller may see. Raises FileNotFound (404)."""
    file = ctx.db.get(StoredFile, file_id)
    if file is None:
        raise FileNotFound
    subject = subject_of_caller(ctx)
    decide_view(
        audience=file.audience,
        capabilities=subject.capabilities,
        uploader_id=file.uploader_id,
        user_id=subject.user_id,
    ).enforce()
    return file


def changeable(ctx: MutationCtx, file_id: uuid.UUID, *, binned: bool | None = False) -> StoredFile:
    """A file that the caller may change. binned: whether it must be in the bin; None: either.

    Raises FileNotFound (404), NotYourFile (403).
    """
    file = visible(ctx, file_id)
    if binned is not None and (file.binned_at is not None) is not binned:
        raise FileNotFound
    manages = MANAGE in subject_of_caller(ctx).capabilities
    decide_change(manages=manages, uploader_id=file.uploader_id, user_id=ctx.caller.user_id).enforce()
    return file


def _several(ctx: MutationCtx, ids: Sequence[uuid.UUID], *, binned: bool | None = False) -> list[StoredFile]:
    if not 1 <= len(ids) <= MOST_AT_ONCE:
        raise BadArguments(f"Choose 1 to {MOST_AT_ONCE} files.")
    return [changeable(ctx, each, binned=binned) for each in dict.fromkeys(ids)]


def _words(files: Sequence[StoredFile]) -> str:
    return called(files[0]) if len(files) == 1 else f"{len(files):,} files"
