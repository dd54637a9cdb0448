"""Writes about proofs: trying one, and what a right one grants."""

import uuid
from typing import Any, cast

from sqlalchemy import CursorResult, select, update
from sqlmodel import col

from memberpulse.domains.accounts.errors import LinkUsedUp
from memberpulse.domains.accounts.models import Session, StepUpGrant, User
from memberpulse.domains.accounts.proofs import letters
from memberpulse.domains.accounts.proofs.errors import MethodNotOffered, UnknownAction
from memberpulse.domains.accounts.proofs.facts import RecoveryCodeUsed, StepUpFailed, StepUpPassed
from memberpulse.domains.accounts.proofs.models import Authenticator, RecoveryCode
from memberpulse.domains.accounts.proofs.queries import count_recovery_codes, find_authenticator, held_methods
from memberpulse.domains.accounts.proofs.rules import (
    CODE_LIFE,
    FREE_TRIES,
    SECOND_FACTOR,
    TRIES_OF_A_CODE,
    Method,
    methods_for,
    new_code,
    typed_digits,
    typed_recovery_code,
)
from memberpulse.domains.accounts.proofs.schemas import Granted
from memberpulse.domains.accounts.proofs.tally import clear_tries, count_try, is_worth_telling
from memberpulse.domains.accounts.proofs.totp import PURPOSE, matching_step
from memberpulse.domains.accounts.step_up import GRANT_LIFE, SENSITIVE
from memberpulse.domains.accounts.tokens import issue_token, revoke_tokens, spend_token
from memberpulse.domains.mail.mutations import send_letter
from memberpulse.engine import INTERNAL, SIGNED_IN, MutationCtx, mutation
from memberpulse.engine.errors import NotSignedIn
from memberpulse.sealing import fingerprint, unseal

STEP_UP_CODE = "step_up_code"


@mutation(requires=SIGNED_IN, limit="5/10 minutes")
def send_step_up_code(ctx: MutationCtx, *, action: str) -> None:
    """Mail the caller six digits that prove them to this session for this action, for ten minutes. The one before
    works no more. Raises UnknownAction (422), MethodNotOffered (409)."""
    if action not in SENSITIVE:
        raise UnknownAction(fields={"action": UnknownAction.message})
    user = ctx.db.get_one(User, ctx.user_id)
    if "email" not in methods_for(action, held_methods(ctx, user)):
        raise MethodNotOffered
    session_id, code = _session_id(ctx), new_code()
    revoke_tokens(ctx, kind=STEP_UP_CODE, subject_id=session_id)
    raw = _bound(session_id, action, code)
    issue_token(ctx, kind=STEP_UP_CODE, life=CODE_LIFE, user_id=user.id, subject_id=session_id, raw=raw)
    send_letter(ctx, to=user.email, letter=letters.step_up_code(code, SENSITIVE[action]))


@mutation(requires=INTERNAL)
def count_step_up_try(ctx: MutationCtx, *, method: Method) -> int:
    """Count a try of the caller, before it is looked at; returns how many failed in a row, this one included. Raises
    TooManyProofs (429)."""
    return count_try(ctx, *_counted(ctx, method))


@mutation(requires=INTERNAL)
def refuse_proof(ctx: MutationCtx, *, method: Method, wrong: int) -> None:
    """A try was wrong. After five of them a mailed code is worth nothing any more."""
    session_id = _session_id(ctx)
    if wrong >= TRIES_OF_A_CODE:
        revoke_tokens(ctx, kind=STEP_UP_CODE, subject_id=session_id)
    if is_worth_telling(wrong, FREE_TRIES["session"]):
        ctx.record(StepUpFailed(entity_id=session_id, user_id=ctx.user_id, method=method, wrong=wrong))


@mutation(requires=INTERNAL)
def grant_proof(ctx: MutationCtx, *, action: str, method: Method) -> Granted:
    """Let the caller's session do the action for ten minutes. Whoever calls has seen the proof."""
    session = ctx.db.get(Session, _session_id(ctx))
    if session is None or session.revoked_at is not None:
        raise NotSignedIn
    mine = select(StepUpGrant).where(col(StepUpGrant.session_id) == session.id, col(StepUpGrant.action) == action)
    grant = ctx.db.scalars(mine).one_or_none()
    if grant is None:
        grant = StepUpGrant(session_id=session.id, action=action, method=method, expires_at=ctx.now + GRANT_LIFE)
        ctx.db.add(grant)
    grant.method, grant.expires_at = method, ctx.now + GRANT_LIFE
    ctx.db.flush()
    clear_tries(ctx, *_counted(ctx, method))
    ctx.record(StepUpPassed(entity_id=session.id, user_id=ctx.user_id, target=SENSITIVE[action], method=method))
    return Granted(action=action, expires_at=grant.expires_at)


@mutation(requires=INTERNAL)
def try_code(ctx: MutationCtx, *, action: str, method: Method, code: str) -> bool:
    """Whether a typed code is right for the caller and the action. A right one is used up."""
    if method == "totp":
        return use_totp(ctx, user_id=ctx.user_id, code=code)
    if method == "recovery":
        return use_recovery_code(ctx, user_id=ctx.user_id, code=code)
    try:
        spend_token(ctx, kind=STEP_UP_CODE, raw=_bound(_session_id(ctx), action, typed_digits(code)))
    except LinkUsedUp:
        return False
    return True


@mutation(requires=INTERNAL)
def use_totp(ctx: MutationCtx, *, user_id: uuid.UUID, code: str) -> bool:
    """Whether it is a code of the person's authenticator app, now. Each time step is accepted once."""
    app = find_authenticator(ctx, user_id)
    if app is None:
        return False
    step = matching_step(unseal(app.sealed_secret, PURPOSE), typed_digits(code), now=ctx.now, after=app.last_step)
    if step is None:
        return False
    newer = (
        update(Authenticator)
        .where(col(Authenticator.id) == app.id, col(Authenticator.last_step) < step)
        .values(last_step=step)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", ctx.db.execute(newer)).rowcount == 1


@mutation(requires=INTERNAL)
def use_recovery_code(ctx: MutationCtx, *, user_id: uuid.UUID, code: str) -> bool:
    """Whether it is an unused recovery code of the person's. Of any number who try at once one succeeds."""
    unused = (
        update(RecoveryCode)
        .where(
            col(RecoveryCode.code_hash) == recovery_hash(user_id, code),
            col(RecoveryCode.user_id) == user_id,
            col(RecoveryCode.used_at).is_(None),
        )
        .values(used_at=ctx.now)
        .execution_options(synchronize_session=False)
    )
    used = cast("CursorResult[Any]", ctx.db.execute(unused)).rowcount == 1
    if used:
        left = count_recovery_codes(ctx, user_id)
        ctx.record(RecoveryCodeUsed(entity_id=user_id, user_id=user_id, left=left))
    return used


def recovery_hash(user_id: uuid.UUID, code: str) -> str:
    return fingerprint(f"{user_id}:{typed_recovery_code(code)}", "recovery")


def _bound(session_id: uuid.UUID, action: str, code: str) -> str:
    return fingerprint(f"{session_id}:{action}:{code}", STEP_UP_CODE)


def _counted(ctx: MutationCtx, method: Method) -> tuple[str, str]:
    """A second factor is counted apart: whoever knows the password could else clear the count of guesses at it."""
    factor = "second" if method in SECOND_FACTOR else "first"
    return f"session:{_session_id(ctx)}:{factor}", f"person:{ctx.user_id}:{factor}"


def _session_id(ctx: MutationCtx) -> uuid.UUID:
    if ctx.session_id is None:
        raise NotSignedIn
    return ctx.session_id
