"""Reads of what proves who somebody is."""

import uuid

from sqlalchemy import func, select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.proofs.errors import UnknownAction
from memberpulse.domains.accounts.proofs.models import Authenticator, Passkey, RecoveryCode
from memberpulse.domains.accounts.proofs.rules import Method, mask_email, methods_for
from memberpulse.domains.accounts.proofs.schemas import PersonToProve, StepUpOptions
from memberpulse.domains.accounts.step_up import SENSITIVE
from memberpulse.engine import INTERNAL, SIGNED_IN, QueryCtx, query


@query(requires=SIGNED_IN)
def get_step_up_options(ctx: QueryCtx, *, action: str) -> StepUpOptions:
    """How the caller may prove who they are, so that they may do the action. Raises UnknownAction (422)."""
    title = SENSITIVE.get(action)
    if title is None:
        raise UnknownAction(fields={"action": UnknownAction.message})
    user = ctx.db.get_one(User, ctx.user_id)
    methods = methods_for(action, held_methods(ctx, user))
    return StepUpOptions(action=action, title=title, methods=methods, email=mask_email(user.email))


@query(requires=INTERNAL)
def find_person_to_prove(ctx: QueryCtx, *, user_id: uuid.UUID, action: str) -> PersonToProve:
    """What a proof for an action is checked against."""
    user = ctx.db.get_one(User, user_id)
    methods = methods_for(action, held_methods(ctx, user))
    return PersonToProve(user.id, user.email, user.password_hash, methods)


def held_methods(ctx: QueryCtx, user: User) -> list[Method]:
    """What a person has to prove themselves with. Recovery codes count while there is something they stand in for."""
    held: list[Method] = ["email"]
    if user.password_hash is not None:
        held.append("password")
    if find_authenticator(ctx, user.id) is not None:
        held.append("totp")
    if count_passkeys(ctx, user.id):
        held.append("passkey")
    if len(held) > 1 and {"totp", "passkey"} & set(held) and count_recovery_codes(ctx, user.id):
        held.append("recovery")
    return held


def find_authenticator(ctx: QueryCtx, user_id: uuid.UUID) -> Authenticator | None:
    """A person's authenticator app, once it is confirmed."""
    found = ctx.db.scalars(select(Authenticator).where(col(Authenticator.user_id) == user_id)).one_or_none()
    return found if found and found.confirmed_at else None


def count_passkeys(ctx: QueryCtx, user_id: uuid.UUID) -> int:
    return ctx.db.scalars(select(func.count()).select_from(Passkey).where(col(Passkey.user_id) == user_id)).one()


def count_recovery_codes(ctx: QueryCtx, user_id: uuid.UUID) -> int:
    """How many are left."""
    mine = (col(RecoveryCode.user_id) == user_id, col(RecoveryCode.used_at).is_(None))
    return ctx.db.scalars(select(func.count()).select_from(RecoveryCode).where(*mine)).one()
