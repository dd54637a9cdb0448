"""What was pushed is what a fresh read gives: for every live query, after every mutation that exists."""

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import pytest
from sqlalchemy import event

from memberpulse.domains.catalog import DOMAINS
from memberpulse.engine import Registry, reactor, reading, system, utc_now
from memberpulse.engine.errors import EngineError
from memberpulse.engine.functions import Function, Kind
from memberpulse.engine.reactor import LiveQuery
from tests.engine.conftest import until
from tests.isolation.conftest import Loop
from tests.isolation.world import FERNHILL_ID, World, arguments_for

REGISTRY = Registry(DOMAINS)
WORD = re.compile(r"\w+")
WRITES = sorted(name for name, each in REGISTRY.functions.items() if each.kind in (Kind.MUTATION, Kind.JOB))


class Screen:
    """One person watching one query; keeps what it shows, how often it changed and which tables its statements name."""

    def __init__(self, world: World, function: Function, caller: Any, arguments: dict[str, Any]) -> None:
        self.world = world
        self.function = function
        self.caller = caller
        self.arguments = function.arguments.parse_json(arguments)
        self.query = self._watch()
        self.changes = 0
        self.last: Any = None
        self.tables: set[str] = set()

    def _watch(self) -> LiveQuery:
        canonical = self.function.arguments.canonical(self.arguments)
        return self.world.engine.reactor.watch(self, self.function, self.arguments, canonical)

    def changed(self, query: LiveQuery) -> None:
        """A refusal that is told again says nothing new."""
        shown = self.shows()
        if not isinstance(shown, str) or shown != self.last:
            self.changes += 1
        self.last = shown

    def moved(self, query: LiveQuery) -> None:
        self.query = self._watch()

    def close(self) -> None:
        self.world.engine.reactor.unwatch(self, self.query)

    def shows(self) -> Any:
        error = self.query.error
        return error.code if error is not None else json.loads(self.query.body or b"null")

    async def check(self) -> None:
        """What it shows is what a fresh read gives."""
        assert without_now(self.shows()) == without_now(await self._fresh()), f"{self.function.name} is stale"

    async def _fresh(self) -> Any:
        with statements(self.world) as ran:
            try:
                value = json.loads(
                    (await self.world.engine._run(self.function, lambda: self.arguments, self.caller, None))[1]
                )
            except EngineError as error:
                value = error.code
        self.tables |= set(WORD.findall(" ".join(ran)))
        return value


@contextmanager
def statements(world: World) -> Iterator[list[str]]:
    """The SQL that reads while the block runs, as the database gets it: what the engine makes of it is not asked."""
    ran: list[str] = []

    def note(*arguments: Any) -> None:
        ran.append(arguments[2])

    reader = world.engine.database.reader
    event.listen(reader, "before_cursor_execute", note)
    try:
        yield ran
    finally:
        event.remove(reader, "before_cursor_execute", note)


@pytest.fixture(scope="module")
def screens(shared_world: World, loop: Loop) -> Iterator[dict[str, list[Screen]]]:
    """Every query, watched by an owner, a member and somebody of another organization, through all tests.

    For all reads it stays the same moment: what changes by the clock is no matter of writes.
    """
    clock = pytest.MonkeyPatch()
    moment = utc_now()
    for module in (reading, reactor):
        clock.setattr(module, "utc_now", lambda: moment)
    shared_world.restore()
    opened = {role: loop.run(watching(shared_world, role)) for role in ("owner", "member", "outsider")}
    for screen in [*opened["owner"], *opened["member"]]:
        loop.run(screen.check())
    yield opened
    for screen in chain.from_iterable(opened.values()):
        screen.close()
    clock.undo()


async def watching(world: World, role: str) -> list[Screen]:
    caller = await world.caller(role)
    queries = [each for each in world.engine.registry.functions.values() if each.kind is Kind.QUERY]
    screens = [Screen(world, each, caller, arguments_for(each, world)) for each in queries if caller.may(each.requires)]
    await settled(world)
    return screens


async def settled(world: World) -> None:
    """Wait until everything that was committed has been applied, and nothing runs any more."""
    await asyncio.sleep(0)
    await until(lambda: not any(query._running for query in world.engine.reactor.queries.values()))


async def perform(world: World, function: Function) -> bool:
    """Run the write with rights to it; whether it did anything."""
    arguments = arguments_for(function, world)
    try:
        if function.kind is Kind.JOB:
            if not function.is_async:
                parsed = function.arguments.parse_json(arguments)
                await world.engine.transact_async(lambda ctx: function.call(ctx, **parsed), system(FERNHILL_ID))
        else:
            caller = system(FERNHILL_ID) if function.is_internal else await world.caller("owner")
            await world.prove("owner")
            await world.engine.serve(function.name, arguments, caller, Kind.MUTATION)
    except EngineError:
        return False
    return True


def without_now(value: Any) -> Any:
    """A result without the instants that differ between two reads of unchanged rows."""
    if isinstance(value, dict):
        return {key: without_now(each) for key, each in value.items() if key not in ("at", "highest_at")}
    return [without_now(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", WRITES)
def test_what_was_pushed_equals_a_fresh_read_and_others_receive_nothing(
    screens: dict[str, list[Screen]], world: World, loop: Loop, name: str
) -> None:
    loop.run(_check(world, world.engine.registry.functions[name], screens))


async def _check(world: World, function: Function, screens: dict[str, list[Screen]]) -> None:
    """A query whose statements name no table that was written would give the same again, and is not asked."""
    await settled(world)
    foreign = screens["outsider"]
    for screen in foreign:
        screen.changes = 0
    rows, contents = world.rows(), world.contents()
    await perform(world, function)
    await settled(world)
    changed = world.changed_since(contents)
    for screen in [*screens["owner"], *screens["member"]]:
        if screen.tables & changed:
            await screen.check()
    told = [screen.function.name for screen in foreign if screen.changes and _is_of_a_tenant(screen)]
    assert not (told and world.rows() != rows), f"{function.name} in one organization was sent to another: {told}"


def _is_of_a_tenant(screen: Screen) -> bool:
    """Results about a person are theirs in every organization; those of the organization belong to it alone."""
    return screen.function.requires not in ("public", "signed-in")
