"""Forgetting acts after 365 days."""

from collections.abc import Iterable
from itertools import takewhile

from sqlalchemy import delete, select
from sqlmodel import col

from memberpulse.domains.audit.models import AuditEntry, AuditHead
from memberpulse.domains.audit.rules import KEPT
from memberpulse.engine import INTERNAL, MutationCtx, job, mutation

PRUNED_AT_ONCE = 500


@job(max_attempts=5)
def prune_entries(ctx: MutationCtx) -> None:
    """Delete the oldest entries of one organization, at most 500, and come again at once while there are more.

    The head keeps the sequence and the hash of the last entry that went, so that the rest is still proven.
    """
    cutoff = ctx.now - KEPT
    with ctx.across_organizations():
        oldest = select(AuditEntry).where(col(AuditEntry.at) < cutoff).order_by(col(AuditEntry.at)).limit(1)
        first = ctx.db.scalars(oldest).first()
        if first is None:
            return
        mine = select(AuditEntry).where(col(AuditEntry.organization_id) == first.organization_id)
        in_order = ctx.db.scalars(mine.order_by(col(AuditEntry.sequence)).limit(PRUNED_AT_ONCE))
        gone = _prune(ctx, takewhile(lambda entry: entry.at < cutoff, in_order))
    if gone:
        ctx.schedule(prune_entries)


@mutation(requires=INTERNAL)
def keep_latest(ctx: MutationCtx, *, count: int) -> None:
    """Forget all but the latest entries, at most 500 at once: only for the demo."""
    head = ctx.db.scalars(select(AuditHead)).one_or_none()
    if head is not None:
        early = select(AuditEntry).where(col(AuditEntry.sequence) <= head.sequence - count)
        _prune(ctx, ctx.db.scalars(early.order_by(col(AuditEntry.sequence)).limit(PRUNED_AT_ONCE)))


def _prune(ctx: MutationCtx, entries: Iterable[AuditEntry]) -> int:
    """Delete the first entries of one organization; how many they were."""
    found = list(entries)
    if not found:
        return 0
    organization_id, last, last_hash = found[-1].organization_id, found[-1].sequence, found[-1].hash
    mine = select(AuditHead).where(col(AuditHead.organization_id) == organization_id)
    head = ctx.db.scalars(mine.with_for_update()).one()
    head.pruned_sequence, head.pruned_hash = last, last_hash
    ctx.db.flush()
    for entry in found:
        ctx.db.expunge(entry)
    gone = delete(AuditEntry).where(
        col(AuditEntry.organization_id) == organization_id, col(AuditEntry.sequence) <= last
    )
    ctx.db.execute(gone.execution_options(synchronize_session=False))
    return len(found)
