"""Reads of the caller's own notifications."""

from sqlalchemy import func, select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.notifications.models import Notification
from memberpulse.domains.notifications.schemas import NotificationRow, Unread
from memberpulse.domains.organizations.schemas import person_view
from memberpulse.engine import QueryCtx, query

LATEST = 50


@query(requires="notifications.view")
def list_unread(ctx: QueryCtx) -> Unread:
    """What the caller has not read yet."""
    mine = (col(Notification.user_id) == ctx.user_id, col(Notification.read_at).is_(None))
    statement = (
        select(Notification, User)
        .outerjoin(User, col(User.id) == col(Notification.person_id))
        .where(*mine)
        .order_by(col(Notification.created_at).desc(), col(Notification.id).desc())
        .limit(LATEST)
    )
    rows = [_row(notification, user) for notification, user in ctx.db.execute(statement)]
    count = len(rows)
    if count == LATEST:
        count = ctx.db.scalars(select(func.count()).select_from(Notification).where(*mine)).one()
    return Unread(count=count, rows=rows)


def _row(notification: Notification, person: User | None) -> NotificationRow:
    return NotificationRow(
        id=notification.id,
        type=notification.type,
        title=notification.title,
        message=notification.message,
        link=notification.link,
        at=notification.created_at,
        person=person_view(person) if person else None,
        source_id=notification.source_id,
    )
