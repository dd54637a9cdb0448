"""Who takes letters: Resend, or the local mailbox. A provider is told a parcel and answers with a receipt or refuses.

Another provider is another class with `take`. What it raises says what happens next:

    Refused    it will never take this parcel; the message failed
    NotNow     it may take it later; the same parcel is handed over again, under the same key
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

import httpx

from memberpulse.domains.mail.models import Status
from memberpulse.domains.mail.rendering import Rendered
from memberpulse.settings import Settings
from memberpulse.tls import trusted

TAG = "message"
"""The name of the tag that carries our message's id through Resend and back in its events."""

_KEY_AT_FAULT = {"missing_api_key", "invalid_api_key", "restricted_api_key"}
_FOR_GOOD = {400, 403, 404, 405, 413, 422, 451}
_TIME_OUT_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Parcel:
    """A letter ready to go. message_id is the idempotency key: however often it is handed over, it leaves once."""

    message_id: uuid.UUID
    to: str
    letter: Rendered


@dataclass(frozen=True, slots=True)
class Receipt:
    """A provider has taken a parcel. keep: whether the letter is still needed here."""

    status: Status
    provider_id: str | None = None
    keep: bool = False


class Refused(Exception):
    """This parcel will never be taken. The text says why, for the people who wait for it."""


class NotNow(Exception):
    """The parcel could not be taken now. after: how long to wait, when the provider said so."""

    def __init__(self, reason: str, after: timedelta | None = None) -> None:
        self.after = after
        super().__init__(reason)


class Provider(Protocol):
    async def take(self, parcel: Parcel) -> Receipt:
        """Take a parcel. Raises Refused and NotNow. Safe to repeat."""
        ...


class Mailbox:
    """The local mailbox: the letter stays in the database, where the page shows it."""

    async def take(self, parcel: Parcel) -> Receipt:
        return Receipt(Status.DELIVERED, keep=True)


class Nobody:
    """Neither a provider nor a mailbox. The settings refuse that at start; this is for a process that starts anyway."""

    async def take(self, parcel: Parcel) -> Receipt:
        raise NotNow("This server has no way to send mail yet.")


class Resend:
    """Mail through Resend. Source: https://resend.com/docs/api-reference/emails/send-email"""

    def __init__(self, *, api_key: str, sender: str, url: str) -> None:
        self._api_key = api_key
        self._sender = sender
        self._url = url

    async def take(self, parcel: Parcel) -> Receipt:
        import resend  # only where it is used: it costs a quarter of a second
        from resend.exceptions import NoContentError, ResendError

        resend.api_key, resend.api_url = self._api_key, self._url
        resend.default_async_http_client = _Post()  # pyright: ignore[reportAttributeAccessIssue]
        try:
            answer = await resend.Emails.send_async(
                self._parameters(parcel), {"idempotency_key": str(parcel.message_id)}
            )
        except ResendError as error:
            return _refused(error)
        except NoContentError:
            raise NotNow("Resend gave an empty answer.") from None
        if not answer.get("id"):
            raise NotNow("Resend gave an answer without an id.")
        return Receipt(Status.SENT, provider_id=str(answer["id"]))

    def _parameters(self, parcel: Parcel) -> Any:
        return {
            "from": self._sender,
            "to": [parcel.to],
            "subject": parcel.letter.subject,
            "html": parcel.letter.html,
            "text": parcel.letter.text,
            "headers": parcel.letter.headers,
            "tags": [{"name": TAG, "value": str(parcel.message_id)}],
        }


class _Post:
    """How Resend's library sends: as by its own client, which would read all certificates again for each letter."""

    async def request(
        self, method: str, url: str, headers: Mapping[str, str], json: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Raises RuntimeError when there is no answer, which the library turns into its own."""
        try:
            async with httpx.AsyncClient(verify=trusted(), timeout=_TIME_OUT_SECONDS) as client:
                answer = await client.request(method, url, headers=headers, json=json)
        except httpx.RequestError as error:
            raise RuntimeError(f"Request failed: {error}") from error
        return answer.content, answer.status_code, answer.headers


def provider_of(settings: Settings) -> Provider:
    """Who takes the letters of this server."""
    if settings.resend_api_key is not None:
        return Resend(api_key=settings.resend_api_key, sender=settings.resend_from, url=settings.resend_url.rstrip("/"))
    return Mailbox() if settings.mailbox_is_open else Nobody()


def _refused(error: Any) -> Receipt:
    """Say what a refusal of Resend's means. Source: https://resend.com/docs/api-reference/errors"""
    code, kind = _number(error.code), str(error.error_type)
    if code == 409 and kind == "invalid_idempotent_request":
        # It took this message before, in other words: what we write has changed since. It must not leave twice.
        return Receipt(Status.SENT)
    if code in _FOR_GOOD and kind not in _KEY_AT_FAULT:
        raise Refused(f"Resend refused it: {error.message}"[:300])
    if kind in _KEY_AT_FAULT or code == 401:
        raise NotNow("Resend does not accept this server’s key.")
    raise NotNow(f"Resend could not take it yet ({code or 'no answer'}).", _asked_wait(error))


def _asked_wait(error: Any) -> timedelta | None:
    headers = {str(name).lower(): value for name, value in dict(error.headers or {}).items()}
    seconds = _number(headers.get("retry-after"))
    return timedelta(seconds=min(seconds, 86_400)) if seconds is not None else None


def _number(value: object) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() else None
