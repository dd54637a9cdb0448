"""What happens to payments and to accounts. `target` is what the payment is for, or the account's holder."""

import uuid
from dataclasses import dataclass

from memberpulse.domains.organizations.facts import Act


@dataclass(frozen=True, kw_only=True)
class PaymentAct(Act):
    """entity_id is the payment. subject_type, subject_id: what it is for; whoever made it looks for its own."""

    entity_type = "payment"
    subject_type: str
    subject_id: uuid.UUID
    payer_id: uuid.UUID
    payee_id: uuid.UUID
    amount: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class PaymentSucceeded(PaymentAct):
    """The money has come while the reservation stood."""

    action = "succeeded"


@dataclass(frozen=True, kw_only=True)
class PaymentFailed(PaymentAct):
    """An attempt was declined. The payer may try again until the reservation ends."""

    action = "failed"
    reason: str


@dataclass(frozen=True, kw_only=True)
class PaymentExpired(PaymentAct):
    """The reservation ended before anything was paid."""

    action = "expired"


@dataclass(frozen=True, kw_only=True)
class PaymentCancelled(PaymentAct):
    """Somebody gave up before anything was paid."""

    action = "cancelled"


@dataclass(frozen=True, kw_only=True)
class PaymentCameLate(PaymentAct):
    """The money came after the reservation had ended; it goes back by itself."""

    action = "came_late"


@dataclass(frozen=True, kw_only=True)
class RefundRequested(PaymentAct):
    """Somebody asked for a refund of `refund` minor units."""

    action = "refund_requested"
    refund: int
    automatic: bool


@dataclass(frozen=True, kw_only=True)
class PaymentRefunded(PaymentAct):
    """refunded: what went back now. total_refunded: all that has gone back. in_full: whether nothing is left."""

    action = "refunded"
    refunded: int
    total_refunded: int
    in_full: bool
    automatic: bool


@dataclass(frozen=True, kw_only=True)
class RefundFailed(PaymentAct):
    """A refund did not reach the payer."""

    action = "refund_failed"
    refund: int
    reason: str
    automatic: bool


@dataclass(frozen=True, kw_only=True)
class AccountChanged(Act):
    """Somebody's connected account is another way now. entity_id: our row of it. before, after: its status."""

    entity_type = "payee_account"
    action = "changed"
    user_id: uuid.UUID
    before: str
    after: str
    is_ready: bool


@dataclass(frozen=True, kw_only=True)
class PaymentsExported(Act):
    """Somebody downloaded payments; entity_id is the organization."""

    entity_type = "payment"
    action = "exported"
    rows: int
