"""Forgetting what was removed, once it cannot be undone any more."""

import uuid

from sqlalchemy import delete, select
from sqlmodel import col

from memberpulse.domains.records.models import WorkspaceRecord
from memberpulse.engine import MutationCtx, job

FORGOTTEN_AT_ONCE = 500


@job(max_attempts=5)
def forget_removed(ctx: MutationCtx, *, removal_id: uuid.UUID) -> None:
    """Delete the rows of a removal, at most 500, and come again while there are more. One that was undone has none."""
    mine = select(col(WorkspaceRecord.id)).where(col(WorkspaceRecord.removal_id) == removal_id)
    ids = list(ctx.db.scalars(mine.limit(FORGOTTEN_AT_ONCE)))
    if ids:
        gone = delete(WorkspaceRecord).where(col(WorkspaceRecord.id).in_(ids))
        ctx.db.execute(gone.execution_options(synchronize_session=False))
    if len(ids) == FORGOTTEN_AT_ONCE:
        ctx.schedule(forget_removed, removal_id=removal_id)
