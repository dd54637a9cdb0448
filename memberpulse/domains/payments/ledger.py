"""The ledger: what moved, entered once, never changed."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.payments.models import LedgerEntry, LedgerKind, Payment
from memberpulse.engine import MutationCtx

_SIGN = {LedgerKind.CHARGE: 1, LedgerKind.REFUND: -1, LedgerKind.REFUND_RETURNED: 1}


def enter(
    ctx: MutationCtx, payment: Payment, kind: LedgerKind, *, amount: int, provider_id: str, at: datetime | None = None
) -> bool:
    """Add an entry within the caller's transaction; False when it was entered before.

    provider_id: Stripe's id of the charge or refund that moved the money. at: when; None for now.
    """
    reference = f"{kind.value}:{provider_id}"
    if ctx.db.scalars(select(LedgerEntry).where(col(LedgerEntry.reference) == reference)).first() is not None:
        return False
    entry = LedgerEntry(
        organization_id=payment.organization_id,
        payment_id=payment.id,
        kind=kind,
        amount=_SIGN[kind] * amount,
        currency=payment.currency,
        reference=reference,
        at=at or ctx.now,
    )
    ctx.db.add(entry)
    ctx.db.flush()
    return True
