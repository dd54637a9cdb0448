"""The gate in front of everything: who may come in, by which headers, how often, and what the browser may do.

It is a bare ASGI application. It takes the cookie off every request and passes on only a reference to the session
(`scope["memberpulse.session"]`, the SHA-256 of the cookie's token), so that no code behind it can leak or store the
token. What tells one browser from another and signs nobody in, the cookies of PASSED_ON, reaches the routes below
/auth/. Reflex keeps a socket's headers in its state, so for Reflex the reference also stands in `authorization`; and it
keeps a tab's state under a name that the browser chose, so that name is made one of the session.
"""

import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from time import monotonic
from urllib.parse import parse_qsl, quote, urlencode, urlsplit
from uuid import NAMESPACE_OID, uuid5

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from memberpulse.engine.access import asking_from
from memberpulse.engine.errors import EngineError
from memberpulse.engine.socket import LARGEST_FRAME
from memberpulse.settings import is_local

log = structlog.get_logger(__name__)

COOKIE = "memberpulse"
SECURE_COOKIE = "__Host-memberpulse"
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
"""How every token looks that was ever given: 256 bits in URL-safe base64. Anything else is no session's."""
SESSION = "memberpulse.session"
PASSED_ON = {"memberpulse.attempt": "memberpulse-attempt", "memberpulse.device": "memberpulse-device"}
"""Name in the scope to cookie; on https with the `__Host-` prefix."""
SIGN_IN_ROUTES = "/auth/"
LONGEST_PASSED_ON = 2048
REFLEX_SOCKET = "/_event"

FRAMES_PER_SECOND = 20.0
FRAMES_BURST = 40
ORIGIN_REFUSED, FLOOD, TOO_BIG = 4403, 4408, 1009

_STREAMS = "/api/live/"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_CLOSED_PATHS = ("/_upload", "/_all_routes", "/auth-codespace")
_NO_SNIFFING = (b"x-content-type-options", b"nosniff")
_FOR_DOCUMENTS = (
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
_ON_HTTPS = (b"strict-transport-security", b"max-age=31536000")
_BUILT = ("/assets/", "/fonts/")
"""Scripts, style sheets and fonts of the bundle, dozens to a page: what only counts for a document is left off them."""

_PROXIED = (b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip")
_LOCAL_ONLY = (
    "This server was started for its own machine. To serve it under a name, set MEMBERPULSE_SITE_URL and what the "
    "start then asks for."
)

Headers = list[tuple[bytes, bytes]]


async def _keep(reference: str, secure: bool) -> tuple[str, str] | None:
    return None


@dataclass(frozen=True, kw_only=True)
class GateRules:
    """What the gate asks of the house behind it.

    is_signed_in: whether a session reference stands for a person now. needs_sign_in: whether a path is a page that
    only signed-in people see. renew: the new token of a session that is due for one, and its Set-Cookie header, for
    http or (True) https. origins: addresses besides the server's own that may post and open sockets.
    local_only: whether the server shows its letters to whoever reaches it, since nobody but this machine should. Then
    it answers to no other name and through no proxy, and so to no page elsewhere that points its own name here.
    """

    is_signed_in: Callable[[str], Awaitable[bool]]
    needs_sign_in: Callable[[str], bool]
    renew: Callable[[str, bool], Awaitable[tuple[str, str] | None]] = _keep
    origins: frozenset[str] = frozenset()
    local_only: bool = False
    sockets_per_address: int = 1_000
    sockets_per_session: int = 60


@dataclass
class Gate:
    """The ASGI application in front of `app`."""

    app: ASGIApp
    rules: GateRules
    _by_address: Counter[str] = field(default_factory=Counter[str])
    _by_session: Counter[str] = field(default_factory=Counter[str])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asking_from.set(_address(scope))
        if scope["type"] == "http":
            await self._request(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, headers = scope["path"], _headers(scope)
        send = _with_headers(send, secure=scope["scheme"] == "https", path=path)
        token = _token(headers, secure=scope["scheme"] == "https")
        if path.startswith(_CLOSED_PATHS) or path.startswith(REFLEX_SOCKET):
            await _problem(send, 404, "not_found", "There is nothing here.")
        elif self.rules.local_only and not _is_from_here(headers):
            await _problem(send, 421, "local_only", _LOCAL_ONLY)
        elif scope["method"] not in _SAFE_METHODS and not self._may_post(scope, headers, token):
            log.warning("origin refused", path=path, origin=_text(headers, b"origin"))
            await _problem(send, 403, "origin_refused", "This request came from another site and was not carried out.")
        elif scope["method"] == "GET" and self.rules.needs_sign_in(path):
            await self._page(scope, receive, send, token)
        elif path.startswith(_STREAMS):
            await self._stream(scope, receive, send, token)
        else:
            await self.app(_admitted(scope, token), receive, send)

    async def _page(self, scope: Scope, receive: Receive, send: Send, token: str | None) -> None:
        """A page for people who are signed in; whose rights have changed gets another token with it."""
        reference = _reference(token)
        try:
            is_signed_in = reference is not None and await self.rules.is_signed_in(reference)
        except EngineError as error:
            await _problem(send, error.status, error.code, error.message)
            return
        if reference is None or not is_signed_in:
            await _redirect(send, _sign_in_address(scope))
            return
        renewed = await self.rules.renew(reference, scope["scheme"] == "https")
        if renewed is not None:
            token, cookie = renewed
            send = _with_cookie(send, cookie)
        await self.app(_admitted(scope, token), receive, send)

    async def _stream(self, scope: Scope, receive: Receive, send: Send, token: str | None) -> None:
        """A stream stays open as a socket does, and takes a place as one."""
        place = _address(scope), _reference(token) or ""
        if not self._take_place(*place):
            log.warning("too many streams", path=scope["path"], address=place[0])
            await _problem(send, 429, "too_many_streams", "Too many live streams are open from here. Close some first.")
            return
        try:
            await self.app(_admitted(scope, token), receive, send)
        finally:
            self._leave_place(*place)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        place = await self._let_in(scope, receive, send)
        if place is None:
            return
        try:
            if scope["path"].startswith(REFLEX_SOCKET):
                receive = _guarded(receive, send)
            await self.app(scope, receive, send)
        finally:
            self._leave_place(*place)

    async def _let_in(self, scope: Scope, receive: Receive, send: Send) -> tuple[str, str] | None:
        """The place that a socket takes, by address and session; None when it was refused. Its scope is changed where
        it stands, since a socket keeps it for hours."""
        headers = _headers(scope)
        token = _token(headers, secure=scope["scheme"] == "wss")
        strange = self.rules.local_only and not _is_from_here(headers)
        if strange or headers.get(b"origin", b"").decode("latin-1") not in self._origins(scope, headers):
            log.warning("origin refused", path=scope["path"], origin=_text(headers, b"origin"))
            await _close(receive, send, ORIGIN_REFUSED)
            return None
        address, session = _address(scope), _reference(token) or ""
        if not self._take_place(address, session):
            log.warning("too many sockets", path=scope["path"], address=address)
            await _reject(receive, send)
            return None
        scope.update(_admitted(scope, token))
        return address, session

    def _may_post(self, scope: Scope, headers: dict[bytes, bytes], token: str | None) -> bool:
        """A browser always names the Origin of a post; only a client without a cookie may leave it out."""
        origin = headers.get(b"origin")
        if origin is None:
            return token is None
        return origin.decode("latin-1") in self._origins(scope, headers)

    def _origins(self, scope: Scope, headers: dict[bytes, bytes]) -> frozenset[str]:
        scheme = "https" if scope["scheme"] in ("https", "wss") else "http"
        own = f"{scheme}://{headers.get(b'host', b'').decode('latin-1')}"
        return self.rules.origins | {own}

    def _take_place(self, address: str, session: str) -> bool:
        if self._by_address[address] >= self.rules.sockets_per_address:
            return False
        if session and self._by_session[session] >= self.rules.sockets_per_session:
            return False
        self._by_address[address] += 1
        self._by_session[session] += 1
        return True

    def _leave_place(self, address: str, session: str) -> None:
        for counter, key in ((self._by_address, address), (self._by_session, session)):
            counter[key] -= 1
            if counter[key] <= 0:
                del counter[key]


def _headers(scope: Scope) -> dict[bytes, bytes]:
    """The headers by name. Of a repeated Origin or Host none is trusted."""
    found: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name == b"cookie" and name in found:
            found[name] += b"; " + value
        elif name in (b"origin", b"host") and name in found:
            found[name] = b""
        else:
            found[name] = value
    return found


def _address(scope: Scope) -> str:
    """Where it came from; behind a trusted proxy what that says."""
    return str((scope.get("client") or ("",))[0])


def _is_from_here(headers: dict[bytes, bytes]) -> bool:
    """Whether somebody on this machine asks for this machine, and no proxy asks for them."""
    if any(name in headers for name in _PROXIED):
        return False
    try:
        host = urlsplit(f"//{headers.get(b'host', b'').decode('latin-1')}").hostname or ""
    except ValueError:
        return False
    return is_local(host)


def _text(headers: dict[bytes, bytes], name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1")[:200]


def _token(headers: dict[bytes, bytes], *, secure: bool) -> str | None:
    """The session token. Parsed by hand: http.cookies drops every cookie when one of another application is odd."""
    token = _cookie(headers, SECURE_COOKIE if secure else COOKIE)
    return token if token and TOKEN.fullmatch(token) else None


def _cookie(headers: dict[bytes, bytes], wanted: str) -> str | None:
    for pair in headers.get(b"cookie", b"").decode("latin-1").split(";"):
        name, _, value = pair.strip().partition("=")
        if name == wanted and value:
            return value
    return None


def _reference(token: str | None) -> str | None:
    return sha256(token.encode()).hexdigest() if token else None


def _admitted(scope: Scope, token: str | None) -> Scope:
    """The scope as the house sees it: a reference where the cookie was."""
    reference = _reference(token)
    taken = {b"cookie"}
    extra: Headers = []
    if scope["path"].startswith(REFLEX_SOCKET):
        taken.add(b"authorization")
        extra = [(b"authorization", reference.encode())] if reference else []
        scope = {**scope, "query_string": _of_its_own_tab(scope["query_string"], reference)}
    kept = [(name, value) for name, value in scope["headers"] if name not in taken]
    return {**scope, **_passed_on(scope), "headers": kept + extra, SESSION: reference}


def _of_its_own_tab(query: bytes, reference: str | None) -> bytes:
    fields = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    return urlencode(
        [(name, tab_of(value, reference) if name == "token" else value) for name, value in fields]
    ).encode()


def tab_of(token: str, reference: str | None) -> str:
    """What Reflex calls the tab of this token. It is one of the session: whoever else names the token has another."""
    return str(uuid5(NAMESPACE_OID, f"{reference or ''}:{token}"))


def _passed_on(scope: Scope) -> dict[str, str | None]:
    if scope["type"] != "http" or not scope["path"].startswith(SIGN_IN_ROUTES):
        return {}
    headers, prefix = _headers(scope), "__Host-" if scope["scheme"] == "https" else ""
    found = {name: _cookie(headers, prefix + cookie) for name, cookie in PASSED_ON.items()}
    return {name: value for name, value in found.items() if value and len(value) <= LONGEST_PASSED_ON}


def _guarded(receive: Receive, send: Send) -> Receive:
    """Reflex's frames, within size and rate; what exceeds them ends the socket."""
    allowance, at = float(FRAMES_BURST), monotonic()

    async def guarded() -> Message:
        nonlocal allowance, at
        message = await receive()
        if message["type"] != "websocket.receive":
            return message
        now = monotonic()
        allowance = min(float(FRAMES_BURST), allowance + (now - at) * FRAMES_PER_SECOND) - 1
        at = now
        if len(message.get("text") or message.get("bytes") or b"") > LARGEST_FRAME:
            return await end(TOO_BIG)
        if allowance < 0:
            return await end(FLOOD)
        return message

    async def end(code: int) -> Message:
        log.warning("socket ended", code=code)
        with suppress(OSError, RuntimeError):
            await send({"type": "websocket.close", "code": code})
        return {"type": "websocket.disconnect", "code": code}

    return guarded


def _with_headers(send: Send, *, secure: bool, path: str) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers: Headers = list(message.get("headers", ()))
            present = {name.lower() for name, _ in headers}
            extra: Headers = [_NO_SNIFFING, *([_ON_HTTPS] if secure else [])]
            extra.append((b"cache-control", _cache_control(path, message["status"])))
            if not path.startswith(_BUILT) or message["status"] not in (200, 304):
                extra += _FOR_DOCUMENTS
            message = {**message, "headers": headers + [pair for pair in extra if pair[0] not in present]}
        await send(message)

    return send_with_headers


def _with_cookie(send: Send, cookie: str) -> Send:
    async def send_with_cookie(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [pair for pair in message.get("headers", ()) if pair[0].lower() != b"cache-control"]
            headers = [*kept, (b"set-cookie", cookie.encode()), (b"cache-control", b"no-store")]
            message = {**message, "headers": headers}
        await send(message)

    return send_with_cookie


def _cache_control(path: str, status: int) -> bytes:
    if path.startswith(_BUILT) and status in (200, 304):
        return b"public, max-age=31536000, immutable"
    return b"no-store" if path.startswith(("/api/", "/auth/")) else b"no-cache"


def _sign_in_address(scope: Scope) -> str:
    query = scope.get("query_string", b"").decode("latin-1")
    here = scope["path"] + (f"?{query}" if query else "")
    return f"/sign-in?next={quote(here, safe='/')}"


async def _problem(send: Send, status: int, code: str, detail: str) -> None:
    body = json.dumps({"type": "about:blank", "title": code, "status": status, "code": code, "detail": detail}).encode()
    await _respond(send, status, [(b"content-type", b"application/problem+json")], body)


async def _redirect(send: Send, address: str) -> None:
    await _respond(send, 303, [(b"location", address.encode("latin-1"))], b"")


async def _respond(send: Send, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


async def _close(receive: Receive, send: Send, code: int) -> None:
    """End a socket with a code the browser can read: that takes accepting it first."""
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": code})


async def _reject(receive: Receive, send: Send) -> None:
    """Refuse a socket with an HTTP status, before it costs anything."""
    await receive()
    await send({"type": "websocket.close"})
