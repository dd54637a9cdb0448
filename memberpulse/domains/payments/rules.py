"""Decisions about payments: prices, what a reading of the provider means, what may go back. Pure."""

import enum
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from memberpulse.domains.payments.errors import BadPrice, NothingToRefund, RefundTooLarge
from memberpulse.domains.payments.models import AccountStatus, PaymentStatus, RefundStatus

RESERVED_FOR = timedelta(minutes=15)
SESSION_OUTLIVES = timedelta(minutes=31)
"""Stripe ends no session sooner than 30 minutes after it began; we end it ourselves when the reservation ends."""
TOAST_LIFE = timedelta(hours=24)
LARGEST_AMOUNT = 99_999_999
"""Stripe takes eight digits."""


@dataclass(frozen=True, slots=True)
class Currency:
    """digits: how many decimal places its minor unit has. least: the smallest charge, in minor units."""

    code: str
    name: str
    symbol: str
    digits: int
    least: int


CURRENCIES = {
    each.code: each
    for each in (
        Currency("AED", "UAE dirham", "AED ", 2, 200),
        Currency("AUD", "Australian dollar", "A$", 2, 50),
        Currency("BRL", "Brazilian real", "R$", 2, 50),
        Currency("CAD", "Canadian dollar", "CA$", 2, 50),
        Currency("CHF", "Swiss franc", "CHF ", 2, 50),
        Currency("CZK", "Czech koruna", "CZK ", 2, 1500),
        Currency("DKK", "Danish krone", "DKK ", 2, 250),
        Currency("EUR", "Euro", "€", 2, 50),
        Currency("GBP", "Pound sterling", "£", 2, 30),
        Currency("HKD", "Hong Kong dollar", "HK$", 2, 400),
        Currency("HUF", "Hungarian forint", "HUF ", 2, 17500),
        Currency("INR", "Indian rupee", "₹", 2, 50),
        Currency("JPY", "Japanese yen", "¥", 0, 50),
        Currency("KRW", "South Korean won", "₩", 0, 500),
        Currency("MXN", "Mexican peso", "MX$", 2, 1000),
        Currency("MYR", "Malaysian ringgit", "MYR ", 2, 200),
        Currency("NOK", "Norwegian krone", "NOK ", 2, 300),
        Currency("NZD", "New Zealand dollar", "NZ$", 2, 50),
        Currency("PLN", "Polish złoty", "PLN ", 2, 200),
        Currency("RON", "Romanian leu", "RON ", 2, 200),
        Currency("SEK", "Swedish krona", "SEK ", 2, 300),
        Currency("SGD", "Singapore dollar", "S$", 2, 50),
        Currency("THB", "Thai baht", "THB ", 2, 1000),
        Currency("USD", "US dollar", "US$", 2, 50),
        Currency("VND", "Vietnamese đồng", "₫", 0, 15000),
    )
}
"""Those that may be charged. Source: https://docs.stripe.com/currencies"""


def check_price(amount: int, currency: str) -> None:
    """Pass when this much can be charged. Raises BadPrice (422) with a sentence beside its field."""
    known = CURRENCIES.get(currency)
    if known is None:
        raise BadPrice(fields={"currency": f"{currency[:8]!r} is no currency that can be charged here."})
    if amount < known.least:
        raise BadPrice(fields={"amount": f"The least that can be charged is {money_words(known.least, currency)}."})
    if amount > LARGEST_AMOUNT:
        most = money_words(LARGEST_AMOUNT, currency)
        raise BadPrice(fields={"amount": f"The most that can be charged at once is {most}."})


def money_words(amount: int, currency: str) -> str:
    """An amount as people read it: "£1,250.00", "¥1,200", "CHF 8.00"."""
    known = CURRENCIES.get(currency)
    symbol, sign = (known.symbol if known else f"{currency} "), "−" if amount < 0 else ""
    return f"{sign}{symbol}{plain_amount(abs(amount), currency, separator=',')}"


def plain_amount(amount: int, currency: str, *, separator: str = "") -> str:
    """The amount in major units with a decimal point: "1250.00", for files."""
    known = CURRENCIES.get(currency)
    digits = known.digits if known else 2
    sign, whole, part = "-" if amount < 0 else "", abs(amount) // 10**digits, abs(amount) % 10**digits
    shown = f"{whole:,}".replace(",", separator)
    return f"{sign}{shown}.{part:0{digits}d}" if digits else f"{sign}{shown}"


def read_amount(text: str, currency: str) -> int:
    """Minor units of what a person typed in major units: "12.50" or "12,50". Raises BadPrice (422)."""
    known = CURRENCIES.get(currency)
    digits = known.digits if known else 2
    match = re.fullmatch(r"(\d{1,8})(?:[.,](\d{1,2}))?", text.strip())
    part = (match[2] or "") if match else ""
    if match is None or len(part) > digits:
        example = plain_amount(1250, currency)
        raise BadPrice(fields={"amount": f"Type an amount such as {example}, without a sign."})
    return int(match[1]) * 10**digits + int(part.ljust(digits, "0") or 0)


def pay_path(payment_id: uuid.UUID) -> str:
    """Where the browser goes to pay."""
    return f"/pay/{payment_id}"


def receipt_path(payment_id: uuid.UUID) -> str:
    """Where the payer sees what became of it."""
    return f"/receipts/{payment_id}"


# What a reading of the provider means


@dataclass(frozen=True, slots=True)
class Reading:
    """A payment as the provider has it at one moment.

    session: open, complete or expired. paid: the amount that arrived. failure, failure_key: why the latest attempt was
    declined, and which one it was.
    """

    session: str
    amount: int
    currency: str
    paid: int | None = None
    intent_id: str | None = None
    failure: str = ""
    failure_key: str = ""


class Step(enum.Enum):
    """What a reading asks of a payment."""

    NOTHING = "nothing"
    CONFIRM = "confirm"
    COME_LATE = "come_late"
    DECLINE = "decline"
    EXPIRE = "expire"
    MISMATCH = "mismatch"


OVER_UNPAID = (PaymentStatus.EXPIRED, PaymentStatus.CANCELLED)


def decide_step(
    status: PaymentStatus, *, amount: int, currency: str, failure_key: str, intent_id: str | None, reading: Reading
) -> Step:
    """What to do with a payment in `status` now that the provider says `reading`. Nothing ever goes back a step."""
    if status not in (PaymentStatus.PENDING, *OVER_UNPAID):
        return Step.NOTHING
    if (reading.amount, reading.currency) != (amount, currency) or reading.paid not in (None, amount):
        return Step.MISMATCH
    if intent_id and reading.intent_id and intent_id != reading.intent_id:
        return Step.MISMATCH
    if reading.paid is not None:
        return Step.CONFIRM if status is PaymentStatus.PENDING else Step.COME_LATE
    if status is not PaymentStatus.PENDING:
        return Step.NOTHING
    if reading.session == "expired":
        return Step.EXPIRE
    return Step.DECLINE if reading.failure_key and reading.failure_key != failure_key else Step.NOTHING


def status_of_account(
    *, charges_enabled: bool, details_submitted: bool, disconnected: bool, disabled_reason: str
) -> AccountStatus:
    """What Stripe's flags amount to."""
    if disconnected:
        return AccountStatus.DISCONNECTED
    if charges_enabled:
        return AccountStatus.ACTIVE
    return AccountStatus.RESTRICTED if details_submitted and disabled_reason else AccountStatus.ONBOARDING


# What may go back

_COUNTED = (RefundStatus.REQUESTED, RefundStatus.PENDING, RefundStatus.SUCCEEDED)
REFUNDABLE = (PaymentStatus.PAID, PaymentStatus.PARTLY_REFUNDED, PaymentStatus.LATE)


def refundable(amount: int, refunds: Iterable[tuple[RefundStatus, int]]) -> int:
    """What is neither back nor on its way back."""
    return amount - sum(each for status, each in refunds if status in _COUNTED)


def check_refund(status: PaymentStatus, *, wanted: int, left: int, currency: str) -> None:
    """Pass when that much may be asked back now. Raises NothingToRefund, RefundTooLarge (409)."""
    if status not in REFUNDABLE or left <= 0:
        raise NothingToRefund
    if not 0 < wanted <= left:
        raise RefundTooLarge(
            f"Between {money_words(1, currency)} and {money_words(left, currency)} can be refunded.",
            fields={"amount": f"At most {money_words(left, currency)} is left."},
        )


def status_after_refund(status: PaymentStatus, *, amount: int, refunded: int) -> PaymentStatus:
    """How a payment stands once so much of it has gone back."""
    if status not in (*REFUNDABLE, PaymentStatus.REFUNDED):
        return status
    if refunded >= amount:
        return PaymentStatus.REFUNDED
    if status is PaymentStatus.LATE:
        return status
    return PaymentStatus.PARTLY_REFUNDED if refunded else PaymentStatus.PAID


def wait_before_next_look(age: timedelta) -> timedelta:
    """How long the reconciliation leaves a payment alone: the younger, the more may still come of it."""
    return timedelta(minutes=1) if age < timedelta(hours=1) else timedelta(hours=1)


def session_ends_at(expires_at: datetime) -> datetime:
    """When Stripe ends the session by itself: later than the reservation, and the same however often it is asked."""
    return (expires_at + SESSION_OUTLIVES).replace(microsecond=0)
