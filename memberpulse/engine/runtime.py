"""The one place where functions run: resolve, authorize, validate, transact, publish, measure."""

import asyncio
import logging
import random
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from pydantic_core import from_json
from starlette.routing import BaseRoute

from memberpulse.engine.access import Access, Accesses
from memberpulse.engine.bus import Bus, LocalBus, NotifyBus, OutboxBus, RedisBus
from memberpulse.engine.connections import Connections
from memberpulse.engine.context import ANONYMOUS, ActionCtx, Caller, Identify, MutationCtx
from memberpulse.engine.database import Database
from memberpulse.engine.errors import (
    AlreadyBegun,
    EngineError,
    Forbidden,
    Internal,
    NotSignedIn,
    Timeout,
    Unavailable,
)
from memberpulse.engine.faults import translated
from memberpulse.engine.functions import TIME_LIMIT_SECONDS, Function, Kind, Scope, function_of
from memberpulse.engine.http import api_routes
from memberpulse.engine.idempotency import begin, complete, digest, forget, remember, remembered
from memberpulse.engine.jobs import Jobs
from memberpulse.engine.limits import Limiter
from memberpulse.engine.observe import CallRecord, Observer, new_request_id, write_log
from memberpulse.engine.predicates import Changes
from memberpulse.engine.reactor import Reactor, Reader
from memberpulse.engine.reading import Reading
from memberpulse.engine.registry import Domain, Registry
from memberpulse.engine.results import serialize
from memberpulse.engine.socket import serve_socket
from memberpulse.engine.transactions import Transactions
from memberpulse.engine.types import utc_now

log = logging.getLogger("memberpulse.engine")
T = TypeVar("T")

GRACE_SECONDS = 1.0
"""How long after its time limit a thread may take to notice it, before its caller is told without it."""
GIL_TURN_SECONDS = 0.0005
"""How long a thread with an answer waits for the event loop, and the loop for it; Python's own 5 ms would be felt."""
LOG_FLUSH_SECONDS = 1.0
SWEEP_SECONDS = 20.0
SYNC_STEPS = 100
LONGEST_TELLING_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class EngineSettings:
    """database_url: SQLite or PostgreSQL. redis_url: carries changes and counts limits for several processes.
    sync_ms: within this time every session and live query is read again in case a change was lost between processes.
    build: names the frontend that this server serves, so that an older open tab reloads itself.
    background: whether this process runs jobs and crons.
    announces: on SQLite, whether it tells a server of its writes; a command line does, the one server need not.
    """

    database_url: str
    redis_url: str | None = None
    sync_ms: int = 30_000
    build: str = ""
    background: bool = True
    announces: bool = False


class Engine:
    """Runs functions for every door, and keeps every live query current."""

    reactor: Reactor
    accesses: Accesses

    def __init__(self, settings: EngineSettings, domains: Sequence[Domain], identify: Identify) -> None:
        from memberpulse.engine.housekeeping import engine_domain

        self.settings = settings
        self.registry = Registry([engine_domain, *domains])
        self.boot = uuid.uuid4().hex[:12]
        self.observer = Observer()
        self.connections = Connections(self.observer)
        self.limiter = Limiter(settings.redis_url)
        self._identify = identify
        self._tasks: set[asyncio.Task[None]] = set()
        self._telling: set[asyncio.Task[None]] = set()
        """What goes out to other processes: unlike the other tasks it is finished before the engine stops."""
        self._acting: dict[tuple[str, str, str], asyncio.Future[tuple[Any, bytes]]] = {}

    async def start(self) -> None:
        """Open the database and begin to listen, to work off jobs and to keep time. The schema must be current."""
        sys.setswitchinterval(GIL_TURN_SECONDS)
        self.database = Database(self.settings.database_url)
        self._loop = asyncio.get_running_loop()
        self._reading = Reading(self.database, self._identify)
        self.reactor = Reactor(self.database.read_threads, self._reading.compute, self.observer)
        self.accesses = Accesses(self.reactor, self.database.session_threads, self._reading.callers)
        self.jobs = Jobs(self)
        self.bus: Bus = self._choose_bus()
        self._transactions = Transactions(
            self.database,
            self.bus,
            self.reactor,
            self.accesses,
            self._identify,
            self.registry.tell,
            self._committed,
        )
        await self.bus.start(self._heard, self._gap)
        self._spawn(self._flush_log_forever())
        self._spawn(self._sweep_forever())
        if self._several:
            self._spawn(self._resync_forever())
        if self.settings.background:
            await self.jobs.start()

    async def stop(self) -> None:
        """Stop taking work, finish what runs, close everything."""
        await self.jobs.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._flush_log()
        await self._all_told()
        await self.bus.stop()
        self.reactor.closed = True
        await self._loop.run_in_executor(None, self.database.close)

    async def live_app(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """The ASGI application of the live WebSocket."""
        await serve_socket(self, scope, receive, send)

    def routes(self) -> list[BaseRoute]:
        """Every HTTP route: the domains' own, then the engine's doors: the last takes all of /api/."""
        return [*self.registry.routes, *api_routes(self)]

    # Calls from Python

    async def query(self, function: Callable[..., Any], *, caller: Caller, **arguments: Any) -> Any:
        """Run a query once for `caller`. Raises EngineError."""
        declared = function_of(function)
        value, _ = await self._run(declared, lambda: declared.arguments.check(arguments), caller, None)
        return value

    async def mutate(
        self, function: Callable[..., Any], *, caller: Caller, key: str | None = None, **arguments: Any
    ) -> Any:
        """Run a mutation for `caller`. key: under the same key it happens once. Raises EngineError."""
        declared = function_of(function)
        value, _ = await self._run(declared, lambda: declared.arguments.check(arguments), caller, key)
        return value

    # Calls from the doors

    async def serve(
        self,
        name: str,
        arguments: dict[str, Any],
        caller: Caller,
        *kinds: Kind,
        key: str | None = None,
        address: str = "",
    ) -> bytes:
        """Run a function by name with arguments from outside; the result is JSON. Raises EngineError."""
        function = self.registry.find_for(caller, name, *kinds)
        await self.limiter.check_call(function, caller, address)
        _, body = await self._run(function, lambda: function.arguments.parse_json(arguments), caller, key)
        return body

    async def caller_of(self, reference: str | None) -> Caller:
        """The caller behind a session's reference, as of now; anonymous without one."""
        access = self.identify(reference)
        return (await access.known() if access else None) or ANONYMOUS

    def identify(self, reference: str | None) -> Access | None:
        """The live access of a session."""
        return self.accesses.of(reference) if reference else None

    @staticmethod
    def new_request_id() -> str:
        return new_request_id()

    def request_id_of(self, error: EngineError) -> str:
        """The id under which the log knows this error."""
        return getattr(error, "request_id", None) or self.new_request_id()

    # One run

    async def _run(
        self, function: Function, read_arguments: Callable[[], dict[str, Any]], caller: Caller, key: str | None
    ) -> tuple[Any, bytes]:
        request_id, started, outcome = self.new_request_id(), time.perf_counter(), "ok"
        try:
            _authorize(function, caller)
            return await self._dispatch(function, read_arguments(), caller, key, request_id)
        except Exception as fault:
            error = translated(fault)
            outcome = error.code
            error.request_id = request_id  # type: ignore[attr-defined]
            if error is fault:
                raise
            if isinstance(error, Internal | Unavailable):
                log.exception("%s failed [%s]", function.name, request_id)
            raise error from fault
        finally:
            seconds = time.perf_counter() - started
            self.observer.record(CallRecord(utc_now(), function, caller, seconds, outcome, request_id))

    async def _dispatch(
        self, function: Function, arguments: dict[str, Any], caller: Caller, key: str | None, request_id: str
    ) -> tuple[Any, bytes]:
        if function.kind is Kind.QUERY:
            outcome = await self._in_thread(
                self.database.read_threads, self._reading.compute, function, arguments, caller, Scope.SESSION
            )
            if outcome.error is not None:
                raise outcome.error
            return outcome.value, outcome.body
        if function.is_async:
            await self._may_still(function, caller)
            ctx = ActionCtx(caller, request_id, self.call_within, utc_now())
            return await (self._act_once(function, arguments, ctx, key) if key else self._act(function, arguments, ctx))
        deadline = time.monotonic() + TIME_LIMIT_SECONDS
        return await self._in_thread(
            self.database.write_threads, self._mutate, function, arguments, caller, key, request_id, deadline
        )

    async def _may_still(self, function: Function, caller: Caller) -> None:
        """A mutation asks within its transaction; an action has none, and another process may have ended the session.

        Raises NotSignedIn, Forbidden.
        """
        if caller.kind == "person":
            ask = partial(self.transact, lambda ctx: None, caller, requires=function.requires)
            await self._in_thread(self.database.write_threads, ask)

    async def _act(self, function: Function, arguments: dict[str, Any], ctx: ActionCtx) -> tuple[Any, bytes]:
        allowed = asyncio.timeout(TIME_LIMIT_SECONDS)
        try:
            async with allowed:
                value = await function.call(ctx, **arguments)
        except TimeoutError:
            if allowed.expired():
                raise Timeout("This took longer than 60 seconds and was stopped.") from None
            raise
        return value, serialize(value)

    async def _act_once(
        self, function: Function, arguments: dict[str, Any], ctx: ActionCtx, key: str
    ) -> tuple[Any, bytes]:
        """An action under a key runs once at a time: who asks again meanwhile gets the answer of the run that is on.

        An answer that is a secret is for the first alone, as it is afterwards.
        """
        if not function.remembers:
            return await self._act_noted(function, arguments, ctx, key)
        name = (ctx.caller.label, key, digest(ctx.caller, function, arguments))
        if name in self._acting:
            return await asyncio.shield(self._acting[name])
        running = self._acting[name] = self._loop.create_future()
        try:
            answer = await self._act_noted(function, arguments, ctx, key)
        except BaseException as error:
            running.set_exception(error if isinstance(error, EngineError) else AlreadyBegun())
            running.exception()  # mostly nobody waits for it
            raise
        else:
            running.set_result(answer)
            return answer
        finally:
            del self._acting[name]

    async def _act_noted(
        self, function: Function, arguments: dict[str, Any], ctx: ActionCtx, key: str
    ) -> tuple[Any, bytes]:
        """An action under a key begins at most once, since nobody can take back what it did outside."""
        known = await self.transact_async(lambda tx: begin(tx, function, arguments, key), ctx.caller)
        if known is not None:
            return from_json(known), known
        try:
            value, body = await self._act(function, arguments, ctx)
        except EngineError as refusal:
            if not ctx.has_changed and not isinstance(refusal, Timeout):
                await self.transact_async(lambda tx: forget(tx, key), ctx.caller)
            raise
        await self.transact_async(lambda tx: complete(tx, function, key, body), ctx.caller)
        return value, body

    async def _in_thread(self, threads: Any, work: Callable[..., T], *arguments: Any) -> T:
        """Run in a thread. Past the time limit the caller is told; the thread stops at its next statement."""
        future = self._loop.run_in_executor(threads, work, *arguments)
        try:
            return await asyncio.wait_for(asyncio.shield(future), TIME_LIMIT_SECONDS + GRACE_SECONDS)
        except TimeoutError:
            future.add_done_callback(lambda done: done.exception())  # nobody waits for it any more
            raise Timeout from None

    async def call_within(
        self, function: Callable[..., Any], caller: Caller, arguments: dict[str, Any], key: str | None = None
    ) -> Any:
        declared, inside = function_of(function), replace(caller, kind="system")
        value, _ = await self._run(declared, lambda: declared.arguments.check(arguments), inside, key)
        return value

    # In a writing thread

    def _mutate(
        self,
        function: Function,
        arguments: dict[str, Any],
        caller: Caller,
        key: str | None,
        request_id: str,
        deadline: float,
    ) -> tuple[Any, bytes]:
        begun = False

        def work(ctx: MutationCtx) -> tuple[Any, bytes]:
            nonlocal begun
            begun = True
            value = function.call(ctx, **arguments)
            body = serialize(value)
            if key is not None:
                remember(ctx, function, arguments, key, body)
            return value, body

        try:
            return self.transact(work, caller, request_id, requires=function.requires, deadline=deadline)
        except Exception:
            if key is None or not begun:
                raise
            # Most calls are no repetition, so only one that could not commit looks for an answer given before.
            known = self.transact(lambda ctx: remembered(ctx, function, arguments, key), caller, deadline=deadline)
            if known is None:
                raise
            return function.result_of(known), known

    def transact(
        self,
        work: Callable[[MutationCtx], T],
        caller: Caller,
        request_id: str = "",
        *,
        requires: str | None = None,
        deadline: float | None = None,
    ) -> T:
        """`Transactions.run`. Call from a writing thread."""
        return self._transactions.run(work, caller, request_id, requires=requires, deadline=deadline)

    # On the loop, about changes

    async def _publish(self, changes: Changes) -> None:
        await self.bus.publish(changes)

    def _committed(self, changes: Changes) -> None:
        """A transaction of this process."""
        self._apply(changes)
        if self._several:
            self._spawn(self._publish(changes), among=self._telling)

    def _heard(self, changes: Changes) -> None:
        """Another process committed."""
        self._apply(changes)

    def _apply(self, changes: Changes) -> None:
        self.reactor.apply(changes)
        self.jobs.noticed(changes)

    def _gap(self) -> None:
        self.accesses.refresh()
        self.reactor.refresh()

    @property
    def _several(self) -> bool:
        """Whether other processes may write too."""
        return not self.database.is_sqlite

    def _choose_bus(self) -> Bus:
        if self.database.is_sqlite:
            return OutboxBus(self.database, announces=self.settings.announces)
        if self.settings.redis_url:
            return RedisBus(self.settings.redis_url)
        if self.database.url.get_backend_name() == "postgresql":
            plain = self.database.url.set(drivername="postgresql")
            return NotifyBus(plain.render_as_string(hide_password=False))
        return LocalBus()

    # Housekeeping of this process

    def _spawn(self, work: Any, *, among: set[asyncio.Task[None]] | None = None) -> None:
        task = self._loop.create_task(work)
        tasks = self._tasks if among is None else among
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def _all_told(self) -> None:
        """Wait until other processes have what was committed here; without a way to them they resync by themselves."""
        if self._telling:
            await asyncio.wait(self._telling, timeout=LONGEST_TELLING_SECONDS)

    async def _flush_log_forever(self) -> None:
        while True:
            await asyncio.sleep(LOG_FLUSH_SECONDS)
            await self._flush_log()

    async def _flush_log(self) -> None:
        calls = self.observer.take()
        if calls:
            try:
                await self.transact_async(lambda ctx: write_log(ctx.db, calls), Caller("system"))
            except Exception:
                self.observer.put_back(calls)
                log.exception("the function log could not be written; it is tried again")

    async def transact_async(self, work: Callable[[MutationCtx], T], caller: Caller) -> T:
        """`transact` from the event loop, for the engine's own writes."""
        return await self._loop.run_in_executor(self.database.write_threads, self.transact, work, caller)

    async def _sweep_forever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self.accesses.sweep()

    async def _resync_forever(self) -> None:
        while True:
            await self._resync(self.settings.sync_ms / 1000 * random.uniform(0.9, 1.1))

    async def _resync(self, seconds: float) -> None:
        """Read everything again within these seconds, a little at a time, so that nothing else waits for it."""
        readers: list[Reader] = [*self.accesses, *self.reactor.queries.values()]
        for start in range(SYNC_STEPS):
            await asyncio.sleep(seconds / SYNC_STEPS)
            for reader in readers[start::SYNC_STEPS]:
                reader.recheck()


def _authorize(function: Function, caller: Caller) -> None:
    if caller.may(function.requires):
        return
    raise NotSignedIn if caller.kind == "anonymous" else Forbidden
