"""Bringing our rows to where Stripe has them. Every way leads through here: an event, the payer's return, the end of a
reservation, the reconciliation. What Stripe says now counts, not what an event said when it was written.
"""

import uuid
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.payments.carrying import start_refund, take_refund
from memberpulse.domains.payments.describing import about
from memberpulse.domains.payments.errors import UnknownToProvider
from memberpulse.domains.payments.facts import PaymentCameLate, PaymentExpired, PaymentFailed, PaymentSucceeded
from memberpulse.domains.payments.ledger import enter
from memberpulse.domains.payments.models import (
    LedgerKind,
    Outcome,
    PayeeAccount,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
)
from memberpulse.domains.payments.provider import PaymentReading, Stripe
from memberpulse.domains.payments.rules import SESSION_OUTLIVES, Reading, Step, decide_step
from memberpulse.domains.payments.schemas import ToRead
from memberpulse.domains.payments.telling import tell_expired, tell_failed, tell_late, tell_succeeded
from memberpulse.engine import INTERNAL, ActionCtx, MutationCtx, QueryCtx, action, mutation, query

log = structlog.get_logger(__name__)

LATE_REASON = "The payment came after the reservation had ended"
WATCHED_AFTER = timedelta(minutes=10)
"""How long after the end of its payment page a payment is still looked at."""


@action(requires=INTERNAL)
async def read_payment(ctx: ActionCtx, *, payment_id: uuid.UUID) -> Outcome:
    """Ask Stripe how a payment stands and bring ours there. Safe to repeat at any point.

    Raises ProviderUnreachable (503).
    """
    found: ToRead | None = await ctx.query(find_to_read, payment_id=payment_id)
    if found is None or found.session_id is None:
        return Outcome.UNCHANGED
    try:
        reading = await Stripe().read_payment(account=found.account, session_id=found.session_id)
    except UnknownToProvider:
        return Outcome.UNMATCHED
    return await ctx.mutate(apply_reading, payment_id=payment_id, found=reading)


@query(requires=INTERNAL)
def find_to_read(ctx: QueryCtx, *, payment_id: uuid.UUID) -> ToRead | None:
    """Where a payment of this organization is found at Stripe."""
    payment = ctx.db.get(Payment, payment_id)
    return to_read(ctx, payment) if payment is not None else None


def to_read(ctx: QueryCtx, payment: Payment) -> ToRead | None:
    """Where a payment is found at Stripe; None when its account was never made there."""
    account = ctx.db.get_one(PayeeAccount, payment.account_id)
    if account.provider_id is None:
        return None
    return ToRead(payment.id, payment.organization_id, account.provider_id, payment.session_id)


@mutation(requires=INTERNAL)
def apply_reading(ctx: MutationCtx, *, payment_id: uuid.UUID, found: PaymentReading) -> Outcome:
    """Take what Stripe said of a payment of this organization, and what follows from it, in one transaction."""
    payment = ctx.db.get_one(Payment, payment_id, with_for_update=True)
    before = _image(ctx, payment)
    outcome = _take_step(ctx, payment, found.reading)
    if outcome is not Outcome.MISMATCHED:
        for each in found.refunds:
            take_refund(ctx, payment, each)
        _settle(ctx, payment)
    ctx.db.flush()
    return outcome if outcome is not Outcome.UNCHANGED or _image(ctx, payment) == before else Outcome.APPLIED


def _image(ctx: MutationCtx, payment: Payment) -> tuple[Any, ...]:
    mine = select(Refund).where(col(Refund.payment_id) == payment.id).order_by(col(Refund.id))
    refunds = tuple((each.id, each.status) for each in ctx.db.scalars(mine))
    return payment.status, payment.refunded, payment.failure_key, refunds


def _take_step(ctx: MutationCtx, payment: Payment, reading: Reading) -> Outcome:
    step = decide_step(
        payment.status,
        amount=payment.amount,
        currency=payment.currency,
        failure_key=payment.failure_key,
        intent_id=payment.intent_id,
        reading=reading,
    )
    if step is Step.MISMATCH:
        log.error("what Stripe has of a payment is not what was asked for", payment=str(payment.id))
        return Outcome.MISMATCHED
    if step is Step.NOTHING:
        return Outcome.UNCHANGED
    payment.intent_id = payment.intent_id or reading.intent_id
    {Step.CONFIRM: _confirm, Step.COME_LATE: _come_late, Step.DECLINE: _decline, Step.EXPIRE: _expire_by_reading}[step](
        ctx, payment, reading
    )
    return Outcome.APPLIED


def _confirm(ctx: MutationCtx, payment: Payment, reading: Reading) -> None:
    payment.status, payment.failure = PaymentStatus.PAID, ""
    _receive(ctx, payment, reading)
    ctx.record(PaymentSucceeded(**about(payment), by=payment.payer_id))
    tell_succeeded(ctx, payment)


def _come_late(ctx: MutationCtx, payment: Payment, reading: Reading) -> None:
    payment.status = PaymentStatus.LATE
    _receive(ctx, payment, reading)
    ctx.record(PaymentCameLate(**about(payment), by=payment.payer_id))
    start_refund(ctx, payment, reason=LATE_REASON, automatic=True, owed=True)
    tell_late(ctx, payment)


def _receive(ctx: MutationCtx, payment: Payment, reading: Reading) -> None:
    assert reading.intent_id is not None
    assert reading.paid is not None
    payment.paid_at = ctx.now
    ctx.db.flush()
    enter(ctx, payment, LedgerKind.CHARGE, amount=reading.paid, provider_id=reading.intent_id)


def _decline(ctx: MutationCtx, payment: Payment, reading: Reading) -> None:
    payment.failure, payment.failure_key = reading.failure, reading.failure_key
    ctx.db.flush()
    ctx.record(PaymentFailed(**about(payment), reason=reading.failure, by=payment.payer_id))
    tell_failed(ctx, payment)


def _expire_by_reading(ctx: MutationCtx, payment: Payment, reading: Reading) -> None:
    end_reservation(ctx, payment)


def end_reservation(ctx: MutationCtx, payment: Payment) -> None:
    """The time of a pending payment is over: what it was for is released. Any other payment stays as it is."""
    if payment.status is not PaymentStatus.PENDING:
        return
    payment.status, payment.ended_at = PaymentStatus.EXPIRED, ctx.now
    ctx.db.flush()
    ctx.record(PaymentExpired(**about(payment), by=payment.payer_id))
    tell_expired(ctx, payment)


def _settle(ctx: MutationCtx, payment: Payment) -> None:
    """Whether nothing more can come of it at Stripe, so that the reconciliation need not look at it again."""
    over = payment.status in (PaymentStatus.EXPIRED, PaymentStatus.CANCELLED)
    if payment.status is PaymentStatus.PENDING or (
        over and ctx.now < payment.expires_at + SESSION_OUTLIVES + WATCHED_AFTER
    ):
        payment.settled_at = None
        return
    moving = select(col(Refund.id)).where(
        col(Refund.payment_id) == payment.id,
        col(Refund.status).in_([RefundStatus.REQUESTED, RefundStatus.PENDING]),
    )
    payment.settled_at = None if ctx.db.scalars(moving.select_from(Refund)).first() is not None else ctx.now
