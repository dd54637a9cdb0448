"""What goes to one client, in order and without ever waiting for it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from types import coroutine
from typing import Any

from memberpulse.engine.wire import SharedFrame, writer_of

MOST_REPLIES_WAITING = 1000

Message = dict[str, Any]
Send = Callable[[Message], Coroutine[Any, Any, None]]


class Outbox:
    """What goes to one client, in order. At most one live value is under way; behind it waits only the newest of
    each query, so that a slow client costs a bounded memory and sees the present, not the past."""

    __slots__ = ("_draining", "_latest", "_replies", "_send", "_write", "closed")

    def __init__(self, send: Send) -> None:
        self._send = send
        self._write = writer_of(send)
        self._replies: deque[Message] = deque()
        self._latest: dict[str, Message] = {}
        self._draining: asyncio.Task[None] | None = None
        self.closed = False

    def reply(self, message: Message) -> bool:
        """Send an answer; answers are never dropped. False when the client reads so slowly that it must go."""
        if self._draining is None and not self.closed:
            self._start(message)
        else:
            self._replies.append(message)
        return len(self._replies) <= MOST_REPLIES_WAITING

    def show(self, query_id: str, frame: SharedFrame) -> None:
        """Send a new value, or let it replace the one of the same query that still waits."""
        if self._draining is not None:
            self._latest[query_id] = frame.message
        elif self._write is None or self.closed or not self._write(frame.bytes):
            self._start(frame.message)

    def finish(self, message: Message) -> None:
        """Send a last message; what still waits is not sent any more."""
        self._replies.clear()
        self._latest.clear()
        self.reply(message)
        if self._draining is None:
            self.closed = True
        else:
            self._draining.add_done_callback(lambda _: setattr(self, "closed", True))

    def _start(self, message: Message) -> None:
        """Write at once without a task: `send` only waits when the client's buffer is full."""
        if self.closed:
            return
        writing = self._send(message)
        try:
            waits_for = writing.send(None)
        except StopIteration:
            return
        except OSError:
            self.closed = True
            return
        self._draining = asyncio.get_running_loop().create_task(self._drain(_finish(writing, waits_for)))

    async def _drain(self, writing: Awaitable[None]) -> None:
        try:
            await writing
            while (self._replies or self._latest) and not self.closed:
                await self._send(self._next())
        except OSError:
            self.closed = True
        finally:
            self._draining = None

    def _next(self) -> Message:
        if self._replies:
            return self._replies.popleft()
        return self._latest.pop(next(iter(self._latest)))


@coroutine
def _finish(writing: Coroutine[Any, Any, None], waits_for: Any) -> Generator[Any, Any, None]:
    """Go on with a coroutine that was stepped by hand until it first had to wait."""
    yield waits_for
    while True:
        try:
            waits_for = writing.send(None)
        except StopIteration:
            return
        yield waits_for
