"""What mail does by the clock."""

from datetime import timedelta

from sqlalchemy import delete, select
from sqlmodel import col

from memberpulse.domains.mail.models import MailEvent, Message
from memberpulse.engine import MutationCtx, job

KEPT = timedelta(days=30)
BATCH = 500


@job()
def prune_mail(ctx: MutationCtx) -> None:
    """Delete letters and delivery events of more than 30 days ago, in batches while a backlog remains."""
    before = ctx.now - KEPT
    letters = list(ctx.db.scalars(select(col(Message.id)).where(col(Message.created_at) < before).limit(BATCH)))
    events = list(ctx.db.scalars(select(col(MailEvent.id)).where(col(MailEvent.received_at) < before).limit(BATCH)))
    for table, ids in ((Message, letters), (MailEvent, events)):
        if ids:
            ctx.db.execute(delete(table).where(col(table.id).in_(ids)).execution_options(synchronize_session=False))
    if BATCH in (len(letters), len(events)):
        ctx.schedule(prune_mail)
