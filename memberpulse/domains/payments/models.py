"""Tables of payments. Money is an integer in minor units of an ISO 4217 currency."""

import enum
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint, event, false
from sqlmodel import Field

from memberpulse.domains.organizations.models import Owned
from memberpulse.engine import Row, UtcDateTime, utc_now, word_type


class AccountStatus(enum.StrEnum):
    """How far a connected account is. Only an active one is charged through."""

    ONBOARDING = "onboarding"
    ACTIVE = "active"
    RESTRICTED = "restricted"
    DISCONNECTED = "disconnected"


class PaymentStatus(enum.StrEnum):
    """How far a payment is. What is paid never becomes unpaid again; money goes back by refunds alone."""

    PENDING = "pending"
    PAID = "paid"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    LATE = "late"
    """The money came when the reservation had ended; it is on its way back by itself."""


class RefundStatus(enum.StrEnum):
    REQUESTED = "requested"
    PENDING = "pending"
    """The provider has it and has not finished."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Outcome(enum.StrEnum):
    """What a webhook event did."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    IGNORED = "ignored"
    """Of a type that concerns us in nothing."""
    UNMATCHED = "unmatched"
    """About nothing of ours, or of an account other than the one that it would have to be of."""
    MISMATCHED = "mismatched"
    """About a payment of ours, with another amount or currency than we asked for."""


class PayeeAccount(Owned, table=True):
    """Somebody's connected account, through which an organization's members pay them."""

    __tablename__ = "payee_account"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("organization_id", "user_id", name="uq_payee_account_person"),)

    user_id: uuid.UUID = Field(foreign_key="user_account.id", ondelete="CASCADE", index=True)
    provider_id: str | None = Field(default=None, unique=True, max_length=64)
    """Stripe's id, acct_…; None until Stripe has made it."""
    status: AccountStatus = Field(default=AccountStatus.ONBOARDING, sa_type=word_type(AccountStatus))
    charges_enabled: bool = False
    payouts_enabled: bool = False
    details_submitted: bool = False
    requirements: list[str] = Field(default_factory=list, sa_type=JSON)
    """What Stripe still wants to know, in its own words."""
    disabled_reason: str = Field(default="", max_length=120)
    country: str = Field(default="", max_length=2)
    currency: str = Field(default="", max_length=3)
    """The account's own currency, in capitals."""
    links: int = 0
    """How many onboarding links were asked for: each has a key of its own."""
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the reading that is shown began. An answer to an earlier question never replaces it."""
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    disconnected_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Payment(Owned, table=True):
    """Somebody pays somebody for something. What it is for belongs to a higher domain: its type and id."""

    __table_args__ = (
        Index("ix_payment_latest", "organization_id", "created_at", "id"),
        Index("ix_payment_subject", "subject_type", "subject_id"),
    )

    subject_type: str = Field(max_length=40)
    subject_id: uuid.UUID
    description: str = Field(max_length=200)
    return_path: str = Field(max_length=200)
    payer_id: uuid.UUID = Field(foreign_key="user_account.id", ondelete="CASCADE", index=True)
    payee_id: uuid.UUID = Field(foreign_key="user_account.id", ondelete="CASCADE", index=True)
    account_id: uuid.UUID = Field(foreign_key="payee_account.id", ondelete="CASCADE", index=True)
    amount: int
    currency: str = Field(max_length=3)
    application_fee: int = 0
    status: PaymentStatus = Field(default=PaymentStatus.PENDING, sa_type=word_type(PaymentStatus))
    refunded: int = 0
    """What has gone back to the payer."""
    expires_at: datetime = Field(sa_type=UtcDateTime)
    """Until when what it pays for is reserved."""
    session_id: str | None = Field(default=None, unique=True, max_length=120)
    checkout_url: str | None = None
    intent_id: str | None = Field(default=None, unique=True, max_length=120)
    failure: str = Field(default="", max_length=300)
    """Why the latest attempt was declined."""
    failure_key: str = Field(default="", max_length=120)
    """Which attempt that was."""
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    paid_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the reservation ended unpaid."""
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When nothing more could come of it at the provider; the reconciliation looks at it until then."""


class Refund(Owned, table=True):
    """Money on its way back to the payer. Its id is the key under which Stripe carries it out once."""

    __tablename__ = "payment_refund"  # pyright: ignore[reportAssignmentType]

    payment_id: uuid.UUID = Field(foreign_key="payment.id", ondelete="CASCADE", index=True)
    amount: int
    currency: str = Field(max_length=3)
    reason: str = Field(default="", max_length=200)
    automatic: bool = False
    """Made by itself, since the money came too late."""
    owed: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """What was paid for is not to be had: Stripe is asked again until the money is back."""
    asked_by: uuid.UUID | None = Field(default=None, foreign_key="user_account.id", ondelete="SET NULL", index=True)
    """None: by itself, or in Stripe's own dashboard."""
    status: RefundStatus = Field(default=RefundStatus.REQUESTED, sa_type=word_type(RefundStatus), index=True)
    provider_id: str | None = Field(default=None, unique=True, max_length=120)
    refusals: int = 0
    """How often Stripe said no: the next attempt has another key."""
    failure: str = Field(default="", max_length=300)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class LedgerKind(enum.StrEnum):
    CHARGE = "charge"
    REFUND = "refund"
    REFUND_RETURNED = "refund_returned"
    """A refund did not reach the payer: the money is back with the payee."""


class LedgerEntry(Owned, table=True):
    """Money that moved. Entries are added and never changed; their sum is what the payee has of a payment."""

    __tablename__ = "payment_ledger"  # pyright: ignore[reportAssignmentType]

    payment_id: uuid.UUID = Field(foreign_key="payment.id", ondelete="CASCADE", index=True)
    kind: LedgerKind = Field(sa_type=word_type(LedgerKind))
    amount: int
    """Positive to the payee, negative back to the payer."""
    currency: str = Field(max_length=3)
    reference: str = Field(unique=True, max_length=160)
    """The kind and Stripe's id of what moved the money: it cannot be entered twice."""
    at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class ProviderEvent(Row, table=True):
    """One webhook event, kept so that it counts once however often it is told."""

    __tablename__ = "payment_event"  # pyright: ignore[reportAssignmentType]

    event_id: str = Field(unique=True, max_length=120)
    type: str = Field(max_length=80)
    provider_account: str = Field(default="", max_length=64)
    object_id: str = Field(default="", max_length=120)
    outcome: Outcome = Field(sa_type=word_type(Outcome))
    received_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime, index=True)


class PaymentToast(Owned, table=True):
    """What somebody's open screens say at once, and nobody needs tomorrow."""

    __tablename__ = "payment_toast"  # pyright: ignore[reportAssignmentType]

    user_id: uuid.UUID = Field(foreign_key="user_account.id", ondelete="CASCADE", index=True)
    person_id: uuid.UUID | None = Field(default=None, foreign_key="user_account.id", ondelete="CASCADE", index=True)
    """Whom its words name."""
    title: str = Field(max_length=200)
    message: str = Field(default="", max_length=300)
    tone: str = Field(default="live", max_length=8)
    """live or error."""
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)


class LedgerIsAppendOnly(Exception):
    """Somebody tried to change an entry of the ledger."""


@event.listens_for(LedgerEntry, "before_update")
def _refuse_change(mapper: Any, connection: Any, entry: LedgerEntry) -> None:
    raise LedgerIsAppendOnly(str(entry.id))


@event.listens_for(LedgerEntry, "before_delete")
def _refuse_deletion(mapper: Any, connection: Any, entry: LedgerEntry) -> None:
    raise LedgerIsAppendOnly(str(entry.id))


class PaymentsShown(enum.StrEnum):
    """What the list of payments is narrowed to."""

    ALL = "all"
    WAITING = "waiting"
    PAID = "paid"
    REFUNDED = "refunded"
    UNPAID = "unpaid"
