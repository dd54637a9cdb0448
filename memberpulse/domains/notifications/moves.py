"""What a person does with what is in their inbox: read, put away, snooze; and the way back.

Each takes ids of notifications. Those that are not the caller's are passed over. whole: also the others of their
groups, since several that are shown as one are handled as one. Each can be undone as long as nothing else was done to
the same ones: a row remembers how it was before its last change, so that this takes one statement for any number.
"""

import uuid
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, func, or_, select, update
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.notifications.errors import BadSnooze, NothingToUndo
from memberpulse.domains.notifications.models import Notification
from memberpulse.domains.notifications.rules import (
    LONGEST_SNOOZE,
    SnoozeFor,
    read_wall_clock,
    snooze_times,
    zone_named,
)
from memberpulse.domains.notifications.schemas import Change
from memberpulse.engine import MutationCtx, mutation, uuid7

AT_MOST = 500

_read, _archived, _shown = (col(getattr(Notification, name)) for name in ("read_at", "archived_at", "shown_at"))


@mutation(requires="notifications.view")
def read_notices(
    ctx: MutationCtx, *, notification_ids: list[uuid.UUID], read: bool = True, whole: bool = False
) -> Change:
    """Mark notifications as read, or as unread."""
    changed = _read.is_(None) if read else _read.is_not(None)
    return _move(ctx, _chosen(ctx, notification_ids, whole), changed, read_at=ctx.now if read else None)


@mutation(requires="notifications.view")
def mark_all_read(ctx: MutationCtx) -> Change:
    """Mark all that the bell shows the caller as read."""
    return _move(ctx, col(Notification.user_id) == ctx.user_id, _read.is_(None), _shown <= ctx.now, read_at=ctx.now)


@mutation(requires="notifications.view")
def archive_notices(ctx: MutationCtx, *, notification_ids: list[uuid.UUID], whole: bool = False) -> Change:
    """Put notifications away. They count as read, and go 90 days after they came."""
    read_at = func.coalesce(_read, ctx.now)
    chosen = _chosen(ctx, notification_ids, whole)
    return _move(ctx, chosen, _archived.is_(None), archived_at=ctx.now, read_at=read_at)


@mutation(requires="notifications.view")
def unarchive_notices(ctx: MutationCtx, *, notification_ids: list[uuid.UUID], whole: bool = False) -> Change:
    """Put notifications back into the inbox."""
    return _move(ctx, _chosen(ctx, notification_ids, whole), _archived.is_not(None), archived_at=None)


@mutation(requires="notifications.view")
def snooze_notices(
    ctx: MutationCtx,
    *,
    notification_ids: list[uuid.UUID],
    when: SnoozeFor,
    chosen: str = "",
    whole: bool = False,
) -> Change:
    """Take notifications out of sight until a time; then they are back, unread and on top.

    when: CHOSEN goes with chosen, what the caller's clock will show, such as "2026-03-14T09:30".
    Raises BadSnooze (422) for a time that is past, too far, or no time.
    """
    until = _until(ctx, when, chosen)
    among = _chosen(ctx, notification_ids, whole)
    return _move(ctx, among, _archived.is_(None), shown_at=until, read_at=None)


@mutation(requires="notifications.view")
def unsnooze_notices(ctx: MutationCtx, *, notification_ids: list[uuid.UUID], whole: bool = False) -> Change:
    """Bring snoozed notifications back at once."""
    return _move(ctx, _chosen(ctx, notification_ids, whole), _shown > ctx.now, shown_at=ctx.now)


@mutation(requires="notifications.view")
def undo_change(ctx: MutationCtx, *, change_id: uuid.UUID) -> int:
    """Put notifications back as they were before a change of the caller's; returns how many.

    Raises NothingToUndo (409) when all of them were changed again since.
    """
    undone = (
        update(Notification)
        .where(col(Notification.user_id) == ctx.user_id, col(Notification.change_id) == change_id)
        .values(
            read_at=col(Notification.former_read_at),
            archived_at=col(Notification.former_archived_at),
            shown_at=col(Notification.former_shown_at),
            change_id=None,
        )
    )
    count = _count(ctx.db.execute(undone.execution_options(synchronize_session=False)))
    if count == 0:
        raise NothingToUndo
    return count


def _until(ctx: MutationCtx, when: SnoozeFor, chosen: str) -> datetime:
    zone = zone_named(ctx.db.get_one(User, ctx.user_id).time_zone)
    if when is not SnoozeFor.CHOSEN:
        at = snooze_times(zone, ctx.now).get(when)
        if at is None:
            raise BadSnooze("It is too late for later today. Choose tomorrow.")
        return at
    at = read_wall_clock(chosen, zone)
    if at is None or not ctx.now < at <= ctx.now + LONGEST_SNOOZE:
        raise BadSnooze(fields={"chosen": "Choose a time that is still to come, within a year."})
    return at


def _chosen(ctx: MutationCtx, ids: list[uuid.UUID], whole: bool) -> ColumnElement[bool]:
    some = ids[:AT_MOST]
    mine = col(Notification.user_id) == ctx.user_id
    if not whole:
        return mine & col(Notification.id).in_(some)
    threads = select(col(Notification.thread)).where(mine, col(Notification.id).in_(some))
    found = set(ctx.db.scalars(threads))
    return mine & or_(col(Notification.thread).in_(found), col(Notification.id).in_(some))


def _move(ctx: MutationCtx, chosen: ColumnElement[bool], *conditions: ColumnElement[bool], **values: Any) -> Change:
    """Change what is chosen and not so yet, and let each row remember how it was."""
    change_id = uuid7()
    former = {"former_read_at": _read, "former_archived_at": _archived, "former_shown_at": _shown}
    moved = update(Notification).where(chosen, *conditions).values(change_id=change_id, **former, **values)
    return Change(change_id, _count(ctx.db.execute(moved.execution_options(synchronize_session=False))))


def _count(result: Any) -> int:
    return cast("CursorResult[Any]", result).rowcount
