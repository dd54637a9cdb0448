"""Every function that exists, called by everybody through the door that clients use."""

import pytest

from memberpulse.domains.catalog import DOMAINS
from memberpulse.engine import Caller, Registry
from memberpulse.engine.errors import EngineError
from memberpulse.engine.functions import Function, Kind
from tests.isolation.conftest import Loop
from tests.isolation.world import ROLES, World, arguments_for, secrets_of

REGISTRY = Registry(DOMAINS)
FUNCTIONS = sorted(REGISTRY.functions)
OUTSIDERS = ["anonymous", "outsider"]
UNPROVEN = "refused: step_up_required"


async def proven(world: World, function: Function, role: str) -> str:
    """What a client of the role gets who has proven lately who they are. Unproven, they change nothing."""
    caller, before = await world.caller(role), world.rows()
    answer = await called(world, function, caller)
    if not answer.startswith(UNPROVEN):
        return answer
    assert role != "anonymous", f"{function.name} asks nobody for a proof"
    assert world.rows() == before, f"{role} has proven nothing to {function.name} and still changed something"
    world.prove(role)
    again = await called(world, function, caller)
    assert not again.startswith(UNPROVEN), f"{function.name} does not take a proof of what it asks for"
    return again


async def called(world: World, function: Function, caller: Caller) -> str:
    """What a client gets: the result's text, or the error's code."""
    arguments = arguments_for(function, world)
    try:
        body = await world.engine.serve(function.name, arguments, caller, Kind.QUERY, Kind.MUTATION, Kind.ACTION)
    except EngineError as error:
        return f"refused: {error.code} {error.message}"
    return body.decode()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_answers_only_those_who_hold_what_it_requires(world: World, loop: Loop, name: str) -> None:
    function = world.engine.registry.functions[name]
    for role in ROLES:
        world.restore()
        caller = loop.run(world.caller(role))
        before = world.rows()
        answer = loop.run(proven(world, function, role))
        assert not answer.startswith("refused: internal"), f"{role}: a fault of ours in {name}"
        if function.is_internal:
            assert answer.startswith("refused: unknown_function")
        elif not caller.may(function.requires):
            code = "not_signed_in" if role == "anonymous" else "forbidden"
            assert answer.startswith(f"refused: {code}"), f"{role} got {answer[:200]}"
        if answer.startswith("refused"):
            assert world.rows() == before, f"{role} was refused by {name} and still changed something"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_client_sends_a_password_in_the_open(name: str) -> None:
    """What is not a SecretStr could be read in what the engine keeps of a call."""
    function = REGISTRY.functions[name]
    for argument, schema in function.arguments.model.model_json_schema().get("properties", {}).items():
        if "password" in argument and not function.is_internal:
            assert schema.get("format") == "password", f"{name}: {argument} is a SecretStr"


@pytest.mark.parametrize("role", OUTSIDERS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_function_lets_an_outsider_read_or_change_anothers_rows(
    world: World, loop: Loop, name: str, role: str
) -> None:
    function = world.engine.registry.functions[name]
    before = world.rows()
    answer = loop.run(proven(world, function, role))
    assert world.rows() == before
    if not answer.startswith("refused"):
        leaked = [each for each in secrets_of(world) if each in answer]
        assert not leaked, f"{name} told {role}: {leaked[:3]}"
