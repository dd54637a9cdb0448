"""Writes of notifications: people read their own, higher domains send them."""

import uuid
from typing import Any, cast

from sqlalchemy import CursorResult, delete, func, select, update
from sqlmodel import col

from memberpulse.domains.notifications.errors import NotificationNotFound
from memberpulse.domains.notifications.jobs import tell_next_members
from memberpulse.domains.notifications.models import Broadcast, Notification, Outgoing
from memberpulse.domains.notifications.push.models import PushMessage
from memberpulse.domains.notifications.schemas import Notice, NoticeImport
from memberpulse.domains.notifications.sending import (
    AT_ONCE,
    add_notifications,
    import_notifications,
    next_recipients,
)
from memberpulse.domains.organizations.models import Membership
from memberpulse.engine import INTERNAL, MutationCtx, mutation

MAX_UNDONE = 1000


@mutation(requires="notifications.view")
def mark_read(ctx: MutationCtx, *, notification_id: uuid.UUID) -> None:
    """Mark one of the caller's notifications as read. Raises NotificationNotFound (404)."""
    notification = ctx.db.get(Notification, notification_id)
    if notification is None or notification.user_id != ctx.user_id:
        raise NotificationNotFound
    if notification.read_at is None:
        notification.read_at = ctx.now
        ctx.db.flush()


@mutation(requires="notifications.view")
def mark_unread(ctx: MutationCtx, *, notification_ids: list[uuid.UUID]) -> int:
    """Undo `mark_read`. Ids that are not the caller's are passed over."""
    changed = 0
    for start in range(0, min(len(notification_ids), MAX_UNDONE), 50):
        some = notification_ids[start : start + 50]
        changed += _rows(
            ctx.db.execute(
                update(Notification)
                .where(col(Notification.user_id) == ctx.user_id, col(Notification.id).in_(some))
                .values(read_at=None)
                .execution_options(synchronize_session=False)
            )
        )
    return changed


@mutation(requires=INTERNAL)
def notify_members(ctx: MutationCtx, *, notice: Notice) -> None:
    """Tell every member of the organization except `notice.person_id`, each by the ways that they chose.

    A large organization is told in batches by a job, so that this transaction stays short.
    """
    members = ctx.db.scalars(select(func.count()).select_from(Membership)).one()
    if members <= AT_ONCE:
        add_notifications(ctx, next_recipients(ctx, after=None, without=notice.person_id), notice, ctx.now)
        return
    broadcast = Broadcast(
        organization_id=ctx.organization_id,
        type=notice.type,
        title=notice.title,
        message=notice.message,
        link=notice.link,
        person_id=notice.person_id,
        source_id=notice.source_id,
        why=notice.why,
        group_key=notice.group,
        created_at=ctx.now,
    )
    ctx.db.add(broadcast)
    ctx.db.flush()
    ctx.schedule(tell_next_members, broadcast_id=broadcast.id)


@mutation(requires=INTERNAL)
def notify_people(ctx: MutationCtx, *, user_ids: list[uuid.UUID], notice: Notice, in_app_only: bool = False) -> None:
    """Tell certain members, each by the ways that they chose. Who is no member is passed over.

    in_app_only: nothing leaves, since they were told the same just before.
    """
    add_notifications(ctx, user_ids, notice, ctx.now, in_app_only=in_app_only)


@mutation(requires=INTERNAL)
def withdraw_notice(ctx: MutationCtx, *, source_id: uuid.UUID) -> None:
    """Take back all that was told about an entity, read or not, also from those who are yet to be told."""
    for table in (Broadcast, Notification, Outgoing, PushMessage):
        ctx.db.execute(
            delete(table).where(col(table.source_id) == source_id).execution_options(synchronize_session=False)
        )


@mutation(requires=INTERNAL)
def read_all_for(ctx: MutationCtx, *, user_id: uuid.UUID) -> int:
    """Mark all of somebody's notifications as read on their behalf."""
    return _rows(
        ctx.db.execute(
            update(Notification)
            .where(col(Notification.user_id) == user_id, col(Notification.read_at).is_(None))
            .values(read_at=ctx.now)
            .execution_options(synchronize_session=False)
        )
    )


@mutation(requires=INTERNAL)
def import_notices(ctx: MutationCtx, *, notices: list[NoticeImport]) -> None:
    """Add notifications that were given before."""
    open_groups: dict[tuple[uuid.UUID, str], uuid.UUID] = {}
    for each in sorted(notices, key=lambda one: one.created_at):
        key = (each.user_id, each.notice.group)
        threads = {each.user_id: open_groups[key]} if each.notice.group and key in open_groups else {}
        added = import_notifications(
            ctx, [each.user_id], each.notice, each.created_at, read_at=each.read_at, threads=threads
        )[each.user_id]
        open_groups[key] = added.thread
        added.archived_at = each.read_at if each.archived else None
        added.shown_at = each.snoozed_until or each.created_at
    ctx.db.flush()


def _rows(result: Any) -> int:
    return cast("CursorResult[Any]", result).rowcount
