"""Reads of requests to join, and the page on which one asks."""

from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.organizations.cursors import read_time_cursor, write_cursor
from memberpulse.domains.organizations.errors import OrganizationNotFound
from memberpulse.domains.organizations.invitations.links import hash_of
from memberpulse.domains.organizations.invitations.models import JoinLink
from memberpulse.domains.organizations.invitations.rules import link_is_open
from memberpulse.domains.organizations.models import JoinPolicy, Organization
from memberpulse.domains.organizations.people import is_member_of, is_verified
from memberpulse.domains.organizations.requests.models import JoinRequest, RequestState
from memberpulse.domains.organizations.requests.schemas import JoinPage, MyRequest, RequestList, RequestRow
from memberpulse.domains.organizations.schemas import organization_view, person_view
from memberpulse.engine import PUBLIC, SIGNED_IN, QueryCtx, query

PAGE_SIZE = 50


@query(requires=PUBLIC, limit="60/minute")
def get_join_page(ctx: QueryCtx, *, slug: str, code: str = "") -> JoinPage:
    """The organization behind a join page, and how whoever looks may come in. Raises OrganizationNotFound (404)."""
    statement = select(Organization).where(col(Organization.slug) == slug)
    organization = ctx.db.scalars(statement).one_or_none()
    if organization is None:
        raise OrganizationNotFound("There is no organization at this address.")
    you = ctx.db.get(User, ctx.caller.user_id) if ctx.caller.user_id else None
    last = _last_request(ctx, you, organization)
    return JoinPage(
        organization=organization_view(organization),
        policy=organization.join_policy,
        way=_way(ctx, organization, code),
        mine=_standing(ctx, you, organization, last),
        you=you.email if you else "",
        verified=you is not None and is_verified(you),
        reason=last.reason if last else "",
        request_id=last.id if last and last.state is RequestState.PENDING else None,
    )


@query(requires="requests.decide")
def list_requests(ctx: QueryCtx, *, decided: bool = False, cursor: str | None = None) -> RequestList:
    """Requests to join, 50 at a time: those that wait, oldest first, or those that were decided, newest first."""
    pending = col(JoinRequest.state) == RequestState.PENDING
    settled = col(JoinRequest.state).in_([RequestState.APPROVED, RequestState.DECLINED])
    statement = (
        select(JoinRequest, User)
        .join(User, col(User.id) == col(JoinRequest.user_id))
        .where(settled if decided else pending, *([_after(cursor, decided)] if cursor else []))
        .order_by(*_order(decided))
        .limit(PAGE_SIZE + 1)
    )
    found = [(request, user) for request, user in ctx.db.execute(statement)]
    page = found[:PAGE_SIZE]
    total = select(func.count()).select_from(JoinRequest).where(pending)
    return RequestList(
        rows=[_row(ctx, request, user) for request, user in page],
        pending=ctx.db.scalars(total).one(),
        next_cursor=write_cursor(page[-1][0].created_at, page[-1][0].id) if len(found) > PAGE_SIZE else None,
    )


@query(requires=SIGNED_IN)
def list_my_requests(ctx: QueryCtx) -> list[MyRequest]:
    """The caller's own requests that wait for a decision."""
    mine = select(JoinRequest).where(
        col(JoinRequest.user_id) == ctx.user_id, col(JoinRequest.state) == RequestState.PENDING
    )
    with ctx.across_organizations():
        found = list(ctx.db.scalars(mine.order_by(col(JoinRequest.created_at))))
    return [
        MyRequest(each.id, organization_view(ctx.db.get_one(Organization, each.organization_id)), each.created_at)
        for each in found
    ]


def _order(decided: bool) -> tuple[Any, Any]:
    columns = col(JoinRequest.created_at), col(JoinRequest.id)
    return (columns[0].desc(), columns[1].desc()) if decided else columns


def _after(cursor: str, decided: bool) -> Any:
    at, row_id = read_time_cursor(cursor)
    created, key = col(JoinRequest.created_at), col(JoinRequest.id)
    if decided:
        return or_(created < at, and_(created == at, key < row_id))
    return or_(created > at, and_(created == at, key > row_id))


def _row(ctx: QueryCtx, request: JoinRequest, user: User) -> RequestRow:
    decider = ctx.db.get(User, request.decided_by) if request.decided_by else None
    return RequestRow(
        id=request.id,
        person=person_view(user),
        email=user.email,
        note=request.note,
        state=request.state,
        role=request.role,
        reason=request.reason,
        created_at=request.created_at,
        decided_at=request.decided_at,
        decider=person_view(decider) if decider else None,
    )


def _last_request(ctx: QueryCtx, you: User | None, organization: Organization) -> JoinRequest | None:
    if you is None:
        return None
    statement = (
        select(JoinRequest)
        .where(col(JoinRequest.user_id) == you.id, col(JoinRequest.organization_id) == organization.id)
        .order_by(col(JoinRequest.created_at).desc(), col(JoinRequest.id).desc())
    )
    with ctx.across_organizations():
        return ctx.db.scalars(statement).first()


def _standing(ctx: QueryCtx, you: User | None, organization: Organization, last: JoinRequest | None) -> str:
    if you is None:
        return "nobody"
    if is_member_of(ctx, you.id, organization.id):
        return "member"
    if last is None or last.state not in (RequestState.PENDING, RequestState.DECLINED):
        return "stranger"
    return "asked" if last.state is RequestState.PENDING else "declined"


def _way(ctx: QueryCtx, organization: Organization, code: str) -> str:
    if code:
        with ctx.across_organizations():
            link = ctx.db.scalars(select(JoinLink).where(col(JoinLink.code_hash) == hash_of(code))).one_or_none()
        if link is not None and link.organization_id == organization.id:
            return "link" if _lets_in(ctx, link, organization) else "over"
    return "closed" if organization.join_policy is JoinPolicy.CLOSED else "ask"


def _lets_in(ctx: QueryCtx, link: JoinLink, organization: Organization) -> bool:
    if link.expires_at is not None and link.expires_at > ctx.now:
        ctx.stale_at(link.expires_at)
    return organization.join_policy is JoinPolicy.LINK and link_is_open(
        revoked_at=link.revoked_at,
        expires_at=link.expires_at,
        max_uses=link.max_uses,
        uses=link.uses,
        now=ctx.now,
    )
