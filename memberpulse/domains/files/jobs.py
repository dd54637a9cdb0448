"""What the clock does to files: uploads that do not come, the bin after 30 days, objects that nobody needs any more."""

import uuid

from sqlalchemy import delete, select
from sqlmodel import col

from memberpulse.domains.files import stores
from memberpulse.domains.files.models import OPEN_STATES, Audience, DoomedObject, FileUpload, StoredFile
from memberpulse.domains.files.mutations import delete_file
from memberpulse.domains.files.queries import list_doomed
from memberpulse.domains.files.rules import BIN_KEEPS
from memberpulse.domains.files.uploading import end_upload
from memberpulse.domains.organizations.facts import MemberLeft, MemberRemoved, MemberRestored
from memberpulse.engine import INTERNAL, ActionCtx, MutationCtx, job, mutation

AT_ONCE = 100


@job(max_attempts=5)
def expire_uploads(ctx: MutationCtx) -> None:
    """End uploads whose hour is over, and forget those that ended a day ago; in batches while a backlog remains."""
    with ctx.across_organizations():
        due = select(FileUpload).where(col(FileUpload.expires_at) <= ctx.now).order_by(col(FileUpload.expires_at))
        found = list(ctx.db.scalars(due.limit(AT_ONCE)))
    for upload in found:
        with ctx.within(upload.organization_id):
            if upload.state in OPEN_STATES:
                end_upload(ctx, upload)
            else:
                ctx.db.delete(upload)
                ctx.db.flush()
    if len(found) == AT_ONCE:
        ctx.schedule(expire_uploads)


@job(max_attempts=5)
def empty_bins(ctx: MutationCtx) -> None:
    """Delete for good what has been in a bin for 30 days; in batches while a backlog remains."""
    with ctx.across_organizations():
        old = select(StoredFile).where(col(StoredFile.binned_at) <= ctx.now - BIN_KEEPS)
        found = list(ctx.db.scalars(old.order_by(col(StoredFile.binned_at)).limit(AT_ONCE)))
    for file in found:
        with ctx.within(file.organization_id):
            delete_file(ctx, file)
    if len(found) == AT_ONCE:
        ctx.schedule(empty_bins)


@job(max_attempts=5)
async def remove_doomed(ctx: ActionCtx) -> None:
    """Remove from the store what is due; first the objects, then the word of it, so that none is forgotten."""
    store = stores.get_store()
    while names := await ctx.query(list_doomed, most=AT_ONCE):
        for name in names:
            await store.remove(name, stores.thumbnail_of(name))
        await ctx.mutate(forget_doomed, names=names)
        if len(names) < AT_ONCE:
            break


@mutation(requires=INTERNAL)
def forget_doomed(ctx: MutationCtx, *, names: list[str]) -> None:
    """Say that these objects have been removed."""
    gone = delete(DoomedObject).where(col(DoomedObject.object_name).in_(names))
    ctx.db.execute(gone.execution_options(synchronize_session=False))


def bin_private_files(ctx: MutationCtx, fact: MemberLeft | MemberRemoved) -> None:
    """What only they could see nobody can see any more: it goes to the bin, and waits there for 30 days."""
    for file in _private_files(ctx, fact.user_id):
        if file.binned_at is None:
            file.binned_at, file.binned_by = ctx.now, None
    ctx.db.flush()


def restore_private_files(ctx: MutationCtx, fact: MemberRestored) -> None:
    """The removal was undone."""
    for file in _private_files(ctx, fact.user_id):
        if file.binned_by is None:
            file.binned_at = None
    ctx.db.flush()


def _private_files(ctx: MutationCtx, user_id: uuid.UUID) -> list[StoredFile]:
    theirs = select(StoredFile).where(col(StoredFile.uploader_id) == user_id)
    return list(ctx.db.scalars(theirs.where(col(StoredFile.audience) == Audience.ONLY_ME)))
