"""The rules about one file."""

import uuid

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.files.errors import FileNotFound
from memberpulse.domains.files.models import Audience, StoredFile
from memberpulse.domains.files.rules import MANAGE, VIEW, decide_change, decide_view
from memberpulse.domains.organizations.decisions import Decision
from memberpulse.domains.organizations.policies import THINGS_SHOWN, Policy, Subject, Thing
from memberpulse.engine import QueryCtx


def _may_see(ctx: QueryCtx, subject: Subject, file_id: uuid.UUID) -> Decision:
    file = _found(ctx, file_id)
    return decide_view(
        audience=file.audience,
        capabilities=subject.capabilities,
        uploader_id=file.uploader_id,
        user_id=subject.user_id,
    )


def _may_change(ctx: QueryCtx, subject: Subject, file_id: uuid.UUID) -> Decision:
    seen = _may_see(ctx, subject, file_id)
    if not seen.allowed:
        return seen
    manages = MANAGE in subject.capabilities
    return decide_change(manages=manages, uploader_id=_found(ctx, file_id).uploader_id, user_id=subject.user_id)


def _found(ctx: QueryCtx, file_id: uuid.UUID) -> StoredFile:
    """Nobody is told of a file that only its owner sees."""
    file = ctx.db.get(StoredFile, file_id)
    if file is None or file.binned_at is not None or file.audience is Audience.ONLY_ME:
        raise FileNotFound
    return file


def _latest(ctx: QueryCtx) -> list[Thing]:
    there = select(StoredFile).where(col(StoredFile.binned_at).is_(None), col(StoredFile.audience) != Audience.ONLY_ME)
    newest_first = there.order_by(col(StoredFile.uploaded_at).desc(), col(StoredFile.id)).limit(THINGS_SHOWN)
    return [Thing(each.id, each.name) for each in ctx.db.scalars(newest_first)]


SEE = Policy(
    name="files.see",
    question="May this person see this file?",
    thing="file",
    requires=VIEW,
    sees=MANAGE,
    decide=_may_see,
    things=_latest,
)
CHANGE = Policy(
    name="files.change",
    question="May this person rename, move, share or delete this file?",
    thing="file",
    requires=VIEW,
    sees=MANAGE,
    decide=_may_change,
    things=_latest,
)
