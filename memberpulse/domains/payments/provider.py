"""The one seam to Stripe: what we ask of it, in our words, over its own library.

Charges are direct charges: every call about money names the connected account, and the money is the payee's from the
first moment. What it raises says what happens next:

    ProviderUnreachable   nobody knows whether it was done; ask again under the same key
    ProviderRefused       it was not done, and will not be; the text says why
    UnknownToProvider     there is no such thing, or it is not ours to see any more
"""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast
from weakref import WeakKeyDictionary

from memberpulse.domains.payments.errors import (
    PaymentsNotOffered,
    ProviderRefused,
    ProviderUnreachable,
    UnknownToProvider,
)
from memberpulse.domains.payments.rules import Reading
from memberpulse.settings import get_settings

if TYPE_CHECKING:
    import stripe

TIME_OUT_SECONDS = 15
TRIES_AGAIN = 1

PAYMENT_ID = "memberpulse_payment"
REFUND_ID = "memberpulse_refund"
"""Our ids, carried through Stripe as metadata."""


@dataclass(frozen=True, slots=True)
class AccountReading:
    """A connected account as Stripe has it at one moment. currency: in capitals."""

    provider_id: str
    charges_enabled: bool
    payouts_enabled: bool
    details_submitted: bool
    requirements: list[str]
    disabled_reason: str
    country: str
    currency: str


@dataclass(frozen=True, slots=True)
class Order:
    """What a checkout session is to charge."""

    key: str
    account: str
    payment_id: str
    amount: int
    currency: str
    description: str
    application_fee: int
    email: str
    success_url: str
    cancel_url: str
    ends_at: int


@dataclass(frozen=True, slots=True)
class Opened:
    session_id: str
    url: str


RefundWord = Literal["pending", "succeeded", "failed"]


@dataclass(frozen=True, slots=True)
class RefundReading:
    """A refund as Stripe has it. our_id: what we gave it as metadata, or nothing when it was made elsewhere."""

    provider_id: str
    our_id: str
    amount: int
    status: RefundWord
    failure: str


@dataclass(frozen=True, slots=True)
class PaymentReading:
    """A payment as Stripe has it, with everything that has gone back."""

    reading: Reading
    refunds: list[RefundReading]


@dataclass(frozen=True, slots=True)
class Fake:
    """Something that plays Stripe: where it answers, and the keys of its API and of its events."""

    url: str
    key: str = field(repr=False)
    secret: str = field(repr=False)


_fakes: list[Fake] = []


def use_fake(fake: Fake | None) -> None:
    """Ask a fake from now on where there are no keys of Stripe; None ends that."""
    _fakes[:] = [fake] if fake else []


def payments_are_offered() -> bool:
    """Whether anybody can pay on this server: with Stripe's keys, or on the demo, where a fake plays Stripe."""
    return get_settings().stripe_secret_key is not None or bool(_fakes)


def webhook_secret() -> str | None:
    """What webhook events are signed with; None where no payments are offered."""
    settings = get_settings()
    if settings.stripe_secret_key is not None:
        return settings.stripe_connect_webhook_secret
    return _fakes[0].secret if _fakes else None


def is_fake() -> bool:
    """Whether nobody's real money moves."""
    return get_settings().stripe_secret_key is None and bool(_fakes)


_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[str, str, "stripe.StripeClient"]] = WeakKeyDictionary()
"""One for each event loop: its connections are kept open, and they belong to the loop."""


def _client() -> "stripe.StripeClient":
    settings, loop = get_settings(), asyncio.get_running_loop()
    key, url = settings.stripe_secret_key, settings.stripe_url
    if key is None:
        if not _fakes:
            raise PaymentsNotOffered
        key, url = _fakes[0].key, _fakes[0].url
    known = _clients.get(loop)
    if known is None or known[:2] != (key, url):
        import stripe  # only where it is used: it costs a quarter of a second

        made = stripe.StripeClient(
            key,
            base_addresses={"api": url},
            http_client=stripe.HTTPXClient(timeout=TIME_OUT_SECONDS),
            max_network_retries=TRIES_AGAIN,
        )
        known = _clients[loop] = (key, url, made)
    return known[2]


class Stripe:
    """Stripe by its own library. Raises PaymentsNotOffered (404) where there are no keys and no fake."""

    def __init__(self) -> None:
        self._client = _client()

    # Accounts

    async def create_account(self, *, key: str, email: str, metadata: dict[str, str]) -> str:
        """Make a connected account and give its id. Standard: its holder has their own dashboard and disputes."""
        params: Any = {"type": "standard", "email": email, "metadata": metadata}
        made = await self._ask(self._client.v1.accounts.create_async(params, {"idempotency_key": key}))
        return str(made["id"])

    async def onboarding_link(self, *, key: str, account: str, return_url: str, refresh_url: str) -> str:
        """Where the account's holder tells Stripe about themselves. It works once, for some minutes."""
        params: Any = {
            "account": account,
            "type": "account_onboarding",
            "return_url": return_url,
            "refresh_url": refresh_url,
        }
        made = await self._ask(self._client.v1.account_links.create_async(params, {"idempotency_key": key}))
        return str(made["url"])

    async def read_account(self, account: str) -> AccountReading:
        """Raises UnknownToProvider when the holder has taken our access away."""
        found = await self._ask(self._client.v1.accounts.retrieve_async(account))
        return account_reading(found)

    # Payments

    async def open_checkout(self, order: Order) -> Opened:
        """Make a hosted payment page for an order, or find the one that was made under its key."""
        line = {
            "quantity": 1,
            "price_data": {
                "currency": order.currency.lower(),
                "unit_amount": order.amount,
                "product_data": {"name": order.description},
            },
        }
        about = {PAYMENT_ID: order.payment_id}
        intent: dict[str, Any] = {"metadata": about, "description": order.description}
        if order.application_fee:
            intent["application_fee_amount"] = order.application_fee
        params: Any = {
            "mode": "payment",
            "payment_method_types": ["card"],  # others are confirmed days later; a place is held for minutes
            "line_items": [line],
            "payment_intent_data": intent,
            "client_reference_id": order.payment_id,
            "metadata": about,
            "success_url": order.success_url,
            "cancel_url": order.cancel_url,
            "expires_at": order.ends_at,
        }
        if order.email:
            params["customer_email"] = order.email
        options: Any = {"idempotency_key": order.key, "stripe_account": order.account}
        made = await self._ask(self._client.v1.checkout.sessions.create_async(params, options))
        return Opened(str(made["id"]), str(made.get("url") or ""))

    async def end_checkout(self, *, key: str, account: str, session_id: str) -> bool:
        """End an open payment page, so that nobody can pay on it any more; False when it was over already."""
        options: Any = {"idempotency_key": key, "stripe_account": account}
        try:
            await self._ask(self._client.v1.checkout.sessions.expire_async(session_id, None, options))
        except ProviderRefused:
            return False
        return True

    async def read_payment(self, *, account: str, session_id: str) -> PaymentReading:
        """A payment by its session, with what went back."""
        options: Any = {"stripe_account": account}
        expand: Any = {"expand": ["payment_intent"]}
        session = await self._ask(self._client.v1.checkout.sessions.retrieve_async(session_id, expand, options))
        reading = payment_reading(session)
        refunds: list[RefundReading] = []
        if reading.paid is not None and reading.intent_id:
            wanted: Any = {"payment_intent": reading.intent_id, "limit": 100}
            found = await self._ask(self._client.v1.refunds.list_async(wanted, options))
            refunds = [refund_reading(each) for each in found["data"]]
        return PaymentReading(reading, refunds)

    async def refund(self, *, key: str, account: str, intent_id: str, amount: int, our_id: str) -> RefundReading:
        """Send money back. Under the same key it happens once."""
        params: Any = {"payment_intent": intent_id, "amount": amount, "metadata": {REFUND_ID: our_id}}
        options: Any = {"idempotency_key": key, "stripe_account": account}
        return refund_reading(await self._ask(self._client.v1.refunds.create_async(params, options)))

    async def _ask(self, call: Any) -> dict[str, Any]:
        import stripe as errors

        try:
            answer = await call
        except errors.APIConnectionError as error:
            raise ProviderUnreachable from error
        except errors.RateLimitError as error:
            raise ProviderUnreachable from error
        except errors.IdempotencyError as error:
            raise ProviderUnreachable("Stripe is still at this. Look again in a moment.") from error
        except (errors.AuthenticationError, errors.PermissionError) as error:
            if _code_of(error) == "account_invalid":
                raise UnknownToProvider from None
            raise ProviderUnreachable("Stripe does not accept this server’s key.") from None
        except errors.StripeError as error:
            raise _meaning(error) from error
        return cast("dict[str, Any]", answer.to_dict())


def _meaning(error: "stripe.StripeError") -> Exception:
    status = error.http_status or 500
    if status == 404 or _code_of(error) == "resource_missing":
        return UnknownToProvider()
    if 400 <= status < 500 and status != 409:
        return ProviderRefused(f"Stripe says: {error.user_message or 'this cannot be done.'}"[:300])
    return ProviderUnreachable()


def _code_of(error: "stripe.StripeError") -> str:
    """Stripe's library passes the code on for some errors only."""
    said = error.json_body
    return str(_part(cast("dict[str, Any]", said), "error").get("code") or "") if isinstance(said, dict) else ""


def account_reading(found: dict[str, Any]) -> AccountReading:
    """What Stripe's account object says."""
    wants = _part(found, "requirements")
    named: list[Any] = [*(wants.get("past_due") or []), *(wants.get("currently_due") or [])]
    return AccountReading(
        provider_id=str(found["id"]),
        charges_enabled=bool(found.get("charges_enabled")),
        payouts_enabled=bool(found.get("payouts_enabled")),
        details_submitted=bool(found.get("details_submitted")),
        requirements=list(dict.fromkeys(str(each)[:100] for each in named))[:30],
        disabled_reason=str(wants.get("disabled_reason") or "")[:120],
        country=str(found.get("country") or "")[:2],
        currency=str(found.get("default_currency") or "").upper()[:3],
    )


def payment_reading(session: dict[str, Any]) -> Reading:
    """What Stripe's session object says, with its payment intent expanded."""
    intent: Any = session.get("payment_intent")
    found, error = _part(session, "payment_intent"), _part(_part(session, "payment_intent"), "last_payment_error")
    received = found.get("amount_received") if found.get("status") == "succeeded" else None
    return Reading(
        session=str(session.get("status") or "open"),
        amount=int(session.get("amount_total") or 0),
        currency=str(session.get("currency") or "").upper(),
        paid=int(received) if received is not None else None,
        intent_id=str(found["id"]) if found else (str(intent) if intent else None),
        failure=str(error.get("message") or "The card was declined.")[:300] if error else "",
        failure_key=str(error.get("charge") or error.get("code") or "declined")[:120] if error else "",
    )


_DONE: dict[str, RefundWord] = {"succeeded": "succeeded", "failed": "failed", "canceled": "failed"}


def refund_reading(found: dict[str, Any]) -> RefundReading:
    """What Stripe's refund object says."""
    metadata = _part(found, "metadata")
    return RefundReading(
        provider_id=str(found["id"]),
        our_id=str(metadata.get(REFUND_ID) or ""),
        amount=int(found.get("amount") or 0),
        status=_DONE.get(str(found.get("status")), "pending"),
        failure=str(found.get("failure_reason") or "")[:300],
    )


def _part(found: dict[str, Any], name: str) -> dict[str, Any]:
    """An object within an object; an empty one where there is none."""
    part: Any = found.get(name)
    return cast("dict[str, Any]", part) if isinstance(part, dict) else {}
