"""The rules about one announcement."""

import uuid

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.announcements.errors import AnnouncementNotFound
from memberpulse.domains.announcements.models import Announcement
from memberpulse.domains.announcements.rules import decide_withdrawal
from memberpulse.domains.organizations.decisions import Decision
from memberpulse.domains.organizations.policies import THINGS_SHOWN, Policy, Subject, Thing
from memberpulse.engine import QueryCtx


def _may_withdraw(ctx: QueryCtx, subject: Subject, announcement_id: uuid.UUID) -> Decision:
    announcement = ctx.db.get(Announcement, announcement_id)
    if announcement is None:
        raise AnnouncementNotFound
    return decide_withdrawal(
        author_id=announcement.author_id, posted_at=announcement.created_at, user_id=subject.user_id, now=ctx.now
    )


def _latest(ctx: QueryCtx) -> list[Thing]:
    statement = (
        select(Announcement).order_by(col(Announcement.created_at).desc(), col(Announcement.id)).limit(THINGS_SHOWN)
    )
    return [Thing(each.id, each.title) for each in ctx.db.scalars(statement)]


WITHDRAW = Policy(
    name="announcements.withdraw",
    question="May this person withdraw this announcement?",
    thing="announcement",
    requires="announcements.post",
    sees="announcements.view",
    decide=_may_withdraw,
    things=_latest,
)
