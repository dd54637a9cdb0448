"""The live socket: one lean WebSocket per tab. Its protocol is told in docs/live-protocol.md.

A bare ASGI application, without a framework in between: a frame to N watchers is N writes of the same text.
"""

import asyncio
import json
import logging
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from memberpulse.engine.access import Access
from memberpulse.engine.context import Caller
from memberpulse.engine.errors import BadArguments, EngineError, Forbidden, Internal, TooMany
from memberpulse.engine.functions import Function, Kind
from memberpulse.engine.outbox import Message, Outbox, Send
from memberpulse.engine.reactor import LiveQuery
from memberpulse.engine.types import utc_now

if TYPE_CHECKING:
    from memberpulse.engine.runtime import Engine

log = logging.getLogger("memberpulse.engine")

PROTOCOL = 1
MOST_SUBSCRIPTIONS = 200
MOST_RUNS_AT_ONCE = 16
FULL_SECONDS = 30
"""When to ask again for a subscription on a socket that has as many as it may."""

LARGEST_FRAME = 64 * 1024
LONGEST_PATH = 200
FRAMES_PER_SECOND = 20.0
FRAMES_BURST = MOST_SUBSCRIPTIONS + 100
"""A reconnect subscribes to all queries of its page at once, and does what waited meanwhile."""

SESSION_ENDED, FLOOD, TOO_BIG, MALFORMED, TRY_LATER = 4401, 4408, 1009, 1008, 1013

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]


@dataclass(slots=True)
class Subscription:
    id: int
    function: Function
    arguments: dict[str, Any]
    canonical: str
    query: LiveQuery | None = None
    has: str | None = None
    """The version that a returning client still shows."""
    bound: bool = False
    """Whether the client knows by which query id its updates come."""


class Connection:
    """One tab: its access, its subscriptions, its outbox."""

    __slots__ = (
        "__weakref__",
        "_allowance",
        "_allowed_at",
        "_engine",
        "_ids",
        "_missed",
        "_running",
        "_subscriptions",
        "_unbound",
        "access",
        "address",
        "ended",
        "id",
        "opened_at",
        "outbox",
        "path",
        "path_at",
    )

    def __init__(self, engine: "Engine", access: Access, send: Send, address: str) -> None:
        self.id = uuid.uuid4().hex[:12]
        self.access = access
        self.address = address
        self.outbox = Outbox(send)
        if self.outbox.wire is not None:
            self.outbox.wire.writes = self
        self.ended: int | None = None
        self.path: str | None = None
        self.opened_at = self.path_at = utc_now()
        self._engine = engine
        self._subscriptions: dict[int, Subscription] = {}
        self._ids: dict[LiveQuery, list[int]] = {}
        self._unbound: set[LiveQuery] = set()
        self._missed: set[LiveQuery] = set()
        self._running: set[asyncio.Task[None]] = set()
        self._allowance = float(FRAMES_BURST)
        self._allowed_at = 0.0

    @property
    def caller(self) -> Caller:
        caller = self.access.caller
        assert caller is not None
        return caller

    def greet(self) -> None:
        """The first frame: what the client needs to know of this server."""
        settings = self._engine.settings
        self._reply(
            {
                "t": "hello",
                "protocol": PROTOCOL,
                "connection": self.id,
                "boot": self._engine.boot,
                "build": settings.build,
                "sync_ms": settings.sync_ms,
                "runs_at_once": MOST_RUNS_AT_ONCE,
            }
        )

    # What the reactor says

    def changed(self, query: LiveQuery) -> None:
        """A query has a new result. While the access is being read again, keep it back."""
        if self.access.pending:
            self._missed.add(query)
        elif query.error is not None:
            self.outbox.forget(query.id)  # an older value must not arrive behind the refusal
            for number in self._ids[query]:
                self._fail(self._subscriptions[number], query)
        elif query in self._unbound:
            self._bind_new(query)
        else:
            self._show(query)

    def suspend(self) -> None:
        """The access is being read again."""
        self.hold_back()

    def hold_back(self) -> None:
        """Be asked again before anything is written."""
        for query in self._ids:
            query.hold_back(self)

    def moved(self, query: LiveQuery) -> None:
        if self.ended is not None:
            return
        self._missed.discard(query)
        self._unbound.discard(query)
        self.outbox.forget(query.id)
        for number in self._ids.pop(query, []):
            self._attach(self._subscriptions[number])

    def reauthorize(self) -> None:
        """The caller changed: end what they may not see, move what depends on them, send what was kept back."""
        for subscription in list(self._subscriptions.values()):
            if not self.caller.may(subscription.function.requires):
                self._end(subscription, Forbidden())
            elif subscription.query and self._engine.reactor.audience_changed(subscription.query, self.caller):
                self._detach(subscription)
                self._attach(subscription)
        missed, self._missed = self._missed, set()
        for query in missed:
            if query in self._ids and (query.error is not None or query.version is not None):
                self.changed(query)

    def end(self) -> None:
        self.close(SESSION_ENDED)

    # What the client says

    async def receive(self, message: Message) -> None:
        """Handle one frame. A frame that is not of the protocol ends the socket."""
        text = message.get("text")
        if text is None or len(text) > LARGEST_FRAME:
            self.close(TOO_BIG)
        elif not self._within_allowance():
            self.close(FLOOD)
        else:
            await self._handle(text)

    async def _handle(self, text: str) -> None:
        try:
            frame = json.loads(text)
            handle = _HANDLERS[frame["t"]]
        except (ValueError, KeyError, TypeError, RecursionError):
            self.close(MALFORMED)
            return
        try:
            await self.access.known()
        except EngineError:
            self.close(TRY_LATER)
        if self.ended is None and (handling := handle(self, frame)) is not None:
            await handling

    async def subscribe(self, frame: Message) -> None:
        number = frame.get("id")
        if type(number) is not int or number in self._subscriptions:
            self.close(MALFORMED)
            return
        try:
            function = self._engine.registry.find_for(self.caller, str(frame.get("fn")), Kind.QUERY)
            await self._engine.limiter.check_own(function, self.caller, self.address)
            if self.ended is not None:
                return
            self._engine.limiter.check_subscribed(self.caller)
            subscription = self._asked_for(number, function, frame)
        except EngineError as error:
            self._reply({"t": "gone", "id": number, "error": error.describe(self._engine.new_request_id())})
            return
        self._subscriptions[number] = subscription
        queries = len(self._engine.reactor.queries)
        self._attach(subscription)
        if len(self._engine.reactor.queries) > queries:  # nobody else watches it: it is run for this one
            self._engine.limiter.count_subscribed(self.caller)

    def _asked_for(self, number: int, function: Function, frame: Message) -> Subscription:
        """The subscription that a frame asks for. Raises EngineError when it may not be had."""
        if len(self._subscriptions) >= MOST_SUBSCRIPTIONS:
            raise TooMany(FULL_SECONDS)
        if not self.caller.may(function.requires):
            raise Forbidden
        arguments = function.arguments.parse_json(_object(frame.get("args", {})))
        version = frame.get("v")
        subscription = Subscription(number, function, arguments, function.arguments.canonical(arguments))
        subscription.has = version if isinstance(version, str) else None
        return subscription

    def unsubscribe(self, frame: Message) -> None:
        number = frame.get("id")
        if type(number) is int and number in self._subscriptions:
            self._detach(self._subscriptions.pop(number))

    def run(self, frame: Message) -> None:
        if len(self._running) >= MOST_RUNS_AT_ONCE:
            error = TooMany(1).describe(self._engine.new_request_id())
            self._reply({"t": "done", "id": frame.get("id"), "error": error})
            return
        task = asyncio.get_running_loop().create_task(self._run(frame, self.caller))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def move(self, frame: Message) -> None:
        path = frame.get("path")
        if path is None or (isinstance(path, str) and _is_path(path)):
            self.path, self.path_at = path, utc_now()
            self._engine.connections.moved(self)

    def pong(self, frame: Message) -> None:
        self._reply({"t": "pong", "n": frame.get("n") if type(frame.get("n")) is int else None})

    # Ends

    def close(self, code: int) -> None:
        """End the socket; nothing more is sent after this."""
        if self.ended is None:
            self.ended = code
            self.hold_back()
            self.outbox.finish({"type": "websocket.close", "code": code})

    def release(self) -> None:
        """Let go of everything; the socket is gone."""
        self.ended = self.ended or 1000
        self.outbox.closed = True
        if self.outbox.wire is not None:
            self.outbox.wire.writes = None
        for query in list(self._ids):
            self._engine.reactor.unwatch(self, query)
        self._ids.clear()
        self._unbound.clear()
        self._subscriptions.clear()
        self.access.holders.discard(self)

    def _attach(self, subscription: Subscription) -> None:
        reactor = self._engine.reactor
        query = reactor.watch(self, subscription.function, subscription.arguments, subscription.canonical)
        subscription.query, subscription.bound = query, False
        self._ids.setdefault(query, []).append(subscription.id)
        if query.version is not None and query.error is None and not self.access.pending:
            self._bind(subscription, query)
            return
        self._unbound.add(query)
        query.hold_back(self)
        if self.access.pending:
            self._missed.add(query)
        elif query.error is not None:
            self._fail(subscription, query)

    def _detach(self, subscription: Subscription) -> None:
        query, subscription.query = subscription.query, None
        ids = self._ids.get(query) if query else None
        if query is None or ids is None:
            return
        ids.remove(subscription.id)
        if not ids:
            del self._ids[query]
            self._missed.discard(query)
            self._unbound.discard(query)
            self.outbox.forget(query.id)
            self._engine.reactor.unwatch(self, query)

    def _bind_new(self, query: LiveQuery) -> None:
        """Give a snapshot to the subscriptions that are new to this query, the shared frame to the others."""
        self._unbound.discard(query)
        subscriptions = [self._subscriptions[number] for number in self._ids[query]]
        if any(subscription.bound for subscription in subscriptions):
            self._show(query)
        for subscription in subscriptions:
            if not subscription.bound:
                self._bind(subscription, query)

    def _show(self, query: LiveQuery) -> None:
        transport = self.outbox.show(query.id, query.frame())
        if transport is not None:
            query.flow(self, transport)

    def _bind(self, subscription: Subscription, query: LiveQuery) -> None:
        subscription.bound = True
        named = f'"id":{subscription.id},"q":"{query.id}","v":"{query.version}"'
        has, subscription.has = subscription.has, None
        if has == query.version:
            self._deliver({"type": "websocket.send", "text": f'{{"t":"same",{named}}}'})
        else:
            self._deliver(_text(f'{{"t":"snap",{named},"value":', query.body))

    def _fail(self, subscription: Subscription, query: LiveQuery) -> None:
        error = query.error.describe(self._engine.new_request_id())
        self._reply({"t": "fail", "id": subscription.id, "q": query.id, "error": error})

    def _end(self, subscription: Subscription, error: EngineError) -> None:
        self._subscriptions.pop(subscription.id, None)
        self._detach(subscription)
        self._reply({"t": "gone", "id": subscription.id, "error": error.describe(self._engine.new_request_id())})

    async def _run(self, frame: Message, caller: Caller) -> None:
        key = frame.get("id")
        try:
            if not isinstance(key, str) or not 8 <= len(key) <= 64:
                raise BadArguments("The id of a run is a text of 8 to 64 characters.")
            arguments = _object(frame.get("args", {}))
            body = await self._engine.serve(
                str(frame.get("fn")), arguments, caller, Kind.MUTATION, Kind.ACTION, key=key, address=self.address
            )
            self._deliver(_text(f'{{"t":"done","id":{json.dumps(key)},"value":', body))
        except EngineError as error:
            described = error.describe(self._engine.request_id_of(error))
            self._reply({"t": "done", "id": key, "error": described})
        except Exception:
            request_id = self._engine.new_request_id()
            log.exception("a run failed outside of its function [%s]", request_id)
            self._reply({"t": "done", "id": key, "error": Internal().describe(request_id)})

    def _reply(self, frame: Message) -> None:
        self._deliver({"type": "websocket.send", "text": _compact(frame)})

    def _deliver(self, message: Message) -> None:
        if not self.outbox.reply(message):
            self.close(TRY_LATER)
            if self.outbox.wire is not None:
                self.outbox.wire.leave()

    def _within_allowance(self) -> bool:
        """A token bucket of frames."""
        now = asyncio.get_running_loop().time()
        refill = (now - self._allowed_at) * FRAMES_PER_SECOND
        self._allowance = min(FRAMES_BURST, self._allowance + refill) - 1
        self._allowed_at = now
        return self._allowance >= 0


_HANDLERS: dict[str, Callable[[Connection, Message], Awaitable[None] | None]] = {
    "sub": Connection.subscribe,
    "unsub": Connection.unsubscribe,
    "run": Connection.run,
    "at": Connection.move,
    "ping": Connection.pong,
}


_compact = json.JSONEncoder(separators=(",", ":")).encode


def _is_path(text: str) -> bool:
    """Whether a browser could be there: controls and halves of characters are in no address."""
    return text.startswith("/") and text.isprintable() and len(text) <= LONGEST_PATH


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadArguments("The arguments are an object: names and values.")
    return cast("dict[str, Any]", value)


def _text(head: str, body: bytes | None) -> Message:
    """A frame around an already serialized value."""
    return {"type": "websocket.send", "text": f"{head}{(body or b'null').decode()}}}"}


async def serve_socket(engine: "Engine", scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one live WebSocket. The gate in front has checked Origin and left the session's reference in the scope."""
    await receive()
    await send({"type": "websocket.accept"})
    reference = scope.get("memberpulse.session")
    try:
        access = engine.accesses.of(reference) if reference else None
        caller = await access.known() if access else None
    except EngineError:
        await send({"type": "websocket.close", "code": TRY_LATER})
        return
    if access is None or caller is None:
        await send({"type": "websocket.close", "code": SESSION_ENDED})
        return
    connection = Connection(engine, access, send, str((scope.get("client") or ("",))[0]))
    scope["headers"] = ()  # two kilobytes that nobody needs any more
    access.holders.add(connection)
    engine.connections.opened(connection)
    try:
        connection.greet()
        while connection.ended is None:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                break
            await connection.receive(message)
    finally:
        connection.release()
        engine.connections.closed(connection)
