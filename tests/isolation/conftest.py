"""One world for all generated tests of a database, since seeding it takes seconds."""

import asyncio
from collections.abc import Generator, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.isolation.cases import CASES, FURNISHED
from tests.isolation.performing import prepare
from tests.isolation.world import World, a_world


class Loop:
    """An event loop that outlives one test, so that a session of tests shares one engine."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    @contextmanager
    def within(self, block: AbstractAsyncContextManager[Any]) -> Generator[None]:
        """The block on the loop."""
        self.run(block.__aenter__())
        yield
        self.run(block.__aexit__(None, None, None))


@pytest.fixture(scope="session")
def loop() -> Iterator[Loop]:
    opened = Loop()
    yield opened
    opened.loop.close()


@pytest.fixture
def world(shared_world: World) -> World:
    """The world as it was seeded, whatever the test before did to it."""
    shared_world.restore()
    return shared_world


@pytest.fixture(scope="session")
def shared_world(loop: Loop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("world")
    stack = AsyncExitStack()
    world = loop.run(stack.enter_async_context(a_world(f"sqlite:///{folder}/world.db")))
    loop.run(prepare(world, FURNISHED, CASES))
    world.keep()
    yield world
    loop.run(stack.aclose())
