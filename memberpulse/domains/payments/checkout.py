"""Opening the payment page of a payment, for whoever is to pay."""

import uuid

from memberpulse.domains.payments.describing import address_of
from memberpulse.domains.payments.errors import PayeeNotReady, PaymentNotFound, PaymentOver
from memberpulse.domains.payments.expiring import close_session
from memberpulse.domains.payments.models import PayeeAccount, Payment, PaymentStatus
from memberpulse.domains.payments.provider import Opened, Order, Stripe
from memberpulse.domains.payments.reading import read_payment
from memberpulse.domains.payments.rules import pay_path, session_ends_at
from memberpulse.domains.payments.schemas import ToCheckOut
from memberpulse.domains.payments.steps import reached
from memberpulse.engine import INTERNAL, ActionCtx, MutationCtx, QueryCtx, action, mutation, query
from memberpulse.sites import link


@action(requires="payments.pay", limit="30/minute")
async def open_checkout(ctx: ActionCtx, *, payment_id: uuid.UUID) -> str:
    """The address of the page on which the caller pays this payment; the same one as long as it can be paid.

    Raises PaymentNotFound (404), PaymentOver (410), PayeeNotReady (409), ProviderUnreachable (503).
    """
    wanted: ToCheckOut = await ctx.query(find_to_check_out, payment_id=payment_id)
    if wanted.checkout_url is not None:
        return wanted.checkout_url
    reached("checkout.before_post")
    opened = await Stripe().open_checkout(_order(wanted))
    reached("checkout.posted")
    url: str = await ctx.mutate(note_checkout, payment_id=payment_id, opened=opened)
    reached("checkout.noted")
    if not url:
        raise PaymentOver
    return url


@action(requires="payments.pay", limit="30/minute")
async def check_payment(ctx: ActionCtx, *, payment_id: uuid.UUID) -> None:
    """Look at once how a payment of the caller's stands, without waiting for Stripe's event.

    Raises PaymentNotFound (404), ProviderUnreachable (503).
    """
    await ctx.query(find_own, payment_id=payment_id)
    await read_payment(ctx, payment_id=payment_id)


def _order(wanted: ToCheckOut) -> Order:
    """The same for the same payment, however often it is made: Stripe refuses another under the same key."""
    back = link(f"{pay_path(wanted.payment_id)}/return")
    return Order(
        key=f"memberpulse-checkout-{wanted.payment_id}",
        account=wanted.account,
        payment_id=str(wanted.payment_id),
        amount=wanted.amount,
        currency=wanted.currency,
        description=wanted.description,
        application_fee=wanted.application_fee,
        email=wanted.email,
        success_url=back,
        cancel_url=back,
        ends_at=int(session_ends_at(wanted.expires_at).timestamp()),
    )


@query(requires=INTERNAL)
def find_own(ctx: QueryCtx, *, payment_id: uuid.UUID) -> PaymentStatus:
    """How a payment of the caller's stands. Raises PaymentNotFound (404)."""
    payment = ctx.db.get(Payment, payment_id)
    if payment is None or payment.payer_id != ctx.user_id:
        raise PaymentNotFound
    return payment.status


@query(requires=INTERNAL)
def find_to_check_out(ctx: QueryCtx, *, payment_id: uuid.UUID) -> ToCheckOut:
    """A payment that the caller may pay now. Raises PaymentNotFound (404), PaymentOver (410), PayeeNotReady (409)."""
    payment = ctx.db.get(Payment, payment_id)
    if payment is None or payment.payer_id != ctx.user_id:
        raise PaymentNotFound
    if payment.status is not PaymentStatus.PENDING or payment.expires_at <= ctx.now:
        raise PaymentOver
    account = ctx.db.get_one(PayeeAccount, payment.account_id)
    if account.provider_id is None:
        raise PayeeNotReady
    return ToCheckOut(
        payment_id=payment.id,
        account=account.provider_id,
        amount=payment.amount,
        currency=payment.currency,
        application_fee=payment.application_fee,
        description=payment.description,
        email=address_of(ctx, payment.payer_id) or "",
        expires_at=payment.expires_at,
        session_id=payment.session_id,
        checkout_url=payment.checkout_url,
    )


@mutation(requires=INTERNAL)
def note_checkout(ctx: MutationCtx, *, payment_id: uuid.UUID, opened: Opened) -> str:
    """Keep where a payment is paid; its address.

    The session is kept even where the payment ended meanwhile, so that what is paid on it is found and goes back.
    An empty one where it ended.
    """
    payment = ctx.db.get_one(Payment, payment_id, with_for_update=True)
    if payment.session_id is None:
        payment.session_id, payment.checkout_url = opened.session_id, opened.url
        ctx.db.flush()
    if payment.status is not PaymentStatus.PENDING or payment.checkout_url is None:
        ctx.schedule(close_session, key=f"payments.close-late:{payment.id}", payment_id=payment.id)
        return ""
    return payment.checkout_url
