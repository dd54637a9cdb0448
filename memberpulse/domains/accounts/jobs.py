"""What accounts does by the clock."""

from datetime import timedelta

from sqlalchemy import or_, select
from sqlmodel import col

from memberpulse.domains.accounts.models import Session
from memberpulse.engine import MutationCtx, job

KEPT_AFTER_END = timedelta(days=7)
BATCH = 500


@job()
def prune_sessions(ctx: MutationCtx) -> None:
    """Forget sessions that ended a week ago; in batches while a backlog remains."""
    before = ctx.now - KEPT_AFTER_END
    over = select(Session).where(or_(col(Session.expires_at) < before, col(Session.revoked_at) < before)).limit(BATCH)
    ended = ctx.db.scalars(over).all()
    for session in ended:  # each by itself: a statement for all would have everybody who is signed in asked again
        ctx.db.delete(session)
    if len(ended) == BATCH:
        ctx.schedule(prune_sessions)
