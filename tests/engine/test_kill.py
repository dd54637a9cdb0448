"""`kill -9` at any moment: nothing acknowledged is lost, nothing doubled, and every promised job has its effect once.

KILLS: how many processes are killed; 60 unless the environment says otherwise.
"""

import asyncio
import os
import random
import uuid
from collections import Counter
from dataclasses import dataclass, field

import pytest
from sqlmodel import select

from memberpulse.engine import Engine, EngineSettings, MutationCtx, system
from memberpulse.engine.tables import EngineJob, JobState
from tests.engine import library, workshop
from tests.engine.conftest import create_tables, until
from tests.engine.processes import Died, Refused, Worker, begin, ready, workers

pytestmark = pytest.mark.anyio

KILLS = int(os.environ.get("KILLS", "60"))
SHARE_ON_POSTGRES = 0.25
AT_ONCE = 6
"""Clients that call without a pause, each with its own keys."""
LEASE_SECONDS = 0.5
"""In place of 90: how soon the job of a dead runner is taken over."""


@dataclass
class Ledger:
    """What clients were told, to be compared with what is there in the end."""

    organization: uuid.UUID
    done: list[str] = field(default_factory=list)
    asked_again: int = 0


async def call_for_ever(shop: list[Worker], ledger: Ledger, name: str) -> None:
    """A client: calls, and when the line breaks asks the next worker for the same thing under the same key."""
    number = 0
    while shop:
        text, number = f"{name}-{number}", number + 1
        key = f"{ledger.organization.hex[:8]}-{text}"
        while shop:
            try:
                worker = shop[-1]
                assert await worker.run(workshop.leave_mark_and_echo, ledger.organization, key, text=text) == text
                ledger.done.append(text)
                break
            except Died:
                ledger.asked_again += 1
                await asyncio.sleep(0.001)


async def kill_again_and_again(url: str, kills: int) -> Ledger:
    """Two workers serve at a time on one database; one after the other is killed in the middle of its work."""
    ledger, chance = Ledger(uuid.uuid4()), random.Random(kills)
    shop = [await ready(await begin(url, lease_seconds=LEASE_SECONDS)) for _ in range(2)]
    clients = [asyncio.create_task(call_for_ever(shop, ledger, f"{number}")) for number in range(AT_ONCE)]
    coming = asyncio.create_task(begin(url, lease_seconds=LEASE_SECONDS))
    for _ in range(kills):
        fresh = await ready(await coming)
        coming = asyncio.create_task(begin(url, lease_seconds=LEASE_SECONDS))
        before = len(ledger.done)
        shop.append(fresh)
        await until(lambda before=before: len(ledger.done) > before, lambda: "nobody is served", 30)
        await asyncio.sleep(chance.uniform(0, 0.02))
        victim = shop.pop(chance.choice((-1, -2)))
        victim.kill()
        await victim.ended()
    (await coming).kill()
    alive = list(shop)
    shop.clear()
    await asyncio.gather(*clients)
    for worker in alive:
        worker.kill()
        await worker.ended()
    return ledger


async def everything(url: str, organization: uuid.UUID) -> tuple[list[str], list[str]]:
    """All marks and echoes, once no job is left to run."""
    engine = Engine(
        EngineSettings(database_url=url, background=False), [library.library, workshop.workshop], library.identify
    )
    await engine.start()
    try:
        await work_off(engine)
        caller = system(organization)
        marks = await engine.query(workshop.list_marks, caller=caller)
        return marks, await engine.query(workshop.list_echoes, caller=caller)
    finally:
        await engine.stop()


async def work_off(engine: Engine) -> None:
    """Until every job is done, those of dead runners too."""

    def left(ctx: MutationCtx) -> int:
        unfinished = select(EngineJob.id).where(EngineJob.state != JobState.DONE)
        return len(ctx.db.scalars(unfinished).all())

    async with asyncio.timeout(240):
        while await engine.transact_async(left, system()):
            await engine.jobs.settle()
            await asyncio.sleep(0.02)


async def check(url: str, kills: int) -> None:
    ledger = await kill_again_and_again(url, kills)
    marks, echoes = await everything(url, ledger.organization)
    assert len(ledger.done) >= kills
    assert ledger.asked_again >= kills / 4, "the kills came in the middle of calls"
    assert set(ledger.done) <= set(marks), "an acknowledged write was lost"
    assert not [text for text, count in Counter(marks).items() if count > 1], "a write was doubled"
    assert set(echoes) == set(marks), "a promised job did not run"
    assert not [text for text, count in Counter(echoes).items() if count > 1], "a job had its effect twice"


@pytest.fixture
def made_sqlite(sqlite_url: str) -> str:
    create_tables(sqlite_url)
    return sqlite_url


@pytest.fixture
def made_postgres(postgres_url: str) -> str:
    create_tables(postgres_url)
    return postgres_url


async def test_killing_the_process_loses_and_doubles_nothing_on_sqlite(made_sqlite: str) -> None:
    await check(made_sqlite, round(KILLS * (1 - SHARE_ON_POSTGRES)))


async def test_killing_the_process_loses_and_doubles_nothing_on_postgres(made_postgres: str) -> None:
    await check(made_postgres, round(KILLS * SHARE_ON_POSTGRES))


@pytest.mark.parametrize("made_url", ["made_sqlite", "made_postgres"])
async def test_writers_in_several_processes_lose_no_increment(made_url: str, request: pytest.FixtureRequest) -> None:
    url, organization = request.getfixturevalue(made_url), uuid.uuid4()
    async with workers(url, 3) as shop:
        calls = [shop[number % 3].run(workshop.increase, organization, name="n") for number in range(240)]
        results = await asyncio.gather(*calls, return_exceptions=True)
        done = [result for result in results if isinstance(result, int)]
        assert sorted(done) == list(range(1, len(done) + 1))
        assert [str(result) for result in results if isinstance(result, Refused)] == ["conflict"] * (240 - len(done))
        assert len(done) > 200
        assert await shop[0].run(workshop.get_tally, organization, name="n") == len(done)
