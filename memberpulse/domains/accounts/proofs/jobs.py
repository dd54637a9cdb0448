"""What is done about proofs by the clock."""

from datetime import timedelta

from sqlalchemy import delete
from sqlmodel import col

from memberpulse.domains.accounts.models import OneTimeToken, StepUpGrant
from memberpulse.domains.accounts.proofs.models import ProofTally
from memberpulse.domains.accounts.proofs.rules import FORGIVEN_AFTER
from memberpulse.engine import MutationCtx, job

KEPT_AFTER_END = timedelta(days=1)
"""So long a token that is used up can still say so."""


@job()
def prune_proofs(ctx: MutationCtx) -> None:
    """Forget grants, links and codes that are over, and tries that are forgiven."""
    for over in (
        delete(StepUpGrant).where(col(StepUpGrant.expires_at) < ctx.now),
        delete(OneTimeToken).where(col(OneTimeToken.expires_at) < ctx.now - KEPT_AFTER_END),
        delete(ProofTally).where(col(ProofTally.last_at) < ctx.now - FORGIVEN_AFTER),
    ):
        ctx.db.execute(over.execution_options(synchronize_session=False))
