"""How a function is called so that it really does something: with which arguments, by whom, and after what.

Arguments come from the signature. An id is that of the first row with which the function does anything, so that most
functions need no case at all. What is left is written in `cases`.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any, cast

from memberpulse.domains.accounts.errors import StepUpRequired
from memberpulse.engine import Caller, Function, system, utc_now
from memberpulse.engine.context import ActionCtx
from memberpulse.engine.errors import EngineError
from memberpulse.engine.functions import Kind
from memberpulse.engine.limits import Limiter
from tests.isolation.world import FERNHILL_ID, World, all_arguments_for

MOST_ROWS = 120
"""So many rows are tried."""
MOST_LOOKS = 30
"""So many, where it is only to be looked at something."""
OF_THE_ENGINE = "engine_"
"""How tables begin that are no product's: that a job is promised changes nothing that anybody sees."""

Maker = Callable[[World], Any]
Step = str | Callable[[World], object]


@dataclass(frozen=True)
class Case:
    """What a function needs to do something.

    by: the role of who calls; "" is the system for what no client can call, and the owner for the rest.
    given: what happened before: the name of a function, which is performed, an SQL statement, or anything else.
    arguments: those that the signature cannot suggest; one that is callable is made from the world.
    """

    by: str = ""
    given: tuple[Step, ...] = ()
    arguments: dict[str, Any] = field(default_factory=dict[str, Any])


def case(*given: Step, by: str = "", **arguments: Any) -> Case:
    return Case(by, given, arguments)


def value(statement: str) -> Maker:
    """What an SQL statement finds in its first row."""
    return lambda world: world.select(statement)[0][0]


def made(given: Any, world: World) -> Any:
    """With what is to be made from the world made from it, however deep it stands."""
    if isinstance(given, dict):
        return {name: made(each, world) for name, each in cast("dict[str, Any]", given).items()}
    if isinstance(given, list):
        return [made(each, world) for each in cast("list[Any]", given)]
    return given(world) if callable(given) else given


def row(table: str, where: str = "1") -> Maker:
    """The id of the oldest row of a table that is so."""
    return lambda world: world.select(f"SELECT id FROM {table} WHERE {where} ORDER BY rowid")[0][0]


def instant(statement: str) -> Maker:
    """As `value`, of an instant."""
    return lambda world: datetime.fromisoformat(value(statement)(world)).replace(tzinfo=UTC).isoformat()


def answer(name: str, part: str = "") -> Maker:
    """What a function answered that was performed before, or a part of it."""

    def find(world: World) -> Any:
        found = json.loads(world.answers[name])
        return found[part] if part else found

    return find


async def prepare(world: World, case: Case, cases: dict[str, Case]) -> None:
    """Let everything happen that the case says has happened."""
    for step in case.given:
        if callable(step):
            step(world)
        elif " " in step:
            world.write(step)
        else:
            before = cases.get(step, Case())
            await prepare(world, before, cases)
            done = await perform(world, world.engine.registry.functions[step], before)
            assert done, f"{step}, which is to happen before, did nothing: {world.refusal}"


async def perform(world: World, function: Function, case: Case) -> set[str]:
    """Call the function with one row after the other until it does something; the tables that it changed.

    What it was refused for last is in `world.refusal`.
    """
    given, caller = made(case.arguments, world), await _caller(world, function, case)
    for arguments in islice(all_arguments_for(function, world, **given), MOST_ROWS):
        changed = await _changed_by(world, function, arguments, caller)
        if world.refusal.startswith(StepUpRequired.code):
            world.prove(case.by or "owner")
            changed = await _changed_by(world, function, arguments, caller)
        if changed:
            return changed
    return set()


async def _changed_by(world: World, function: Function, arguments: dict[str, Any], caller: Caller) -> set[str]:
    """What an action does before it refuses, such as counting a wrong password, is not what it is for."""
    before, world.engine.limiter = world.contents(), Limiter()
    try:
        world.answers[function.name] = await _call(world, function, arguments, caller)
    except EngineError as error:
        world.refusal = f"{error.code}: {error.message} {error.fields or ''}"
        return set()
    world.refusal = "it was performed, and changed nothing"
    return {each for each in world.changed_since(before) if not each.startswith(OF_THE_ENGINE)}


async def look(world: World, function: Function, case: Case, caller: Caller) -> dict[str, Any]:
    """The first arguments with which a query has something to show to the caller, and any where it never has."""
    possible = list(islice(all_arguments_for(function, world, **made(case.arguments, world)), MOST_LOOKS))
    for arguments in possible if len(possible) > 1 else ():
        with suppress(EngineError):
            await world.engine._run(
                function, lambda given=arguments: function.arguments.parse_json(given), caller, None
            )
            return arguments
    return possible[0]


async def _caller(world: World, function: Function, case: Case) -> Caller:
    """What no client can call is called by us, for somebody where the case says so."""
    if not function.is_internal:
        return await world.caller(case.by or "owner")
    return replace(await world.caller(case.by), kind="system") if case.by else system(FERNHILL_ID)


async def _call(world: World, function: Function, arguments: dict[str, Any], caller: Caller) -> bytes:
    engine = world.engine
    if function.kind is not Kind.JOB:
        return await engine.serve(function.name, arguments, caller, Kind.MUTATION, Kind.ACTION)
    parsed = function.arguments.parse_json(arguments)
    if function.is_async:
        await cast("Any", function.call)(ActionCtx(caller, "", engine.call_within, utc_now()), **parsed)
    else:
        await engine.transact_async(lambda ctx: function.call(ctx, **parsed), caller)
    return b"null"
