"""What the fake has: accounts, payment pages, payments, refunds, and the events that tell of them. Pure, in memory."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Thing = dict[str, Any]

API_VERSION = "2026-10-28.endive"
SHORTEST_SESSION_SECONDS = 30 * 60
LINK_LIFE_SECONDS = 5 * 60
DECLINES = {
    "4000000000000002": ("card_declined", "Your card was declined."),
    "4000000000009995": ("insufficient_funds", "Your card has insufficient funds."),
    "4000000000000069": ("expired_card", "Your card has expired."),
}
"""Stripe's own test cards. Source: https://docs.stripe.com/testing"""

DUE_AT_FIRST = (
    "business_profile.url",
    "business_type",
    "individual.first_name",
    "individual.verification.document",
    "external_account",
    "tos_acceptance.date",
)


class Refusal(Exception):
    """What Stripe would answer with an error."""

    def __init__(self, status: int, kind: str, message: str, code: str = "", param: str = "") -> None:
        self.status = status
        self.body: Thing = {"error": {"type": kind, "message": message}}
        if code:
            self.body["error"]["code"] = code
        if param:
            self.body["error"]["param"] = param
        super().__init__(message)


def invalid(message: str, *, code: str = "", param: str = "", status: int = 400) -> Refusal:
    return Refusal(status, "invalid_request_error", message, code, param)


@dataclass
class Books:
    """Everything the fake has. Things of a connected account are kept with its id under "account"."""

    url: str = ""
    accounts: dict[str, Thing] = field(default_factory=dict[str, Thing])
    sessions: dict[str, Thing] = field(default_factory=dict[str, Thing])
    intents: dict[str, Thing] = field(default_factory=dict[str, Thing])
    refunds: dict[str, Thing] = field(default_factory=dict[str, Thing])
    links: dict[str, Thing] = field(default_factory=dict[str, Thing])
    events: list[Thing] = field(default_factory=list[Thing])
    gone: set[str] = field(default_factory=set[str])
    """Accounts whose holders took the platform's access away."""
    empty: set[str] = field(default_factory=set[str])
    """Accounts that have nothing left to refund from."""
    told: Callable[[Thing], None] = lambda event: None
    """Called with every new event."""

    # Accounts

    def create_account(self, given: Thing) -> Thing:
        account: Thing = {
            "id": _id("acct"),
            "object": "account",
            "type": given.get("type", "standard"),
            "email": given.get("email"),
            "country": "GB",
            "default_currency": "gbp",
            "charges_enabled": False,
            "payouts_enabled": False,
            "details_submitted": False,
            "metadata": given.get("metadata", {}),
            "created": _now(),
            "requirements": {
                "currently_due": list(DUE_AT_FIRST),
                "past_due": [],
                "disabled_reason": "requirements.past_due",
            },
        }
        self.accounts[account["id"]] = account
        return account

    def account(self, account_id: str) -> Thing:
        """Raises a refusal as Stripe does, when there is none or it is not the platform's any more."""
        if account_id not in self.accounts or account_id in self.gone:
            message = (
                f"The provided key does not have access to account '{account_id}' (or that account does not exist)."
            )
            raise Refusal(403, "invalid_request_error", message, "account_invalid")
        return self.accounts[account_id]

    def create_link(self, given: Thing) -> Thing:
        account = self.account(str(given.get("account")))
        token = secrets.token_urlsafe(16)
        self.links[token] = {
            "account": account["id"],
            "return_url": given.get("return_url", ""),
            "refresh_url": given.get("refresh_url", ""),
            "expires_at": _now() + LINK_LIFE_SECONDS,
        }
        return {
            "object": "account_link",
            "created": _now(),
            "expires_at": _now() + LINK_LIFE_SECONDS,
            "url": f"{self.url}/setup/{token}",
        }

    def give_details(self, account_id: str) -> None:
        """The holder has said who they are."""
        account = self.accounts[account_id]
        account["details_submitted"] = True
        self._still_due(account, "external_account", "individual.verification.document")

    def verify(self, account_id: str) -> None:
        """Stripe has checked them: cards can be charged."""
        account = self.accounts[account_id]
        account["charges_enabled"] = True
        self._still_due(account, "external_account")

    def add_bank(self, account_id: str) -> None:
        account = self.accounts[account_id]
        account["payouts_enabled"] = True
        self._still_due(account)

    def restrict(self, account_id: str) -> None:
        """Stripe wants more and lets nobody pay meanwhile."""
        account = self.accounts[account_id]
        account["charges_enabled"] = False
        account["requirements"] |= {
            "past_due": ["individual.verification.document"],
            "disabled_reason": "rejected.other",
        }
        self.tell("account.updated", account, account_id)

    def take_away(self, account_id: str) -> None:
        """The holder takes the platform's access away."""
        self.gone.add(account_id)
        self.tell("account.application.deauthorized", {"id": "ca_fake", "object": "application"}, account_id)

    def _still_due(self, account: Thing, *due: str) -> None:
        account["requirements"] |= {"currently_due": list(due), "past_due": [], "disabled_reason": None}
        self.tell("account.updated", account, account["id"])

    # Payment pages

    def create_session(self, account_id: str, given: Thing) -> Thing:
        account = self.account(account_id)
        if not account["charges_enabled"]:
            raise invalid("Your account cannot currently make live charges.", code="account_invalid")
        ends = int(given.get("expires_at") or _now() + 24 * 3600)
        if ends < _now() + SHORTEST_SESSION_SECONDS:
            raise invalid("The `expires_at` timestamp must be at least 30 minutes from now.", param="expires_at")
        line = given["line_items"]["0"]["price_data"]
        amount, currency = int(line["unit_amount"]), str(line["currency"])
        if amount < 1:
            raise invalid("Invalid positive integer", param="line_items[0][price_data][unit_amount]")
        about = given.get("payment_intent_data", {})
        session_id = _id("cs_test")
        session: Thing = {
            "id": session_id,
            "object": "checkout.session",
            "account": account_id,
            "amount_total": amount,
            "currency": currency,
            "status": "open",
            "payment_status": "unpaid",
            "payment_intent": None,
            "url": f"{self.url}/checkout/{session_id}",
            "success_url": given.get("success_url"),
            "cancel_url": given.get("cancel_url"),
            "customer_email": given.get("customer_email"),
            "client_reference_id": given.get("client_reference_id"),
            "metadata": given.get("metadata", {}),
            "expires_at": ends,
            "created": _now(),
            "name": line.get("product_data", {}).get("name", ""),
            "intent": {"metadata": about.get("metadata", {}), "description": about.get("description")},
        }
        self.sessions[session_id] = session
        return session

    def session(self, account_id: str, session_id: str) -> Thing:
        found = self.sessions.get(session_id)
        if found is None or found["account"] != account_id:
            raise invalid(f"No such checkout.session: '{session_id}'", code="resource_missing", status=404)
        if found["status"] == "open" and found["expires_at"] <= _now():
            self._end(found)
        return found

    def expire_session(self, account_id: str, session_id: str) -> Thing:
        session = self.session(account_id, session_id)
        if session["status"] != "open":
            raise invalid(
                f'Only Checkout Sessions with a status in ["open"] can be expired. It is {session["status"]}.'
            )
        self._end(session)
        return session

    def _end(self, session: Thing) -> None:
        session["status"], session["url"] = "expired", None
        self.tell("checkout.session.expired", session, session["account"])

    def pay(self, session_id: str, card: str) -> bool:
        """Somebody enters a card. False: it was declined, and they may try another."""
        session = self.sessions[session_id]
        if session["status"] != "open" or session["expires_at"] <= _now():
            raise invalid("This payment page is over.")
        intent = self._intent_of(session)
        intent["latest_charge"] = _id("ch")
        declined = DECLINES.get(card.replace(" ", ""))
        if declined:
            code, message = declined
            error = {"code": "card_declined", "decline_code": code, "message": message, "type": "card_error"}
            intent |= {"status": "requires_payment_method"}
            intent["last_payment_error"] = error | {"charge": intent["latest_charge"]}
            self.tell("payment_intent.payment_failed", intent, session["account"])
            return False
        intent |= {"status": "succeeded", "amount_received": intent["amount"], "last_payment_error": None}
        session |= {"status": "complete", "payment_status": "paid", "url": None}
        self.tell("payment_intent.succeeded", intent, session["account"])
        self.tell("checkout.session.completed", session, session["account"])
        return True

    def _intent_of(self, session: Thing) -> Thing:
        if session["payment_intent"] is None:
            intent: Thing = {
                "id": _id("pi"),
                "object": "payment_intent",
                "account": session["account"],
                "amount": session["amount_total"],
                "amount_received": 0,
                "currency": session["currency"],
                "status": "requires_payment_method",
                "last_payment_error": None,
                "latest_charge": None,
                "created": _now(),
                **session["intent"],
            }
            self.intents[intent["id"]] = intent
            session["payment_intent"] = intent["id"]
        return self.intents[session["payment_intent"]]

    def intent(self, account_id: str, intent_id: str) -> Thing:
        found = self.intents.get(intent_id)
        if found is None or found["account"] != account_id:
            raise invalid(f"No such payment_intent: '{intent_id}'", code="resource_missing", status=404)
        return found

    # Refunds

    def create_refund(self, account_id: str, given: Thing) -> Thing:
        intent = self.intent(account_id, str(given.get("payment_intent")))
        if intent["status"] != "succeeded":
            raise invalid("This PaymentIntent does not have a successful charge to refund.")
        left = intent["amount_received"] - sum(each["amount"] for each in self.refunds_of(intent["id"]))
        amount = int(given.get("amount") or left)
        if account_id in self.empty:
            raise invalid("Insufficient funds in your Stripe balance.", code="balance_insufficient")
        if left <= 0:
            raise invalid("Charge has already been refunded.", code="charge_already_refunded")
        if amount > left:
            raise invalid(
                f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", param="amount"
            )
        refund: Thing = {
            "id": _id("re"),
            "object": "refund",
            "account": account_id,
            "amount": amount,
            "currency": intent["currency"],
            "payment_intent": intent["id"],
            "charge": intent["latest_charge"],
            "metadata": given.get("metadata", {}),
            "status": "succeeded",
            "created": _now(),
        }
        self.refunds[refund["id"]] = refund
        self.tell("refund.created", refund, account_id)
        charge = {"id": intent["latest_charge"], "object": "charge", "payment_intent": intent["id"]}
        self.tell("charge.refunded", charge | {"metadata": intent["metadata"]}, account_id)
        return refund

    def fail_refund(self, refund_id: str) -> None:
        """The bank sends a refund back."""
        refund = self.refunds[refund_id]
        refund |= {"status": "failed", "failure_reason": "lost_or_stolen_card"}
        self.tell("refund.failed", refund, refund["account"])

    def refunds_of(self, intent_id: str) -> list[Thing]:
        """Those that moved or still move money."""
        return [
            each
            for each in self.refunds.values()
            if each["payment_intent"] == intent_id and each["status"] not in ("failed", "canceled")
        ]

    def balance(self, account_id: str) -> int:
        """What the account has: everything paid to it without what went back, in minor units, all currencies alike."""
        paid = sum(each["amount_received"] for each in self.intents.values() if each["account"] == account_id)
        back = [each for each in self.refunds.values() if each["account"] == account_id and each["status"] != "failed"]
        return paid - sum(each["amount"] for each in back)

    # Events

    def tell(self, kind: str, about: Thing, account_id: str) -> Thing:
        """Note an event with its object as it is now."""
        event: Thing = {
            "id": _id("evt"),
            "object": "event",
            "type": kind,
            "account": account_id,
            "api_version": API_VERSION,
            "created": _now(),
            "livemode": False,
            "data": {"object": shown(about)},
        }
        self.events.append(event)
        self.told(event)
        return event


def shown(thing: Thing) -> Thing:
    """A thing as the outside sees it: without what only the fake keeps."""
    return {key: value for key, value in thing.items() if key not in ("account", "intent", "name")}


def _id(kind: str) -> str:
    return f"{kind}_{secrets.token_hex(12)}"


def _now() -> int:
    return int(time.time())
