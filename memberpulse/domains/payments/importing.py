"""Adding accounts and payments of the past as they were, without telling anybody."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from memberpulse.domains.payments.ledger import enter
from memberpulse.domains.payments.models import (
    AccountStatus,
    LedgerKind,
    PayeeAccount,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
)
from memberpulse.domains.payments.rules import RESERVED_FOR, status_after_refund
from memberpulse.engine import INTERNAL, MutationCtx, mutation

PAYS_AFTER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class PaymentImport:
    """refunded: how much of it went back. paid: else the reservation ended unpaid."""

    description: str
    payer_id: uuid.UUID
    amount: int
    currency: str
    created_at: datetime
    paid: bool = True
    refunded: int = 0
    reason: str = ""
    return_path: str = "/dashboard"


@mutation(requires=INTERNAL)
def import_account(
    ctx: MutationCtx, *, user_id: uuid.UUID, provider_id: str, currency: str, created_at: datetime
) -> uuid.UUID:
    """Somebody's account that has long been active."""
    account = PayeeAccount(
        organization_id=ctx.organization_id,
        user_id=user_id,
        provider_id=provider_id,
        status=AccountStatus.ACTIVE,
        charges_enabled=True,
        payouts_enabled=True,
        details_submitted=True,
        country="GB",
        currency=currency,
        created_at=created_at,
    )
    ctx.db.add(account)
    ctx.db.flush()
    return account.id


@mutation(requires=INTERNAL)
def import_payments(ctx: MutationCtx, *, account_id: uuid.UUID, payments: list[PaymentImport]) -> None:
    """Payments of the past to one account, with what went back and their entries in the ledger."""
    account = ctx.db.get_one(PayeeAccount, account_id)
    for each in payments:
        _import(ctx, account, each)
    ctx.db.flush()


def _import(ctx: MutationCtx, account: PayeeAccount, given: PaymentImport) -> None:
    over_at, paid_at = given.created_at + RESERVED_FOR, given.created_at + PAYS_AFTER
    payment = Payment(
        organization_id=ctx.organization_id,
        subject_type="import",
        subject_id=account.id,
        description=given.description,
        return_path=given.return_path,
        payer_id=given.payer_id,
        payee_id=account.user_id,
        account_id=account.id,
        amount=given.amount,
        currency=given.currency,
        status=PaymentStatus.PAID if given.paid else PaymentStatus.EXPIRED,
        expires_at=over_at,
        created_at=given.created_at,
        paid_at=paid_at if given.paid else None,
        ended_at=None if given.paid else over_at,
        settled_at=over_at,
    )
    ctx.db.add(payment)
    ctx.db.flush()
    payment.session_id = f"cs_test_{payment.id.hex}"
    if not given.paid:
        return
    payment.intent_id = f"pi_{payment.id.hex}"
    enter(ctx, payment, LedgerKind.CHARGE, amount=given.amount, provider_id=payment.intent_id, at=paid_at)
    if given.refunded:
        _import_refund(ctx, payment, given, paid_at + timedelta(hours=3))


def _import_refund(ctx: MutationCtx, payment: Payment, given: PaymentImport, at: datetime) -> None:
    refund = Refund(
        organization_id=payment.organization_id,
        payment_id=payment.id,
        amount=given.refunded,
        currency=payment.currency,
        reason=given.reason,
        asked_by=payment.payee_id,
        status=RefundStatus.SUCCEEDED,
        created_at=at,
        done_at=at,
    )
    ctx.db.add(refund)
    ctx.db.flush()
    refund.provider_id = f"re_{refund.id.hex}"
    enter(ctx, payment, LedgerKind.REFUND, amount=given.refunded, provider_id=refund.provider_id, at=at)
    payment.refunded = given.refunded
    payment.status = status_after_refund(payment.status, amount=payment.amount, refunded=payment.refunded)
