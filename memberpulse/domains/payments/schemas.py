"""What screens and doors are given of payments. Words are made here, so that every screen says the same."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from memberpulse.domains.organizations.schemas import PersonView
from memberpulse.domains.payments.models import AccountStatus, PaymentStatus, RefundStatus


@dataclass(frozen=True, slots=True)
class Payee:
    """Somebody who can be paid. is_ready: whether they can be charged through right now."""

    account_id: uuid.UUID
    user_id: uuid.UUID
    currency: str
    is_ready: bool


@dataclass(frozen=True, slots=True)
class CheckItem:
    """One line of the onboarding checklist. state: done, next or waiting."""

    key: str
    title: str
    hint: str
    state: str


@dataclass(frozen=True, slots=True)
class AccountView:
    """Somebody's own connected account.

    offered: whether this server takes payments at all. is_fake: no real money moves. steps: the checklist.
    wanted: what Stripe still wants to know, in words. status: none until they begin.
    """

    offered: bool
    is_fake: bool
    status: AccountStatus | None
    is_ready: bool
    provider_id: str
    currency: str
    country: str
    done: int
    steps: list[CheckItem]
    wanted: list[str]
    disabled_reason: str
    open_payments: int


@dataclass(frozen=True, slots=True)
class RefundRow:
    """automatic: by itself, since the money came too late. by: who asked."""

    id: uuid.UUID
    amount: str
    status: RefundStatus
    words: str
    reason: str
    automatic: bool
    by: PersonView | None
    at: datetime
    failure: str


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """One payment. amount and refunded in words; left: what can still be refunded, in minor units."""

    id: uuid.UUID
    description: str
    payer: PersonView | None
    payee: PersonView | None
    amount: str
    amount_minor: int
    currency: str
    digits: int
    refunded: str
    left: int
    left_words: str
    status: PaymentStatus
    words: str
    failure: str
    created_at: datetime
    paid_at: datetime | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentList:
    """rows: newest first."""

    rows: list[PaymentRow]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Total:
    """What came in one currency, in words. kept: received without what went back."""

    currency: str
    received: str
    refunded: str
    kept: str
    count: int


@dataclass(frozen=True, slots=True)
class PaymentTotals:
    """count: all payments that the caller sees; waiting: those that may still be paid."""

    count: int
    waiting: int
    totals: list[Total]


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One movement of money in words."""

    words: str
    amount: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PaymentDetail:
    """A payment with what has gone back and every movement of money."""

    payment: PaymentRow
    refunds: list[RefundRow]
    ledger: list[LedgerRow]
    may_refund: bool


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A payment as its payer sees it. is_open: it can still be paid, at pay_path."""

    id: uuid.UUID
    description: str
    payee: str
    organization: str
    amount: str
    refunded: str
    status: PaymentStatus
    words: str
    is_open: bool
    pay_path: str
    return_path: str
    failure: str
    created_at: datetime
    paid_at: datetime | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ReceiptList:
    rows: list[ReceiptRow]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A payer's own payment with what went back to them."""

    payment: ReceiptRow
    refunds: list[RefundRow]


@dataclass(frozen=True, slots=True)
class ToastRow:
    """tone: live or error."""

    id: uuid.UUID
    title: str
    message: str
    tone: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ToCheckOut:
    """What opening a payment page needs."""

    payment_id: uuid.UUID
    account: str
    amount: int
    currency: str
    application_fee: int
    description: str
    email: str
    expires_at: datetime
    session_id: str | None
    checkout_url: str | None


@dataclass(frozen=True, slots=True)
class ToRead:
    """Where a payment is found at the provider."""

    payment_id: uuid.UUID
    organization_id: uuid.UUID
    account: str
    session_id: str | None


@dataclass(frozen=True, slots=True)
class ToRefund:
    """A refund that has to be carried out. key: under which Stripe does it once."""

    refund_id: uuid.UUID
    key: str
    account: str
    intent_id: str
    amount: int


@dataclass(frozen=True, slots=True)
class ToOnboard:
    """What asking for an onboarding link needs."""

    account_id: uuid.UUID
    provider_id: str | None
    email: str
    link_number: int


@dataclass(frozen=True, slots=True)
class Due:
    """A payment of some organization that the reconciliation should look at."""

    payment_id: uuid.UUID
    organization_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class ExportedPayment:
    """One line of the file."""

    id: uuid.UUID
    created_at: datetime
    paid_at: datetime | None
    description: str
    payer: str
    payee: str
    status: str
    amount: int
    refunded: int
    currency: str
    provider_id: str
