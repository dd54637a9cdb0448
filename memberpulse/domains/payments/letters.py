"""Letters about payments, to whoever paid."""

from dataclasses import dataclass
from datetime import datetime

from memberpulse.domains.mail.letters import Letter, sample
from memberpulse.engine import utc_now, uuid7
from memberpulse.sites import link


@dataclass(frozen=True, slots=True)
class Paid:
    """What a letter says of a payment. path: of its receipt."""

    what: str
    price: str
    payee: str
    organization: str
    number: str
    path: str
    at: datetime


def receipt_letter(paid: Paid) -> Letter:
    """Once the money has come."""
    return Letter(
        kind="payment_receipt",
        subject=f"Receipt: {paid.price} for {paid.what}",
        heading=f"You paid {paid.price}",
        paragraphs=(
            f"For: {paid.what}.",
            f"To: {paid.payee}, {paid.organization}, on {_day(paid.at)}.",
            f"Receipt number: {paid.number}.",
        ),
        button=("Open the receipt", link(paid.path)),
        footnote=f"You get this letter because you paid in {paid.organization}.",
    )


def refund_letter(paid: Paid, *, refunded: str, reason: str) -> Letter:
    """Once money has gone back. refunded: how much, in words."""
    why = (f"Reason: {reason}.",) if reason else ()
    return Letter(
        kind="payment_refund",
        subject=f"{refunded} refunded for {paid.what}",
        heading=f"{refunded} is on its way back to you",
        paragraphs=(
            f"{paid.payee} refunded {refunded} of the {paid.price} that you paid for {paid.what}.",
            *why,
            "Banks show it on the card after five to ten days.",
        ),
        button=("Open the receipt", link(paid.path)),
        footnote=f"You get this letter because you paid in {paid.organization}.",
    )


def late_letter(paid: Paid) -> Letter:
    """The money came too late and goes back by itself."""
    return Letter(
        kind="payment_late",
        subject=f"Your payment for {paid.what} came too late",
        heading="Your payment came too late",
        paragraphs=(
            f"Your payment of {paid.price} for {paid.what} arrived when the reservation had ended, so the place was "
            "released.",
            f"All of it goes back to your card by itself: {paid.price}. You need to do nothing.",
        ),
        button=("Open the receipt", link(paid.path)),
        footnote=f"You get this letter because you paid in {paid.organization}.",
    )


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"


def _example() -> Paid:
    number = uuid7()
    return Paid(
        what="Saturday repair café",
        price="£12.50",
        payee="Jonas Weber",
        organization="Fernhill Tool Library",
        number=str(number),
        path=f"/receipts/{number}",
        at=utc_now(),
    )


@sample
def receipt_sample() -> Letter:
    return receipt_letter(_example())


@sample
def refund_sample() -> Letter:
    return refund_letter(_example(), refunded="£5.00", reason="The café ends an hour earlier")


@sample
def late_sample() -> Letter:
    return late_letter(_example())
