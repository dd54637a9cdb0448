"""The authenticator app: setting it up, and turning it off."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import segno
from sqlalchemy import delete, select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.proofs.errors import AuthenticatorOn, NoSetup, WrongProof
from memberpulse.domains.accounts.proofs.facts import TotpDisabled, TotpEnabled
from memberpulse.domains.accounts.proofs.models import Authenticator
from memberpulse.domains.accounts.proofs.queries import count_recovery_codes
from memberpulse.domains.accounts.proofs.recovery import drop_useless_codes, make_codes
from memberpulse.domains.accounts.proofs.rules import typed_digits
from memberpulse.domains.accounts.proofs.totp import PURPOSE, enrolment_address, matching_step, new_secret
from memberpulse.domains.accounts.step_up import require_proof
from memberpulse.engine import SIGNED_IN, MutationCtx, QueryCtx, mutation, query
from memberpulse.sealing import seal, unseal

SETUP_LIFE = timedelta(minutes=15)
ISSUER = "MemberPulse"
GROUP = 4
_WRONG = "This is not the code that the app shows now. Check that the phone's clock is right."


@dataclass(frozen=True, slots=True)
class AuthenticatorSetup:
    """What an app is to read. qr: an SVG as a data address; secret: for typing, in groups of four."""

    secret: str
    qr: str


@dataclass(frozen=True, slots=True)
class AuthenticatorView:
    """The caller's authenticator app. setup: only in the session that began it, until it is confirmed."""

    on_since: datetime | None
    setup: AuthenticatorSetup | None


@query(requires=SIGNED_IN)
def get_my_authenticator(ctx: QueryCtx) -> AuthenticatorView:
    """Whether the caller has an authenticator app, and what it is to read while it is being set up."""
    app = _mine(ctx)
    if app is None or app.confirmed_at is not None:
        return AuthenticatorView(on_since=app.confirmed_at if app else None, setup=None)
    if not _is_being_set_up(ctx, app):
        return AuthenticatorView(on_since=None, setup=None)
    ctx.stale_at(app.created_at + SETUP_LIFE)
    secret = unseal(app.sealed_secret, PURPOSE)
    address = enrolment_address(secret, email=ctx.db.get_one(User, ctx.user_id).email, issuer=ISSUER)
    qr = segno.make(address, error="m").svg_data_uri(scale=4, border=3, dark="#000", light="#fff")
    typed = " ".join(secret[start : start + GROUP] for start in range(0, len(secret), GROUP))
    return AuthenticatorView(on_since=None, setup=AuthenticatorSetup(secret=typed, qr=qr))


@mutation(requires=SIGNED_IN, limit="20/hour")
def begin_totp(ctx: MutationCtx) -> None:
    """Make a new secret for an app to read; `confirm_totp` turns it on. Asks for a proof.

    Raises AuthenticatorOn (409).
    """
    require_proof(ctx, "account.totp")
    app = _mine(ctx)
    if app is not None and app.confirmed_at is not None:
        raise AuthenticatorOn
    if app is None:
        app = Authenticator(user_id=ctx.user_id, sealed_secret="")
        ctx.db.add(app)
    app.sealed_secret = seal(new_secret(), PURPOSE)
    app.begun_by, app.created_at = ctx.session_id, ctx.now
    ctx.db.flush()


@mutation(requires=SIGNED_IN, limit="20/10 minutes")
def confirm_totp(ctx: MutationCtx, *, code: str) -> None:
    """Turn the app on by a code that it shows. Recovery codes are made with it.

    Raises WrongProof (403), NoSetup (410).
    """
    app = _mine(ctx)
    if app is None or app.confirmed_at is not None or not _is_being_set_up(ctx, app):
        raise NoSetup
    step = matching_step(unseal(app.sealed_secret, PURPOSE), typed_digits(code), now=ctx.now, after=0)
    if step is None:
        raise WrongProof(_WRONG, fields={"code": _WRONG})
    app.confirmed_at, app.last_step, app.begun_by = ctx.now, step, None
    ctx.db.flush()
    ctx.record(TotpEnabled(entity_id=ctx.user_id, user_id=ctx.user_id))
    if count_recovery_codes(ctx, ctx.user_id) == 0:
        make_codes(ctx)


@mutation(requires=SIGNED_IN)
def cancel_totp(ctx: MutationCtx) -> None:
    """Forget a set-up that was begun; nothing when there is none."""
    unconfirmed = (col(Authenticator.user_id) == ctx.user_id, col(Authenticator.confirmed_at).is_(None))
    ctx.db.execute(delete(Authenticator).where(*unconfirmed).execution_options(synchronize_session=False))


@mutation(requires=SIGNED_IN)
def disable_totp(ctx: MutationCtx) -> None:
    """Turn the app off; nothing when it is off. Asks for a proof."""
    require_proof(ctx, "account.totp")
    app = _mine(ctx)
    if app is None:
        return
    ctx.db.delete(app)
    ctx.db.flush()
    drop_useless_codes(ctx, user_id=ctx.user_id)
    ctx.record(TotpDisabled(entity_id=ctx.user_id, user_id=ctx.user_id))


def _mine(ctx: QueryCtx) -> Authenticator | None:
    return ctx.db.scalars(select(Authenticator).where(col(Authenticator.user_id) == ctx.user_id)).one_or_none()


def _is_being_set_up(ctx: QueryCtx, app: Authenticator) -> bool:
    """Only in the session that was proven, and not for long: whoever reads the secret has the second factor."""
    return app.begun_by is not None and app.begun_by == ctx.session_id and app.created_at + SETUP_LIFE > ctx.now
