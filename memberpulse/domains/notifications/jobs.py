"""What notifications does after commit and by the clock."""

import uuid
from datetime import timedelta

from sqlalchemy import delete, select
from sqlmodel import col

from memberpulse.domains.notifications.models import Broadcast, Notification
from memberpulse.domains.notifications.push.models import PushMessage
from memberpulse.domains.notifications.schemas import Notice
from memberpulse.domains.notifications.sending import AT_ONCE, add_notifications, next_recipients
from memberpulse.engine import MutationCtx, job

KEPT_WHEN_READ = timedelta(days=90)
PUSHES_KEPT = timedelta(days=7)
CLEANED_AT_ONCE = 500


@job()
def tell_next_members(ctx: MutationCtx, *, broadcast_id: uuid.UUID) -> None:
    """Tell the next 500 members, until all have been told or the notice is withdrawn."""
    broadcast = ctx.db.get(Broadcast, broadcast_id)
    if broadcast is None:
        return
    people = next_recipients(ctx, after=broadcast.told_until, without=broadcast.person_id)
    add_notifications(ctx, people, _notice_of(broadcast), broadcast.created_at)
    if len(people) < AT_ONCE:
        ctx.db.delete(broadcast)
        return
    broadcast.told_until = people[-1]
    ctx.schedule(tell_next_members, broadcast_id=broadcast_id)


@job()
def clean_up(ctx: MutationCtx) -> None:
    """Delete what was read and is older than 90 days, in batches while a backlog remains. Never what is unread."""
    old = (
        select(col(Notification.id))
        .where(col(Notification.read_at).is_not(None), col(Notification.created_at) < ctx.now - KEPT_WHEN_READ)
        .limit(CLEANED_AT_ONCE)
    )
    with ctx.across_organizations():
        ids = list(ctx.db.scalars(old))
        if ids:
            ctx.db.execute(
                delete(Notification).where(col(Notification.id).in_(ids)).execution_options(synchronize_session=False)
            )
    if len(ids) == CLEANED_AT_ONCE:
        ctx.schedule(clean_up)


@job()
def forget_pushes(ctx: MutationCtx) -> None:
    """Delete what is known of pushes of more than a week ago, in batches while a backlog remains."""
    old = select(col(PushMessage.id)).where(col(PushMessage.created_at) < ctx.now - PUSHES_KEPT).limit(CLEANED_AT_ONCE)
    with ctx.across_organizations():
        ids = list(ctx.db.scalars(old))
        if ids:
            gone = delete(PushMessage).where(col(PushMessage.id).in_(ids))
            ctx.db.execute(gone.execution_options(synchronize_session=False))
    if len(ids) == CLEANED_AT_ONCE:
        ctx.schedule(forget_pushes)


def _notice_of(broadcast: Broadcast) -> Notice:
    return Notice(
        type=broadcast.type,
        title=broadcast.title,
        message=broadcast.message,
        link=broadcast.link,
        person_id=broadcast.person_id,
        source_id=broadcast.source_id,
        group=broadcast.group_key,
        why=broadcast.why,
    )
