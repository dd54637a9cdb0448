"""Prices, and what a reading of the provider asks of a payment."""

import itertools

import pytest

from memberpulse.domains.payments.errors import BadPrice, NothingToRefund, RefundTooLarge
from memberpulse.domains.payments.models import PaymentStatus, RefundStatus
from memberpulse.domains.payments.rules import (
    CURRENCIES,
    Reading,
    Step,
    check_price,
    check_refund,
    decide_step,
    money_words,
    plain_amount,
    refundable,
    status_after_refund,
)


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        (1250, "GBP", "£12.50"),
        (5, "GBP", "£0.05"),
        (125_000, "EUR", "€1,250.00"),
        (1200, "JPY", "¥1,200"),
        (800, "CHF", "CHF 8.00"),
        (-500, "GBP", "−£5.00"),
    ],
)
def test_money_reads_as_people_write_it(amount: int, currency: str, words: str) -> None:
    assert money_words(amount, currency) == words


def test_a_file_has_plain_numbers() -> None:
    assert plain_amount(123_456, "GBP") == "1234.56"
    assert plain_amount(1234, "JPY") == "1234"


@pytest.mark.parametrize(
    ("amount", "currency", "field"),
    [
        (29, "GBP", "amount"),
        (49, "JPY", "amount"),
        (0, "EUR", "amount"),
        (100_000_000, "EUR", "amount"),
        (500, "XXX", "currency"),
        (500, "gbp", "currency"),
    ],
)
def test_what_cannot_be_charged_is_told_beside_its_field(amount: int, currency: str, field: str) -> None:
    with pytest.raises(BadPrice) as refusal:
        check_price(amount, currency)
    assert set(refusal.value.fields) == {field}


def test_every_currency_takes_its_own_least_amount() -> None:
    for each in CURRENCIES.values():
        check_price(each.least, each.code)


def step(status: PaymentStatus, **reading: object) -> Step:
    found = Reading(**{"session": "open", "amount": 1250, "currency": "GBP", **reading})  # type: ignore[arg-type]
    return decide_step(status, amount=1250, currency="GBP", failure_key="ch_1", intent_id=None, reading=found)


PAID = {"session": "complete", "paid": 1250, "intent_id": "pi_1"}


@pytest.mark.parametrize(
    ("status", "reading", "expected"),
    [
        (PaymentStatus.PENDING, {}, Step.NOTHING),
        (PaymentStatus.PENDING, PAID, Step.CONFIRM),
        (PaymentStatus.EXPIRED, PAID, Step.COME_LATE),
        (PaymentStatus.CANCELLED, PAID, Step.COME_LATE),
        (PaymentStatus.PAID, PAID, Step.NOTHING),
        (PaymentStatus.PENDING, {"session": "expired"}, Step.EXPIRE),
        (PaymentStatus.PAID, {"session": "expired"}, Step.NOTHING),
        (PaymentStatus.PENDING, {"failure_key": "ch_2", "failure": "No."}, Step.DECLINE),
        (PaymentStatus.PENDING, {"failure_key": "ch_1", "failure": "No."}, Step.NOTHING),
        (PaymentStatus.EXPIRED, {"failure_key": "ch_2"}, Step.NOTHING),
        (PaymentStatus.PENDING, {**PAID, "amount": 100, "paid": 100}, Step.MISMATCH),
        (PaymentStatus.PENDING, {**PAID, "paid": 1249}, Step.MISMATCH),
        (PaymentStatus.PENDING, {**PAID, "currency": "EUR"}, Step.MISMATCH),
    ],
)
def test_a_reading_asks_for_one_step(status: PaymentStatus, reading: dict[str, object], expected: Step) -> None:
    assert step(status, **reading) is expected


def test_no_reading_moves_what_is_paid() -> None:
    settled = [
        each
        for each in PaymentStatus
        if each not in (PaymentStatus.PENDING, PaymentStatus.EXPIRED, PaymentStatus.CANCELLED)
    ]
    for status, session, paid in itertools.product(settled, ("open", "complete", "expired"), (None, 1250, 1)):
        assert step(status, session=session, paid=paid, intent_id="pi_1") is Step.NOTHING


def test_no_more_goes_back_than_came() -> None:
    refunds = [(RefundStatus.SUCCEEDED, 200), (RefundStatus.REQUESTED, 300), (RefundStatus.FAILED, 400)]
    left = refundable(1000, refunds)
    assert left == 500
    check_refund(PaymentStatus.PAID, wanted=500, left=left, currency="GBP")
    for wanted in (501, 0, -1):
        with pytest.raises(RefundTooLarge):
            check_refund(PaymentStatus.PAID, wanted=wanted, left=left, currency="GBP")
    for status in (PaymentStatus.PENDING, PaymentStatus.EXPIRED, PaymentStatus.REFUNDED):
        with pytest.raises(NothingToRefund):
            check_refund(status, wanted=1, left=500, currency="GBP")


def test_the_status_follows_what_went_back() -> None:
    assert status_after_refund(PaymentStatus.PAID, amount=10, refunded=3) is PaymentStatus.PARTLY_REFUNDED
    assert status_after_refund(PaymentStatus.PARTLY_REFUNDED, amount=10, refunded=10) is PaymentStatus.REFUNDED
    assert status_after_refund(PaymentStatus.REFUNDED, amount=10, refunded=0) is PaymentStatus.PAID
    assert status_after_refund(PaymentStatus.LATE, amount=10, refunded=10) is PaymentStatus.REFUNDED
    assert status_after_refund(PaymentStatus.EXPIRED, amount=10, refunded=0) is PaymentStatus.EXPIRED
