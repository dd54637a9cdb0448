"""Who is told what of a payment or an account: on open screens, in the bell, by letter. In the caller's transaction."""

import uuid

from memberpulse.domains.mail.letters import Letter
from memberpulse.domains.mail.mutations import send_letter
from memberpulse.domains.notifications.mutations import notify_people
from memberpulse.domains.notifications.schemas import Notice
from memberpulse.domains.organizations.models import Organization
from memberpulse.domains.payments.describing import address_of, name_of, price_of
from memberpulse.domains.payments.letters import Paid, late_letter, receipt_letter, refund_letter
from memberpulse.domains.payments.models import AccountStatus, PayeeAccount, Payment, Refund
from memberpulse.domains.payments.rules import money_words, receipt_path
from memberpulse.domains.payments.toasts import toast_for
from memberpulse.engine import MutationCtx
from memberpulse.texts import isolated

KIND = "payment"
ABOUT = "payment"
SETTINGS = "/settings/payments"


def tell_succeeded(ctx: MutationCtx, payment: Payment) -> None:
    """Payer and payee see it at once; the payer gets a receipt, the payee a line in the bell."""
    price, payer = price_of(payment), isolated(name_of(ctx, payment.payer_id))
    toast_for(ctx, [payment.payer_id], title=f"{price} paid", message=payment.description)
    toast_for(
        ctx, [payment.payee_id], title=f"{payer} paid {price}", message=payment.description, person_id=payment.payer_id
    )
    notice = Notice(
        type=KIND,
        title=f"{payer} paid {price}",
        message=payment.description,
        link=f"/payments/{payment.id}",
        person_id=payment.payer_id,
        source_id=payment.id,
    )
    notify_people(ctx, user_ids=[payment.payee_id], notice=notice)
    _write(ctx, payment, receipt_letter(_paid(ctx, payment)))


def tell_failed(ctx: MutationCtx, payment: Payment) -> None:
    """Both see at once that an attempt was declined; only the payer sees why."""
    price, payer = price_of(payment), isolated(name_of(ctx, payment.payer_id))
    reason = f"{payment.failure} You can try again until your reservation ends."
    toast_for(ctx, [payment.payer_id], title=f"{price} could not be paid", message=reason, tone="error")
    toast_for(
        ctx,
        [payment.payee_id],
        title=f"A payment of {price} by {payer} failed",
        message=f"{payment.description}. It can be tried again.",
        tone="error",
        person_id=payment.payer_id,
    )


def tell_expired(ctx: MutationCtx, payment: Payment) -> None:
    title = "Your reservation has ended"
    toast_for(
        ctx, [payment.payer_id], title=title, message=f"{payment.description}. Nothing was charged.", tone="error"
    )


def tell_late(ctx: MutationCtx, payment: Payment) -> None:
    """The payer is told on every way that all of it goes back."""
    title, price = "Your payment came too late", price_of(payment)
    message = f"The place was released. {price} goes back to your card by itself."
    toast_for(ctx, [payment.payer_id], title=title, message=message, tone="error")
    _ring(ctx, payment, title, message)
    _write(ctx, payment, late_letter(_paid(ctx, payment)))


def tell_refunded(ctx: MutationCtx, payment: Payment, refund: Refund) -> None:
    price, payer = money_words(refund.amount, refund.currency), isolated(name_of(ctx, payment.payer_id))
    toast_for(ctx, [payment.payer_id], title=f"{price} refunded", message=payment.description)
    toast_for(
        ctx,
        [payment.payee_id],
        title=f"{price} went back to {payer}",
        message=payment.description,
        person_id=payment.payer_id,
    )
    if refund.automatic:
        return  # whoever came too late has had a letter and a line in the bell already
    _ring(ctx, payment, f"{price} refunded", payment.description)
    _write(ctx, payment, refund_letter(_paid(ctx, payment), refunded=price, reason=refund.reason))


def tell_refund_failed(ctx: MutationCtx, payment: Payment, refund: Refund) -> None:
    """Whoever is responsible is told: the payee, and who asked for it; of what is owed, the payer too."""
    price = money_words(refund.amount, refund.currency)
    people = [payment.payee_id, *([refund.asked_by] if refund.asked_by else [])]
    if refund.owed:
        _tell_owed(ctx, payment, payment.payer_id, price)
    title = f"A refund of {price} did not go through"
    toast_for(ctx, people, title=title, message=refund.failure, tone="error")
    notice = Notice(
        type=KIND, title=title, message=refund.failure, link=f"/payments/{payment.id}", source_id=payment.id
    )
    notify_people(ctx, user_ids=list(dict.fromkeys(people)), notice=notice)


def _tell_owed(ctx: MutationCtx, payment: Payment, payer_id: uuid.UUID, price: str) -> None:
    title = f"{price} for {payment.description} could not be sent back to you"
    message = "Your bank or Stripe refused it several times. Ask whoever you paid to send it another way."
    notice = Notice(type=KIND, title=title, message=message, link=receipt_path(payment.id), source_id=payment.id)
    notify_people(ctx, user_ids=[payer_id], notice=notice)


def tell_account(ctx: MutationCtx, account: PayeeAccount, before: AccountStatus) -> None:
    """The holder is told when their account begins or ceases to take payments."""
    if account.status is AccountStatus.ACTIVE:
        title, message, tone = "Your Stripe account is now active", "People can pay you from now on.", "live"
    elif before is AccountStatus.ACTIVE and account.disconnected_at is None:
        title, message, tone = (
            "Your Stripe account needs attention",
            "Nobody can pay you until Stripe has what it asks for.",
            "error",
        )
    else:
        return
    toast_for(ctx, [account.user_id], title=title, message=message, tone=tone)
    notice = Notice(type=KIND, title=title, message=message, link=SETTINGS, source_id=account.id)
    notify_people(ctx, user_ids=[account.user_id], notice=notice)


def _ring(ctx: MutationCtx, payment: Payment, title: str, message: str) -> None:
    notice = Notice(type=KIND, title=title, message=message, link=receipt_path(payment.id), source_id=payment.id)
    notify_people(ctx, user_ids=[payment.payer_id], notice=notice)


def _paid(ctx: MutationCtx, payment: Payment) -> Paid:
    return Paid(
        what=payment.description,
        price=price_of(payment),
        payee=name_of(ctx, payment.payee_id),
        organization=ctx.db.get_one(Organization, payment.organization_id).name,
        number=str(payment.id),
        path=receipt_path(payment.id),
        at=payment.paid_at or ctx.now,
    )


def _write(ctx: MutationCtx, payment: Payment, letter: Letter) -> None:
    address = address_of(ctx, payment.payer_id)
    if address is not None:
        send_letter(ctx, to=address, letter=letter, about_type=ABOUT, about_id=payment.id)
