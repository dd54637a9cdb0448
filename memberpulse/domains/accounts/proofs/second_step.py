"""Sign-ins that wait for their second step. They belong to one browser, for ten minutes, and are finished once.

Whoever changes or takes back a first factor ends those that wait: `end_waiting_sign_ins`.
"""

import uuid
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.proofs.errors import NoSecondStep
from memberpulse.domains.accounts.proofs.facts import SecondStepFailed
from memberpulse.domains.accounts.proofs.models import Passkey
from memberpulse.domains.accounts.proofs.mutations import use_recovery_code, use_totp
from memberpulse.domains.accounts.proofs.queries import count_recovery_codes, find_authenticator
from memberpulse.domains.accounts.proofs.rules import CODE_LIFE, FREE_TRIES, Method, mask_email, typed_digits
from memberpulse.domains.accounts.proofs.tally import clear_tries, count_try, is_worth_telling
from memberpulse.domains.accounts.tokens import find_token, issue_token, revoke_tokens, spend_token
from memberpulse.engine import INTERNAL, MutationCtx, QueryCtx, mutation, query

WAITING = "waiting_sign_in"


@dataclass(frozen=True, slots=True)
class WaitingSignIn:
    """A sign-in whose first factor was right. attempt: the browser that it belongs to."""

    user_id: uuid.UUID
    email: str
    """Masked."""
    methods: list[Method]
    target: str
    passkeys: list[dict[str, list[str] | str]]
    """Ids and transports of those that may be used."""


@query(requires=INTERNAL)
def list_second_factors(ctx: QueryCtx, *, user_id: uuid.UUID, after_key: bool = False) -> list[Method]:
    """By what a person takes the second step of signing in, the best first; empty when they take none.

    after_key: the first step was a passkey that did not ask who held it, which cannot be the second as well.
    """
    keys = list(ctx.db.scalars(select(Passkey).where(col(Passkey.user_id) == user_id)))
    app = find_authenticator(ctx, user_id) is not None
    if not app and (after_key or not any(key.second_step for key in keys)):
        return []
    methods: list[Method] = ["passkey"] if keys and not after_key else []
    if app:
        methods.append("totp")
    if count_recovery_codes(ctx, user_id):
        methods.append("recovery")
    return methods


@mutation(requires=INTERNAL)
def hold_sign_in(
    ctx: MutationCtx, *, user_id: uuid.UUID, attempt: str, target: str, methods: list[str], better_hash: str | None
) -> None:
    """Let a sign-in wait for its second step, in the browser of that attempt."""
    values = {"target": target, "methods": methods}
    issue_token(ctx, kind=WAITING, life=CODE_LIFE, user_id=user_id, raw=attempt, values=values)
    if better_hash is not None:
        ctx.db.execute(update(User).where(col(User.id) == user_id).values(password_hash=better_hash))


@query(requires=INTERNAL)
def find_waiting_sign_in(ctx: QueryCtx, *, attempt: str) -> WaitingSignIn | None:
    """The sign-in that waits in a browser. Consumes nothing."""
    token = find_token(ctx, kind=WAITING, raw=attempt)
    user = ctx.db.get(User, token.user_id) if token and token.user_id else None
    if token is None or user is None or user.deactivated_at is not None:
        return None
    keys = list(ctx.db.scalars(select(Passkey).where(col(Passkey.user_id) == user.id)))
    methods: list[Method] = token.details["methods"]
    return WaitingSignIn(
        user_id=user.id,
        email=mask_email(user.email),
        methods=methods,
        target=token.details["target"],
        passkeys=[{"id": key.credential_id, "transports": key.transports} for key in keys]
        if "passkey" in methods
        else [],
    )


@mutation(requires=INTERNAL)
def count_second_step_try(ctx: MutationCtx, *, user_id: uuid.UUID) -> int:
    """Count a try before it is looked at. Raises TooManyProofs (429)."""
    return count_try(ctx, f"sign-in:{user_id}")


@mutation(requires=INTERNAL)
def refuse_second_step(ctx: MutationCtx, *, user_id: uuid.UUID, wrong: int) -> None:
    """A try was wrong."""
    if is_worth_telling(wrong, FREE_TRIES["sign-in"]):
        ctx.record(SecondStepFailed(entity_id=user_id, user_id=user_id, wrong=wrong))


@mutation(requires=INTERNAL)
def pass_second_step(ctx: MutationCtx, *, attempt: str, code: str) -> None:
    """A right code uses up itself and the sign-in that waits; a wrong one nothing. Raises LinkUsedUp (410),
    NoSecondStep (403)."""
    token = spend_token(ctx, kind=WAITING, raw=attempt)
    assert token.user_id is not None
    if typed_digits(code):
        right = "totp" in token.details["methods"] and use_totp(ctx, user_id=token.user_id, code=code)
    else:
        right = "recovery" in token.details["methods"] and use_recovery_code(ctx, user_id=token.user_id, code=code)
    if not right:
        raise NoSecondStep
    clear_tries(ctx, f"sign-in:{token.user_id}")


@mutation(requires=INTERNAL)
def pass_second_step_by_passkey(ctx: MutationCtx, *, attempt: str, user_id: uuid.UUID) -> None:
    """A passkey of that person was used; the sign-in that waits is used up. Raises LinkUsedUp (410), NoSecondStep."""
    token = spend_token(ctx, kind=WAITING, raw=attempt)
    if token.user_id != user_id or "passkey" not in token.details["methods"]:
        raise NoSecondStep
    clear_tries(ctx, f"sign-in:{user_id}")


def end_waiting_sign_ins(ctx: MutationCtx, user_id: uuid.UUID) -> None:
    """Their first factor counts no more: the password was changed, a link was taken back."""
    revoke_tokens(ctx, kind=WAITING, user_id=user_id)
