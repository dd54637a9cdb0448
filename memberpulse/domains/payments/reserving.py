"""How a payment begins and how it ends unpaid. Higher domains call these within their own transaction."""

import uuid
from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.organizations.people import is_member
from memberpulse.domains.payments.describing import about
from memberpulse.domains.payments.errors import PayeeNotReady, PaymentNotFound, PaymentsNotOffered
from memberpulse.domains.payments.expiring import close_session, expire_payment
from memberpulse.domains.payments.facts import PaymentCancelled
from memberpulse.domains.payments.models import AccountStatus, PayeeAccount, Payment, PaymentStatus
from memberpulse.domains.payments.provider import payments_are_offered
from memberpulse.domains.payments.rules import RESERVED_FOR, check_price
from memberpulse.engine import INTERNAL, MutationCtx, mutation


@mutation(requires=INTERNAL)
def create_payment(
    ctx: MutationCtx,
    *,
    subject_type: str,
    subject_id: uuid.UUID,
    description: str,
    payer_id: uuid.UUID,
    account_id: uuid.UUID,
    amount: int,
    currency: str,
    return_path: str,
    reserve_for: timedelta = RESERVED_FOR,
) -> uuid.UUID:
    """Reserve: somebody may pay so much until the time is over. Nothing has been charged yet.

    amount: minor units of `currency`. return_path: where the payer goes back to, a path of this site.
    Raises PaymentsNotOffered (404), PayeeNotReady (409), BadPrice (422).
    """
    if not payments_are_offered():
        raise PaymentsNotOffered
    check_price(amount, currency)
    account = ctx.db.scalars(select(PayeeAccount).where(col(PayeeAccount.id) == account_id)).one_or_none()
    if account is None or account.status is not AccountStatus.ACTIVE or not is_member(ctx, account.user_id):
        raise PayeeNotReady
    payment = Payment(
        organization_id=ctx.organization_id,
        subject_type=subject_type,
        subject_id=subject_id,
        description=description[:200],
        return_path=return_path,
        payer_id=payer_id,
        payee_id=account.user_id,
        account_id=account.id,
        amount=amount,
        currency=currency,
        expires_at=ctx.now + reserve_for,
        created_at=ctx.now,
    )
    ctx.db.add(payment)
    ctx.db.flush()
    ctx.schedule(expire_payment, at=payment.expires_at, key=f"payments.expiry:{payment.id}", payment_id=payment.id)
    return payment.id


@mutation(requires="payments.pay", limit="30/minute")
def cancel_payment(ctx: MutationCtx, *, payment_id: uuid.UUID) -> None:
    """Give up a payment of one's own that is not paid yet; what it was for is released at once.

    Raises PaymentNotFound (404). One that is over stays as it is.
    """
    payment = ctx.db.get(Payment, payment_id, with_for_update=True)
    if payment is None or payment.payer_id != ctx.user_id:
        raise PaymentNotFound
    cancel_pending(ctx, payment)


@mutation(requires=INTERNAL)
def cancel_payment_for(ctx: MutationCtx, *, payment_id: uuid.UUID) -> None:
    """Give up a pending payment, since what it was for is not to be had any more; any other stays as it is."""
    cancel_pending(ctx, ctx.db.get_one(Payment, payment_id, with_for_update=True))


def cancel_pending(ctx: MutationCtx, payment: Payment) -> None:
    """End a pending payment and its payment page; any other stays as it is."""
    if payment.status is not PaymentStatus.PENDING:
        return
    payment.status, payment.ended_at = PaymentStatus.CANCELLED, ctx.now
    ctx.db.flush()
    ctx.schedule(close_session, key=f"payments.close:{payment.id}", payment_id=payment.id)
    ctx.record(PaymentCancelled(**about(payment), by=ctx.caller.user_id))
