"""The demo's stand-in for Stripe: started with the server where it has no keys, and told what the database has."""

import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlmodel import col

from memberpulse.demo.stripe.state import Books
from memberpulse.domains.payments.models import PayeeAccount, Payment, Refund, RefundStatus
from memberpulse.domains.payments.provider import PAYMENT_ID, REFUND_ID, Fake, use_fake
from memberpulse.domains.payments.rules import pay_path, session_ends_at
from memberpulse.engine import INTERNAL, QueryCtx, query, system
from memberpulse.settings import Settings
from memberpulse.sites import link, site

if TYPE_CHECKING:
    from memberpulse.engine.runtime import Engine

WEBHOOK = "/api/webhooks/stripe-connect"


@dataclass(frozen=True, slots=True)
class KnownAccount:
    id: str
    email: str
    charges_enabled: bool
    payouts_enabled: bool
    details_submitted: bool
    requirements: list[str]


@dataclass(frozen=True, slots=True)
class KnownPayment:
    """paid: whether money has come."""

    id: uuid.UUID
    account: str
    session_id: str
    intent_id: str | None
    amount: int
    currency: str
    description: str
    ends_at: int
    paid: bool


@dataclass(frozen=True, slots=True)
class KnownRefund:
    id: uuid.UUID
    provider_id: str
    account: str
    intent_id: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the database says that Stripe has."""

    accounts: list[KnownAccount]
    payments: list[KnownPayment]
    refunds: list[KnownRefund]


@asynccontextmanager
async def playing_stripe(engine: "Engine", settings: Settings) -> AsyncGenerator[None]:
    """Play Stripe for the demo until the end of the block; nothing where it has keys, or is no demo."""
    if not settings.demo or settings.stripe_secret_key is not None:
        yield
        return
    from memberpulse.demo.stripe.server import fake_stripe  # only where it plays

    async with fake_stripe(
        host=settings.host,
        shown_host=urlsplit(site()).hostname or "localhost",
        port=settings.port + 1 if settings.port < 65_535 else 0,
        webhook_url=f"http://{_reachable(settings.host)}:{settings.port}{WEBHOOK}",
    ) as fake:
        remember(fake.books, await engine.query(find_known, caller=system()))
        use_fake(Fake(fake.url, fake.key, fake.secret))
        try:
            yield
        finally:
            use_fake(None)


def _reachable(host: str) -> str:
    """Where this process reaches itself."""
    if host in ("0.0.0.0", "::", ""):  # noqa: S104  what a server listens on
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


@query(requires=INTERNAL)
def find_known(ctx: QueryCtx) -> Known:
    """Accounts, payments and refunds of all organizations that Stripe knows."""
    with ctx.across_organizations():
        rows = ctx.db.scalars(select(PayeeAccount).where(col(PayeeAccount.provider_id).is_not(None)))
        accounts = {row.id: row for row in rows}
        payments = {row.id: row for row in ctx.db.scalars(select(Payment).where(col(Payment.session_id).is_not(None)))}
        refunds = list(ctx.db.scalars(select(Refund).where(col(Refund.status) == RefundStatus.SUCCEEDED)))
    return Known(
        accounts=[_account(each) for each in accounts.values()],
        payments=[_payment(each, accounts[each.account_id]) for each in payments.values()],
        refunds=[
            _refund(each, payments[each.payment_id], accounts[payments[each.payment_id].account_id])
            for each in refunds
            if each.payment_id in payments
        ],
    )


def _account(row: PayeeAccount) -> KnownAccount:
    return KnownAccount(
        id=row.provider_id or "",
        email="",
        charges_enabled=row.charges_enabled,
        payouts_enabled=row.payouts_enabled,
        details_submitted=row.details_submitted,
        requirements=list(row.requirements),
    )


def _payment(row: Payment, account: PayeeAccount) -> KnownPayment:
    return KnownPayment(
        id=row.id,
        account=account.provider_id or "",
        session_id=row.session_id or "",
        intent_id=row.intent_id,
        amount=row.amount,
        currency=row.currency,
        description=row.description,
        ends_at=int(session_ends_at(row.expires_at).timestamp()),
        paid=row.paid_at is not None,
    )


def _refund(row: Refund, payment: Payment, account: PayeeAccount) -> KnownRefund:
    return KnownRefund(
        row.id, row.provider_id or "", account.provider_id or "", payment.intent_id or "", row.amount, row.currency
    )


def remember(books: Books, known: Known) -> None:
    """Put what the database knows of into the fake's books, which were empty: it keeps nothing when it ends."""
    for account in known.accounts:
        made = books.create_account({"email": account.email})
        del books.accounts[made["id"]]
        made |= {"id": account.id, "charges_enabled": account.charges_enabled}
        made |= {"payouts_enabled": account.payouts_enabled, "details_submitted": account.details_submitted}
        made["requirements"] |= {"currently_due": account.requirements, "disabled_reason": None}
        books.accounts[account.id] = made
    for payment in known.payments:
        _remember_payment(books, payment)
    for refund in known.refunds:
        books.refunds[refund.provider_id] = {
            "id": refund.provider_id,
            "object": "refund",
            "account": refund.account,
            "amount": refund.amount,
            "currency": refund.currency.lower(),
            "payment_intent": refund.intent_id,
            "metadata": {REFUND_ID: str(refund.id)},
            "status": "succeeded",
        }


def _remember_payment(books: Books, payment: KnownPayment) -> None:
    about, back = {PAYMENT_ID: str(payment.id)}, link(f"{pay_path(payment.id)}/return")
    session = {
        "id": payment.session_id,
        "object": "checkout.session",
        "account": payment.account,
        "amount_total": payment.amount,
        "currency": payment.currency.lower(),
        "status": "complete" if payment.paid else "open",
        "payment_status": "paid" if payment.paid else "unpaid",
        "payment_intent": payment.intent_id,
        "url": None if payment.paid else f"{books.url}/checkout/{payment.session_id}",
        "success_url": back,
        "cancel_url": back,
        "customer_email": None,
        "metadata": about,
        "expires_at": payment.ends_at,
        "name": payment.description,
        "intent": {"metadata": about, "description": payment.description},
    }
    books.sessions[payment.session_id] = session
    if payment.intent_id is not None:
        books.intents[payment.intent_id] = {
            "id": payment.intent_id,
            "object": "payment_intent",
            "account": payment.account,
            "amount": payment.amount,
            "amount_received": payment.amount if payment.paid else 0,
            "currency": payment.currency.lower(),
            "status": "succeeded" if payment.paid else "requires_payment_method",
            "last_payment_error": None,
            "latest_charge": f"ch_{payment.id.hex}",
            "metadata": about,
            "description": payment.description,
        }
