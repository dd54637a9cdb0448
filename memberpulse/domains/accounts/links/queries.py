"""Reads about links. None consumes anything."""

import uuid

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.accounts.links.models import SignUp
from memberpulse.domains.accounts.links.rules import SIGN_UP_LIFE, Kind
from memberpulse.domains.accounts.links.schemas import LinkHolder, LinkView
from memberpulse.domains.accounts.models import OneTimeToken, User
from memberpulse.domains.accounts.rules import normalize_email
from memberpulse.domains.accounts.tokens import find_token
from memberpulse.engine import INTERNAL, PUBLIC, QueryCtx, query


@query(requires=PUBLIC, limit="60/minute")
def look_at_link(ctx: QueryCtx, *, kind: Kind, token: str) -> LinkView:
    """Whether a link may still be used, and the address that it was mailed to, for the page that it leads to."""
    holder = find_link_holder(ctx, kind=kind, token=token)
    return LinkView(is_good=holder is not None, email=holder.email if holder else "")


@query(requires=INTERNAL)
def find_link_holder(ctx: QueryCtx, *, kind: Kind, token: str, device: str | None = None) -> LinkHolder | None:
    """Whom a link was mailed to; None when it may not be used, or not any more.

    device: the reference of the browser that asks.
    """
    found = find_token(ctx, kind=kind, raw=token)
    if found is None:
        return None
    if kind == "verify_email":
        sign_up = find_sign_up(ctx, found)
        return LinkHolder(sign_up.email, sign_up.name, sign_up.device != device) if sign_up else None
    user = find_owner(ctx, found)
    return LinkHolder(found.email, user.name, False) if user else None


@query(requires=INTERNAL)
def find_person(ctx: QueryCtx, *, user_id: uuid.UUID) -> LinkHolder:
    """What a person's new password is compared with."""
    user = ctx.db.get_one(User, user_id)
    return LinkHolder(user.email, user.name, False)


def find_sign_up(ctx: QueryCtx, token: OneTimeToken) -> SignUp | None:
    """The sign-up that a link finishes; None when the address has an account by now."""
    user = find_user(ctx, token.email)
    if user is not None and user.verified_at is not None:
        return None
    return ctx.db.get(SignUp, token.subject_id) if token.subject_id else None


def find_owner(ctx: QueryCtx, token: OneTimeToken) -> User | None:
    """Whose account a link opens; None when it is closed, or is reached by another address by now."""
    user = ctx.db.get(User, token.user_id) if token.user_id else None
    if user is None or user.deactivated_at is not None:
        return None
    mailed_for = token.details.get("from", token.email)
    return user if user.email == mailed_for else None


def find_user(ctx: QueryCtx, email: str) -> User | None:
    return ctx.db.scalars(select(User).where(col(User.email) == normalize_email(email))).one_or_none()


def find_latest_sign_up(ctx: QueryCtx, email: str) -> SignUp | None:
    """The latest that still waits for the address to be confirmed."""
    latest = (
        select(SignUp)
        .where(col(SignUp.email) == normalize_email(email), col(SignUp.created_at) > ctx.now - SIGN_UP_LIFE)
        .order_by(col(SignUp.created_at).desc(), col(SignUp.id).desc())
        .limit(1)
    )
    return ctx.db.scalars(latest).first()
