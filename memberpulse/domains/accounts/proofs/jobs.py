"""What is done about proofs by the clock."""

from datetime import timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlmodel import col

from memberpulse.domains.accounts.models import OneTimeToken, StepUpGrant
from memberpulse.domains.accounts.proofs.models import ProofTally
from memberpulse.domains.accounts.proofs.rules import FORGIVEN_AFTER
from memberpulse.engine import MutationCtx, Row, job

KEPT_AFTER_END = timedelta(days=1)
"""So long a token that is used up can still say so."""
BATCH = 500


@job()
def prune_proofs(ctx: MutationCtx) -> None:
    """Forget grants, links and codes that are over, and tries that are forgiven; in batches while a backlog remains."""
    gone = (
        _forget(ctx, StepUpGrant, col(StepUpGrant.expires_at) < ctx.now),
        _forget(ctx, OneTimeToken, col(OneTimeToken.expires_at) < ctx.now - KEPT_AFTER_END),
        _forget(ctx, ProofTally, col(ProofTally.last_at) < ctx.now - FORGIVEN_AFTER),
    )
    if BATCH in gone:
        ctx.schedule(prune_proofs)


def _forget(ctx: MutationCtx, model: type[Row], over: ColumnElement[bool]) -> int:
    """Delete some rows that are over, and say how many."""
    ids = list(ctx.db.scalars(select(col(model.id)).where(over).limit(BATCH)))
    if ids:
        ctx.db.execute(delete(model).where(col(model.id).in_(ids)).execution_options(synchronize_session=False))
    return len(ids)
