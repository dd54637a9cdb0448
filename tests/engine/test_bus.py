"""What one process writes reaches those who watch in another, and after any loss everything converges."""

import asyncio
import json
import socket
import subprocess
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
import redis
from sqlmodel import col, select

from memberpulse.engine import ANONYMOUS, Engine, EngineSettings, MutationCtx, bus, system, uuid7
from memberpulse.engine.bus import NOTIFY_LIMIT_BYTES, NotifyBus, RedisBus
from memberpulse.engine.predicates import Changes, Write
from memberpulse.engine.tables import EngineChange
from tests.conftest import _redis_binary, _wait_for_redis
from tests.engine import library, workshop
from tests.engine.conftest import Screen, create_tables, until
from tests.engine.processes import Worker, workers
from tests.postgres import postgres_database

pytestmark = pytest.mark.anyio

PATIENCE = 15.0
NO_RESYNC = {"sync_ms": 3_600_000}
"""So that only the bus, and what it does after a loss, can carry a change."""


class RedisServer:
    """A Redis of one's own that can be stopped and started again on its port."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        arguments = ["--port", str(self.port), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"]
        self._process = subprocess.Popen([_redis_binary(), *arguments], stdout=subprocess.DEVNULL)
        _wait_for_redis(self.url)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(10)


@contextmanager
def redis_of_ones_own() -> Iterator[RedisServer]:
    server = RedisServer()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def url(postgres_server: str) -> Iterator[str]:
    with postgres_database(postgres_server) as url:
        create_tables(url)
        yield url


@pytest.fixture(params=["notify", "redis"])
async def pair(request: pytest.FixtureRequest, url: str) -> AsyncIterator["Pair"]:
    """Two engines in processes of their own on one PostgreSQL, joined by NOTIFY or by Redis."""
    with ExitStack() as stack:
        server = stack.enter_context(redis_of_ones_own()) if request.param == "redis" else None
        more = {"redis_url": server.url} if server else {}
        async with workers(url, 2, **NO_RESYNC, **more) as (here, there):
            yield Pair(url, here, there, server)


class Pair:
    """`here` writes, `there` watches."""

    def __init__(self, url: str, here: Worker, there: Worker, redis_server: RedisServer | None) -> None:
        self.here, self.there = here, there
        self.organization = uuid.uuid4()
        self.settings = EngineSettings(
            database_url=url, redis_url=redis_server and redis_server.url, background=False, **NO_RESYNC
        )
        self._url = url
        self._redis = redis_server

    async def watch(self, function: Callable[..., Any] = workshop.list_marks, **arguments: Any) -> Callable[[], Any]:
        shown = self.there.watch(function, self.organization, **arguments)
        await until(lambda: shown() is not None, seconds=PATIENCE)
        return shown

    async def mark(self, text: str) -> None:
        await self.here.run(workshop.leave_mark, self.organization, text=text)

    def cut(self) -> int:
        """Cut every line of the bus; returns how many."""
        if self._redis is not None:
            client = redis.Redis.from_url(self._redis.url)
            return client.client_kill_filter(_type="pubsub")
        with psycopg.connect(self._url, autocommit=True) as admin:
            listening = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN %' AND datname = current_database()"
            return len(admin.execute(f"SELECT pg_terminate_backend(pid) FROM ({listening}) each").fetchall())

    async def restart_redis(self) -> None:
        assert self._redis is not None
        await asyncio.to_thread(self._redis.stop)
        await self.mark("while the bus was away")
        await asyncio.to_thread(self._redis.start)


async def shows(shown: Callable[[], Any], *marks: str) -> None:
    await until(lambda: shown() == sorted(marks), lambda: f"{shown()} != {marks}", PATIENCE)


async def test_a_write_in_one_process_reaches_a_watcher_in_the_other(pair: Pair) -> None:
    shown = await pair.watch()
    await shows(shown)
    await pair.mark("a")
    await shows(shown, "a")
    other = pair.here.watch(workshop.list_marks, pair.organization)
    await pair.there.run(workshop.leave_mark, pair.organization, text="b")
    await shows(shown, "a", "b")
    await shows(other, "a", "b")


async def test_many_changes_at_once_reach_the_other_process(pair: Pair) -> None:
    shown = await pair.watch()
    await pair.here.run(workshop.leave_many_marks, pair.organization, count=3000)
    await until(lambda: len(shown()) == 3000, seconds=PATIENCE)
    await pair.here.run(workshop.leave_many_marks, pair.organization, count=150)
    await until(lambda: len(shown()) == 3150, seconds=PATIENCE)


async def test_what_a_passing_process_wrote_is_told_before_it_ends(pair: Pair) -> None:
    """As the command line does: one write, and it is gone."""
    shown = await pair.watch()
    for number in "01234":
        engine = Engine(pair.settings, [library.library, workshop.workshop], library.identify)
        await engine.start()
        await engine.mutate(workshop.leave_mark, caller=system(pair.organization), text=number)
        await engine.stop()
    await shows(shown, *"01234")


async def test_after_a_cut_line_everything_converges(pair: Pair) -> None:
    shown = await pair.watch()
    for number in range(3):
        assert await asyncio.to_thread(pair.cut) >= 1
        await pair.mark(f"{number} at once")
        await shows(
            shown, *(f"{each} at once" for each in range(number + 1)), *(f"{each} after" for each in range(number))
        )
        await pair.mark(f"{number} after")
        await shows(
            shown, *(f"{each} at once" for each in range(number + 1)), *(f"{each} after" for each in range(number + 1))
        )


@pytest.mark.parametrize("pair", ["redis"], indirect=True)
async def test_redis_may_be_restarted(pair: Pair) -> None:
    shown = await pair.watch()
    await pair.restart_redis()
    await shows(shown, "while the bus was away")
    await pair.mark("after")
    await shows(shown, "after", "while the bus was away")


async def test_the_resync_carries_what_the_bus_lost(url: str) -> None:
    async with workers(url, 1, background=False) as (other,):
        settings = EngineSettings(database_url=url, sync_ms=200, background=False)
        engine = Engine(settings, [library.library, workshop.workshop], library.identify)
        engine._choose_bus = bus.LocalBus  # type: ignore[method-assign]
        await engine.start()
        organization = uuid.uuid4()
        screen = Watched(engine, organization)
        await until(lambda: screen.shown == [])
        await other.run(workshop.leave_mark, organization, text="a")
        await until(lambda: screen.shown == ["a"], seconds=PATIENCE)
        await engine.stop()


async def test_the_resync_follows_a_session_to_its_end_and_holds_nothing_back_meanwhile(url: str) -> None:
    settings = EngineSettings(database_url=url, sync_ms=100, background=False)
    async with AsyncExitStack() as stack:
        here, there = [Engine(settings, [library.library, workshop.workshop], library.identify) for _ in range(2)]
        for engine in (here, there):
            engine._choose_bus = bus.LocalBus  # type: ignore[method-assign]
            await engine.start()
            stack.push_async_callback(engine.stop)
        reference = uuid.uuid4().hex
        admission = library.Pass(reference=reference, user_id=uuid7(), library_id=uuid.uuid4(), capabilities="")
        await here.transact_async(lambda ctx: ctx.db.add(admission), system())
        access = here.accesses.of(reference)
        await access.known()
        told = Standing()
        access.holders.add(told)
        reads = Counter[str]()
        read = here.accesses._read
        here.accesses._read = lambda references: reads.update(references) or read(references)
        await until(lambda: reads[reference] >= 3)
        assert told.heard == []
        await there.mutate(library.set_capabilities, caller=system(), reference=reference, capabilities="books.view")
        await until(lambda: told.heard == ["suspend", "reauthorize"])
        assert (await access.known()) == await there.caller_of(reference)
        await there.mutate(library.close_pass, caller=system(), reference=reference)
        await until(lambda: told.heard[2:] == ["suspend", "end"])


class Standing:
    """Somebody on an access."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def suspend(self) -> None:
        self.heard.append("suspend")

    def reauthorize(self) -> None:
        self.heard.append("reauthorize")

    def end(self) -> None:
        self.heard.append("end")


class Watched:
    """The marks, as a watcher of this process sees them."""

    def __init__(self, engine: Engine, organization: uuid.UUID) -> None:
        self.caller = system(organization)
        self.shown: Any = None
        engine.reactor.watch(self, engine.registry.find("engine.list_marks"), {}, "{}")

    def changed(self, query: Any) -> None:
        self.shown = json.loads(query.body or b"null")

    def moved(self, query: Any) -> None:
        raise AssertionError


async def test_a_write_elsewhere_runs_only_the_queries_that_read_it(url: str) -> None:
    """A change set names the rows, not only the tables."""
    settings = EngineSettings(database_url=url, background=False, sync_ms=3_600_000)
    here, there = (Engine(settings, [library.library], library.identify) for _ in range(2))
    await here.start()
    await there.start()
    ann = library.a_person()
    screen = Screen(there, ann).watch(library.get_shelf, shelf=1)
    await screen.shows({"titles": [], "lent": 0})
    library.runs.clear()
    await here.mutate(library.add_book, caller=library.a_person(), title="Emma", shelf=1)
    await here.mutate(library.add_book, caller=ann, title="Emma", shelf=2)
    await here.mutate(library.add_book, caller=ann, title="Emma", shelf=1)
    await screen.shows({"titles": ["Emma"], "lent": 0})
    assert library.runs == ["get_shelf:1"]
    await here.stop()
    await there.stop()


@pytest.mark.parametrize("through_redis", [False, True])
async def test_a_session_that_ends_in_one_process_ends_in_the_other(
    url: str, through_redis: bool, request: pytest.FixtureRequest
) -> None:
    redis_url = request.getfixturevalue("redis_url") if through_redis else None
    settings = EngineSettings(database_url=url, redis_url=redis_url, background=False, sync_ms=3_600_000)
    here, there = (Engine(settings, [library.library], library.identify) for _ in range(2))
    await here.start()
    await there.start()
    reference = uuid.uuid4().hex

    def admit(ctx: MutationCtx) -> None:
        ctx.db.add(library.Pass(reference=reference, user_id=uuid7(), library_id=uuid7(), capabilities="books.view"))

    await here.transact_async(admit, system())
    ended = asyncio.Event()
    access = there.accesses.of(reference)
    assert await access.known() is not None
    access.holders.add(Socket(ended))
    await here.mutate(library.close_pass, caller=system(), reference=reference)
    await asyncio.wait_for(ended.wait(), 1)
    assert await there.caller_of(reference) == ANONYMOUS
    await here.stop()
    await there.stop()


class Socket:
    """Something that stands on a session."""

    def __init__(self, ended: asyncio.Event) -> None:
        self._ended = ended

    def suspend(self) -> None: ...

    def reauthorize(self) -> None:
        raise AssertionError

    def end(self) -> None:
        self._ended.set()


def test_a_change_set_too_big_for_a_notice_is_told_by_its_tables() -> None:
    sent: list[str] = []

    class Recorder:
        def exec_driver_sql(self, statement: str, parameters: tuple[str, str]) -> None:
            sent.append(parameters[1])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("memberpulse.engine.bus.Session.connection", lambda session: Recorder())
        notify = NotifyBus("postgresql://nowhere")
        wide = tuple(Write(f"table_{number % 7}", {"text": "ä" * 300}) for number in range(60))
        notify.within(None, wide)  # type: ignore[arg-type]
    heard: list[Changes] = []
    RedisBus("redis://127.0.0.1:1")._unpack(sent[0], heard.append)
    assert len(sent[0].encode()) <= NOTIFY_LIMIT_BYTES
    assert {write.table for write in heard[0]} == {f"table_{number}" for number in range(7)}
    assert all(not write.known for write in heard[0])


async def test_a_bus_that_stumbles_over_a_message_listens_on(url: str) -> None:
    async with workers(url, 2, **NO_RESYNC) as (here, there):
        pair = Pair(url, here, there, None)
        shown = await pair.watch()
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute("SELECT pg_notify('memberpulse_changes', 'nonsense')")
        await pair.mark("a")
        await shows(shown, "a")


# SQLite: a command line beside the server


@pytest.fixture
def sqlite_made(sqlite_url: str) -> str:
    create_tables(sqlite_url)
    return sqlite_url


async def test_a_command_line_reaches_the_server_of_its_database(sqlite_made: str) -> None:
    organization = uuid.uuid4()
    async with (
        workers(sqlite_made, announces=False) as (server,),
        workers(sqlite_made, announces=True, background=False) as (command,),
    ):
        shown = server.watch(workshop.list_marks, organization)
        await until(lambda: shown() == [], seconds=PATIENCE)
        await command.run(workshop.leave_mark, organization, text="from the command line")
        await shows(shown, "from the command line")
        await server.run(workshop.leave_mark, organization, text="by the server")
        await shows(shown, "by the server", "from the command line")


async def test_old_announcements_are_forgotten_and_new_ones_still_heard(sqlite_made: str) -> None:
    """SQLite counts from 1 again in an emptied table; whoever has seen 5 would then be deaf up to 5."""
    organization = uuid.uuid4()
    settings = EngineSettings(database_url=sqlite_made, background=False, announces=True)
    engine = Engine(settings, [library.library, workshop.workshop], library.identify)
    await engine.start()
    async with workers(sqlite_made, background=False) as (server,):
        shown = server.watch(workshop.list_marks, organization)
        await until(lambda: shown() == [], seconds=PATIENCE)
        for number in range(5):
            await engine.mutate(workshop.leave_mark, caller=system(organization), text=f"{number}")
        await shows(shown, *map(str, range(5)))

        def forget(ctx: MutationCtx) -> int:
            for change in ctx.db.scalars(select(EngineChange)):
                change.created_at -= timedelta(hours=1)
            ctx.db.flush()
            bus.delete_old_changes(ctx.db)
            return len(ctx.db.scalars(select(EngineChange.id)).all())

        assert await engine.transact_async(forget, system()) <= 2
        await engine.mutate(workshop.leave_mark, caller=system(organization), text="5")
        await shows(shown, *map(str, range(6)))
    await engine.stop()


async def test_a_server_of_its_own_announces_nothing(sqlite_made: str) -> None:
    settings = EngineSettings(database_url=sqlite_made, background=False)
    engine = Engine(settings, [library.library, workshop.workshop], library.identify)
    await engine.start()
    await engine.mutate(workshop.leave_mark, caller=system(uuid.uuid4()), text="a")

    def count(ctx: MutationCtx) -> int:
        return len(ctx.db.scalars(select(col(EngineChange.id))).all())

    assert await engine.transact_async(count, system()) == 0
    await engine.stop()
