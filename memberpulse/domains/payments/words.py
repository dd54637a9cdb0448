"""How payments read: states and checklists in words. Pure."""

from memberpulse.domains.payments.models import (
    AccountStatus,
    LedgerKind,
    PayeeAccount,
    PaymentsShown,
    PaymentStatus,
    RefundStatus,
)
from memberpulse.domains.payments.schemas import CheckItem

STATUS_WORDS = {
    PaymentStatus.PENDING: "Waiting",
    PaymentStatus.PAID: "Paid",
    PaymentStatus.PARTLY_REFUNDED: "Partly refunded",
    PaymentStatus.REFUNDED: "Refunded",
    PaymentStatus.EXPIRED: "Expired",
    PaymentStatus.CANCELLED: "Cancelled",
    PaymentStatus.LATE: "Came too late",
}
DECLINED = "Declined"
REFUND_WORDS = {
    RefundStatus.REQUESTED: "On its way",
    RefundStatus.PENDING: "At the bank",
    RefundStatus.SUCCEEDED: "Refunded",
    RefundStatus.FAILED: "Did not go through",
}
LEDGER_WORDS = {
    LedgerKind.CHARGE: "Paid",
    LedgerKind.REFUND: "Refunded",
    LedgerKind.REFUND_RETURNED: "Refund came back",
}
STATUSES_SHOWN = {
    PaymentsShown.ALL: (),
    PaymentsShown.WAITING: (PaymentStatus.PENDING,),
    PaymentsShown.PAID: (PaymentStatus.PAID, PaymentStatus.PARTLY_REFUNDED, PaymentStatus.LATE),
    PaymentsShown.REFUNDED: (PaymentStatus.REFUNDED, PaymentStatus.PARTLY_REFUNDED),
    PaymentsShown.UNPAID: (PaymentStatus.EXPIRED, PaymentStatus.CANCELLED),
}
"""Empty: every status."""

_WANTED = {
    "external_account": "A bank account for payouts",
    "tos_acceptance": "Your agreement to Stripe’s terms",
    "business_profile": "What you offer, and a web address",
    "business_type": "Whether you are a person or an organization",
    "individual.verification": "A document that shows who you are",
    "individual": "Your name, address and date of birth",
    "company": "Your organization’s details",
    "representative": "Who represents your organization",
    "person": "Who owns or directs your organization",
}


def status_words(status: PaymentStatus, failure: str) -> str:
    """A payment's state in a word or two; one that waits after a declined attempt says so."""
    return DECLINED if status is PaymentStatus.PENDING and failure else STATUS_WORDS[status]


def wanted_words(requirements: list[str]) -> list[str]:
    """What Stripe still wants to know, each once."""
    return list(dict.fromkeys(_wanted(each) for each in requirements))


def _wanted(requirement: str) -> str:
    for beginning, words in _WANTED.items():
        if requirement.startswith(beginning):
            return words
    return requirement.replace("_", " ").replace(".", ": ").capitalize()


def checklist(account: PayeeAccount | None) -> list[CheckItem]:
    """How far somebody is on the way to being paid. The first that is not done is next."""
    made = account is not None and account.provider_id is not None and account.disconnected_at is None
    told = made and account is not None and account.details_submitted
    charges = made and account is not None and account.charges_enabled
    payouts = made and account is not None and account.payouts_enabled
    steps = (
        ("account", "Stripe account made", "Stripe keeps one in your name; the money is yours from the start.", made),
        ("details", "Details given", "Stripe asks who you are and where your bank account is.", told),
        ("charges", "People can pay you", "Stripe has checked what it needs, and takes cards for you.", charges),
        ("payouts", "Payouts to your bank", "What you earn reaches your bank account by itself.", payouts),
    )
    following = next((key for key, _, _, done in steps if not done), "")
    return [
        CheckItem(key, title, hint, "done" if done else "next" if key == following else "waiting")
        for key, title, hint, done in steps
    ]


def is_ready(account: PayeeAccount | None) -> bool:
    return account is not None and account.status is AccountStatus.ACTIVE
