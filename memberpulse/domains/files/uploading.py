"""An upload in three steps: `reserve_upload`, the content by PUT (see `receiving`), `complete_upload`.

Space is set apart in the transaction of the first step and becomes use in that of the last; whatever happens between
them, a process that dies, a browser that closes, leaves a row that `jobs.expire_uploads` finds. An object is in the
store only under a name that a row holds: the upload's, then the file's, or that of something doomed.
"""

import uuid
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from memberpulse.domains.files.errors import (
    FileTooLarge,
    FolderNotFound,
    NotReceived,
    TooManyUploads,
    UploadNotFound,
    UploadOver,
    UploadSuperseded,
)
from memberpulse.domains.files.facts import FileKept, FileUploaded
from memberpulse.domains.files.models import (
    OPEN_STATES,
    Audience,
    DoomedObject,
    FileFolder,
    FileKind,
    FileUpload,
    StoredFile,
    UploadState,
)
from memberpulse.domains.files.reading import seen_by_caller
from memberpulse.domains.files.rules import (
    MB,
    MOST_UPLOADS_OPEN,
    UPLOAD_LIVES,
    UPLOAD_REMEMBERED,
    clean_name,
    distinct_name,
    name_key,
    size_words,
)
from memberpulse.domains.files.schemas import Attempt, Received, Uploaded, UploadTicket
from memberpulse.domains.files.stores import new_name
from memberpulse.domains.files.use import release, reserve, resize, take
from memberpulse.engine import INTERNAL, MutationCtx, mutation
from memberpulse.engine.errors import BadArguments
from memberpulse.settings import get_settings

DOOMED_AFTER = timedelta(minutes=15)
"""Longer than a sending that nobody waits for any more may go on writing."""


def largest_file_bytes() -> int:
    return get_settings().storage_file_mb * MB


@mutation(requires="files.upload", limit="240/minute")
def reserve_upload(
    ctx: MutationCtx,
    *,
    name: str,
    size_bytes: int,
    folder_id: uuid.UUID | None = None,
    audience: Audience = Audience.ORGANIZATION,
) -> UploadTicket:
    """Set space apart for a file of exactly so many bytes. It stays for an hour.

    Raises FileTooLarge (413), StorageFull (409), BadFileName (422), FolderNotFound (404), TooManyUploads (409).
    """
    if size_bytes < 1:
        raise BadArguments("This file is empty.", fields={"size_bytes": "At least 1."})
    if size_bytes > largest_file_bytes():
        raise FileTooLarge(
            f"This file is {size_words(size_bytes)}; at most {size_words(largest_file_bytes())} are kept."
        )
    cleaned = clean_name(name[:1000])
    check_folder(ctx, folder_id)
    _check_open(ctx)
    reserve(ctx, size_bytes)
    upload = FileUpload(
        organization_id=ctx.organization_id,
        uploader_id=ctx.user_id,
        name=cleaned,
        folder_id=folder_id,
        audience=audience,
        declared_bytes=size_bytes,
        reserved_bytes=size_bytes,
        begun_at=ctx.now,
        expires_at=ctx.now + UPLOAD_LIVES,
    )
    ctx.db.add(upload)
    ctx.db.flush()
    return UploadTicket(upload.id, cleaned, f"/uploads/{upload.id}", upload.expires_at)


@mutation(requires=INTERNAL)
def begin_receiving(ctx: MutationCtx, *, upload_id: uuid.UUID, user_id: uuid.UUID) -> Attempt:
    """Take the content of an upload from now on from this sending, and from no earlier one.

    Raises UploadNotFound (404), UploadOver (410). One that was received already cannot be sent again: UploadOver.
    """
    upload = _own(ctx, upload_id, user_id)
    if upload.state not in (UploadState.RESERVED, UploadState.RECEIVING) or upload.expires_at <= ctx.now:
        raise UploadOver
    doom(ctx, upload.object_name, after=DOOMED_AFTER)
    upload.attempt += 1
    upload.object_name = new_name()
    upload.state = UploadState.RECEIVING
    ctx.db.flush()
    return Attempt(upload.object_name, upload.attempt, upload.name, upload.declared_bytes)


@mutation(requires=INTERNAL)
def note_received(ctx: MutationCtx, *, upload_id: uuid.UUID, attempt: int, received: Received) -> None:
    """Say what arrived and is in the store now. Raises UploadSuperseded (409), StorageFull (409)."""
    upload = _of_attempt(ctx, upload_id, attempt)
    size = received.size_bytes + received.thumbnail_bytes
    resize(ctx, upload.reserved_bytes, size)
    upload.reserved_bytes = size
    upload.received = asdict(received)
    upload.state = UploadState.RECEIVED
    ctx.db.flush()


@mutation(requires=INTERNAL)
def stop_receiving(ctx: MutationCtx, *, upload_id: uuid.UUID, attempt: int, refused: bool) -> None:
    """Say that a sending did not succeed: it may be sent again, or (refused) its content is not kept at all."""
    upload = ctx.db.get(FileUpload, upload_id)
    if upload is None or upload.attempt != attempt or upload.state is not UploadState.RECEIVING:
        return
    if refused:
        end_upload(ctx, upload)
        return
    doom(ctx, upload.object_name, after=DOOMED_AFTER)
    upload.object_name, upload.state = None, UploadState.RESERVED
    ctx.db.flush()


@mutation(requires="files.upload", limit="240/minute")
def complete_upload(ctx: MutationCtx, *, upload_id: uuid.UUID) -> Uploaded:
    """Put a file whose content has arrived into the library. Asked again it answers the same.

    Raises UploadNotFound (404), NotReceived (409), UploadOver (410).
    """
    upload = _own(ctx, upload_id, ctx.user_id)
    if upload.state is UploadState.DONE and upload.file_id is not None:
        return Uploaded(upload.file_id, upload.name)
    if upload.state is UploadState.ENDED:
        raise UploadOver
    if upload.state is not UploadState.RECEIVED:
        raise NotReceived
    file = _file_of(ctx, upload)
    take(ctx, upload.reserved_bytes, file.size_bytes + file.thumbnail_bytes)
    ctx.db.add(file)
    upload.state, upload.reserved_bytes, upload.file_id = UploadState.DONE, 0, file.id
    upload.object_name, upload.received, upload.name = None, {}, file.name
    upload.expires_at = ctx.now + UPLOAD_REMEMBERED
    ctx.db.flush()
    note_arrival(ctx, file)
    return Uploaded(file.id, file.name)


@mutation(requires="files.upload", limit="240/minute")
def cancel_upload(ctx: MutationCtx, *, upload_id: uuid.UUID) -> None:
    """Give up an upload of one's own and the space that was set apart. One that ended stays as it ended."""
    upload = _own(ctx, upload_id, ctx.user_id)
    if upload.state in OPEN_STATES:
        end_upload(ctx, upload)


def end_upload(ctx: MutationCtx, upload: FileUpload) -> None:
    """Let an upload end without a file. Part of the caller's transaction."""
    release(ctx, upload.reserved_bytes)
    doom(ctx, upload.object_name, after=DOOMED_AFTER)
    upload.state, upload.reserved_bytes, upload.object_name = UploadState.ENDED, 0, None
    upload.expires_at = ctx.now + UPLOAD_REMEMBERED
    ctx.db.flush()


def doom(ctx: MutationCtx, object_name: str | None, *, after: timedelta = timedelta()) -> None:
    """Have an object removed from the store, with its thumbnail, once this transaction has committed."""
    if object_name is not None:
        ctx.db.add(DoomedObject(object_name=object_name, due_at=ctx.now + after))
        ctx.db.flush()


def note_arrival(ctx: MutationCtx, file: StoredFile) -> None:
    """Record that a file is there: as an activity only where everybody may know of it."""
    kind = FileUploaded if file.audience is Audience.ORGANIZATION else FileKept
    ctx.record(kind(entity_id=file.id, target=called(file), by=file.uploader_id))


def called(file: StoredFile) -> str:
    """What to call a file to others: the names of files that only one person sees are theirs."""
    return "a private file" if file.audience is Audience.ONLY_ME else file.name


def check_folder(ctx: MutationCtx, folder_id: uuid.UUID | None) -> None:
    """Pass when a folder is there, or none is named. Raises FolderNotFound (404)."""
    if folder_id is not None and ctx.db.get(FileFolder, folder_id) is None:
        raise FolderNotFound


def free_name(ctx: MutationCtx, name: str, folder_id: uuid.UUID | None, *, but: uuid.UUID | None = None) -> str:
    """The name, with a number where the folder has one like it, as far as the caller sees: a number tells no more.

    but: the file that is to have it.
    """
    beside = select(col(StoredFile.name_key)).where(
        col(StoredFile.folder_id) == folder_id, col(StoredFile.binned_at).is_(None), seen_by_caller(ctx)
    )
    others = beside if but is None else beside.where(col(StoredFile.id) != but)
    return distinct_name(name, set(ctx.db.scalars(others)))


def _file_of(ctx: MutationCtx, upload: FileUpload) -> StoredFile:
    received, object_name = Received(**upload.received), upload.object_name
    assert object_name is not None, "what was received has a name"
    name = free_name(ctx, received.name, upload.folder_id)
    values: dict[str, Any] = {**asdict(received), "name": name, "kind": FileKind(received.kind)}
    return StoredFile(
        organization_id=ctx.organization_id,
        **values,
        name_key=name_key(name),
        object_name=object_name,
        folder_id=upload.folder_id,
        audience=upload.audience,
        uploader_id=upload.uploader_id,
        uploaded_at=ctx.now,
        changed_at=ctx.now,
    )


def _own(ctx: MutationCtx, upload_id: uuid.UUID, user_id: uuid.UUID) -> FileUpload:
    upload = ctx.db.get(FileUpload, upload_id, with_for_update=True)
    if upload is None or upload.uploader_id != user_id:
        raise UploadNotFound
    return upload


def _of_attempt(ctx: MutationCtx, upload_id: uuid.UUID, attempt: int) -> FileUpload:
    upload = ctx.db.get(FileUpload, upload_id, with_for_update=True)
    if upload is None or upload.state is UploadState.ENDED:
        raise UploadOver
    if upload.attempt != attempt or upload.state is not UploadState.RECEIVING:
        raise UploadSuperseded
    return upload


def _check_open(ctx: MutationCtx) -> None:
    waiting = select(func.count()).select_from(FileUpload)
    mine = waiting.where(col(FileUpload.uploader_id) == ctx.user_id, col(FileUpload.state).in_(OPEN_STATES))
    if ctx.db.scalars(mine).one() >= MOST_UPLOADS_OPEN:
        raise TooManyUploads
