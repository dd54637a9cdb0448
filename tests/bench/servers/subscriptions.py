"""An engine with many subscriptions that a write does not touch. A line on stdin asks for that many writes.

    python -m tests.bench.servers.subscriptions <database url> <subscriptions>

Three kinds of queries, a third each: the notices of another board, one other notice by its key, and the count of
another organization's notices. Only the first run of each kind is real; the others get its reads with their own values.
"""

import asyncio
import json
import sys
import uuid
from collections.abc import Callable
from time import perf_counter
from typing import Any

import uvloop

from memberpulse.engine import Caller, Engine, Function, function_of
from memberpulse.engine.functions import Scope
from memberpulse.engine.predicates import Read
from memberpulse.engine.reactor import LiveQuery
from memberpulse.engine.results import Outcome
from tests.bench import toy
from tests.bench.report import say


class Stub:
    """A watcher that only counts."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.told = 0

    def changed(self, query: LiveQuery) -> None:
        self.told += 1

    def moved(self, query: LiveQuery) -> None:
        raise AssertionError("the queries here are of one scope")


Compute = Callable[[Function, dict[str, Any], Caller, Scope], Outcome]


class Remembered:
    """Runs a query once, and after that answers for its likes."""

    def __init__(self, compute: Compute) -> None:
        self._compute = compute
        self._first: dict[str, Outcome] = {}

    def __call__(self, function: Function, arguments: dict[str, Any], caller: Caller, scope: Scope) -> Outcome:
        if function.name not in self._first:
            self._first[function.name] = self._compute(function, arguments, caller, scope)
        outcome = self._first[function.name]
        return Outcome(frozenset(_with_values(read, arguments, caller) for read in outcome.reads), outcome.body)


def _with_values(read: Read, arguments: dict[str, Any], caller: Caller) -> Read:
    mine = {
        "organization_id": caller.organization_id,
        "id": arguments.get("notice_id"),
        "board": arguments.get("board"),
    }
    return Read(read.table, tuple((column, frozenset([mine[column]])) for column, _ in read.where))


async def main() -> None:
    url, count = sys.argv[1], int(sys.argv[2])
    engine = toy.new_engine(url)
    await engine.start()
    stubs = await _watch(engine, count)
    before = sum(stub.told for stub in stubs)
    notice = await engine.mutate(toy.post_notice, caller=toy.a_caller(), board=-1, title="The one")
    say(json.dumps({"queries": len(engine.reactor.queries)}))
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        times = [await _write(engine, notice) for _ in range(int(line))]
        assert sum(stub.told for stub in stubs) == before, "a subscription was touched"
        say(json.dumps(times))
    await engine.stop()


async def _watch(engine: Engine, count: int) -> list[Stub]:
    """Subscribe, a hundred at a time, and wait until all have run."""
    engine.reactor.compute = Remembered(engine.reactor.compute)
    home, stubs = toy.a_caller(), []
    watches: list[Callable[[int], tuple[Any, dict[str, Any], Caller]]] = [
        lambda n: (toy.list_notices, {"board": n}, home),
        lambda n: (toy.get_title, {"notice_id": uuid.UUID(int=n)}, home),
        lambda n: (toy.count_notices, {}, toy.a_caller(club=uuid.UUID(int=n + 1000))),
    ]
    for number in range(count):
        query, arguments, caller = watches[number % 3](number)
        stub, function = Stub(caller), function_of(query)
        engine.reactor.watch(stub, function, arguments, function.arguments.canonical(arguments))
        stubs.append(stub)
        if number % 100 == 0:
            await _settled(engine, stubs)
    await _settled(engine, stubs)
    engine.reactor.compute = _no_more
    return stubs


def _no_more(*_: Any) -> Outcome:
    raise AssertionError("a subscription ran")


async def _settled(engine: Engine, stubs: list[Stub]) -> None:
    while not all(stub.told for stub in stubs[-200:]):  # noqa: ASYNC110
        await asyncio.sleep(0.001)


async def _write(engine: Engine, notice: uuid.UUID) -> float:
    """One insert and one update; the milliseconds until both are committed and applied."""
    started = perf_counter()
    await engine.mutate(toy.post_notice, caller=toy.a_caller(), board=-1, title="Another")
    await engine.mutate(toy.rename_notice, caller=toy.a_caller(), notice_id=notice, title=str(started))
    return (perf_counter() - started) * 1000


if __name__ == "__main__":
    uvloop.run(main())
