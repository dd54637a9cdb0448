"""Files at records of other domains. Those call these within their own transactions, having checked who may do it."""

import uuid
from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, select
from sqlmodel import col

from memberpulse.domains.files.errors import FileNotFound
from memberpulse.domains.files.models import FileAttachment, StoredFile
from memberpulse.domains.files.mutations import visible
from memberpulse.engine import INTERNAL, MutationCtx, QueryCtx, mutation


@mutation(requires=INTERNAL)
def attach_file(
    ctx: MutationCtx, *, entity_type: str, entity_id: uuid.UUID, file_id: uuid.UUID, replace: bool = False
) -> None:
    """Put a file that the caller may see at a record; attached already, it stays. replace: instead of all others.

    Raises FileNotFound (404), also for one in the bin.
    """
    if visible(ctx, file_id).binned_at is not None:
        raise FileNotFound
    if replace:
        _remove(ctx, entity_type, entity_id, but=file_id)
    there = select(col(FileAttachment.id)).where(*_at(entity_type, entity_id), col(FileAttachment.file_id) == file_id)
    if ctx.db.scalars(there).first() is None:
        ctx.db.add(
            FileAttachment(
                organization_id=ctx.organization_id,
                entity_type=entity_type,
                entity_id=entity_id,
                file_id=file_id,
                attached_at=ctx.now,
            )
        )
        ctx.db.flush()


@mutation(requires=INTERNAL)
def detach_file(ctx: MutationCtx, *, entity_type: str, entity_id: uuid.UUID, file_id: uuid.UUID) -> None:
    """Take a file off a record. The file stays in the library."""
    off = delete(FileAttachment).where(*_at(entity_type, entity_id), col(FileAttachment.file_id) == file_id)
    ctx.db.execute(off.execution_options(synchronize_session=False))


@mutation(requires=INTERNAL)
def detach_all(ctx: MutationCtx, *, entity_type: str, entity_id: uuid.UUID) -> None:
    """For a record that goes. Its files stay in the library."""
    _remove(ctx, entity_type, entity_id)


def find_attached(ctx: QueryCtx, entity_type: str, entity_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, StoredFile]:
    """Of each of these records the file that was attached first and is not in the bin; for covers.

    Whether everybody who sees the record may see the file is the caller's to ask.
    """
    attached = (
        select(col(FileAttachment.entity_id), StoredFile)
        .join(StoredFile, col(StoredFile.id) == col(FileAttachment.file_id))
        .where(col(FileAttachment.entity_type) == entity_type, col(FileAttachment.entity_id).in_(entity_ids))
        .where(col(StoredFile.binned_at).is_(None))
        .order_by(col(FileAttachment.attached_at).desc(), col(FileAttachment.id).desc())
    )
    return dict(ctx.db.execute(attached).all())


def _at(entity_type: str, entity_id: uuid.UUID) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(FileAttachment.entity_type) == entity_type, col(FileAttachment.entity_id) == entity_id


def _remove(ctx: MutationCtx, entity_type: str, entity_id: uuid.UUID, *, but: uuid.UUID | None = None) -> None:
    off = delete(FileAttachment).where(*_at(entity_type, entity_id))
    off = off if but is None else off.where(col(FileAttachment.file_id) != but)
    ctx.db.execute(off.execution_options(synchronize_session=False))
