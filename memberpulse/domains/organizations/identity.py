"""From a session's reference to a caller. The engine asks on every door, and again whenever a row read here changes."""

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.accounts.models import Session, User
from memberpulse.domains.organizations.models import Membership
from memberpulse.domains.organizations.permissions import capabilities_of
from memberpulse.domains.organizations.roles.holding import custom_role_of
from memberpulse.domains.organizations.roles.models import CustomRole
from memberpulse.engine import Caller, QueryCtx


def identify(ctx: QueryCtx, reference: str) -> Caller | None:
    """The person behind a session, with role and capabilities in the active organization; None: no such session.

    Somebody who is not a member there any more is a caller without organization and capabilities. At most four
    reads, each narrowed to one row, so that nobody is asked again because of another's session, membership or role.
    """
    session = _session(ctx, reference)
    if session is None or session.revoked_at is not None or session.expires_at <= ctx.now:
        return None
    ctx.stale_at(session.expires_at)
    user = ctx.db.scalars(select(User).where(col(User.id) == session.user_id)).one_or_none()
    if user is None or user.deactivated_at is not None:
        return None
    membership = _active_membership(ctx, session)
    custom = _custom_role(ctx, membership) if membership else None
    return Caller(
        "person",
        user_id=session.user_id,
        organization_id=membership.organization_id if membership else None,
        role=membership.role if membership else None,
        capabilities=capabilities_of(membership.role, custom.capabilities if custom else ())
        if membership
        else frozenset(),
        session_id=session.id,
        expires_at=session.expires_at,
        reference=reference,
        renewal_due=session.renewal_due and session.token_hash == reference,
    )


def _session(ctx: QueryCtx, reference: str) -> Session | None:
    """The session of a token, also of one that was replaced within the last minute."""
    session = ctx.db.scalars(select(Session).where(col(Session.token_hash) == reference)).one_or_none()
    if session is not None:
        return session
    former = ctx.db.scalars(select(Session).where(col(Session.former_hash) == reference)).one_or_none()
    if former is None or former.former_until is None or former.former_until <= ctx.now:
        return None
    ctx.stale_at(former.former_until)
    return former


def _active_membership(ctx: QueryCtx, session: Session) -> Membership | None:
    if session.organization_id is None:
        return None
    statement = select(Membership).where(
        col(Membership.user_id) == session.user_id, col(Membership.organization_id) == session.organization_id
    )
    with ctx.across_organizations():
        return ctx.db.scalars(statement).one_or_none()


def _custom_role(ctx: QueryCtx, membership: Membership) -> CustomRole | None:
    with ctx.across_organizations():
        return custom_role_of(ctx, membership)
