"""An engine over the toy library, and people who watch it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Table, create_engine
from sqlmodel import SQLModel

from memberpulse.engine import Caller, Engine, EngineSettings
from memberpulse.engine.functions import Scope, function_of
from memberpulse.engine.reactor import LiveQuery
from tests.engine import library
from tests.postgres import postgres_database

if TYPE_CHECKING:
    from tests.engine.house import House


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def create_tables(url: str) -> None:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    SQLModel.metadata.create_all(engine, own_tables())
    engine.dispose()


def own_tables() -> list[Table]:
    """The engine's tables and those of its tests; another test of this process may have brought the product's."""
    ours = ("engine_", "test_", "prop_")
    return [table for table in SQLModel.metadata.sorted_tables if table.name.startswith(ours)]


async def started(url: str, **settings: Any) -> Engine:
    engine = Engine(EngineSettings(database_url=url, **settings), [library.library], library.identify)
    await engine.start()
    return engine


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[Engine]:
    create_tables(database_url)
    running = await started(database_url)
    library.runs.clear()
    yield running
    await running.stop()


class Screen:
    """Somebody who watches queries and keeps what was last shown."""

    def __init__(self, engine: Engine, caller: Caller) -> None:
        self.engine = engine
        self.caller = caller
        self.shown: list[Any] = []
        self.query: LiveQuery | None = None

    def watch(self, function: Callable[..., Any], **arguments: Any) -> "Screen":
        declared = function_of(function)
        canonical = declared.arguments.canonical(arguments)
        self._again = lambda: self.engine.reactor.watch(self, declared, arguments, canonical)
        self.query = self._again()
        if self.query.body is not None:
            self.shown.append(json.loads(self.query.body))
        return self

    def close(self) -> None:
        assert self.query is not None
        self.engine.reactor.unwatch(self, self.query)

    def changed(self, query: LiveQuery) -> None:
        self.shown.append(query.error if query.error is not None else json.loads(query.body or b"null"))

    def moved(self, query: LiveQuery) -> None:
        self.query = self._again()
        if self.query.body is not None:
            self.shown.append(json.loads(self.query.body))

    async def shows(self, expected: Any) -> None:
        await until(lambda: bool(self.shown) and self.shown[-1] == expected, lambda: f"{self.shown} != {expected}")


async def until(condition: Callable[[], bool], failure: Callable[[], str] = lambda: "", seconds: float = 60) -> None:
    """Wait for a condition, not for a time. seconds: after which it is given up, on however busy a machine."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, failure() or "waited in vain"
        await asyncio.sleep(0.002)


async def settled(engine: Engine) -> None:
    """Wait until no reader is running."""
    await until(lambda: not any(query._running for query in engine.reactor.queries.values()))


# A real server; see house.py


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def any_url(request: pytest.FixtureRequest, sqlite_of_module: str) -> Iterator[str]:
    if request.param == "sqlite":
        yield sqlite_of_module
        return
    with postgres_database(request.getfixturevalue("postgres_server")) as url:
        create_tables(url)
        yield url


@pytest.fixture(scope="module")
def sqlite_of_module(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('socket')}/test.db"
    create_tables(url)
    return url


@pytest.fixture
async def house(any_url: str) -> "AsyncIterator[House]":
    from tests.engine.house import opened

    async with opened(any_url) as house:
        yield house


@pytest.fixture
async def home(sqlite_of_module: str) -> "AsyncIterator[House]":
    """For what has nothing to do with the database."""
    from tests.engine.house import opened

    async with opened(sqlite_of_module) as house:
        yield house


@pytest.fixture
def narrow_scopes() -> None:
    """What a query needs to know is learned once per process; let each test learn it."""
    function_of(library.count_my_loans).scope = Scope.ORGANIZATION
