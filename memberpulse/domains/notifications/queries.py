"""Reads of the caller's own notifications: the bell, the inbox, and why something is in it."""

import enum
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.notifications.errors import NotificationNotFound
from memberpulse.domains.notifications.kinds import BY_TYPE, Channel, group_words, is_on_at_first, why_of
from memberpulse.domains.notifications.models import Notification
from memberpulse.domains.notifications.preferences import wanted_by
from memberpulse.domains.notifications.rules import SnoozeFor, snooze_times, zone_named
from memberpulse.domains.notifications.schemas import (
    Inbox,
    InboxCounts,
    NotificationRow,
    Reason,
    SnoozeTime,
    Unread,
)
from memberpulse.domains.organizations.cursors import read_time_cursor, write_cursor
from memberpulse.domains.organizations.models import Organization
from memberpulse.domains.organizations.schemas import PersonView, person_view
from memberpulse.engine import QueryCtx, query

LATEST = 50
PAGE_SIZE = 25
FACES = 3
IN_GROUP = 50
SNOOZE_WORDS = {
    SnoozeFor.LATER_TODAY: "Later today",
    SnoozeFor.TOMORROW: "Tomorrow morning",
    SnoozeFor.NEXT_WEEK: "Next week",
}


class View(enum.StrEnum):
    """A part of the inbox. ALL is what is neither put away nor snoozed, read or not."""

    ALL = "all"
    UNREAD = "unread"
    ARCHIVED = "archived"
    SNOOZED = "snoozed"


Conditions = list[ColumnElement[bool]]


@query(requires="notifications.view")
def list_unread(ctx: QueryCtx) -> Unread:
    """What the caller has not read yet, and did not snooze."""
    mine = _within(ctx, View.UNREAD)
    rows = _rows(ctx, mine, _threads(ctx, mine, None, LATEST))
    counted = select(func.count()).select_from(Notification).where(*mine)
    return Unread(count=ctx.db.scalars(counted).one(), rows=rows)


@query(requires="notifications.view")
def list_inbox(
    ctx: QueryCtx,
    *,
    view: View = View.ALL,
    type: str = "",  # noqa: A002
    search: str = "",
    cursor: str | None = None,
) -> Inbox:
    """One part of the caller's inbox, 25 rows at a time, the newest first; of snoozed ones what comes back next.

    type: only of this type. search: part of a title or message.
    """
    mine = [*_within(ctx, view), *_matching(type, search)]
    found = _threads(ctx, mine, cursor, PAGE_SIZE + 1, soonest=view is View.SNOOZED)
    page = found[:PAGE_SIZE]
    following = write_cursor(page[-1][1], page[-1][0]) if len(found) > PAGE_SIZE else None
    return Inbox(rows=_rows(ctx, mine, page), next_cursor=following)


@query(requires="notifications.view")
def list_group(ctx: QueryCtx, *, thread: uuid.UUID, view: View = View.ALL) -> list[NotificationRow]:
    """The notifications of one group, each by itself: the latest 50."""
    mine = [*_within(ctx, view), col(Notification.thread) == thread]
    return [_row(ctx, [each], 1, _people(ctx, [each])) for each in _latest(ctx, mine, IN_GROUP)]


@query(requires="notifications.view")
def count_inbox(ctx: QueryCtx) -> InboxCounts:
    """How many are unread, and how many snoozed."""
    counts = [
        ctx.db.scalars(select(func.count()).select_from(Notification).where(*_within(ctx, view))).one()
        for view in (View.UNREAD, View.SNOOZED)
    ]
    return InboxCounts(*counts)


@query(requires="notifications.view")
def list_snooze_times(ctx: QueryCtx) -> list[SnoozeTime]:
    """Until when one may snooze now, in the caller's zone."""
    zone = zone_named(ctx.db.get_one(User, ctx.user_id).time_zone)
    ctx.stale_at(ctx.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1))
    return [SnoozeTime(each, SNOOZE_WORDS[each], at) for each, at in snooze_times(zone, ctx.now).items()]


@query(requires="notifications.view")
def explain_notice(ctx: QueryCtx, *, notification_id: uuid.UUID) -> Reason:
    """Why the caller got a notification: its type, the rule, what they are to it. Raises NotificationNotFound (404)."""
    notice = ctx.db.scalars(select(Notification).where(col(Notification.id) == notification_id)).one_or_none()
    if notice is None or notice.user_id != ctx.user_id:
        raise NotificationNotFound
    organization = ctx.db.get_one(Organization, ctx.organization_id).name
    wanted = wanted_by(ctx, [ctx.user_id], notice.type)[ctx.user_id]
    kind = BY_TYPE.get(notice.type)
    words = kind.words if kind else "this"
    why = why_of(notice.type, notice.why, organization)
    return Reason(f"You get “{words}” because {why}, and {_rule(notice.type, wanted)}.", muted=not wanted)


def _rule(type_: str, wanted: frozenset[Channel]) -> str:
    if not wanted:
        return "you have muted it since"
    if Channel.IN_APP not in wanted:
        return "you have turned it off in the app since"
    if is_on_at_first(type_, Channel.IN_APP):
        return "it is on for everybody until they mute it"
    return "you turned it on in your settings"


def _within(ctx: QueryCtx, view: View) -> Conditions:
    """What belongs to a part of the caller's inbox; what is snoozed comes back by itself."""
    mine = col(Notification.user_id) == ctx.user_id
    if view is View.ARCHIVED:
        return [mine, col(Notification.archived_at).is_not(None)]
    here, shown_at = col(Notification.archived_at).is_(None), col(Notification.shown_at)
    back = select(func.min(shown_at)).select_from(Notification).where(mine, here, shown_at > ctx.now)
    ctx.stale_at(ctx.db.scalars(back).one())
    if view is View.SNOOZED:
        return [mine, here, shown_at > ctx.now]
    unread = [col(Notification.read_at).is_(None)] if view is View.UNREAD else []
    return [mine, here, shown_at <= ctx.now, *unread]


def _matching(type_: str, search: str) -> Conditions:
    found: Conditions = [col(Notification.type) == type_[:40]] if type_ else []
    term = search.strip().lower()[:100]
    if term:
        in_title = func.lower(col(Notification.title)).contains(term, autoescape=True)
        in_message = func.lower(col(Notification.message)).contains(term, autoescape=True)
        found.append(or_(in_title, in_message))
    return found


def _threads(
    ctx: QueryCtx, mine: Conditions, cursor: str | None, most: int, *, soonest: bool = False
) -> list[tuple[uuid.UUID, datetime, int, int]]:
    """The rows of a list, the latest first: thread, when it was last added to, how many it holds, how many unread."""
    thread, latest = col(Notification.thread), func.max(col(Notification.shown_at))
    order = (latest.asc(), thread.asc()) if soonest else (latest.desc(), thread.desc())
    unread = func.count() - func.count(col(Notification.read_at))
    statement = (
        select(thread, latest, func.count(), unread)
        .select_from(Notification)
        .where(*mine)
        .group_by(thread)
        .order_by(*order)
        .limit(most)
    )
    if cursor:
        at, last = read_time_cursor(cursor)
        further = (latest > at, thread > last) if soonest else (latest < at, thread < last)
        statement = statement.having(or_(further[0], and_(latest == at, further[1])))
    return [(row[0], row[1], row[2], row[3]) for row in ctx.db.execute(statement)]


def _rows(
    ctx: QueryCtx, mine: Conditions, threads: Sequence[tuple[uuid.UUID, datetime, int, int]]
) -> list[NotificationRow]:
    alone = [thread for thread, _, count, _ in threads if count == 1]
    singles = [*mine, col(Notification.thread).in_(alone)]
    found = {each.thread: [each] for each in _latest(ctx, singles, LATEST + 1)} if alone else {}
    for thread, _, count, _ in threads:
        if count > 1:
            found[thread] = _latest(ctx, [*mine, col(Notification.thread) == thread], FACES)
    people = _people(ctx, [each for some in found.values() for each in some])
    return [_row(ctx, found[thread], count, people, unread) for thread, _, count, unread in threads if thread in found]


def _latest(ctx: QueryCtx, mine: Conditions, most: int) -> list[Notification]:
    newest_first = (
        select(Notification).where(*mine).order_by(col(Notification.shown_at).desc(), col(Notification.id).desc())
    )
    return list(ctx.db.scalars(newest_first.limit(most)))


def _people(ctx: QueryCtx, rows: Sequence[Notification]) -> dict[uuid.UUID, User]:
    wanted = {each.person_id for each in rows if each.person_id is not None}
    users = select(User).where(col(User.id).in_(wanted))
    return {user.id: user for user in ctx.db.scalars(users)} if wanted else {}


def _row(
    ctx: QueryCtx,
    latest: Sequence[Notification],
    count: int,
    people: dict[uuid.UUID, User],
    unread: int | None = None,
) -> NotificationRow:
    head, kind = latest[0], BY_TYPE.get(latest[0].type)
    faces = list({view.id: view for each in latest if (view := _face(each, people))}.values())
    is_away = head.shown_at > ctx.now and head.archived_at is None
    together = group_words(head.group_key, count) if count > 1 else ""
    return NotificationRow(
        id=head.id,
        thread=head.thread,
        type=head.type,
        kind=kind.words if kind else "",
        title=together or head.title,
        message=", ".join(dict.fromkeys(each.title for each in latest)) if together else head.message,
        link=head.link,
        source_id=head.source_id,
        at=head.created_at if is_away else head.shown_at,
        person=_face(head, people),
        people=faces,
        count=count,
        unread=(0 if head.read_at else 1) if unread is None else unread,
        archived=head.archived_at is not None,
        returned=not is_away and head.shown_at != head.created_at,
        snoozed_until=head.shown_at if is_away else None,
    )


def _face(notice: Notification, people: dict[uuid.UUID, User]) -> PersonView | None:
    user = people.get(notice.person_id) if notice.person_id else None
    return person_view(user) if user else None
