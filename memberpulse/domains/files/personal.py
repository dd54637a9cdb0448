"""What files hold of a person, and what becomes of it when the account ends."""

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.accounts.facts import AccountErased
from memberpulse.domains.accounts.personal import FORGET, KEEP, excuse, hold
from memberpulse.domains.files.models import OPEN_STATES, Audience, FileUpload, StoredFile
from memberpulse.domains.files.mutations import delete_file
from memberpulse.domains.files.uploading import end_upload
from memberpulse.engine import MutationCtx

hold(
    StoredFile,
    "uploader_id",
    title="Files",
    at_erasure=KEEP,  # but those that only the person sees, see `forget_private_files`
    hidden=("object_name", "name_key"),
)
excuse(StoredFile, "binned_by", "who put it into the bin; the file is its uploader's")
hold(FileUpload, "uploader_id", title="Uploads", at_erasure=FORGET, hidden=("object_name",))


def forget_private_files(ctx: MutationCtx, fact: AccountErased) -> None:
    """Delete what only the person could see, in every organization, and end their uploads. What they shared stays."""
    with ctx.across_organizations():
        theirs = select(StoredFile).where(col(StoredFile.uploader_id) == fact.user_id)
        files = list(ctx.db.scalars(theirs.where(col(StoredFile.audience) == Audience.ONLY_ME)))
        mine = select(FileUpload).where(col(FileUpload.uploader_id) == fact.user_id)
        uploads = list(ctx.db.scalars(mine.where(col(FileUpload.state).in_(OPEN_STATES))))
    for file in files:
        with ctx.within(file.organization_id):
            delete_file(ctx, file)
    for upload in uploads:
        with ctx.within(upload.organization_id):
            end_upload(ctx, upload)
