"""One value to many sockets, encoded once.

ASGI takes a text for each socket and encodes a WebSocket frame from it each time. To uvicorn's protocol the finished
frame is written directly; to any other server it goes the ASGI way. This halves the work for each watcher.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

Send = Callable[[dict[str, Any]], Coroutine[Any, Any, None]]

_TEXT = 0x81
"""A whole text message in one frame. Source: RFC 6455, section 5.2."""


class SharedFrame:
    """A text message for any number of sockets: as ASGI wants it, and as it stands on the wire."""

    __slots__ = ("bytes", "message")

    def __init__(self, text: str) -> None:
        self.message = {"type": "websocket.send", "text": text}
        payload = text.encode()
        self.bytes = _head(len(payload)) + payload


def writer_of(send: Send) -> Callable[[bytes], bool] | None:
    """A function that writes a finished frame at once, False when the client must first catch up; None when the server
    offers no such way."""
    protocol = getattr(send, "__self__", None)
    if type(protocol) is not WebSocketsSansIOProtocol:
        return None

    def write(frame: bytes) -> bool:
        if protocol.disconnected or protocol.close_sent or not protocol.writable.is_set():
            return False
        protocol.transport.write(frame)
        return True

    return write


def _head(length: int) -> bytes:
    if length < 126:
        return bytes((_TEXT, length))
    if length < 1 << 16:
        return bytes((_TEXT, 126)) + length.to_bytes(2, "big")
    return bytes((_TEXT, 127)) + length.to_bytes(8, "big")
