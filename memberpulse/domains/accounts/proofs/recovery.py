"""Recovery codes: made, shown in the session that made them until they are put away, and used once each.

At rest they are fingerprints. While they are shown, for ten minutes at most, there is also a sealed copy.
"""

import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlmodel import col

from memberpulse.domains.accounts.models import OneTimeToken
from memberpulse.domains.accounts.proofs.errors import NoSecondFactor
from memberpulse.domains.accounts.proofs.facts import RecoveryCodesMade
from memberpulse.domains.accounts.proofs.models import RecoveryCode
from memberpulse.domains.accounts.proofs.mutations import recovery_hash
from memberpulse.domains.accounts.proofs.queries import count_passkeys, count_recovery_codes, find_authenticator
from memberpulse.domains.accounts.proofs.rules import RECOVERY_CODES, new_recovery_code
from memberpulse.domains.accounts.step_up import require_proof
from memberpulse.domains.accounts.tokens import issue_token, revoke_tokens
from memberpulse.engine import SIGNED_IN, MutationCtx, QueryCtx, mutation, query
from memberpulse.sealing import seal, unseal

SHOWN = "new_recovery_codes"
SHOWN_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class RecoveryCodesView:
    """The caller's recovery codes. useful: there is a second factor that they stand in for. new: to be kept now, in the
    session that made them."""

    useful: bool
    left: int
    made_at: datetime | None
    new: list[str]


@query(requires=SIGNED_IN)
def get_my_recovery_codes(ctx: QueryCtx) -> RecoveryCodesView:
    """How many are left, and the new ones while they are shown."""
    mine = col(RecoveryCode.user_id) == ctx.user_id
    made_at = ctx.db.scalars(select(func.max(col(RecoveryCode.created_at))).where(mine)).one()
    return RecoveryCodesView(
        useful=has_second_factor(ctx, ctx.user_id),
        left=count_recovery_codes(ctx, ctx.user_id),
        made_at=made_at,
        new=_shown(ctx),
    )


@mutation(requires=SIGNED_IN, limit="10/hour")
def make_recovery_codes(ctx: MutationCtx) -> None:
    """Make ten new ones in place of all others. Asks for a proof. Raises NoSecondFactor (409)."""
    require_proof(ctx, "account.recovery_codes")
    if not has_second_factor(ctx, ctx.user_id):
        raise NoSecondFactor
    make_codes(ctx)


@mutation(requires=SIGNED_IN)
def put_away_recovery_codes(ctx: MutationCtx) -> None:
    """They have been kept elsewhere: show them no more."""
    revoke_tokens(ctx, kind=SHOWN, user_id=ctx.user_id)


def make_codes(ctx: MutationCtx) -> None:
    """New codes for the caller, shown in this session."""
    _forget(ctx, ctx.user_id)
    codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
    for code in codes:
        ctx.db.add(RecoveryCode(user_id=ctx.user_id, code_hash=recovery_hash(ctx.user_id, code), created_at=ctx.now))
    revoke_tokens(ctx, kind=SHOWN, user_id=ctx.user_id)
    sealed = seal(json.dumps(codes), SHOWN)
    issue_token(
        ctx, kind=SHOWN, life=SHOWN_FOR, user_id=ctx.user_id, subject_id=ctx.session_id, values={"sealed": sealed}
    )
    ctx.record(RecoveryCodesMade(entity_id=ctx.user_id, user_id=ctx.user_id))


def drop_useless_codes(ctx: MutationCtx, *, user_id: uuid.UUID) -> None:
    """Without a second factor there is nothing that the codes could stand in for."""
    if not has_second_factor(ctx, user_id):
        _forget(ctx, user_id)


def has_second_factor(ctx: QueryCtx, user_id: uuid.UUID) -> bool:
    return find_authenticator(ctx, user_id) is not None or count_passkeys(ctx, user_id) > 0


def _shown(ctx: QueryCtx) -> list[str]:
    statement = select(OneTimeToken).where(col(OneTimeToken.user_id) == ctx.user_id, col(OneTimeToken.kind) == SHOWN)
    token = ctx.db.scalars(statement).first()
    if token is None or token.expires_at <= ctx.now or token.subject_id != ctx.session_id:
        return []
    ctx.stale_at(token.expires_at)
    codes: list[str] = json.loads(unseal(token.details["sealed"], SHOWN))
    return codes


def _forget(ctx: MutationCtx, user_id: uuid.UUID) -> None:
    mine = col(RecoveryCode.user_id) == user_id
    ctx.db.execute(delete(RecoveryCode).where(mine).execution_options(synchronize_session=False))
