"""What the newsletter does by the clock."""

from datetime import timedelta

from sqlalchemy import delete, or_, select
from sqlmodel import col

from memberpulse.domains.newsletter.models import Stage, Subscriber
from memberpulse.engine import MutationCtx, job

KEPT_UNCONFIRMED = timedelta(days=7)
KEPT_AFTER_LEAVING = timedelta(days=30)
BATCH = 500


@job()
def prune_addresses(ctx: MutationCtx) -> None:
    """Forget who never confirmed, after a week, and who left, after a month; in batches while a backlog remains."""
    never = (col(Subscriber.stage) == Stage.ASKED) & (col(Subscriber.asked_at) < ctx.now - KEPT_UNCONFIRMED)
    left = (col(Subscriber.stage) == Stage.UNSUBSCRIBED) & (col(Subscriber.changed_at) < ctx.now - KEPT_AFTER_LEAVING)
    ids = list(ctx.db.scalars(select(col(Subscriber.id)).where(or_(never, left)).limit(BATCH)))
    if ids:
        ctx.db.execute(
            delete(Subscriber).where(col(Subscriber.id).in_(ids)).execution_options(synchronize_session=False)
        )
    if len(ids) == BATCH:
        ctx.schedule(prune_addresses)
