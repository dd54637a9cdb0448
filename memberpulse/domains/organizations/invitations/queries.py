"""Reads of invitations and links."""

from sqlalchemy import and_, func, or_, select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.tokens import find_token
from memberpulse.domains.organizations.cursors import read_time_cursor, write_cursor
from memberpulse.domains.organizations.invitations.links import PURPOSE
from memberpulse.domains.organizations.invitations.models import Invitation, JoinLink, State
from memberpulse.domains.organizations.invitations.rules import link_is_open
from memberpulse.domains.organizations.invitations.schemas import (
    InvitationList,
    InvitationRow,
    InvitationView,
    LinkList,
    LinkView,
    MyInvitations,
    PendingInvitation,
)
from memberpulse.domains.organizations.invitations.sending import TOKEN
from memberpulse.domains.organizations.models import Organization
from memberpulse.domains.organizations.people import is_member_of, is_verified
from memberpulse.domains.organizations.schemas import organization_view, person_view
from memberpulse.engine import PUBLIC, SIGNED_IN, QueryCtx, query
from memberpulse.sealing import Unreadable, unseal
from memberpulse.sites import link as absolute

PAGE_SIZE = 50


@query(requires="invitations.manage")
def list_invitations(
    ctx: QueryCtx, *, state: State | None = None, search: str = "", cursor: str | None = None
) -> InvitationList:
    """Invitations, newest first, 50 at a time. search: part of an address."""
    matches = [col(Invitation.state) == state] if state is not None else []
    if term := search.strip().lower()[:100]:
        matches.append(col(Invitation.email).contains(term, autoescape=True))
    if cursor:
        at, row_id = read_time_cursor(cursor)
        matches.append(
            or_(col(Invitation.created_at) < at, and_(col(Invitation.created_at) == at, col(Invitation.id) < row_id))
        )
    statement = (
        select(Invitation)
        .where(*matches)
        .order_by(col(Invitation.created_at).desc(), col(Invitation.id).desc())
        .limit(PAGE_SIZE + 1)
    )
    found = list(ctx.db.scalars(statement))
    page = found[:PAGE_SIZE]
    people = _people(ctx, {each.invited_by for each in page if each.invited_by})
    return InvitationList(
        rows=[_row(ctx, each, people) for each in page],
        open=_count_open(ctx),
        next_cursor=write_cursor(page[-1].created_at, page[-1].id) if len(found) > PAGE_SIZE else None,
    )


@query(requires="invitations.manage")
def list_links(ctx: QueryCtx) -> LinkList:
    """The links that were not revoked, newest first."""
    statement = select(JoinLink).where(col(JoinLink.revoked_at).is_(None)).order_by(col(JoinLink.created_at).desc())
    organization = ctx.db.get_one(Organization, ctx.organization_id)
    links = list(ctx.db.scalars(statement.limit(50)))
    people = _people(ctx, {each.created_by for each in links if each.created_by})
    return LinkList(organization.join_policy, [_link_view(ctx, each, organization, people) for each in links])


@query(requires=PUBLIC, limit="60/minute")
def get_invitation(ctx: QueryCtx, *, token: str) -> InvitationView:
    """What the link of a letter is about. Consumes nothing, so that a mail scanner may look."""
    found = find_token(ctx, kind=TOKEN, raw=token)
    if found is None or found.subject_id is None:
        return InvitationView("over")
    with ctx.across_organizations():
        invitation = ctx.db.get(Invitation, found.subject_id)
    if invitation is None or invitation.state is not State.PENDING:
        return InvitationView("over")
    you = ctx.db.get(User, ctx.caller.user_id) if ctx.caller.user_id else None
    inviter = ctx.db.get(User, invitation.invited_by) if invitation.invited_by else None
    belongs = you is not None and is_member_of(ctx, you.id, invitation.organization_id)
    return InvitationView(
        state="member" if belongs else "open",
        organization=organization_view(ctx.db.get_one(Organization, invitation.organization_id)),
        role=invitation.role,
        inviter=inviter.name if inviter else "",
        message=invitation.message,
        email=invitation.email,
        name=invitation.name,
        you=you.email if you else "",
        fits=you is not None and you.email == invitation.email,
        verified=you is not None and is_verified(you),
        expires_at=invitation.expires_at,
    )


@query(requires=SIGNED_IN)
def list_my_invitations(ctx: QueryCtx) -> MyInvitations:
    """Invitations to the caller's own address, once it is confirmed: before that it may be somebody else's."""
    user = ctx.db.get_one(User, ctx.user_id)
    if not is_verified(user):
        return MyInvitations(verified=False, rows=[])
    statement = select(Invitation).where(col(Invitation.email) == user.email, col(Invitation.state) == State.PENDING)
    with ctx.across_organizations():
        mine = [each for each in ctx.db.scalars(statement) if each.expires_at > ctx.now]
    for each in mine:
        ctx.stale_at(each.expires_at)
    return MyInvitations(verified=True, rows=[_pending(ctx, each) for each in mine])


def _pending(ctx: QueryCtx, invitation: Invitation) -> PendingInvitation:
    inviter = ctx.db.get(User, invitation.invited_by) if invitation.invited_by else None
    return PendingInvitation(
        id=invitation.id,
        organization=organization_view(ctx.db.get_one(Organization, invitation.organization_id)),
        role=invitation.role,
        inviter=inviter.name if inviter else "",
        expires_at=invitation.expires_at,
    )


def _row(ctx: QueryCtx, invitation: Invitation, people: dict[object, User]) -> InvitationRow:
    inviter = people.get(invitation.invited_by)
    return InvitationRow(
        id=invitation.id,
        email=invitation.email,
        name=invitation.name,
        role=invitation.role,
        step=_step(ctx, invitation),
        reason=invitation.mail_reason,
        inviter=person_view(inviter) if inviter else None,
        sent_at=invitation.sent_at,
        expires_at=invitation.expires_at,
        ended_at=invitation.ended_at,
    )


def _step(ctx: QueryCtx, invitation: Invitation) -> str:
    if invitation.state is not State.PENDING:
        return invitation.state.value
    if invitation.expires_at <= ctx.now:
        return "expired"
    ctx.stale_at(invitation.expires_at)
    return invitation.mail_status.value


def _count_open(ctx: QueryCtx) -> int:
    pending = select(func.count()).select_from(Invitation).where(col(Invitation.state) == State.PENDING)
    return ctx.db.scalars(pending).one()


def _link_view(ctx: QueryCtx, link: JoinLink, organization: Organization, people: dict[object, User]) -> LinkView:
    creator = people.get(link.created_by)
    if link.expires_at is not None and link.expires_at > ctx.now:
        ctx.stale_at(link.expires_at)
    return LinkView(
        id=link.id,
        url=absolute(f"/join/{organization.slug}?code={_code(link)}"),
        creator=person_view(creator) if creator else None,
        created_at=link.created_at,
        expires_at=link.expires_at,
        max_uses=link.max_uses,
        uses=link.uses,
        is_open=link_is_open(
            revoked_at=link.revoked_at,
            expires_at=link.expires_at,
            max_uses=link.max_uses,
            uses=link.uses,
            now=ctx.now,
        ),
    )


def _code(link: JoinLink) -> str:
    """Empty when it was sealed under another secret: then the link still works and can only be revoked."""
    try:
        return unseal(link.sealed_code, PURPOSE)
    except Unreadable:
        return ""


def _people(ctx: QueryCtx, ids: set[object]) -> dict[object, User]:
    wanted = list(ids)
    return {each.id: each for each in ctx.db.scalars(select(User).where(col(User.id).in_(wanted)))} if wanted else {}
