"""Every change that matters for security is in the audit log: for all mutations and facts that exist."""

import inspect
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

from memberpulse.domains.accounts.models import StepUpGrant
from memberpulse.domains.accounts.step_up import SENSITIVE
from memberpulse.domains.audit.words import has_words
from memberpulse.domains.catalog import DOMAINS
from memberpulse.domains.organizations.facts import Act
from memberpulse.engine import MutationCtx, Registry, system
from memberpulse.engine.errors import EngineError
from memberpulse.engine.functions import Function, Kind
from tests.isolation.conftest import Loop
from tests.isolation.world import World, arguments_for

GUARDED = (".manage", ".change_role", ".remove", ".delete", ".decide", ".import", ".export")
EXCUSED: dict[str, str] = {
    "audit.prove_export": "it changes nothing",
    "demo.reset_demo": "the job that it schedules notes it, in the log that begins anew",
}
"""Mutations that need no act of their own, with the reason."""
UNSEEN = {"audit_entry", "audit_head", "audit_personal"}

REGISTRY = Registry(DOMAINS)


def is_guarded(function: Function) -> bool:
    return function.kind is Kind.MUTATION and (function.requires.endswith(GUARDED) or ".change_" in function.requires)


MUTATIONS = sorted(name for name, each in REGISTRY.functions.items() if is_guarded(each))


def acts(base: type[Act] = Act) -> list[type[Act]]:
    """All kinds of acts of the product, without those that are only bases of others."""
    found: list[type[Act]] = []
    for kind in base.__subclasses__():
        found += [kind, *acts(kind)]
    return [each for each in found if hasattr(each, "action") and each.__module__.startswith("memberpulse.")]


@pytest.mark.parametrize("kind", acts(), ids=lambda kind: kind.__name__)
def test_every_act_has_words(kind: type[Act]) -> None:
    assert has_words(kind), f"register words for {kind.__name__} in its domain.py: see docs/audit-log.md"


def test_no_two_acts_read_as_one() -> None:
    names = [(each.entity_type, each.action) for each in acts()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_that_manages_something_records_an_act_when_it_changes_something(
    world: World, loop: Loop, name: str
) -> None:
    if name in EXCUSED:
        return
    function = world.engine.registry.functions[name]
    loop.run(_prove(world))
    before, entries = _rows(world), _entries(world)
    try:
        caller = loop.run(world.caller("owner"))
        loop.run(world.engine.serve(name, arguments_for(function, world), caller, Kind.MUTATION))
    except EngineError:
        assert _records(function), f"{name} could not be tried, and its code records nothing"
        return
    if _rows(world) != before:
        assert _entries(world) > entries, f"{name} changed something that the audit log does not know of"


def _records(function: Function) -> bool:
    """Whether the module's code records a fact: for what cannot be called with made-up arguments."""
    return "ctx.record(" in inspect.getsource(inspect.getmodule(function.call))  # type: ignore[arg-type]


async def _prove(world: World) -> None:
    """The owner has just proven who they are, for everything."""
    caller = await world.caller("owner")

    def grant(ctx: MutationCtx) -> None:
        ends = ctx.now + timedelta(minutes=10)
        for action in SENSITIVE:
            ctx.db.add(StepUpGrant(session_id=caller.session_id, action=action, method="password", expires_at=ends))

    await world.engine.transact_async(grant, system())


def _rows(world: World) -> dict[str, Any]:
    return {name: rows for name, rows in world.rows().items() if name not in UNSEEN}


def _entries(world: World) -> int:
    with closing(sqlite3.connect(world._file)) as file:
        return file.execute("SELECT count(*) FROM audit_entry").fetchone()[0]
