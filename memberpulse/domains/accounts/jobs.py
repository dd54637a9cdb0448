"""What accounts does by the clock."""

from datetime import timedelta

from sqlalchemy import delete, or_, select
from sqlmodel import col

from memberpulse.domains.accounts.models import Session
from memberpulse.engine import MutationCtx, job

KEPT_AFTER_END = timedelta(days=7)
BATCH = 500


@job()
def prune_sessions(ctx: MutationCtx) -> None:
    """Forget sessions that ended a week ago; in batches while a backlog remains."""
    before = ctx.now - KEPT_AFTER_END
    over = (
        select(col(Session.id))
        .where(or_(col(Session.expires_at) < before, col(Session.revoked_at) < before))
        .limit(BATCH)
    )
    ids = list(ctx.db.scalars(over))
    if ids:
        ctx.db.execute(delete(Session).where(col(Session.id).in_(ids)).execution_options(synchronize_session=False))
    if len(ids) == BATCH:
        ctx.schedule(prune_sessions)
