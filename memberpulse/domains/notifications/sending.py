"""Giving a notice to people. Used by mutations and jobs alike."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.notifications.models import Notification
from memberpulse.domains.notifications.schemas import Notice
from memberpulse.domains.organizations.models import Membership
from memberpulse.engine import MutationCtx

AT_ONCE = 500
"""How many people one transaction tells."""


def next_recipients(ctx: MutationCtx, *, after: uuid.UUID | None, without: uuid.UUID | None) -> list[uuid.UUID]:
    """The next members to tell, in the order of their ids."""
    statement = select(col(Membership.user_id)).order_by(col(Membership.user_id)).limit(AT_ONCE)
    if after is not None:
        statement = statement.where(col(Membership.user_id) > after)
    if without is not None:
        statement = statement.where(col(Membership.user_id) != without)
    return list(ctx.db.scalars(statement))


def add_notifications(
    ctx: MutationCtx,
    user_ids: Iterable[uuid.UUID],
    notice: Notice,
    created_at: datetime,
    *,
    read_at: datetime | None = None,
) -> None:
    ctx.db.add_all(
        Notification(
            organization_id=ctx.organization_id,
            user_id=user_id,
            type=notice.type,
            title=notice.title[:200],
            message=notice.message[:500],
            link=notice.link,
            person_id=notice.person_id,
            source_id=notice.source_id,
            read_at=read_at,
            created_at=created_at,
        )
        for user_id in user_ids
    )
    ctx.db.flush()
