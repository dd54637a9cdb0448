"""What was pushed is what a fresh read gives: for every live query, after every write that exists and really wrote."""

import json
import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event

from memberpulse.domains.catalog import DOMAINS
from memberpulse.engine import Caller, Registry, reactor, reading, utc_now
from memberpulse.engine.errors import EngineError
from memberpulse.engine.functions import Function, Kind, Scope
from memberpulse.engine.reactor import LiveQuery
from memberpulse.engine.results import Outcome
from tests.engine.conftest import settled
from tests.isolation.cases import CASES, EXCUSED, LOOKS, playing_stripe
from tests.isolation.conftest import Loop
from tests.isolation.performing import Case, look, perform, prepare
from tests.isolation.world import World

REGISTRY = Registry(DOMAINS)
WORD = re.compile(r"\w+")
WRITES = sorted(name for name, each in REGISTRY.functions.items() if each.kind is not Kind.QUERY)


class Screen:
    """One person watching one query; keeps what it shows and how often that changed."""

    def __init__(self, world: World, function: Function, caller: Caller, arguments: dict[str, Any]) -> None:
        self.world = world
        self.function = function
        self.caller = caller
        self.arguments = function.arguments.parse_json(arguments)
        self.query = self._watch()
        self.changes = 0
        self.refusal = ""

    def _watch(self) -> LiveQuery:
        canonical = self.function.arguments.canonical(self.arguments)
        return self.world.engine.reactor.watch(self, self.function, self.arguments, canonical)

    def changed(self, query: LiveQuery) -> None:
        """A refusal that is told again says nothing new."""
        before, self.refusal = self.refusal, self.shows() if query.error is not None else ""
        if not self.refusal or self.refusal != before:
            self.changes += 1

    def moved(self, query: LiveQuery) -> None:
        self.query = self._watch()

    def keep(self) -> None:
        """Remember what it shows, and what that was read from."""
        self.kept = self.query.body, self.query.version, self.query.error, self.query.reads

    def rewind(self) -> None:
        """Show again what was kept. The world is as it was then, so that reading it anew would only take time."""
        query, index, reads = self.query, self.world.engine.reactor.index, self.query.reads
        query.body, query.version, query.error, query._reads = self.kept
        if query.reads is not reads:
            index.remove(query, reads)
            index.add(query, query.reads)

    def close(self) -> None:
        self.world.engine.reactor.unwatch(self, self.query)

    def shows(self) -> str:
        return self.query.error.code if self.query.error is not None else (self.query.body or b"null").decode()

    async def check(self) -> None:
        """What it shows is what a fresh read gives."""
        shown, fresh = self.shows(), await self._fresh()
        assert shown == fresh or without_now(shown) == without_now(fresh), f"{self.function.name} is stale"

    async def _fresh(self) -> str:
        try:
            _, body = await self.world.engine._run(self.function, lambda: self.arguments, self.caller, None)
        except EngineError as error:
            return error.code
        return body.decode()


class Statements:
    """Which tables the statements of each live query have named since the world was as seeded, as the database gets
    them: what the engine makes of it is not asked."""

    def __init__(self, world: World) -> None:
        self._tables: dict[int, frozenset[str]] = defaultdict(frozenset)
        self._running = threading.local()
        self._compute = world.engine.reactor.compute
        self._reader = world.engine.database.reader
        event.listen(self._reader, "before_cursor_execute", self._note)

    def tables_of(self, query: LiveQuery) -> frozenset[str]:
        return self._tables[id(query.arguments)]

    def keep(self) -> None:
        self._kept = self._tables.copy()

    def rewind(self) -> None:
        self._tables = self._kept.copy()

    def close(self) -> None:
        event.remove(self._reader, "before_cursor_execute", self._note)

    def compute(self, function: Function, arguments: dict[str, Any], caller: Caller, scope: Scope) -> Outcome:
        """In place of the reactor's, for each run of a live query: its arguments are an object of its own."""
        self._running.ran = ran = list[str]()
        try:
            return self._compute(function, arguments, caller, scope)
        finally:
            self._tables[id(arguments)] |= frozenset(WORD.findall(" ".join(ran)))
            self._running.ran = None

    def _note(self, *arguments: Any) -> None:
        ran = getattr(self._running, "ran", None)
        if ran is not None:
            ran.append(arguments[2])


class House:
    """Everybody before their screens: each query, watched by an owner, a member and somebody of another organization.

    What an owner and a member share is one live query, and looked at once.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.statements = Statements(world)

    async def open(self) -> None:
        self.world.restore()
        self.ours = [*await self._watching("owner"), *await self._watching("member")]
        self.theirs = await self._watching("outsider")
        for screen in self.ours:
            await screen.check()
        for screen in self.all:
            screen.keep()
        self.statements.keep()

    async def _watching(self, role: str) -> list[Screen]:
        caller = await self.world.caller(role)
        queries = [
            each for each in REGISTRY.functions.values() if each.kind is Kind.QUERY and caller.may(each.requires)
        ]
        looks = [(each, seen) for each in queries for seen in await _looks(each, self.world, caller)]
        screens = [Screen(self.world, function, caller, seen) for function, seen in looks]
        await settled(self.world.engine)
        return screens

    @property
    def all(self) -> list[Screen]:
        return [*self.ours, *self.theirs]

    def rewind(self) -> None:
        """Back to the seeded world, on all screens."""
        self.world.restore()
        for screen in self.all:
            screen.rewind()
        self.statements.rewind()

    def close(self) -> None:
        for screen in self.all:
            screen.close()
        self.statements.close()


async def _looks(function: Function, world: World, caller: Caller) -> list[dict[str, Any]]:
    """With which arguments a query is watched."""
    return [await look(world, function, each, caller) for each in LOOKS.get(function.name, (Case(),))]


def without_now(text: str) -> Any:
    """A result without the instants that differ between two reads of unchanged rows."""

    def cleaned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: cleaned(each) for key, each in value.items() if key not in ("at", "highest_at")}
        return [cleaned(each) for each in value] if isinstance(value, list) else value

    try:
        return cleaned(json.loads(text))
    except ValueError:
        return text


@pytest.fixture(scope="module")
def house(shared_world: World, loop: Loop) -> Iterator[House]:
    """For all reads it stays the same moment: what changes by the clock is no matter of writes."""
    moment = utc_now()
    with pytest.MonkeyPatch.context() as patched, loop.within(playing_stripe(shared_world)):
        for module in (reading, reactor):
            patched.setattr(module, "utc_now", lambda: moment)
        house = House(shared_world)
        patched.setattr(shared_world.engine.reactor, "compute", house.statements.compute)
        loop.run(house.open())
        yield house
        house.close()


@pytest.mark.parametrize("name", WRITES)
def test_what_was_pushed_equals_a_fresh_read_and_others_receive_nothing(house: House, loop: Loop, name: str) -> None:
    loop.run(_check(house, REGISTRY.functions[name]))


async def _check(house: House, function: Function) -> None:
    """A query whose statements name no table that was written would give the same again, and is not asked."""
    world, case = house.world, CASES.get(function.name, Case())
    await settled(world.engine)
    house.rewind()
    with world.at_once():
        await prepare(world, case, CASES)
    await settled(world.engine)
    for screen in house.theirs:
        screen.changes = 0
    changed = await perform(world, function, case)
    await settled(world.engine)
    _check_performed(world, function, changed)
    for screen in {screen.query: screen for screen in house.ours}.values():
        if house.statements.tables_of(screen.query) & changed:
            await screen.check()
    told = [screen.function.name for screen in house.theirs if screen.changes and _is_of_a_tenant(screen)]
    assert not told, f"{function.name} in one organization was sent to another: {told}"


def _check_performed(world: World, function: Function, changed: set[str]) -> None:
    if function.name in EXCUSED:
        assert not changed, f"{function.name} did something: take it out of EXCUSED in tests/isolation/cases.py"
        return
    assert changed, (
        f"{function.name} did nothing, so that nothing is proven of it ({world.refusal}). Say in "
        "tests/isolation/cases.py with which arguments and after what it does something, or why it never does"
    )


def _is_of_a_tenant(screen: Screen) -> bool:
    """Results about a person are theirs in every organization; those of the organization belong to it alone."""
    return screen.function.requires not in ("public", "signed-in")


def test_every_case_is_of_a_function_that_exists() -> None:
    assert EXCUSED.keys() <= set(WRITES)
    assert CASES.keys() | LOOKS.keys() <= REGISTRY.functions.keys()
