"""What goes to one client, in order and without ever waiting for it."""

import asyncio
from asyncio import Transport
from collections.abc import Awaitable, Callable, Coroutine, Generator
from types import coroutine
from typing import Any

from memberpulse.engine.wire import SharedFrame, wire_of

MOST_CHARACTERS_WAITING = 4 * 1024 * 1024

Message = dict[str, Any]
Send = Callable[[Message], Coroutine[Any, Any, None]]


class Outbox:
    """What goes to one client, in order. Of a query at most two values are kept here: the one that the connection takes
    just now, and the newest, which waits until it took that. So a slow client costs a bounded memory and sees the
    present, not the past. What the kernel took is on its way; `Wire` keeps that small."""

    __slots__ = ("_draining", "_latest", "_replies", "_send", "_waiting", "closed", "wire")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.wire = wire_of(send)
        self._replies: list[Message] = []  # nearly always empty: a deque would cost 600 bytes a socket
        self._waiting = 0
        self._latest: dict[str, Message] = {}
        self._draining: asyncio.Task[None] | None = None
        self.closed = False

    def reply(self, message: Message) -> bool:
        """Send an answer; answers are never dropped. False when the client reads so slowly that it must go."""
        if self._draining is None:
            self._start(message)
        elif not self.closed:
            self._replies.append(message)
            self._waiting += len(message["text"])
        return self._waiting <= MOST_CHARACTERS_WAITING

    def show(self, query_id: str, frame: SharedFrame) -> Transport | None:
        """Send a new value, or let it replace the one of the same query that still waits.

        Returns where later values may be written directly, until the wire says otherwise; None: show them here.
        """
        if self.closed:
            return None
        if self._draining is not None:
            self._latest[query_id] = frame.message
        elif self.wire is None:
            self._start(frame.message)
        elif (free := self.wire.free) is None:
            self._latest[query_id] = frame.message
            self._go_on()
        else:
            free.write(frame.bytes)
            return self.wire.free
        return None

    def forget(self, query_id: str) -> None:
        """Do not send the value that still waits, since the client may not or need not see it any more."""
        self._latest.pop(query_id, None)

    def finish(self, message: Message) -> None:
        """Send a last message; what still waits, even for room in the client's buffer, is not sent any more."""
        self._replies.clear()
        self._latest.clear()
        if self._draining is not None:
            self._draining.cancel()
            self._draining = None
        self._start(message)
        self.closed = True

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
        self._go_on(_finish(writing, waits_for))

    def _go_on(self, under_way: Awaitable[None] | None = None) -> None:
        """Send what waits, as soon as the client takes it."""
        self._draining = asyncio.get_running_loop().create_task(self._drain(under_way))

    async def _drain(self, under_way: Awaitable[None] | None) -> None:
        try:
            if under_way is not None:
                await under_way
            while await self._goes_on():
                await self._send(self._next())
        except OSError:
            self.closed = True
        finally:
            if self._draining is asyncio.current_task():
                self._draining = None

    async def _goes_on(self) -> bool:
        """Whether something is to be sent, once there is room: not chosen before, since a newer value may come."""
        if self.wire is not None:
            await self.wire.room()
        return bool(self._replies or self._latest) and not self.closed

    def _next(self) -> Message:
        if self._replies:
            message = self._replies.pop(0)
            self._waiting -= len(message["text"])
            return message
        return self._latest.pop(next(iter(self._latest)))


@coroutine
def _finish(writing: Coroutine[Any, Any, None], waits_for: Any) -> Generator[Any, Any, None]:
    """Go on with a coroutine that was stepped by hand until it first had to wait."""
    try:
        while True:
            yield waits_for
            waits_for = writing.send(None)
    except StopIteration:
        return
    finally:
        writing.close()
