"""Keeps live queries current: knows what each one read, runs it again when that changes, tells its watchers.

Everything here happens on the event loop's thread; only the queries themselves run in threads. A run is marked with
the sequence number of the last change set known when it was asked for, so that a change that commits while it runs is
never missed: it is found in the log when the run's reads become known.
"""

import asyncio
import logging
from asyncio import Transport
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from datetime import datetime
from itertools import count, islice
from typing import Any, Protocol

from memberpulse.engine.context import Caller
from memberpulse.engine.functions import Function, Scope
from memberpulse.engine.index import ReadIndex
from memberpulse.engine.observe import Observer
from memberpulse.engine.predicates import Changes, Read
from memberpulse.engine.results import Outcome, version_of
from memberpulse.engine.types import utc_now
from memberpulse.engine.wire import SharedFrame

log = logging.getLogger("memberpulse.engine")

LOG_LENGTH = 4096
LONGEST_TIMER_SECONDS = 3600.0


class Watcher(Protocol):
    """Something that shows live queries: a socket, a stream, a test."""

    @property
    def caller(self) -> Caller: ...

    def changed(self, query: "LiveQuery") -> None:
        """The query has a new body or error."""
        ...

    def moved(self, query: "LiveQuery") -> None:
        """The query turned out to depend on who asks; watch it again under the wider scope."""
        ...


class Reader:
    """Something computed from reads, to be computed again when they change."""

    __slots__ = ("_dirty", "_reads", "_running", "_since", "_timer", "gone", "reactor")

    def __init__(self, reactor: "Reactor") -> None:
        self.reactor = reactor
        self.gone = False
        self._reads: frozenset[Read] = frozenset()
        self._running = False
        self._dirty = False
        self._since = 0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def reads(self) -> frozenset[Read]:
        """What it was last computed from."""
        return self._reads

    def compute(self) -> Outcome:
        """Runs in a thread."""
        raise NotImplementedError

    def accept(self, outcome: Outcome) -> None:
        """Runs on the loop, once the outcome is known."""
        raise NotImplementedError

    def touch(self) -> None:
        """Something that it read has changed: run it again, once, however often this is said meanwhile."""
        if self._running:
            self._dirty = True
        elif not self.gone and not self.reactor.closed:
            self._run()

    def recheck(self) -> None:
        """A change may have been lost: run it again; what it said last counts meanwhile."""
        Reader.touch(self)

    def drop(self) -> None:
        """Nobody needs it any more."""
        if not self.gone:
            self.gone = True
            self._cancel_timer()
            self.reactor.index.remove(self, self._reads)
            self._reads = frozenset()

    def _run(self) -> None:
        self._running = True
        self._dirty = False
        self._since = self.reactor.sequence
        self._cancel_timer()
        self._submit()

    def _submit(self) -> None:
        """Have it computed in a thread, and `ran` called on the loop with the outcome."""
        future = self.reactor.loop.run_in_executor(self.reactor.threads, self.compute)
        future.add_done_callback(lambda done: self.ran(done.result()))

    def ran(self, outcome: Outcome) -> None:
        """The outcome is there: note what was read, and whether that has changed meanwhile."""
        self._running = False
        if self.gone or self.reactor.closed:
            return
        if outcome.reads != self._reads:
            self.reactor.index.remove(self, self._reads)
            self.reactor.index.add(self, outcome.reads)
            self._reads = outcome.reads
        self._dirty = self._dirty or self.reactor.changed_since(self._since, outcome.reads)
        self.accept(outcome)
        if self.gone:
            return
        if self._dirty:
            self._run()
        else:
            self._wait_until(outcome.stale_from)

    def _wait_until(self, when: datetime | None) -> None:
        if when is not None:
            seconds = max(0.05, (when - utc_now()).total_seconds())
            self._timer = self.reactor.loop.call_later(min(seconds, LONGEST_TIMER_SECONDS), self.touch)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


QueryKey = tuple[Any, ...]


class LiveQuery(Reader):
    """One query with one set of arguments for one audience, shared by all who watch it."""

    __slots__ = (
        "_asking",
        "_direct",
        "_frame",
        "arguments",
        "body",
        "caller",
        "error",
        "function",
        "id",
        "key",
        "scope",
        "version",
    )

    def __init__(
        self, reactor: "Reactor", key: QueryKey, function: Function, arguments: dict[str, Any], caller: Caller
    ) -> None:
        super().__init__(reactor)
        self.id = f"e{next(reactor.numbers)}"
        self.key = key
        self.function = function
        self.arguments = arguments
        self.caller = caller
        self.scope = function.scope
        self._asking: set[Watcher] = set()
        self._direct: dict[Watcher, Transport] = {}
        self.body: bytes | None = None
        self.version: str | None = None
        self.error: Any = None
        self._frame: SharedFrame | None = None

    @property
    def watchers(self) -> list[Watcher]:
        return [*self._asking, *self._direct]

    @property
    def is_watched(self) -> bool:
        return bool(self._asking or self._direct)

    def add(self, watcher: Watcher) -> None:
        if watcher not in self._direct:
            self._asking.add(watcher)

    def discard(self, watcher: Watcher) -> None:
        self._asking.discard(watcher)
        self._direct.pop(watcher, None)

    def flow(self, watcher: Watcher, transport: Transport) -> None:
        """Write new results for this watcher directly, without asking it, until `hold_back`."""
        self._asking.discard(watcher)
        self._direct[watcher] = transport

    def hold_back(self, watcher: Watcher) -> None:
        """Ask this watcher again."""
        if self._direct.pop(watcher, None) is not None:
            self._asking.add(watcher)

    def compute(self) -> Outcome:
        return self.reactor.compute(self.function, self.arguments, self.caller, self.scope)

    def accept(self, outcome: Outcome) -> None:
        self.reactor.observer.executions.labels(self.function.name).inc()
        if outcome.needs is not None:
            self._widen(outcome.needs)
        elif outcome.error is not None:
            self.error, self._frame = outcome.error, None
            self._tell()
        else:
            version = version_of(outcome.body)
            if version != self.version or self.error is not None:
                self.body, self.version, self.error, self._frame = outcome.body, version, None, None
                self._tell()

    def frame(self) -> SharedFrame:
        """The present result as one frame for all watchers, made when the first of them needs it."""
        if self._frame is None:
            body = (self.body or b"null").decode()
            self._frame = SharedFrame(f'{{"t":"set","q":"{self.id}","v":"{self.version}","value":{body}}}')
        return self._frame

    def _tell(self) -> None:
        asking = list(self._asking)
        if self.error is None:
            self._write()
        else:
            asking += self._direct
        for watcher in asking:
            self._safely(watcher.changed)

    def _write(self) -> None:
        """The new result to those who need not be asked: one frame, and nothing else done for each of them."""
        direct = list(self._direct.values())
        if not direct:
            return
        frame = self.frame().bytes
        for transport in direct:
            try:
                transport.write(frame)
            except Exception:
                log.exception("a socket that watches %s failed; the others go on", self.function.name)

    def _widen(self, needed: Scope) -> None:
        self.function.scope = max(self.function.scope, needed)
        watchers = self.watchers
        self._asking.clear()
        self._direct.clear()
        self.reactor.forget(self)
        for watcher in watchers:
            self._safely(watcher.moved)

    def _safely(self, tell: Callable[["LiveQuery"], None]) -> None:
        try:
            tell(self)
        except Exception:
            log.exception("a watcher of %s failed; the others go on", self.function.name)


class Reactor:
    """All that is being watched in this process."""

    def __init__(
        self,
        threads: Executor,
        compute: Callable[[Function, dict[str, Any], Caller, Scope], Outcome],
        observer: Observer,
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.threads = threads
        self.compute = compute
        self.observer = observer
        self.index: ReadIndex[Reader] = ReadIndex()
        self.queries: dict[QueryKey, LiveQuery] = {}
        self.numbers = count(1)
        self.sequence = 0
        self.closed = False
        """Set when the engine stops: what runs may finish, nothing begins."""
        self._log: deque[Changes] = deque(maxlen=LOG_LENGTH)

    def watch(self, watcher: Watcher, function: Function, arguments: dict[str, Any], canonical: str) -> LiveQuery:
        """Have `watcher` told of this query's results. The query runs at once unless somebody watches it already."""
        key = (function.name, canonical, *_audience(function.scope, watcher.caller))
        query = self.queries.get(key)
        if query is None:
            query = self.queries[key] = LiveQuery(self, key, function, arguments, watcher.caller)
            self.observer.live_queries.set(len(self.queries))
            query.touch()
        query.add(watcher)
        return query

    def audience_changed(self, query: LiveQuery, caller: Caller) -> bool:
        """Whether the caller would now watch another query than this one."""
        return query.key[2:] != _audience(query.function.scope, caller)

    def unwatch(self, watcher: Watcher, query: LiveQuery) -> None:
        query.discard(watcher)
        if not query.is_watched:
            self.forget(query)

    def forget(self, query: LiveQuery) -> None:
        if self.queries.get(query.key) is query:
            del self.queries[query.key]
            self.observer.live_queries.set(len(self.queries))
        query.drop()

    def apply(self, changes: Changes) -> None:
        """A transaction committed, here or elsewhere: run again exactly what it touched."""
        self.sequence += 1
        self._log.append(changes)
        for reader in self.index.touched(changes):
            reader.touch()

    def refresh(self) -> None:
        """Changes may have been missed: run everything again; equal results are not sent."""
        for query in list(self.queries.values()):
            query.touch()

    def changed_since(self, sequence: int, reads: Iterable[Read]) -> bool:
        """Whether a change set that came after `sequence` touches any of `reads`."""
        missed = self.sequence - sequence
        if missed == 0:
            return False
        if missed > len(self._log):
            return True
        recent = islice(self._log, len(self._log) - missed, None)
        return any(read.covers(write) for changes in recent for write in changes for read in reads)


def _audience(scope: Scope, caller: Caller) -> tuple[Any, ...]:
    if scope is Scope.EVERYONE:
        return ()
    if scope is Scope.ORGANIZATION:
        return (caller.organization_id,)
    person = (caller.organization_id, caller.kind, caller.user_id, caller.role, caller.capabilities)
    return person if scope is Scope.PERSON else (*person, caller.session_id)
