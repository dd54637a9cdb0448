"""Reads of announcements."""

from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.announcements.models import Announcement
from memberpulse.domains.announcements.schemas import AnnouncementList, AnnouncementView
from memberpulse.domains.organizations.cursors import read_time_cursor, write_cursor
from memberpulse.domains.organizations.schemas import person_view
from memberpulse.engine import INTERNAL, QueryCtx, query

PAGE_SIZE = 20


@query(requires="announcements.view")
def list_announcements(ctx: QueryCtx, *, cursor: str | None = None) -> AnnouncementList:
    """Announcements, newest first, 20 at a time."""
    statement = (
        select(Announcement, User)
        .join(User, col(User.id) == col(Announcement.author_id))
        .order_by(col(Announcement.created_at).desc(), col(Announcement.id).desc())
        .limit(PAGE_SIZE + 1)
    )
    if cursor:
        at, row_id = read_time_cursor(cursor)
        same_time = and_(col(Announcement.created_at) == at, col(Announcement.id) < row_id)
        statement = statement.where(or_(col(Announcement.created_at) < at, same_time))
    found = [view_of(announcement, author) for announcement, author in ctx.db.execute(statement)]
    page = found[:PAGE_SIZE]
    following = write_cursor(page[-1].at, page[-1].id) if len(found) > PAGE_SIZE else None
    return AnnouncementList(rows=page, next_cursor=following)


@query(requires=INTERNAL)
def last_posted_at(ctx: QueryCtx) -> datetime | None:
    """When the latest announcement was posted."""
    newest = select(col(Announcement.created_at)).order_by(col(Announcement.created_at).desc()).limit(1)
    return ctx.db.scalars(newest).first()


def view_of(announcement: Announcement, author: User) -> AnnouncementView:
    return AnnouncementView(
        id=announcement.id,
        title=announcement.title,
        body=announcement.body,
        author=person_view(author),
        at=announcement.created_at,
    )
