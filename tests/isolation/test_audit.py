"""Every change that matters for security is in the audit log: for all mutations and facts that exist."""

import pytest

from memberpulse.domains.audit.words import has_words
from memberpulse.domains.catalog import DOMAINS
from memberpulse.domains.organizations.facts import Act
from memberpulse.engine import Registry
from memberpulse.engine.functions import Function, Kind
from tests.isolation.cases import CASES, playing_stripe
from tests.isolation.conftest import Loop
from tests.isolation.performing import Case, perform, prepare
from tests.isolation.world import World

GUARDED = (".manage", ".change_role", ".remove", ".delete", ".decide", ".import", ".export")
EXCUSED: dict[str, str] = {
    "audit.prove_export": "it changes nothing",
    "organizations.move_field": "in which order fields are shown gives nobody a right",
    "organizations.move_level": "in which order levels are shown gives nobody a right",
    "organizations.prepare_export": "it changes nothing; the export itself is recorded",
    "demo.reset_demo": "the job that it schedules notes it, in the log that begins anew",
}
"""Mutations that need no act of their own, with the reason."""

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
def test_a_mutation_that_manages_something_records_an_act(world: World, loop: Loop, name: str) -> None:
    if name in EXCUSED:
        return
    case, entries = CASES.get(name, Case()), 0
    with loop.within(playing_stripe(world)):
        loop.run(prepare(world, case, CASES))
        entries = _entries(world)
        assert loop.run(perform(world, REGISTRY.functions[name], case)), world.refusal
    assert _entries(world) > entries, f"{name} changed something that the audit log does not know of"


def _entries(world: World) -> int:
    return world.select("SELECT count(*) FROM audit_entry")[0][0]
