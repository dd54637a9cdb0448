"""Giving a notice to people by the ways that they want. Used by mutations and jobs alike."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.mail.mutations import send_letter
from memberpulse.domains.notifications.kinds import Channel
from memberpulse.domains.notifications.letters import notice_letter
from memberpulse.domains.notifications.models import Notification
from memberpulse.domains.notifications.preferences import ASKED_AT_ONCE, wanting
from memberpulse.domains.notifications.schemas import Notice
from memberpulse.domains.organizations.models import Membership, Organization
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


def add_notifications(ctx: MutationCtx, user_ids: Iterable[uuid.UUID], notice: Notice, created_at: datetime) -> None:
    """Tell people of a notice: in the app, by letter, both or not at all, as each of them chose."""
    people = list(user_ids)
    import_notifications(ctx, wanting(ctx, people, notice.type, Channel.IN_APP), notice, created_at)
    _send_letters(ctx, wanting(ctx, people, notice.type, Channel.EMAIL), notice)


def import_notifications(
    ctx: MutationCtx,
    user_ids: Iterable[uuid.UUID],
    notice: Notice,
    created_at: datetime,
    *,
    read_at: datetime | None = None,
) -> None:
    """Add notifications as they are, whatever people chose."""
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


def _send_letters(ctx: MutationCtx, user_ids: list[uuid.UUID], notice: Notice) -> None:
    if not user_ids:
        return
    organization = ctx.db.get_one(Organization, ctx.organization_id).name
    for start in range(0, len(user_ids), ASKED_AT_ONCE):
        reachable = select(User).where(
            col(User.id).in_(user_ids[start : start + ASKED_AT_ONCE]),
            col(User.deactivated_at).is_(None),
            col(User.erase_at).is_(None),
        )
        for user in ctx.db.scalars(reachable):
            letter = notice_letter(notice, organization=organization, user_id=user.id)
            send_letter(ctx, to=user.email, letter=letter, about_type="notification")
