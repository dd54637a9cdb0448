"""Single-use tokens in links and codes: hashed at rest, expiring, bound to a kind. Spending one is atomic.

    raw = issue_token(ctx, kind="reset_password", life=timedelta(minutes=15), user_id=user.id, email=user.email)
    token = spend_token(ctx, kind="reset_password", raw=raw)       # raises LinkUsedUp (410); a second spending too

Any domain may have kinds of its own; `subject_id` names what the token is for, such as an invitation.
"""

import secrets
import uuid
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, select, update
from sqlmodel import col

from memberpulse.domains.accounts.errors import LinkUsedUp
from memberpulse.domains.accounts.models import OneTimeToken
from memberpulse.domains.accounts.rules import normalize_email, reference_of
from memberpulse.engine import MutationCtx, QueryCtx

LINK_LIFE = timedelta(minutes=15)
TOKEN_BYTES = 32


def issue_token(
    ctx: MutationCtx,
    *,
    kind: str,
    life: timedelta = LINK_LIFE,
    email: str = "",
    user_id: uuid.UUID | None = None,
    subject_id: uuid.UUID | None = None,
    values: dict[str, Any] | None = None,
    raw: str | None = None,
) -> str:
    """Make a token and return it; only its hash is kept. raw: a code of the caller's own making, such as six digits."""
    text = raw or secrets.token_urlsafe(TOKEN_BYTES)
    ctx.db.add(
        OneTimeToken(
            token_hash=_hash(kind, text),
            kind=kind,
            email=normalize_email(email),
            user_id=user_id,
            subject_id=subject_id,
            details=values or {},
            created_at=ctx.now,
            expires_at=ctx.now + life,
        )
    )
    ctx.db.flush()
    return text


def find_token(ctx: QueryCtx, *, kind: str, raw: str) -> OneTimeToken | None:
    """The token while it may still be spent, for showing what a link is about. Consumes nothing."""
    statement = select(OneTimeToken).where(col(OneTimeToken.token_hash) == _hash(kind, raw))
    token = ctx.db.scalars(statement).one_or_none()
    if token is None or token.kind != kind or token.used_at is not None or token.expires_at <= ctx.now:
        return None
    ctx.stale_at(token.expires_at)
    return token


def find_spent(ctx: QueryCtx, *, kind: str, raw: str) -> OneTimeToken | None:
    """The token when it was spent, for saying what came of it to somebody who follows the link again."""
    statement = select(OneTimeToken).where(col(OneTimeToken.token_hash) == _hash(kind, raw))
    token = ctx.db.scalars(statement).one_or_none()
    return token if token is not None and token.kind == kind and token.used_at is not None else None


def spend_token(ctx: MutationCtx, *, kind: str, raw: str) -> OneTimeToken:
    """Use a token up. Of any number who try at once one succeeds. Raises LinkUsedUp (410)."""
    token = find_token(ctx, kind=kind, raw=raw)
    if token is None:
        raise LinkUsedUp
    statement = (
        update(OneTimeToken)
        .where(col(OneTimeToken.id) == token.id, col(OneTimeToken.used_at).is_(None))
        .values(used_at=ctx.now)
        .execution_options(synchronize_session=False)
    )
    if cast("CursorResult[Any]", ctx.db.execute(statement)).rowcount != 1:
        raise LinkUsedUp
    ctx.db.refresh(token)
    return token


def revoke_tokens(
    ctx: MutationCtx, *, kind: str, user_id: uuid.UUID | None = None, subject_id: uuid.UUID | None = None
) -> None:
    """Make all unspent tokens of a kind useless, of a person or about a subject."""
    owner = col(OneTimeToken.user_id) == user_id if user_id is not None else col(OneTimeToken.subject_id) == subject_id
    ctx.db.execute(
        delete(OneTimeToken)
        .where(col(OneTimeToken.kind) == kind, owner, col(OneTimeToken.used_at).is_(None))
        .execution_options(synchronize_session=False)
    )


def _hash(kind: str, raw: str) -> str:
    return reference_of(f"{kind}:{raw}")
