"""Writes of announcements."""

import uuid
from datetime import datetime

from sqlalchemy import delete, select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.announcements.errors import AnnouncementNotFound
from memberpulse.domains.announcements.facts import AnnouncementPosted, AnnouncementWithdrawn
from memberpulse.domains.announcements.models import Announcement
from memberpulse.domains.announcements.queries import view_of
from memberpulse.domains.announcements.rules import clean_text, decide_withdrawal, excerpt
from memberpulse.domains.announcements.schemas import AnnouncementView
from memberpulse.domains.notifications.mutations import notify_members, withdraw_notice
from memberpulse.domains.notifications.schemas import Notice
from memberpulse.engine import INTERNAL, MutationCtx, mutation


@mutation(requires="announcements.post", limit="10/minute")
def post_announcement(ctx: MutationCtx, *, title: str, body: str) -> AnnouncementView:
    """Tell every member something.

    title: 1 to 120 characters. body: 1 to 4,000 characters of plain text.
    Raises BadAnnouncement (422) with a message per field.
    """
    return post_for(ctx, author_id=ctx.user_id, title=title, body=body)


@mutation(requires=INTERNAL)
def post_for(ctx: MutationCtx, *, author_id: uuid.UUID, title: str, body: str) -> AnnouncementView:
    """Post on behalf of a member. Raises BadAnnouncement (422)."""
    announcement, author = _add(ctx, author_id, title, body, ctx.now)
    notify_members(
        ctx,
        notice=Notice(
            type="announcement",
            title=announcement.title,
            message=excerpt(announcement.body),
            link=f"/announcements#{announcement.id}",
            person_id=author_id,
            source_id=announcement.id,
        ),
    )
    ctx.record(AnnouncementPosted(entity_id=announcement.id, target=announcement.title, by=author_id))
    return view_of(announcement, author)


@mutation(requires="announcements.post")
def withdraw_announcement(ctx: MutationCtx, *, announcement_id: uuid.UUID) -> None:
    """Take an announcement back within 10 seconds, from everybody's bell too.

    Raises AnnouncementNotFound (404), NotTheAuthor (403), TooLateToWithdraw (409).
    """
    announcement = ctx.db.get(Announcement, announcement_id)
    if announcement is None:
        raise AnnouncementNotFound
    decide_withdrawal(
        author_id=announcement.author_id, posted_at=announcement.created_at, user_id=ctx.user_id, now=ctx.now
    ).enforce()
    ctx.db.delete(announcement)
    ctx.db.flush()
    withdraw_notice(ctx, source_id=announcement_id)
    ctx.record(AnnouncementWithdrawn(entity_id=announcement_id, target=announcement.title))


@mutation(requires=INTERNAL)
def import_announcement(
    ctx: MutationCtx, *, author_id: uuid.UUID, title: str, body: str, created_at: datetime
) -> uuid.UUID:
    """Add an announcement of the past, without telling anybody."""
    return _add(ctx, author_id, title, body, created_at)[0].id


@mutation(requires=INTERNAL)
def keep_latest(ctx: MutationCtx, *, count: int) -> None:
    """Forget all but the latest announcements: only for the demo."""
    newest_first = select(col(Announcement.id)).order_by(
        col(Announcement.created_at).desc(), col(Announcement.id).desc()
    )
    ids = list(ctx.db.scalars(newest_first.offset(count).limit(500)))
    if ids:
        gone = delete(Announcement).where(col(Announcement.id).in_(ids))
        ctx.db.execute(gone.execution_options(synchronize_session=False))
    for announcement_id in ids:
        withdraw_notice(ctx, source_id=announcement_id)


def _add(
    ctx: MutationCtx, author_id: uuid.UUID, title: str, body: str, created_at: datetime
) -> tuple[Announcement, User]:
    title, body = clean_text(title, body)
    author = ctx.db.get_one(User, author_id)
    announcement = Announcement(
        organization_id=ctx.organization_id, author_id=author_id, title=title, body=body, created_at=created_at
    )
    ctx.db.add(announcement)
    ctx.db.flush()
    return announcement, author
