"""Priced places: what events ask of payments, and what becomes of a place when money comes or does not.

A place is reserved and its payment made in one transaction; the money, its end or its return comes as a fact that
payments records within the transaction that makes it true, and the place follows in the same one. So no place is
confirmed without its payment, and no process that dies in between leaves one without the other.
"""

import uuid

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.events.errors import PricesNotOffered
from memberpulse.domains.events.facts import PlaceEnded, PlaceJoined, about
from memberpulse.domains.events.lines.notices import place_link, tell_near
from memberpulse.domains.events.lines.reading import stand
from memberpulse.domains.events.lines.writing import change_place, take_place, take_turn
from memberpulse.domains.events.models import DeedKind, Event, Place, PlaceStatus
from memberpulse.domains.events.rules import OPEN, RESERVED_FOR, EventValues
from memberpulse.domains.payments.errors import PayeeNotReady
from memberpulse.domains.payments.facts import (
    PaymentAct,
    PaymentCancelled,
    PaymentExpired,
    PaymentRefunded,
    PaymentSucceeded,
)
from memberpulse.domains.payments.provider import payments_are_offered
from memberpulse.domains.payments.queries import find_payee
from memberpulse.domains.payments.refunding import refund_payment_for
from memberpulse.domains.payments.reserving import cancel_payment_for, create_payment
from memberpulse.domains.payments.rules import check_price, money_words, pay_path
from memberpulse.engine import MutationCtx, QueryCtx

SUBJECT = "queue_place"


def are_prices_offered() -> bool:
    """Whether this server can take payments at all."""
    return payments_are_offered()


def price_words(amount: int, currency: str) -> str:
    """A price as it is read, empty when it is free."""
    return money_words(amount, currency) if amount else ""


def check_price_of(values: EventValues) -> None:
    """Raises PricesNotOffered (409), BadPrice (422)."""
    if values.price_amount:
        if not payments_are_offered():
            raise PricesNotOffered
        check_price(values.price_amount, values.currency)


def ready_account(ctx: QueryCtx, event: Event) -> uuid.UUID:
    """The connected account of whoever made the event. Raises PricesNotOffered (409), PayeeNotReady (409)."""
    if not payments_are_offered():
        raise PricesNotOffered
    payee = find_payee(ctx, user_id=event.created_by) if event.created_by else None
    if payee is None or not payee.is_ready:
        raise PayeeNotReady
    return payee.account_id


def ask_payment(ctx: MutationCtx, event: Event, place: Place) -> None:
    """Have a payment ready for a reserved place. Raises PayeeNotReady (409)."""
    if event.payee_account_id is None or place.user_id is None:
        raise PayeeNotReady
    place.payment_id = create_payment(
        ctx,
        subject_type=SUBJECT,
        subject_id=place.id,
        description=event.title,
        payer_id=place.user_id,
        account_id=event.payee_account_id,
        amount=event.price_amount,
        currency=event.currency,
        return_path=place_link(event.id),
        reserve_for=RESERVED_FOR,
    )
    ctx.db.flush()


def path_of(place: Place) -> str:
    """Where a reserved place is paid for, empty when there is nothing to pay."""
    unpaid = place.status is PlaceStatus.RESERVED and place.payment_id is not None
    return pay_path(place.payment_id) if unpaid and place.payment_id else ""


def release_payment(ctx: MutationCtx, place: Place) -> None:
    """Nobody needs to pay for this place any more."""
    if place.payment_id is not None:
        cancel_payment_for(ctx, payment_id=place.payment_id)


def give_back(ctx: MutationCtx, place: Place, reason: str) -> None:
    """Return what was paid for a place. Twice is harmless."""
    if place.payment_id is not None:
        refund_payment_for(ctx, payment_id=place.payment_id, reason=reason)


# What payments tell


def follow_success(ctx: MutationCtx, fact: PaymentSucceeded) -> None:
    """The money is there: the place joins the line. Where it was given up in the same moment, the money goes back."""
    if not _is_ours(ctx, fact):
        return
    event, line, place = take_place(ctx, fact.subject_id)
    if place.status is not PlaceStatus.RESERVED:
        refund_payment_for(ctx, payment_id=fact.entity_id, reason="The place was given up before the payment arrived.")
        return
    promised = stand(ctx, event).join
    place.promised_low, place.promised_high = int(promised.low), int(promised.high)
    change_place(
        ctx,
        line,
        place,
        DeedKind.CONFIRM,
        actor_id=place.user_id,
        turn=take_turn(line),
        joined_at=ctx.now,
        reserved_until=None,
    )
    ctx.record(PlaceJoined(**about(event, place)))
    tell_near(ctx, event)


def follow_end(ctx: MutationCtx, fact: PaymentExpired | PaymentCancelled) -> None:
    """Nothing was paid in time: the place is free for somebody else."""
    if not _is_ours(ctx, fact):
        return
    event, line, place = take_place(ctx, fact.subject_id)
    if place.status is not PlaceStatus.RESERVED:
        return
    expired = isinstance(fact, PaymentExpired)
    deed, reason = (DeedKind.EXPIRE, "expired") if expired else (DeedKind.LEAVE, "not_paid")
    change_place(ctx, line, place, deed, ended_at=ctx.now, end_reason=reason)
    ctx.record(PlaceEnded(**about(event, place), reason=reason))


def follow_refund(ctx: MutationCtx, fact: PaymentRefunded) -> None:
    """Somebody returned all the money of a place that is still open: it is given up with it."""
    if fact.automatic or not fact.in_full or not _is_ours(ctx, fact):
        return
    event, line, place = take_place(ctx, fact.subject_id)
    if place.status not in OPEN or place.status is PlaceStatus.RESERVED:
        return
    change_place(ctx, line, place, DeedKind.REMOVE, ended_at=ctx.now, end_reason="refunded")
    ctx.record(PlaceEnded(**about(event, place), reason="refunded"))
    tell_near(ctx, event)


def _is_ours(ctx: MutationCtx, fact: PaymentAct) -> bool:
    """Whether it is about a place; one whose event is gone needs nothing more."""
    if fact.subject_type != SUBJECT:
        return False
    return ctx.db.scalars(select(col(Place.id)).where(col(Place.id) == fact.subject_id)).first() is not None
