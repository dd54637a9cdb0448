"""Who a session is, kept current by the same means as any live query.

An `Access` reads the session, the person and the membership. When one of them changes it is `pending` until it has
been read again, and while it is pending no protected row goes to any socket that stands on it.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from datetime import datetime
from typing import Protocol

from memberpulse.engine.context import Caller
from memberpulse.engine.errors import Unavailable
from memberpulse.engine.reactor import Reactor, Reader
from memberpulse.engine.results import Outcome

READ_AT_ONCE = 50
IDLE_SECONDS = 60.0
"""How long an access that nobody stands on is kept for the next request."""

PATIENCE_SECONDS = 10.0
"""How long a caller waits while the database cannot say who they are."""


class Holder(Protocol):
    """A socket or stream that stands on an access."""

    def suspend(self) -> None:
        """The caller may have changed: show nothing protected until `reauthorize` or `end`."""
        ...

    def reauthorize(self) -> None:
        """The caller has changed."""
        ...

    def end(self) -> None:
        """The session is over."""
        ...


class Access(Reader):
    """A session's caller, or None once the session has ended."""

    __slots__ = (
        "_accesses",
        "_holds",
        "_known",
        "caller",
        "confirmed_in",
        "holders",
        "idle_since",
        "pending",
        "reference",
        "stale_from",
    )

    def __init__(self, accesses: "Accesses", reactor: Reactor, reference: str) -> None:
        super().__init__(reactor)
        self._accesses = accesses
        self.reference = reference
        self.caller: Caller | None = None
        self.stale_from: datetime | None = None
        self.pending = True
        self.confirmed_in: tuple[int, int] | None = None
        """The state of the database, as far as other processes write it, in which a write last found this caller."""
        self.holders: set[Holder] = set()
        self.idle_since = reactor.loop.time()
        self._holds = 0
        self._known: asyncio.Event | None = None
        """For those who wait; there is none while nobody does."""

    def touch(self) -> None:
        self._suspend()
        super().touch()

    def hold(self) -> None:
        """A transaction that changes this access is about to commit: let nothing pass until `release`."""
        self._suspend()
        self._holds += 1

    def release(self) -> None:
        """The transaction is over: read the access again."""
        self._holds -= 1
        self.touch()

    def _suspend(self) -> None:
        self.pending = True
        for holder in self.holders:
            holder.suspend()

    async def known(self) -> Caller | None:
        """The caller as of now, waiting for a change that is being read. Raises Unavailable (503)."""
        if self.pending:
            await self._wait_until_known()
        self.idle_since = self.reactor.loop.time()
        return self.caller

    async def _wait_until_known(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while self.pending:
                    self._known = self._known or asyncio.Event()
                    await self._known.wait()
        except TimeoutError:
            raise Unavailable from None

    def _submit(self) -> None:
        self._accesses.ask(self)

    def accept(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            return  # still pending; it is read again in a moment
        before, self.caller, self.stale_from = self.caller, outcome.value, outcome.stale_from
        if self._dirty or self._holds or (not self.pending and self.caller == before):
            return
        self.pending = False
        if self._known is not None:
            self._known.set()
            self._known = None
        for holder in list(self.holders):
            if self.caller is None:
                holder.end()
            else:
                holder.reauthorize()


class Accesses:
    """The sessions in use in this process, by reference.

    They are read in batches: while one batch is being read, those who ask meanwhile wait for the next, so that a crowd
    that returns after a restart costs few snapshots.

    read: reads the callers of many references on one snapshot; runs in a thread.
    """

    def __init__(self, reactor: Reactor, threads: Executor, read: Callable[[list[str]], list[Outcome]]) -> None:
        self._reactor = reactor
        self._threads = threads
        self._read = read
        self._held: dict[str, Access] = {}
        self._asked: list[Access] = []
        self._reading = False

    def of(self, reference: str) -> Access:
        """The access of a session; it is read at once if it is not known."""
        access = self._held.get(reference)
        if access is None:
            access = self._held[reference] = Access(self, self._reactor, reference)
            access.touch()
        return access

    def held(self, reference: str) -> Access | None:
        """The access of a session if there is one now; may be called from a writing thread."""
        return self._held.get(reference)

    def ask(self, access: Access) -> None:
        """Have an access read."""
        self._asked.append(access)
        if not self._reading:
            self._reading = True
            self._reactor.loop.call_soon(self._read_next)

    def _read_next(self) -> None:
        batch, self._asked = self._asked[:READ_AT_ONCE], self._asked[READ_AT_ONCE:]
        if not batch or self._reactor.closed:
            self._reading = False
            return
        references = [access.reference for access in batch]
        future = self._reactor.loop.run_in_executor(self._threads, self._read, references)
        future.add_done_callback(lambda done: self._answer(batch, done.result()))

    def _answer(self, batch: list[Access], outcomes: list[Outcome]) -> None:
        for access, outcome in zip(batch, outcomes, strict=True):
            access.ran(outcome)
        self._read_next()

    def __iter__(self) -> Iterator[Access]:
        return iter(list(self._held.values()))

    def refresh(self) -> None:
        """Changes were missed: nobody is who they were until that has been read again."""
        for access in list(self._held.values()):
            access.touch()

    def sweep(self) -> None:
        """Forget those that nobody has stood on or asked for during a minute."""
        oldest = self._reactor.loop.time() - IDLE_SECONDS
        for reference, access in list(self._held.items()):
            if not access.holders and access.idle_since < oldest:
                access.drop()
                del self._held[reference]
