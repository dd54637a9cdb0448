"""Jobs and crons: promised with the transaction, run after it, once in effect, whoever fails."""

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from memberpulse.engine import Caller, Cron, Domain, Engine, EngineSettings, MutationCtx, function_name, system
from memberpulse.engine import crons as crons_module
from memberpulse.engine import jobs as jobs_module
from memberpulse.engine.database import Database
from memberpulse.engine.errors import Conflict
from memberpulse.engine.tables import EngineJob, EngineLease, JobState
from tests.engine import library, workshop
from tests.engine.conftest import create_tables, until
from tests.postgres import postgres_database

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One database of each kind for all these tests."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('jobs')}/test.db"
        else:
            url = stack.enter_context(postgres_database(request.getfixturevalue("postgres_server")))
        create_tables(url)
        yield url


@pytest.fixture(autouse=True)
def no_jobs_of_others(url: str) -> Iterator[None]:
    yield
    database = Database(url)
    with database.writer.begin() as connection:
        for table in (EngineJob, EngineLease, workshop.Echo):
            connection.execute(table.__table__.delete())  # type: ignore[attr-defined]
    database.close()


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_module, "FIRST_RETRY_SECONDS", 0.02)


@asynccontextmanager
async def running(url: str, *domains: Domain, background: bool = True) -> AsyncIterator[Engine]:
    settings = EngineSettings(database_url=url, background=background)
    engine = Engine(settings, [library.library, workshop.workshop, *domains], library.identify)
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()


@pytest.fixture
async def engine(url: str) -> AsyncIterator[Engine]:
    """With a runner."""
    async with running(url) as engine:
        yield engine


@pytest.fixture
async def idle(url: str) -> AsyncIterator[Engine]:
    """Without a runner: jobs run when the test says so."""
    async with running(url, background=False) as engine:
        yield engine


def somebody() -> Caller:
    return library.a_person(capabilities="workshop.use")


async def jobs_of(engine: Engine, function: Any) -> list[EngineJob]:
    def read(ctx: MutationCtx) -> list[EngineJob]:
        name = function_name(function)
        return list(ctx.db.scalars(select(EngineJob).where(EngineJob.function == name).order_by(col(EngineJob.run_at))))

    return await engine.transact_async(read, system())


async def echoes(engine: Engine, caller: Caller) -> list[str]:
    return await engine.query(workshop.list_echoes, caller=caller)


async def heard(engine: Engine, caller: Caller, *texts: str) -> None:
    """Wait until exactly these jobs have had their effect."""
    deadline = asyncio.get_running_loop().time() + 10
    while (now := await echoes(engine, caller)) != sorted(texts):
        assert asyncio.get_running_loop().time() < deadline, f"{now} != {texts}"
        await asyncio.sleep(0.01)


async def settled(engine: Engine, function: Any) -> None:
    """Wait until no job of this function is to run any more."""
    over = {JobState.DONE, JobState.DEAD}
    deadline = asyncio.get_running_loop().time() + 10
    while not all(job.state in over for job in await jobs_of(engine, function)):
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.01)


async def test_a_job_runs_after_the_commit_that_promised_it(engine: Engine) -> None:
    ann = somebody()
    await engine.mutate(workshop.leave_mark_and_echo, caller=ann, text="a")
    await heard(engine, ann, "a")


async def test_a_job_belongs_to_the_organization_that_promised_it(engine: Engine) -> None:
    ann, zoe = somebody(), somebody()
    await engine.mutate(workshop.promise_echo, caller=ann, text="a")
    await heard(engine, ann, "a")
    assert await echoes(engine, zoe) == []


async def test_a_promise_goes_with_the_transaction_that_made_it(idle: Engine) -> None:
    ann = somebody()
    with pytest.raises(Conflict):
        await idle.mutate(workshop.promise_echo, caller=ann, text="a", refuse=True)
    assert await jobs_of(idle, workshop.echo) == []


async def test_a_job_waits_for_its_time(idle: Engine) -> None:
    ann = somebody()
    await idle.mutate(workshop.promise_later, caller=ann, text="later", seconds=3600)
    await idle.jobs.settle()
    assert await echoes(idle, ann) == []


async def test_a_runner_awakes_for_a_job_whose_time_has_come(engine: Engine) -> None:
    ann = somebody()
    await engine.mutate(workshop.promise_later, caller=ann, text="soon", seconds=0.3)
    await heard(engine, ann, "soon")


async def test_a_failing_job_is_tried_again_and_leaves_only_its_success(engine: Engine) -> None:
    ann, text = somebody(), uuid.uuid4().hex
    await engine.mutate(workshop.promise_trouble, caller=ann, text=text, failures=2)
    await heard(engine, ann, text)
    await settled(engine, workshop.echo_after_failures)
    (job,) = await jobs_of(engine, workshop.echo_after_failures)
    assert (job.state, job.attempts, workshop.attempts[text]) == (JobState.DONE, 3, 3)


async def test_a_job_that_keeps_failing_is_buried_with_its_error(engine: Engine) -> None:
    ann, text = somebody(), uuid.uuid4().hex
    await engine.mutate(workshop.promise_trouble, caller=ann, text=text, failures=99)
    await settled(engine, workshop.echo_after_failures)
    (job,) = await jobs_of(engine, workshop.echo_after_failures)
    assert (job.state, job.attempts, workshop.attempts[text]) == (JobState.DEAD, 4, 4)
    assert job.last_error == "RuntimeError: not yet"
    assert await echoes(engine, ann) == []


def test_each_failure_makes_the_wait_longer_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_module, "FIRST_RETRY_SECONDS", 2.0)
    for attempts in range(1, 30):
        longest = min(3600.0, 2.0 * 2 ** (attempts - 1))
        waits = {jobs_module._backoff(attempts).total_seconds() for _ in range(20)}
        assert longest / 2 <= min(waits) < max(waits) <= longest


async def test_a_key_is_scheduled_once_ever(idle: Engine) -> None:
    ann, once = somebody(), uuid.uuid4().hex
    await asyncio.gather(*(idle.mutate(workshop.promise_echo, caller=ann, text="a", once=once) for _ in range(20)))
    await idle.jobs.settle()
    await idle.mutate(workshop.promise_echo, caller=ann, text="a", once=once)
    await idle.jobs.settle()
    assert await echoes(idle, ann) == ["a"]


async def test_several_runners_share_the_work_and_double_none(url: str) -> None:
    ann, texts = somebody(), [f"{number:02}" for number in range(40)]
    async with running(url, background=False) as idle:
        await asyncio.gather(*(idle.mutate(workshop.promise_echo, caller=ann, text=text) for text in texts))
        async with running(url), running(url), running(url):
            await heard(idle, ann, *texts)
            await settled(idle, workshop.echo)
        assert await echoes(idle, ann) == texts


async def test_a_job_that_another_runner_took_over_has_its_effect_once(
    url: str, idle: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first runner was only slow, not dead: both perform it, one commits."""
    ann = somebody()
    await idle.mutate(workshop.promise_echo, caller=ann, text="a")
    monkeypatch.setattr(jobs_module, "LEASE", timedelta(seconds=-1))
    async with running(url, background=False) as other:
        slow, quick = await idle.jobs._claim(4), await other.jobs._claim(4)
        assert [job.id for job in slow] == [job.id for job in quick] != []
        await asyncio.gather(*(other.jobs._run(job) for job in quick))
        await asyncio.gather(*(idle.jobs._run(job) for job in slow))
    assert await echoes(idle, ann) == ["a"]
    (job,) = await jobs_of(idle, workshop.echo)
    assert (job.state, job.attempts) == (JobState.DONE, 2)


async def test_a_job_whose_runner_died_is_run_by_another_when_its_lease_ends(
    idle: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = somebody()
    await idle.mutate(workshop.promise_echo, caller=ann, text="a")
    await idle.jobs._claim(4)  # and dies
    await idle.jobs.settle()
    assert await echoes(idle, ann) == [], "its lease still stands"
    monkeypatch.setattr(jobs_module, "utc_now", lambda: datetime.now(UTC) + jobs_module.LEASE)
    monkeypatch.setattr("memberpulse.engine.transactions.utc_now", lambda: datetime.now(UTC) + 2 * jobs_module.LEASE)
    await idle.jobs.settle()
    assert await echoes(idle, ann) == ["a"]


async def test_a_job_that_kills_its_process_every_time_is_buried(idle: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = somebody()
    await idle.mutate(workshop.promise_echo, caller=ann, text="a")
    monkeypatch.setattr(jobs_module, "LEASE", timedelta(seconds=-1))
    deaths = 0
    while await idle.jobs._claim(4):
        deaths += 1
    assert deaths == jobs_module.DEATHS_FORGIVEN
    (job,) = await jobs_of(idle, workshop.echo)
    assert job.state == JobState.DEAD
    assert await idle.jobs._claim(4) == []


async def test_a_job_under_which_processes_died_keeps_all_its_tries(
    idle: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, text = somebody(), uuid.uuid4().hex
    await idle.mutate(workshop.promise_trouble, caller=ann, text=text, failures=99)
    with monkeypatch.context() as dying:
        dying.setattr(jobs_module, "LEASE", timedelta(seconds=-1))
        for _ in range(6):
            assert await idle.jobs._claim(4)
    await idle.jobs.settle()
    (job,) = await jobs_of(idle, workshop.echo_after_failures)
    assert (job.state, job.attempts - job.failures) == (JobState.SCHEDULED, 6)
    assert job.failures > 0


async def test_a_job_that_acts_outside_may_begin_twice_but_writes_once_under_its_key(
    url: str, idle: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, text = somebody(), uuid.uuid4().hex
    await idle.mutate(workshop.promise_action, caller=ann, text=text)
    monkeypatch.setattr(jobs_module, "LEASE", timedelta(seconds=-1))
    first, second = await idle.jobs._claim(4), await idle.jobs._claim(4)
    for job in (*first, *second):
        await idle.jobs._run(job)
    assert workshop.attempts[text] == 2
    assert await idle.query(workshop.list_marks, caller=ann) == [text]


async def test_a_stop_leaves_no_job_under_a_lease(url: str) -> None:
    ann = somebody()
    for number in range(10):
        async with running(url) as engine:
            await engine.mutate(workshop.promise_echo, caller=ann, text=f"{number}")
        async with running(url, background=False) as engine:
            assert JobState.RUNNING not in {job.state for job in await jobs_of(engine, workshop.echo)}
    async with running(url) as engine:
        await heard(engine, ann, *map(str, range(10)))


async def test_unknown_work_is_left_to_a_version_that_knows_it_for_a_day(
    idle: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def promise(ctx: MutationCtx) -> None:
        ctx.db.add(EngineJob(function="old.gone", run_at=ctx.now))

    await idle.transact_async(promise, system())
    await idle.jobs.settle()

    def read(ctx: MutationCtx) -> EngineJob:
        return ctx.db.scalars(select(EngineJob).where(EngineJob.function == "old.gone")).one()

    job = await idle.transact_async(read, system())
    assert (job.state, job.attempts) == (JobState.SCHEDULED, 0)
    assert await idle.jobs._seconds_to_next() > 1, "it wakes nobody"

    monkeypatch.setattr(jobs_module, "UNKNOWN_FOR_LONG", timedelta(0))
    await idle.jobs.settle()
    job = await idle.transact_async(read, system())
    assert job.state == JobState.SCHEDULED
    assert job.attempts >= 1, "it is tried as any other"
    assert "UnknownFunction" in str(job.last_error)


async def test_arguments_of_a_newer_version_are_left_to_it_for_a_day(
    idle: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = EngineJob(
        function=function_name(workshop.echo), arguments={"text": "a", "louder": True}, run_at=datetime.now(UTC)
    )
    await idle.transact_async(lambda ctx: ctx.db.add(newer), system())
    await idle.jobs.settle()
    (job,) = await jobs_of(idle, workshop.echo)
    assert (job.state, job.attempts) == (JobState.SCHEDULED, 0)
    assert "BadArguments" in str(job.last_error)
    assert await idle.jobs._seconds_to_next() > 1, "it is not tried again at once"

    def come_due(ctx: MutationCtx) -> None:
        ctx.db.scalars(select(EngineJob).where(EngineJob.id == job.id)).one().run_at = ctx.now

    monkeypatch.setattr(jobs_module, "UNKNOWN_FOR_LONG", timedelta(0))
    await idle.transact_async(come_due, system())
    await idle.jobs.settle()
    (job,) = await jobs_of(idle, workshop.echo)
    assert job.attempts >= 1, "it is tried as any other"


# Crons


@pytest.fixture
def quick_leaders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crons_module, "LEADER_LEASE", timedelta(seconds=0.6))
    monkeypatch.setattr(crons_module, "LEADER_SECONDS", 0.2)


EVERY_SECOND = Domain(name="clock", crons=[Cron(job=workshop.echo_on_time, every=timedelta(seconds=1))])
AT_THREE = Domain(name="night", crons=[Cron(job=workshop.echo_on_time, crontab="0 3 * * *")])


async def slots(engine: Engine) -> list[str]:
    return [str(job.key) for job in await jobs_of(engine, workshop.echo_on_time)]


@pytest.mark.usefixtures("quick_leaders")
async def test_each_slot_runs_once_among_several_processes_and_after_the_leader_is_gone(url: str) -> None:
    async with running(url, EVERY_SECOND) as second:
        async with running(url, EVERY_SECOND) as first, running(url, EVERY_SECOND):
            leaders = [each for each in (first, second) if each.jobs._timetable._leads]
            assert len(leaders) <= 1
            await slots_reach(second, 2)
        await slots_reach(second, 4)
        await settled(second, workshop.echo_on_time)
        found = await slots(second)
        assert max(Counter(found).values()) == 1
        clock = Caller("system", organization_id=uuid.UUID(int=0))
        assert len(await echoes(second, clock)) == len(found)


async def slots_reach(engine: Engine, count: int) -> None:
    deadline = asyncio.get_running_loop().time() + 15
    while len(await slots(engine)) < count:
        assert asyncio.get_running_loop().time() < deadline, "the clock stands still"
        await asyncio.sleep(0.05)


@pytest.mark.usefixtures("quick_leaders")
async def test_one_process_leads_until_its_lease_ends(url: str) -> None:
    async with running(url, AT_THREE) as second:
        await until(lambda: second.jobs._timetable._leads)
        async with running(url, AT_THREE) as first:
            await first.jobs._timetable._lead()
            assert not first.jobs._timetable._leads
            second.jobs._timetable._scheduler.shutdown(wait=False)  # as if it had died
            await until(lambda: first.jobs._timetable._leads)


async def test_a_process_that_stops_lets_another_lead_at_once(url: str) -> None:
    async with running(url, AT_THREE) as first:
        await until(lambda: first.jobs._timetable._leads)
    async with running(url, AT_THREE) as second:
        await until(lambda: second.jobs._timetable._leads)


async def test_a_quick_stop_reports_no_failure(url: str, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        async with running(url, AT_THREE):
            await asyncio.sleep(0)
    assert not caplog.records


async def test_a_slot_that_passed_while_nobody_was_there_is_caught_up_with_once(url: str) -> None:
    for _ in range(2):
        async with running(url, AT_THREE) as engine:
            await until(lambda: engine.jobs._timetable._leads)
            await slots_reach(engine, 1)
            await settled(engine, workshop.echo_on_time)
    async with running(url, background=False) as engine:
        (slot,) = await slots(engine)
    at = datetime.fromisoformat(slot.rpartition("on_time:")[2])
    now = datetime.now(UTC)
    assert (at.hour, at.minute) == (3, 0)
    assert now - timedelta(hours=24) <= at <= now


@pytest.mark.parametrize(
    ("crontab", "now", "slot"),
    [
        ("0 3 * * *", "2026-03-02T03:00:00", "2026-03-02T03:00:00"),
        ("0 3 * * *", "2026-03-02T02:59:59", "2026-03-01T03:00:00"),
        ("*/5 * * * *", "2026-03-02T12:34:56", "2026-03-02T12:30:00"),
        ("0 9 * * mon", "2026-03-02T10:00:00", "2026-03-02T09:00:00"),
        ("0 9 * * mon", "2026-03-04T10:00:00", None),
    ],
)
def test_the_last_slot_is_the_same_for_everybody(crontab: str, now: str, slot: str | None) -> None:
    cron = Cron(job=workshop.echo_on_time, crontab=crontab)
    found = crons_module._last_slot(cron, datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert (found and found.replace(tzinfo=None).isoformat()) == slot


def test_a_weekday_is_named_not_numbered() -> None:
    with pytest.raises(ValueError, match="weekday"):
        Cron(job=workshop.echo_on_time, crontab="0 3 * * 1")
