"""Talking to a push service: RFC 8030 with the message encrypted for the browser (RFC 8291) and signed (RFC 8292).

Its address comes from a browser and so from anybody. Only https to public addresses is called: the name is resolved
here, each address is checked, and the connection goes to the one that was checked. Redirects are not followed.
"""

import enum
import ipaddress
import json
import socket
import uuid
from base64 import urlsafe_b64decode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlsplit

import anyio
import httpcore
import httpx
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from webpush import WebPush, WebPushSubscription

from memberpulse.domains.notifications.errors import BadDevice
from memberpulse.domains.notifications.push import vapid
from memberpulse.settings import get_settings
from memberpulse.tls import trusted

LONGEST_ENDPOINT = 1000
TIME_TO_LIVE = timedelta(days=1)
"""How long a push service keeps a message for a browser that is off."""
TIMEOUT = httpx.Timeout(10.0)
_POINT, _SECRET = 65, 16


class Outcome(enum.StrEnum):
    """What a push service made of a message."""

    TAKEN = "taken"
    GONE = "gone"
    """The browser has unsubscribed, or never was."""
    REFUSED = "refused"
    LATER = "later"
    """It certainly was not taken, and may be another time."""
    UNKNOWN = "unknown"
    """It may have been taken."""


@dataclass(frozen=True, slots=True)
class Answer:
    outcome: Outcome
    reason: str = ""
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a browser is told. shown: what of it takes each other's place; notification_id: what a click reads."""

    id: uuid.UUID
    shown: uuid.UUID
    title: str
    body: str
    link: str
    notification_id: uuid.UUID | None

    def payload(self) -> bytes:
        told = {
            "id": str(self.id),
            "tag": str(self.shown),
            "title": self.title,
            "body": self.body,
            "link": self.link,
            "notification": str(self.notification_id) if self.notification_id else None,
        }
        return json.dumps(told, ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class Target:
    """A browser's subscription as it gave it."""

    endpoint: str
    p256dh: str
    auth: str

    @property
    def host(self) -> str:
        return urlsplit(self.endpoint).hostname or ""

    def dump(self) -> str:
        return json.dumps([self.endpoint, self.p256dh, self.auth])

    @classmethod
    def load(cls, text: str) -> "Target":
        return cls(*json.loads(text))


def check_target(target: Target) -> None:
    """Raises BadDevice (422) for an address that no push service has, or for keys that no browser makes."""
    try:
        parts = urlsplit(target.endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadDevice(fields={"endpoint": "This is no address."}) from None
    is_private = get_settings().push_private
    if len(target.endpoint) > LONGEST_ENDPOINT or parts.username or parts.password or not host or parts.fragment:
        raise BadDevice(fields={"endpoint": "This is no address of a push service."})
    if not is_private and (parts.scheme != "https" or port not in (None, 443) or not _may_be_public(host)):
        raise BadDevice(fields={"endpoint": "A push service has a public https address."})
    if parts.scheme not in ("http", "https"):
        raise BadDevice(fields={"endpoint": "A push service has an https address."})
    _check_keys(target)


async def deliver(sealed: str, parcel: Parcel) -> Answer:
    """Post a message to a browser's push service. sealed: a `Target`, opened."""
    target = Target.load(sealed)
    message = _encrypted(target, parcel)
    headers = {
        "Authorization": vapid.authorization(target.endpoint),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(int(TIME_TO_LIVE.total_seconds())),
        "Topic": parcel.shown.hex,
        "Urgency": "normal",
    }
    try:
        async with _client() as client:
            response = await client.post(target.endpoint, content=message, headers=headers)
    except AddressRefused as refusal:
        return Answer(Outcome.GONE, str(refusal))
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        return Answer(Outcome.LATER, f"The push service could not be reached: {type(error).__name__}.")
    except httpx.HTTPError as error:
        return Answer(Outcome.UNKNOWN, f"The push service did not answer: {type(error).__name__}.")
    return _read(response)


class AddressRefused(Exception):
    """The name leads to an address that is not on the public internet."""


class PublicOnly(httpcore.AsyncNetworkBackend):
    """Connects to public addresses alone, and to exactly the one that was looked at."""

    def __init__(self) -> None:
        self._inner = cast("httpcore.AsyncNetworkBackend", httpcore.AnyIOBackend())

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  the name in httpcore
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        address = await _public_address(host, port)
        return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        raise AddressRefused("A push service is no local socket.")

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet; an IPv4 address inside an IPv6 one is looked at itself."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour or (parsed.teredo[1] if parsed.teredo else None)
        parsed = inner or (ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF) if parsed in _NAT64 else parsed)
    return parsed.is_global and not parsed.is_multicast


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


async def _public_address(host: str, port: int) -> str:
    try:
        found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpcore.ConnectError(str(error)) from error
    addresses = [str(each[4][0]) for each in found]
    if not addresses or not all(is_public(each) for each in addresses):
        raise AddressRefused("The push address leads into a private network.")
    return addresses[0]


def _may_be_public(host: str) -> bool:
    """A name may; of a bare address it is known at once."""
    if "." not in host and ":" not in host:
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return not host.endswith((".localhost", ".local", ".internal")) and not host.rpartition(".")[2].isdigit()
    return is_public(host)


def _check_keys(target: Target) -> None:
    try:
        point, secret = _decoded(target.p256dh), _decoded(target.auth)
        if len(point) != _POINT or len(secret) != _SECRET:
            raise ValueError
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
    except ValueError:
        raise BadDevice(fields={"p256dh": "These are no keys of a browser."}) from None


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))


def _encrypted(target: Target, parcel: Parcel) -> bytes:
    keys = {"p256dh": target.p256dh, "auth": target.auth}
    subscription = WebPushSubscription.model_validate({"endpoint": target.endpoint, "keys": keys})
    pusher = WebPush(private_key=vapid.keys().private_pem, public_key=vapid.keys().public_pem)
    return pusher.get(parcel.payload(), subscription, subscriber="unused@example.org").encrypted


def _client() -> httpx.AsyncClient:
    transport = httpx.AsyncHTTPTransport(verify=trusted(), trust_env=False)
    if not get_settings().push_private:
        # httpx has no seam of its own for who connects, but hands everything to this pool.
        transport._pool = httpcore.AsyncConnectionPool(  # pyright: ignore[reportPrivateUsage]
            ssl_context=trusted(), network_backend=PublicOnly()
        )
    return httpx.AsyncClient(transport=transport, timeout=TIMEOUT, follow_redirects=False, trust_env=False)


def _read(response: httpx.Response) -> Answer:
    status = response.status_code
    said = f"The push service answered {status}."
    if status in (404, 410):
        return Answer(Outcome.GONE, said)
    if status == 429 or status >= 500:
        return Answer(Outcome.LATER, said, _seconds(response.headers.get("retry-after", "")))
    return Answer(Outcome.TAKEN if response.is_success else Outcome.REFUSED, said)


def _seconds(text: str) -> timedelta | None:
    return timedelta(seconds=min(int(text), 86_400)) if text.isascii() and text.isdigit() else None
