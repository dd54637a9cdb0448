"""Reads of accounts and sessions."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.accounts.demo_people import offered
from memberpulse.domains.accounts.models import Session, SessionUse, User
from memberpulse.domains.accounts.rules import describe_device, normalize_email
from memberpulse.domains.accounts.schemas import Beginning, Credentials, SessionView, SignInOptions
from memberpulse.engine import INTERNAL, PUBLIC, SIGNED_IN, QueryCtx, query
from memberpulse.settings import get_settings


@query(requires=PUBLIC)
def get_sign_in_options(ctx: QueryCtx) -> SignInOptions:
    """How one may sign in; on the demo, as whom."""
    demo = get_settings().demo
    return SignInOptions(demo=demo, people=offered() if demo else [])


@query(requires=SIGNED_IN)
def list_my_sessions(ctx: QueryCtx) -> list[SessionView]:
    """The caller's signed-in devices, the one used last first."""
    statement = select(Session).where(
        col(Session.user_id) == ctx.user_id, col(Session.revoked_at).is_(None), col(Session.expires_at) > ctx.now
    )
    sessions = list(ctx.db.scalars(statement))
    for session in sessions:
        ctx.stale_at(session.expires_at)
    seen = _last_seen(ctx, sessions)
    sessions.sort(key=lambda each: seen[each.id], reverse=True)
    return [_view(each, seen[each.id], is_current=each.id == ctx.session_id) for each in sessions]


def _last_seen(ctx: QueryCtx, sessions: Sequence[Session]) -> dict[uuid.UUID, datetime]:
    """When each was last used."""
    uses = select(SessionUse).where(col(SessionUse.session_id).in_([each.id for each in sessions]))
    used = {use.session_id: use.last_seen_at for use in ctx.db.scalars(uses)}
    return {each.id: used.get(each.id, each.created_at) for each in sessions}


@query(requires=INTERNAL)
def find_credentials(ctx: QueryCtx, *, email: str) -> Credentials | None:
    """What to check the password of that address against; None when nobody can sign in with it.

    An account whose address nobody has proven has no password that counts, nor has a sign-up that waits: an answer of
    its own to those would tell whether an address has an account.
    """
    statement = select(User).where(col(User.email) == normalize_email(email))
    user = ctx.db.scalars(statement).one_or_none()
    if user is None or user.verified_at is None or user.deactivated_at is not None:
        return None
    return Credentials(user.id, user.password_hash)


@query(requires=INTERNAL)
def find_beginning(ctx: QueryCtx, *, session_id: uuid.UUID) -> Beginning:
    """Whose session has just begun, and whether in an organization."""
    session = ctx.db.get_one(Session, session_id)
    user = ctx.db.get_one(User, session.user_id)
    return Beginning(user.email, session.organization_id is not None)


def _view(session: Session, last_seen_at: datetime, *, is_current: bool) -> SessionView:
    return SessionView(
        id=session.id,
        device=describe_device(session.user_agent),
        ip=session.ip,
        created_at=session.created_at,
        last_seen_at=last_seen_at,
        is_current=is_current,
    )
