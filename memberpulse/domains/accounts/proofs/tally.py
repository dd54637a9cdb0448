"""Counting wrong proofs in a row, in the database, so that all processes count together and a restart forgets nothing.

Every try counts before it is looked at, so that guesses in parallel gain nothing; a right one clears the count.
"""

import math

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from memberpulse.domains.accounts.proofs.errors import TooManyProofs
from memberpulse.domains.accounts.proofs.models import ProofTally
from memberpulse.domains.accounts.proofs.rules import FORGIVEN_AFTER, FREE_TRIES, wait_after
from memberpulse.engine import MutationCtx
from memberpulse.engine.errors import Conflict


def count_try(ctx: MutationCtx, *counted: str) -> int:
    """Count a try of each, such as "session:<id>"; returns the highest count. Raises TooManyProofs (429) and counts
    nothing while one of them has to wait."""
    tallies = [_tally(ctx, each) for each in counted]
    for tally in tallies:
        if tally.last_at + FORGIVEN_AFTER <= ctx.now:
            tally.wrong = 0
        until = tally.last_at + wait_after(tally.wrong, FREE_TRIES[tally.counted.partition(":")[0]])
        if until > ctx.now:
            raise TooManyProofs(math.ceil((until - ctx.now).total_seconds()))
    for tally in tallies:
        tally.wrong += 1
        tally.last_at = ctx.now
    ctx.db.flush()
    return max(tally.wrong for tally in tallies)


def clear_tries(ctx: MutationCtx, *counted: str) -> None:
    """Something was proven: the row of wrong ones is over."""
    ctx.db.execute(
        delete(ProofTally).where(col(ProofTally.counted).in_(counted)).execution_options(synchronize_session=False)
    )


def is_worth_telling(wrong: int, free: int) -> bool:
    """Of a flood the log keeps the first and those that cost a wait."""
    return wrong == 1 or wrong >= free


def _tally(ctx: MutationCtx, counted: str) -> ProofTally:
    found = ctx.db.scalars(select(ProofTally).where(col(ProofTally.counted) == counted)).one_or_none()
    if found is None:
        found = ProofTally(counted=counted, last_at=ctx.now)
        ctx.db.add(found)
        try:
            ctx.db.flush()
        except IntegrityError:  # the first two tries of a row at the same moment: one of them is not looked at
            raise Conflict from None
    return found
