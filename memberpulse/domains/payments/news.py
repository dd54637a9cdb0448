"""Webhook events of connected accounts: kept once, with their effect, in one transaction.

An event is only news that something may have changed. What it is about is read anew from Stripe, so that events may
come twice, late or in any order. It touches a payment only when it comes from the account that the payment goes to.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import structlog
from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.payments.connecting import apply_account
from memberpulse.domains.payments.errors import UnknownToProvider
from memberpulse.domains.payments.models import Outcome, PayeeAccount, Payment, ProviderEvent
from memberpulse.domains.payments.provider import PAYMENT_ID, AccountReading, PaymentReading, Stripe
from memberpulse.domains.payments.reading import apply_reading, to_read
from memberpulse.domains.payments.schemas import ToRead
from memberpulse.domains.payments.steps import reached
from memberpulse.engine import INTERNAL, ActionCtx, MutationCtx, QueryCtx, action, mutation, query, utc_now

log = structlog.get_logger(__name__)

ABOUT_ACCOUNTS = frozenset({"account.updated", "account.application.deauthorized"})
ABOUT_PAYMENTS = frozenset(
    {
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "payment_intent.canceled",
        "checkout.session.completed",
        "checkout.session.expired",
        "charge.refunded",
        "charge.refund.updated",
        "refund.created",
        "refund.updated",
        "refund.failed",
    }
)


@dataclass(frozen=True, slots=True)
class News:
    """What is taken from an event: not how things stand, only what to look at.

    account: the connected account that it comes from. object_id: the object that it is about. intent_id, payment_id:
    the payment intent and our own id, as far as it names them.
    """

    event_id: str
    type: str
    account: str
    object_id: str
    intent_id: str
    payment_id: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What of ours an event is about. known: the event was kept before. provider_account: one of ours, at Stripe."""

    known: bool
    payment: ToRead | None
    provider_account: str


@dataclass(frozen=True, slots=True)
class Readings:
    """What Stripe says now. account_gone: it does not let us see the account any more."""

    payment: PaymentReading | None = None
    account: AccountReading | None = None
    account_gone: bool = False


@action(requires=INTERNAL)
async def take_event(ctx: ActionCtx, *, news: News) -> Outcome:
    """Read what an event is about and keep the event with its effect. Safe to repeat at any point.

    Raises ProviderUnreachable (503), so that Stripe sends it again.
    """
    subject: Subject = await ctx.query(find_subject, news=news)
    if subject.known:
        return Outcome.UNCHANGED
    reached("event.before_read")
    began_at = utc_now()
    readings = await _read(subject)
    reached("event.read")
    outcome: Outcome = await ctx.mutate(keep_event, news=news, readings=readings, began_at=began_at)
    reached("event.applied")
    return outcome


async def _read(subject: Subject) -> Readings:
    if subject.payment is not None and subject.payment.session_id is not None:
        try:
            found = await Stripe().read_payment(account=subject.payment.account, session_id=subject.payment.session_id)
        except UnknownToProvider:
            return Readings()
        return Readings(payment=found)
    if subject.provider_account:
        try:
            return Readings(account=await Stripe().read_account(subject.provider_account))
        except UnknownToProvider:
            return Readings(account_gone=True)
    return Readings()


@query(requires=INTERNAL)
def find_subject(ctx: QueryCtx, *, news: News) -> Subject:
    """What of ours an event is about, in whatever organization it is."""
    with ctx.across_organizations():
        known = ctx.db.scalars(select(ProviderEvent).where(col(ProviderEvent.event_id) == news.event_id)).first()
        if known is not None:
            return Subject(True, None, "")
        if news.type in ABOUT_PAYMENTS:
            payment = _payment_of(ctx, news)
            return Subject(False, to_read(ctx, payment) if payment else None, "")
        if news.type in ABOUT_ACCOUNTS:
            account = _account_of(ctx, news)
            return Subject(False, None, (account.provider_id or "") if account else "")
    return Subject(False, None, "")


@mutation(requires=INTERNAL)
def keep_event(ctx: MutationCtx, *, news: News, readings: Readings, began_at: datetime) -> Outcome:
    """Keep an event and take what Stripe said, in one transaction; nothing when the event was kept before.

    Two that come at the same moment meet at the table's unique key: one of them is refused (409) and, asked again,
    finds the other.
    """
    with ctx.across_organizations():
        known = ctx.db.scalars(select(ProviderEvent).where(col(ProviderEvent.event_id) == news.event_id)).first()
        if known is not None:
            return Outcome.UNCHANGED
        payment = _payment_of(ctx, news) if news.type in ABOUT_PAYMENTS else None
        account = _account_of(ctx, news) if news.type in ABOUT_ACCOUNTS else None
    kept = ProviderEvent(
        event_id=news.event_id,
        type=news.type[:80],
        provider_account=news.account,
        object_id=news.object_id,
        outcome=Outcome.UNMATCHED if news.type in ABOUT_PAYMENTS | ABOUT_ACCOUNTS else Outcome.IGNORED,
        received_at=ctx.now,
    )
    ctx.db.add(kept)
    ctx.db.flush()
    if payment is not None and readings.payment is not None:
        with ctx.within(payment.organization_id):
            kept.outcome = apply_reading(ctx, payment_id=payment.id, found=readings.payment)
    elif account is not None and (readings.account is not None or readings.account_gone):
        with ctx.within(account.organization_id):
            changed = apply_account(ctx, account_id=account.id, reading=readings.account, began_at=began_at)
        kept.outcome = Outcome.APPLIED if changed else Outcome.UNCHANGED
    ctx.db.flush()
    return kept.outcome


def _payment_of(ctx: QueryCtx, news: News) -> Payment | None:
    """The payment of ours, if the event comes from the account that it goes to."""
    payment = _named_payment(ctx, news)
    if payment is None:
        return None
    account = ctx.db.get_one(PayeeAccount, payment.account_id)
    if not news.account or account.provider_id != news.account:
        log.warning("an event of another account names a payment", event_id=news.event_id)
        return None
    return payment


def _named_payment(ctx: QueryCtx, news: News) -> Payment | None:
    """By Stripe's own ids first; ours in the metadata is what the account's holder could have written themselves, and
    leads to a payment whose own session is then read, never to what the event says of it."""
    by_session = select(Payment).where(col(Payment.session_id) == news.object_id)
    by_intent = select(Payment).where(col(Payment.intent_id) == news.intent_id)
    for wanted, statement in ((news.object_id, by_session), (news.intent_id, by_intent)):
        found = ctx.db.scalars(statement).first() if wanted else None
        if found is not None:
            return found
    our_id = _as_uuid(news.payment_id)
    return ctx.db.scalars(select(Payment).where(col(Payment.id) == our_id)).first() if our_id else None


def _account_of(ctx: QueryCtx, news: News) -> PayeeAccount | None:
    if not news.account:
        return None
    return ctx.db.scalars(select(PayeeAccount).where(col(PayeeAccount.provider_id) == news.account)).first()


# What an event names


def news_in(event: dict[str, Any]) -> News:
    """What a signed event is about. Raises ValueError when it is no event; unknown parts of it are left alone."""
    event_id, kind = _text(event.get("id")), _text(event.get("type"))
    if not event_id or not kind:
        raise ValueError("no id or no type")
    about = _object(_object(event.get("data")).get("object"))
    is_intent = _text(about.get("object")) == "payment_intent"
    return News(
        event_id=event_id[:120],
        type=kind[:80],
        account=_text(event.get("account"))[:64],
        object_id=_text(about.get("id"))[:120],
        intent_id=_text(about.get("id" if is_intent else "payment_intent"))[:120],
        payment_id=_text(_object(about.get("metadata")).get(PAYMENT_ID))[:64],
    )


def _object(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    """A text that every database can keep."""
    return value.replace("\x00", "") if isinstance(value, str) else ""


def _as_uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
