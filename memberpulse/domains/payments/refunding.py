"""Asking for refunds: by people, and by higher domains within their own transaction."""

import uuid

from memberpulse.domains.accounts.step_up import require_proof
from memberpulse.domains.payments.carrying import left_of, start_refund
from memberpulse.domains.payments.errors import PaymentNotFound
from memberpulse.domains.payments.models import Payment, PaymentStatus
from memberpulse.domains.payments.reserving import cancel_pending
from memberpulse.domains.payments.rules import REFUNDABLE, money_words, read_amount
from memberpulse.engine import INTERNAL, MutationCtx, mutation

PROOF = "payments.refund"


@mutation(requires="payments.refund", limit="30/minute")
def refund_payment(ctx: MutationCtx, *, payment_id: uuid.UUID, amount: int, reason: str = "") -> str:
    """Send part or all of a payment back to its payer; how much, in words. Money leaves after the commit.

    amount: minor units of the payment's currency, at most what is neither back nor on its way. Who does not manage
    payments may refund those to themselves.
    Raises PaymentNotFound (404), StepUpRequired (403), NothingToRefund, RefundTooLarge (409).
    """
    payment = ctx.db.get(Payment, payment_id, with_for_update=True)
    if payment is None or not (ctx.can("payments.manage") or payment.payee_id == ctx.user_id):
        raise PaymentNotFound
    require_proof(ctx, PROOF)
    start_refund(ctx, payment, amount=amount, reason=reason, asked_by=ctx.user_id)
    return money_words(amount, payment.currency)


@mutation(requires="payments.refund", limit="30/minute")
def refund_typed(ctx: MutationCtx, *, payment_id: uuid.UUID, amount: str, reason: str = "") -> str:
    """As `refund_payment`, with the amount as a person types it, in major units: "12.50".

    Raises BadPrice (422) when it is no amount of the payment's currency, and what `refund_payment` raises.
    """
    payment = ctx.db.get(Payment, payment_id)
    if payment is None:
        raise PaymentNotFound
    minor = read_amount(amount, payment.currency)
    return refund_payment(ctx, payment_id=payment_id, amount=minor, reason=reason)


@mutation(requires=INTERNAL)
def refund_payment_for(ctx: MutationCtx, *, payment_id: uuid.UUID, reason: str) -> None:
    """Undo a payment, since what it was for is not to be had: a pending one is cancelled, of a paid one everything that
    is left goes back. One that is over stays as it is, so it may be asked for twice."""
    payment = ctx.db.get_one(Payment, payment_id, with_for_update=True)
    if payment.status is PaymentStatus.PENDING:
        cancel_pending(ctx, payment)
    elif payment.status in REFUNDABLE and left_of(ctx, payment) > 0:
        start_refund(ctx, payment, reason=reason, owed=True, asked_by=ctx.caller.user_id)
