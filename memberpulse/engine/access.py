"""Who a session is, kept current by the same means as any live query.

An `Access` reads the session, the person and the membership. When one of them changes it is `pending` until it has
been read again, and while it is pending no protected row goes to any socket that stands on it.

Anybody may ask for sessions that there are not. Such questions are read after those about known sessions and of each
network in turn, and a network that asks too many is refused before the next is read.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextvars import ContextVar
from datetime import datetime
from typing import Protocol

from memberpulse.engine.context import Caller
from memberpulse.engine.errors import TooMany, Unavailable
from memberpulse.engine.limits import LocalCounts, network_of
from memberpulse.engine.reactor import Reactor, Reader
from memberpulse.engine.results import Outcome

READ_AT_ONCE = 50
IDLE_SECONDS = 60.0
"""How long an access that nobody stands on is kept for the next request."""

PATIENCE_SECONDS = 10.0
"""How long a caller waits while the database cannot say who they are."""

UNKNOWN_PER_NETWORK = "1200/minute"
"""How many sessions that there are not a network may ask for: reading them takes a fiftieth of the time there is."""

MOST_UNKNOWN = 1000
"""How many sessions that there are not are kept, so that who asks for one again costs no read."""

asking_from: ContextVar[str] = ContextVar("asking_from", default="")
"""The address that the present request came from, as the gate knows it; empty: it came from no network."""


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
        "network",
        "pending",
        "reference",
        "refused_seconds",
        "stale_from",
    )

    def __init__(self, accesses: "Accesses", reactor: Reactor, reference: str, network: str) -> None:
        super().__init__(reactor)
        self._accesses = accesses
        self.reference = reference
        self.network: str | None = network
        """Who asked for it, until it has been read for the first time."""
        self.refused_seconds: int | None = None
        """It is not read at all; after so many seconds it may be asked for again."""
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

    def refuse(self, seconds: int) -> None:
        """Do not read it; whoever waits for it is told to come again after so many seconds."""
        self.refused_seconds = seconds
        self.drop()
        self._wake()

    async def known(self) -> Caller | None:
        """The caller as of now, waiting for a change that is being read. Raises Unavailable (503), TooMany (429)."""
        if self.pending:
            await self._wait_until_known()
        self.idle_since = self.reactor.loop.time()
        return self.caller

    async def _wait_until_known(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while self.pending and self.refused_seconds is None:
                    self._known = self._known or asyncio.Event()
                    await self._known.wait()
        except TimeoutError:
            raise Unavailable from None
        if self.refused_seconds is not None:
            raise TooMany(self.refused_seconds)

    def _wake(self) -> None:
        if self._known is not None:
            self._known.set()
            self._known = None

    def _submit(self) -> None:
        self._accesses.ask(self)

    def accept(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            return  # still pending; it is read again in a moment
        before, self.caller, self.stale_from = self.caller, outcome.value, outcome.stale_from
        if self.caller != before:
            self._suspend()
        if self._dirty or self._holds or not self.pending:
            return
        self.pending = False
        self._wake()
        for holder in list(self.holders):
            if self.caller is None:
                holder.end()
            else:
                holder.reauthorize()


class _Waiting:
    """Accesses that wait to be read."""

    def __init__(self) -> None:
        self._known: deque[Access] = deque()
        self._new: dict[str, deque[Access]] = {}

    def add(self, access: Access) -> None:
        if access.network is None:
            self._known.append(access)
        else:
            self._new.setdefault(access.network, deque()).append(access)

    def take(self, most: int) -> list[Access]:
        """The next: at least half are known ones, if so many wait, the others new ones of each network in turn."""
        batch = [self._known.popleft() for _ in range(min(len(self._known), most // 2))]
        while self._new and len(batch) < most:
            network = next(iter(self._new))
            waiting = self._new.pop(network)
            batch.append(waiting.popleft())
            if waiting:
                self._new[network] = waiting  # behind the others
        return batch + [self._known.popleft() for _ in range(min(len(self._known), most - len(batch)))]

    def take_all_of(self, network: str) -> list[Access]:
        return list(self._new.pop(network, ()))


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
        self._unknown: dict[str, Access] = {}
        self._guesses = LocalCounts()
        self._waiting = _Waiting()
        self._reading = False

    def of(self, reference: str) -> Access:
        """The access of a session; it is read at once if it is not known.

        Raises TooMany (429) to a network that has asked for too many that there are not.
        """
        access = self._held.get(reference)
        if access is None:
            network = network_of(asking_from.get())
            if (seconds := self._refused_seconds(network)) is not None:
                raise TooMany(seconds)
            access = self._held[reference] = Access(self, self._reactor, reference, network)
            access.touch()
        return access

    def held(self, reference: str) -> Access | None:
        """The access of a session if there is one now; may be called from a writing thread."""
        return self._held.get(reference)

    def ask(self, access: Access) -> None:
        """Have an access read."""
        self._waiting.add(access)
        if not self._reading:
            self._reading = True
            self._reactor.loop.call_soon(self._read_next)

    def _read_next(self) -> None:
        batch = self._waiting.take(READ_AT_ONCE)
        if not batch or self._reactor.closed:
            self._reading = False
            return
        references = [access.reference for access in batch]
        future = self._reactor.loop.run_in_executor(self._threads, self._read, references)
        future.add_done_callback(lambda done: self._answer(batch, done.result()))

    def _answer(self, batch: list[Access], outcomes: list[Outcome]) -> None:
        for access, outcome in zip(batch, outcomes, strict=True):
            network, access.network = access.network, None
            access.ran(outcome)
            if network is not None and outcome.error is None and outcome.value is None:
                self._note_unknown(access, network)
        self._read_next()

    def _note_unknown(self, access: Access, network: str) -> None:
        """There is no such session. Keep few of these, and refuse a network that asks for many."""
        self._unknown[access.reference] = access
        if len(self._unknown) > MOST_UNKNOWN:
            oldest = self._unknown.pop(next(iter(self._unknown)))
            if oldest.caller is None and not oldest.pending:
                self._forget(oldest)
        if network:
            self._guesses.count(UNKNOWN_PER_NETWORK, network)
            self._refuse_guesses(network)

    def _refuse_guesses(self, network: str) -> None:
        """Read nothing more for a network that has asked for too many sessions that there are not."""
        seconds = self._refused_seconds(network)
        if seconds is not None:
            for access in self._waiting.take_all_of(network):
                self._forget(access)
                access.refuse(seconds)

    def _refused_seconds(self, network: str) -> int | None:
        seconds = self._guesses.wait(UNKNOWN_PER_NETWORK, network)
        return None if seconds is None else max(1, math.ceil(seconds))

    def _forget(self, access: Access) -> None:
        access.drop()
        self._unknown.pop(access.reference, None)
        if self._held.get(access.reference) is access:
            del self._held[access.reference]

    def __iter__(self) -> Iterator[Access]:
        return iter(list(self._held.values()))

    def refresh(self) -> None:
        """Changes were missed: nobody is who they were until that has been read again."""
        for access in list(self._held.values()):
            access.touch()

    def sweep(self) -> None:
        """Forget those that nobody has stood on or asked for during a minute."""
        oldest = self._reactor.loop.time() - IDLE_SECONDS
        for access in list(self._held.values()):
            if not access.holders and access.idle_since < oldest:
                self._forget(access)
