"""Reads of approval requests. Who may decide about a kind sees all of it, everybody sees their own."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.rules import fold
from memberpulse.domains.approvals.deciding import approvers_of, chosen_before, find
from memberpulse.domains.approvals.errors import RequestNotFound
from memberpulse.domains.approvals.kinds import Choice, kind_of, kinds_here, of_caller
from memberpulse.domains.approvals.models import ApprovalRequest, ApprovalVote, Status
from memberpulse.domains.approvals.reading import rows_of, votes_of
from memberpulse.domains.approvals.schemas import (
    DetailView,
    KindOption,
    Option,
    PendingCount,
    RequestDetail,
    RequestList,
    RuleView,
    Show,
)
from memberpulse.domains.organizations.cursors import read_time_cursor, write_cursor
from memberpulse.domains.organizations.roles.holding import holders_of
from memberpulse.engine import QueryCtx, query

PAGE_SIZE = 50


@query(requires="approvals.view")
def count_pending(ctx: QueryCtx) -> PendingCount:
    """How many requests wait for a decision in the organization, and since when."""
    pending = select(col(ApprovalRequest.created_at)).where(col(ApprovalRequest.status) == Status.PENDING)
    times = list(ctx.db.scalars(pending))
    return PendingCount(count=len(times), oldest_at=min(times, default=None))


@query(requires="approvals.view")
def count_waiting(ctx: QueryCtx) -> PendingCount:
    """How many requests wait for the caller's own decision, and since when."""
    said = select(col(ApprovalVote.request_id)).where(col(ApprovalVote.user_id) == ctx.caller.user_id)
    waiting = (
        select(col(ApprovalRequest.id), col(ApprovalRequest.created_at))
        .select_from(ApprovalRequest)
        .where(
            col(ApprovalRequest.status) == Status.PENDING,
            *of_caller(ctx),
            col(ApprovalRequest.requester_id).is_distinct_from(ctx.caller.user_id),
        )
    )
    done = set(ctx.db.scalars(said))
    times = [created_at for request_id, created_at in ctx.db.execute(waiting) if request_id not in done]
    return PendingCount(count=len(times), oldest_at=min(times, default=None))


@query(requires="approvals.view")
def list_requests(
    ctx: QueryCtx,
    *,
    show: Show = Show.WAITING,
    kind: str | None = None,
    outcome: Status | None = None,
    older_than_days: int | None = None,
    search: str = "",
    cursor: str | None = None,
) -> RequestList:
    """Requests, 50 at a time: those that wait, oldest first; those decided or the caller's own, newest first.

    outcome: of decided ones. older_than_days: asked at least so long ago. search: in the requester's name and
    the title.
    """
    conditions = [*_shown(ctx, show), *_filters(ctx, kind, outcome, older_than_days, search)]
    order = _order(show)
    asked_by = col(User.id) == col(ApprovalRequest.requester_id)
    page = (
        select(ApprovalRequest, User)
        .outerjoin(User, asked_by)
        .where(*conditions, *([_after(show, cursor)] if cursor else []))
        .order_by(*order)
        .limit(PAGE_SIZE + 1)
    )
    total = select(func.count()).select_from(ApprovalRequest).outerjoin(User, asked_by).where(*conditions)
    found = [(request, user) for request, user in ctx.db.execute(page)]
    shown = found[:PAGE_SIZE]
    return RequestList(
        rows=rows_of(ctx, shown),
        matching=ctx.db.scalars(total).one(),
        next_cursor=_cursor(show, shown[-1][0]) if len(found) > PAGE_SIZE else None,
    )


@query(requires="approvals.view")
def get_request(ctx: QueryCtx, *, request_id: uuid.UUID) -> RequestDetail:
    """One request with what is known of it and who said what.

    Raises RequestNotFound (404), also for those who may not see it.
    """
    request = find(ctx, request_id)
    kind = kind_of(request.kind)
    if not ctx.can(kind.requires) and request.requester_id != ctx.caller.user_id:
        raise RequestNotFound
    requester = ctx.db.get(User, request.requester_id) if request.requester_id else None
    row = rows_of(ctx, [(request, requester)])[0]
    choice = kind.choice if row.may_decide else None
    return RequestDetail(
        row=row,
        details=[DetailView(each.label, each.text) for each in kind.preview(ctx, request)],
        votes=votes_of(ctx, request),
        choice_label=choice.label if choice else "",
        options=_options(ctx, request, choice) if choice else [],
    )


def _options(ctx: QueryCtx, request: ApprovalRequest, choice: Choice) -> list[Option]:
    before = chosen_before(ctx, request)
    return [Option(value, words) for value, words in choice.options if before in (None, value)]


@query(requires="approvals.view")
def list_kinds(ctx: QueryCtx) -> list[KindOption]:
    """The kinds that the caller may decide about, for the filter."""
    return [KindOption(kind.name, kind.words) for kind in kinds_here(ctx) if ctx.can(kind.requires)]


@query(requires="approvals.manage")
def list_rules(ctx: QueryCtx) -> list[RuleView]:
    """Each kind of request, and how many people it takes."""
    return [
        RuleView(
            kind=kind.name,
            words=kind.words,
            approvers=approvers_of(ctx, kind.name),
            usual=kind.approvers,
            deciders=len(holders_of(ctx, kind.requires)),
        )
        for kind in kinds_here(ctx)
    ]


def _shown(ctx: QueryCtx, show: Show) -> list[Any]:
    if show is Show.MINE:
        return [col(ApprovalRequest.requester_id) == ctx.user_id]
    status = col(ApprovalRequest.status)
    waiting = status == Status.PENDING
    settled = status.in_([Status.APPROVED, Status.REJECTED])
    return [waiting if show is Show.WAITING else settled, *of_caller(ctx)]


def _filters(
    ctx: QueryCtx, kind: str | None, outcome: Status | None, older_than_days: int | None, search: str
) -> list[Any]:
    found: list[Any] = []
    if kind:
        found.append(col(ApprovalRequest.kind) == kind)
    if outcome:
        found.append(col(ApprovalRequest.status) == outcome)
    if older_than_days:
        found.append(_older(ctx, timedelta(days=older_than_days)))
    if term := search.strip():
        in_name = col(User.name_key).contains(fold(term), autoescape=True)
        found.append(or_(in_name, func.lower(col(ApprovalRequest.title)).contains(term.lower(), autoescape=True)))
    return found


def _older(ctx: QueryCtx, age: timedelta) -> Any:
    """A younger one comes of age without a write."""
    created = col(ApprovalRequest.created_at)
    next_one = ctx.db.scalars(select(func.min(created)).select_from(ApprovalRequest).where(created > ctx.now - age))
    youth = next_one.one()
    ctx.stale_at(youth + age if youth else None)
    return created <= ctx.now - age


def _order(show: Show) -> Sequence[Any]:
    key, row_id = _key(show), col(ApprovalRequest.id)
    return (key, row_id) if show is Show.WAITING else (key.desc(), row_id.desc())


def _key(show: Show) -> Any:
    return col(ApprovalRequest.decided_at) if show is Show.DECIDED else col(ApprovalRequest.created_at)


def _cursor(show: Show, request: ApprovalRequest) -> str:
    at = request.decided_at if show is Show.DECIDED and request.decided_at else request.created_at
    return write_cursor(at, request.id)


def _after(show: Show, cursor: str) -> Any:
    at, last_id = read_time_cursor(cursor)
    key, row_id = _key(show), col(ApprovalRequest.id)
    if show is Show.WAITING:
        return or_(key > at, and_(key == at, row_id > last_id))
    return or_(key < at, and_(key == at, row_id < last_id))
