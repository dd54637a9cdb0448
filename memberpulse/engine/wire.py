"""One value to many sockets, encoded once and written without a detour.

ASGI takes a text for each socket and encodes a WebSocket frame from it each time. To our own protocol, which is
uvicorn's and says when it cannot take more, the finished frame is written directly; to any other it goes the ASGI way.
"""

import asyncio
import socket
from asyncio import BaseTransport, Transport
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Protocol

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

Send = Callable[[dict[str, Any]], Coroutine[Any, Any, None]]

MOST_UNSENT_BYTES = 16 * 1024
"""What the kernel takes beyond what is under way to the client; its own 4 MB are tens of thousands of small values."""

_TEXT = 0x81
"""A whole text message in one frame. Source: RFC 6455, section 5.2."""


class SharedFrame:
    """A text message for any number of sockets: as ASGI wants it, and as it stands on the wire."""

    __slots__ = ("bytes", "message")

    def __init__(self, text: str) -> None:
        self.message = {"type": "websocket.send", "text": text}
        payload = text.encode()
        self.bytes = _head(len(payload)) + payload


class Writes(Protocol):
    """Somebody who writes to a wire without asking it each time."""

    def hold_back(self) -> None:
        """Write nothing more directly: the client must first catch up, or is gone."""
        ...


class Wire(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket, which says when it cannot take finished frames any more, and which forgets the handshake and
    needs no queues: that is a third of what a socket costs while it stays open for hours."""

    writes: Writes | None = None
    """Who is told."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.queue = _Inbox()  # type: ignore[assignment]
        self.writable = _Writable()  # type: ignore[assignment]

    def connection_made(self, transport: BaseTransport) -> None:
        """Keep nothing here that the client does not take: what waits, waits where a newer value replaces it."""
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=0)
        _limit_unsent(transport.get_extra_info("socket"))

    @property
    def free(self) -> Transport | None:
        """Where a finished frame may be written now; None while the client must catch up, and after the end."""
        if self.disconnected or self.close_sent or not self.writable.is_set():
            return None
        return self.transport

    async def room(self) -> None:
        """Wait until the client has taken what was written, or is gone."""
        await self.writable.wait()

    def start_keepalive(self) -> None:
        """The handshake is over."""
        super().start_keepalive()
        self.request.headers.clear()  # the parser goes on holding the request itself
        self.response.headers.clear()

    def leave(self) -> None:
        """Let the application go as if the client had left: it reads so slowly that it may never see the end."""
        self.queue.put_nowait({"type": "websocket.disconnect", "code": 1006})

    def pause_writing(self) -> None:
        super().pause_writing()
        self._hold_back()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._hold_back()

    def shutdown(self) -> None:
        self._hold_back()
        super().shutdown()

    def _hold_back(self) -> None:
        if self.writes is not None:
            self.writes.hold_back()


class _Inbox:
    """What an `asyncio.Queue` does for the one who reads, without three deques of 700 bytes."""

    __slots__ = ("_messages", "_reader")

    def __init__(self) -> None:
        self._messages: list[Any] = []
        self._reader: asyncio.Future[None] | None = None

    def empty(self) -> bool:
        return not self._messages

    def put_nowait(self, message: Any) -> None:
        self._messages.append(message)
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    async def get(self) -> Any:
        while not self._messages:
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        return self._messages.pop(0)


class _Writable:
    """What an `asyncio.Event` does that is nearly always set: there is one only while it is not."""

    __slots__ = ("_event",)

    def __init__(self) -> None:
        self._event: asyncio.Event | None = None

    def is_set(self) -> bool:
        return self._event is None

    def set(self) -> None:
        if self._event is not None:
            self._event.set()
            self._event = None

    def clear(self) -> None:
        self._event = self._event or asyncio.Event()

    async def wait(self) -> None:
        if self._event is not None:
            await self._event.wait()


def wire_of(send: Send) -> Wire | None:
    """The wire behind an ASGI `send`; None when the server has none of ours."""
    protocol = getattr(send, "__self__", None)
    return protocol if isinstance(protocol, Wire) else None


def _limit_unsent(link: socket.socket | None) -> None:
    option = getattr(socket, "TCP_NOTSENT_LOWAT", None)
    if link is not None and option is not None:
        with suppress(OSError):  # not TCP
            link.setsockopt(socket.IPPROTO_TCP, option, MOST_UNSENT_BYTES)


def _head(length: int) -> bytes:
    if length < 126:
        return bytes((_TEXT, length))
    if length < 1 << 16:
        return bytes((_TEXT, 126)) + length.to_bytes(2, "big")
    return bytes((_TEXT, 127)) + length.to_bytes(8, "big")
