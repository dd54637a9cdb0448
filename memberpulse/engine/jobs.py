"""Follow-up work and timetables.

A job is a row that the promising transaction wrote. A runner claims it under a lease, runs it, and marks it done; a
plain job and its mark are one transaction, so that its effect happens exactly once however often the process dies. What
keeps failing is retried with backoff and at last buried as dead, where an admin sees it.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import func, or_, update
from sqlmodel import col, select

from memberpulse.engine.context import ActionCtx, Caller, MutationCtx, Scheduled, system
from memberpulse.engine.crons import Timetable
from memberpulse.engine.errors import Conflict, EngineError
from memberpulse.engine.functions import TIME_LIMIT_SECONDS, Function, Kind
from memberpulse.engine.observe import CallRecord
from memberpulse.engine.predicates import Changes
from memberpulse.engine.tables import EngineJob, JobState
from memberpulse.engine.types import utc_now

if TYPE_CHECKING:
    from memberpulse.engine.runtime import Engine

log = logging.getLogger("memberpulse.engine")

AT_ONCE = 4
LONGEST_WAIT_SECONDS = 5.0
DEATHS_FORGIVEN = 20
"""A process may die under a job by chance, but not so often: then the job is what kills it."""
UNKNOWN_FOR_LONG = timedelta(days=1)
"""What this process does not know, or not with these arguments, may be for a newer one, while they are replaced."""
FOR_OTHERS = timedelta(seconds=10)
"""So long a process leaves what has arguments that it does not know to the newer ones."""
LEASE = timedelta(seconds=TIME_LIMIT_SECONDS + 30)
FIRST_RETRY_SECONDS = 2.0
LONGEST_RETRY_SECONDS = 3600.0


def add_job(ctx: MutationCtx, promise: Scheduled) -> None:
    """Write a promise into its transaction; one whose key is taken is dropped."""
    if promise.key is not None and _key_taken(ctx, promise.key):
        return
    ctx.db.add(
        EngineJob(
            function=promise.function,
            arguments=dict(promise.arguments),
            organization_id=ctx.db.organization_id,
            key=promise.key,
            run_at=promise.run_at,
            max_attempts=promise.max_attempts,
        )
    )


def _key_taken(ctx: MutationCtx, key: str) -> bool:
    return ctx.db.scalar(select(EngineJob.id).where(EngineJob.key == key)) is not None


class Jobs:
    """The runner of this process."""

    def __init__(self, engine: "Engine") -> None:
        self._engine = engine
        self._awake = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._loop_task: asyncio.Task[None] | None = None
        self._stopping = False
        self._timetable = Timetable(engine)
        self._known = [each.name for each in engine.registry.functions.values() if each.kind is Kind.JOB]

    async def start(self) -> None:
        self._loop_task = asyncio.create_task(self._work())
        self._timetable.start()

    async def stop(self) -> None:
        """Claim nothing more, and let what runs finish; what is being claimed is run too, not left to its lease."""
        self._stopping = True
        await self._timetable.stop()
        self._awake.set()
        if self._loop_task is not None:
            await asyncio.gather(self._loop_task, return_exceptions=True)
        await asyncio.gather(*self._running, return_exceptions=True)

    def noticed(self, changes: Changes) -> None:
        if any(write.table == "engine_job" for write in changes):
            self._awake.set()

    async def settle(self) -> None:
        """Work off everything that is due now; for tests and the command line."""
        while claimed := await self._claim(AT_ONCE):
            await asyncio.gather(*(self._run(job) for job in claimed))

    async def _work(self) -> None:
        while not self._stopping:
            self._awake.clear()
            try:
                wait = await self._start_what_is_due()
            except Exception:
                log.exception("jobs could not be claimed")
                wait = LONGEST_WAIT_SECONDS
            if wait and not self._stopping:
                await self._wait(wait)

    async def _start_what_is_due(self) -> float:
        """How long there is nothing more to do, unless something wakes us."""
        if len(self._running) >= AT_ONCE:
            return LONGEST_WAIT_SECONDS
        claimed = await self._claim(AT_ONCE - len(self._running))
        for job in claimed:
            self._start(job)
        return 0.0 if claimed else await self._seconds_to_next()

    def _start(self, job: EngineJob) -> None:
        task = asyncio.create_task(self._run(job))
        self._running.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: "asyncio.Task[None]") -> None:
        self._running.discard(task)
        self._awake.set()

    async def _wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._awake.wait(), seconds)
        except TimeoutError:
            return

    async def _claim(self, most: int) -> list[EngineJob]:
        if not await self._in_read_thread(self._anything_due):
            return []
        return await self._engine.transact_async(lambda ctx: _claim(ctx, self._known, most), system())

    async def _seconds_to_next(self) -> float:
        next_at = await self._in_read_thread(self._next_run_at)
        if next_at is None:
            return LONGEST_WAIT_SECONDS
        return min(LONGEST_WAIT_SECONDS, max(0.01, (next_at - utc_now()).total_seconds()))

    async def _in_read_thread(self, work: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._engine.database.read_threads, work)

    def _anything_due(self) -> bool:
        with self._engine.database.read(None) as session:
            return session.scalar(_due(utc_now(), self._known).limit(1)) is not None

    def _next_run_at(self) -> datetime | None:
        with self._engine.database.read(None) as session:
            ours = (col(EngineJob.state) == JobState.SCHEDULED) & col(EngineJob.function).in_(self._known)
            return session.scalar(select(func.min(EngineJob.run_at)).select_from(EngineJob).where(ours))

    async def _run(self, job: EngineJob) -> None:
        caller = system(job.organization_id)
        try:
            function = self._engine.registry.find(job.function, Kind.JOB)
            arguments = function.arguments.parse_json(job.arguments)
        except EngineError as error:
            await self._failed(job, error, is_understood=False)
            return
        started, outcome = time.perf_counter(), "ok"
        try:
            if function.is_async:
                await self._act(function, arguments, caller, job)
                await self._engine.transact_async(lambda ctx: _finish(ctx, job), caller)
            else:
                await self._engine.transact_async(lambda ctx: _perform(ctx, function, arguments, job), caller)
        except Exception as error:
            outcome = error.code if isinstance(error, EngineError) else "internal"
            await self._failed(job, error)
        finally:
            seconds = time.perf_counter() - started
            request_id = self._engine.new_request_id()
            self._engine.observer.record(CallRecord(utc_now(), function, caller, seconds, outcome, request_id))

    async def _act(self, function: Function, arguments: dict[str, Any], caller: Caller, job: EngineJob) -> None:
        ctx = ActionCtx(caller, self._engine.new_request_id(), self._engine.call_within, utc_now(), job.attempts)
        async with asyncio.timeout(TIME_LIMIT_SECONDS):
            await cast("Awaitable[Any]", function.call(ctx, **arguments))

    async def _failed(self, job: EngineJob, error: Exception, *, is_understood: bool = True) -> None:
        if not isinstance(error, EngineError):
            log.error("job %s failed, attempt %d", job.function, job.attempts, exc_info=error)
        try:
            await self._engine.transact_async(lambda ctx: _give_back(ctx, job, error, is_understood), system())
        except Exception:
            log.exception("job %s could not be given back; its lease will end", job.function)


def _due(now: datetime, known: Collection[str]) -> Any:
    scheduled = (col(EngineJob.state) == JobState.SCHEDULED) & (EngineJob.run_at <= now)
    abandoned = (col(EngineJob.state) == JobState.RUNNING) & (col(EngineJob.lease_until) < now)
    ours = col(EngineJob.function).in_(known) | (col(EngineJob.run_at) < now - UNKNOWN_FOR_LONG)
    return select(EngineJob).where(or_(scheduled, abandoned), ours).order_by(col(EngineJob.run_at))


def _claim(ctx: MutationCtx, known: Collection[str], most: int) -> list[EngineJob]:
    jobs = list(ctx.db.scalars(_due(ctx.now, known).limit(most).with_for_update(skip_locked=True)))
    for job in jobs:
        if job.attempts >= job.failures + DEATHS_FORGIVEN:
            job.state, job.finished_at, job.last_error = (
                JobState.DEAD,
                ctx.now,
                "Its process died under it, every time.",
            )
        else:
            job.state, job.lease_until, job.attempts = JobState.RUNNING, ctx.now + LEASE, job.attempts + 1
    return [job for job in jobs if job.state == JobState.RUNNING]


def _perform(ctx: MutationCtx, function: Function, arguments: dict[str, Any], job: EngineJob) -> None:
    _finish(ctx, job)
    function.call(ctx, **arguments)


def _finish(ctx: MutationCtx, job: EngineJob) -> None:
    """Mark it done. Raises Conflict when another runner has taken it over after our lease ended."""
    ours = (
        col(EngineJob.id) == job.id,
        col(EngineJob.attempts) == job.attempts,
        col(EngineJob.state) == JobState.RUNNING,
    )
    done = update(EngineJob).where(*ours).values(state=JobState.DONE, finished_at=ctx.now, last_error=None)
    if ctx.db.execute(done).rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict("The job was taken over by another runner.")


def _give_back(ctx: MutationCtx, job: EngineJob, error: Exception, is_understood: bool) -> None:
    mine = ctx.db.get(EngineJob, job.id)
    if mine is None or mine.attempts != job.attempts or mine.state != JobState.RUNNING:
        return
    mine.last_error = f"{type(error).__name__}: {error}"[:2000]
    mine.lease_until = None
    if not is_understood and ctx.now - mine.created_at < UNKNOWN_FOR_LONG:
        mine.state, mine.run_at, mine.attempts = JobState.SCHEDULED, ctx.now + FOR_OTHERS, mine.attempts - 1
        return
    mine.failures += 1
    if mine.failures >= mine.max_attempts:
        mine.state, mine.finished_at = JobState.DEAD, ctx.now
    else:
        mine.state, mine.run_at = JobState.SCHEDULED, ctx.now + _backoff(mine.failures)


def _backoff(failures: int) -> timedelta:
    """Twice as long after each failure, half of it by chance, so that what failed together does not return together."""
    seconds = min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** (failures - 1))
    return timedelta(seconds=seconds * random.uniform(0.5, 1.0))
