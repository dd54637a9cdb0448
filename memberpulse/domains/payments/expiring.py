"""The end of reservations. The payment page is ended at Stripe first and the place released after it, so that a payment
comes too late only where Stripe could not be asked; it is then refunded by itself.
"""

import uuid

from memberpulse.domains.payments.errors import PaymentsNotOffered, ProviderUnreachable, UnknownToProvider
from memberpulse.domains.payments.models import Payment, PaymentStatus
from memberpulse.domains.payments.provider import Stripe
from memberpulse.domains.payments.reading import end_reservation, find_to_read, read_payment
from memberpulse.domains.payments.schemas import ToRead
from memberpulse.domains.payments.steps import reached
from memberpulse.engine import INTERNAL, ActionCtx, MutationCtx, QueryCtx, job, mutation, query


@job(max_attempts=8)
async def expire_payment(ctx: ActionCtx, *, payment_id: uuid.UUID) -> None:
    """When a reservation ends: end the page, see whether it was paid in the last moment, else release the place."""
    if not await ctx.query(is_pending, payment_id=payment_id):
        return
    try:
        await _end_page(ctx, payment_id)
        reached("expiry.posted")
        await read_payment(ctx, payment_id=payment_id)
    except (ProviderUnreachable, PaymentsNotOffered):
        pass  # the place is released all the same; money that comes nevertheless goes back by itself
    await ctx.mutate(release, payment_id=payment_id)
    reached("expiry.noted")


@job(max_attempts=8)
async def close_session(ctx: ActionCtx, *, payment_id: uuid.UUID) -> None:
    """End the payment page of a payment that was given up. Raises ProviderUnreachable, to be run again."""
    await _end_page(ctx, payment_id)
    await read_payment(ctx, payment_id=payment_id)


async def _end_page(ctx: ActionCtx, payment_id: uuid.UUID) -> None:
    found: ToRead | None = await ctx.query(find_to_read, payment_id=payment_id)
    if found is None or found.session_id is None:
        return
    reached("expiry.before_post")
    key = f"memberpulse-expire-{payment_id}"
    try:
        await Stripe().end_checkout(key=key, account=found.account, session_id=found.session_id)
    except UnknownToProvider:
        return


@query(requires=INTERNAL)
def is_pending(ctx: QueryCtx, *, payment_id: uuid.UUID) -> bool:
    payment = ctx.db.get(Payment, payment_id)
    return payment is not None and payment.status is PaymentStatus.PENDING


@mutation(requires=INTERNAL)
def release(ctx: MutationCtx, *, payment_id: uuid.UUID) -> None:
    """Release what a pending payment was for, once its time is over; a paid one keeps it."""
    payment = ctx.db.get_one(Payment, payment_id, with_for_update=True)
    if payment.expires_at <= ctx.now:
        end_reservation(ctx, payment)
