"""Reads of workspace records."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.organizations.cursors import read_time_cursor, write_cursor
from memberpulse.domains.organizations.models import Membership
from memberpulse.domains.organizations.schemas import person_view
from memberpulse.domains.records.errors import RecordNotFound
from memberpulse.domains.records.models import Status, WorkspaceRecord
from memberpulse.domains.records.rules import day_words
from memberpulse.domains.records.schemas import OwnerChoice, RecordCounts, RecordList, RecordView
from memberpulse.engine import QueryCtx, query

PAGE_SIZE = 25
MOST_OWNERS = 500


@query(requires="records.view")
def list_records(
    ctx: QueryCtx, *, search: str = "", status: Status | None = None, archived: bool = False, cursor: str | None = None
) -> RecordList:
    """Records, the newest first, 25 at a time. search: part of a title or of the notes."""
    wanted = _matching(search, status, archived)
    if cursor:
        at, row_id = read_time_cursor(cursor)
        same_time = and_(col(WorkspaceRecord.created_at) == at, col(WorkspaceRecord.id) < row_id)
        wanted.append(or_(col(WorkspaceRecord.created_at) < at, same_time))
    newest_first = (
        select(WorkspaceRecord)
        .where(*wanted)
        .order_by(col(WorkspaceRecord.created_at).desc(), col(WorkspaceRecord.id).desc())
        .limit(PAGE_SIZE + 1)
    )
    found = list(ctx.db.scalars(newest_first))
    page = found[:PAGE_SIZE]
    following = write_cursor(page[-1].created_at, page[-1].id) if len(found) > PAGE_SIZE else None
    return RecordList(rows=_views(ctx, page), next_cursor=following)


@query(requires="records.view")
def get_record(ctx: QueryCtx, *, record_id: uuid.UUID) -> RecordView:
    """One record as it is now. Raises RecordNotFound (404)."""
    record = ctx.db.scalars(select(WorkspaceRecord).where(col(WorkspaceRecord.id) == record_id)).one_or_none()
    if record is None or record.removed_at is not None:
        raise RecordNotFound
    return _views(ctx, [record])[0]


@query(requires="records.view")
def count_records(ctx: QueryCtx) -> RecordCounts:
    """How many records there are, by state."""
    there = col(WorkspaceRecord.removed_at).is_(None)
    archived, sample = col(WorkspaceRecord.archived_at).is_not(None), col(WorkspaceRecord.sample)
    status = col(WorkspaceRecord.status)
    grouped = select(status, archived, sample, func.count()).select_from(WorkspaceRecord).where(there)
    counted: list[tuple[Status, bool, bool, int]] = [
        (row[0], row[1], row[2], row[3]) for row in ctx.db.execute(grouped.group_by(status, archived, sample))
    ]

    def of(state: Status) -> int:
        return sum(count for is_in, gone, _, count in counted if is_in is state and not gone)

    return RecordCounts(
        total=sum(count for _, gone, _, count in counted if not gone),
        open=of(Status.OPEN),
        in_progress=of(Status.IN_PROGRESS),
        done=of(Status.DONE),
        archived=sum(count for _, gone, _, count in counted if gone),
        samples=sum(count for _, _, is_sample, count in counted if is_sample),
    )


@query(requires="records.view")
def list_owners(ctx: QueryCtx) -> list[OwnerChoice]:
    """Members by name, who can own a record; at most 500."""
    members = (
        select(Membership, User)
        .join(User, col(User.id) == col(Membership.user_id))
        .order_by(col(User.name_key), col(User.id))
        .limit(MOST_OWNERS)
    )
    return [OwnerChoice(user.id, user.name) for _, user in ctx.db.execute(members)]


def _matching(search: str, status: Status | None, archived: bool) -> list[ColumnElement[bool]]:
    kept = col(WorkspaceRecord.archived_at)
    found: list[ColumnElement[bool]] = [
        col(WorkspaceRecord.removed_at).is_(None),
        kept.is_not(None) if archived else kept.is_(None),
    ]
    if status is not None:
        found.append(col(WorkspaceRecord.status) == status)
    term = search.strip().lower()[:100]
    if term:
        in_title = func.lower(col(WorkspaceRecord.title)).contains(term, autoescape=True)
        in_notes = func.lower(col(WorkspaceRecord.notes)).contains(term, autoescape=True)
        found.append(or_(in_title, in_notes))
    return found


def _views(ctx: QueryCtx, records: Sequence[WorkspaceRecord]) -> list[RecordView]:
    people = _people(ctx, [*(each.owner_id for each in records), *(each.changed_by for each in records)])
    zone = _zone(ctx) if records else None
    today = ctx.now.astimezone(zone).date()
    if any(each.due_on and each.status is not Status.DONE and each.due_on >= today for each in records):
        ctx.stale_at(datetime.combine(today + timedelta(days=1), time(), zone))
    return [_view(each, people, today) for each in records]


def _view(record: WorkspaceRecord, people: dict[uuid.UUID, User], today: date) -> RecordView:
    owner = people.get(record.owner_id) if record.owner_id else None
    changer = people.get(record.changed_by) if record.changed_by else None
    return RecordView(
        id=record.id,
        title=record.title,
        status=record.status,
        notes=record.notes,
        owner=person_view(owner) if owner else None,
        due_on=record.due_on,
        due=day_words(record.due_on, today),
        overdue=record.due_on is not None and record.due_on < today and record.status is not Status.DONE,
        sample=record.sample,
        archived=record.archived_at is not None,
        version=record.version,
        changed_at=record.changed_at,
        changed_by=changer.name if changer else "",
    )


def _people(ctx: QueryCtx, ids: Sequence[uuid.UUID | None]) -> dict[uuid.UUID, User]:
    wanted = {each for each in ids if each is not None}
    users = select(User).where(col(User.id).in_(wanted))
    return {user.id: user for user in ctx.db.scalars(users)} if wanted else {}


def _zone(ctx: QueryCtx) -> tzinfo | None:
    user = ctx.db.get(User, ctx.caller.user_id) if ctx.caller.user_id else None
    try:
        return ZoneInfo(user.time_zone) if user else ZoneInfo("UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
