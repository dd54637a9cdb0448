"""The permissions page tells the truth: every function called by every role, compared with what it shows."""

import pytest

from memberpulse.demo.people import HARBOUR_ID
from memberpulse.domains.catalog import DOMAINS
from memberpulse.domains.organizations.models import Role
from memberpulse.domains.organizations.permissions import CAPABILITIES
from memberpulse.domains.organizations.roles.models import CustomRole
from memberpulse.domains.organizations.why.queries import get_matrix
from memberpulse.engine import Caller, Registry
from memberpulse.engine.errors import EngineError, Forbidden
from memberpulse.engine.functions import Kind
from tests.isolation.conftest import Loop
from tests.isolation.world import CUSTOM, World, arguments_for

ASKING = sorted(name for name, each in Registry(DOMAINS).functions.items() if each.requires in CAPABILITIES)


def refused(world: World, loop: Loop, name: str, caller: Caller) -> bool:
    """Whether the door says that the role does not allow it; refusals for other reasons come after that."""
    function = world.engine.registry.functions[name]
    kinds = (Kind.QUERY, Kind.MUTATION, Kind.ACTION)
    try:
        loop.run(world.engine.serve(name, arguments_for(function, world), caller, *kinds))
    except Forbidden as error:
        return error.code == "forbidden" and error.message == Forbidden.message
    except EngineError:
        return False
    return False


@pytest.mark.parametrize("name", ASKING)
def test_a_function_answers_whom_the_matrix_shows(world: World, loop: Loop, name: str) -> None:
    requires = world.engine.registry.functions[name].requires
    matrix = loop.run(world.engine.query(get_matrix, caller=loop.run(world.caller("owner"))))
    row = next(row for group in matrix.groups for row in group.rows if row.capability == requires)
    shown = {cell.role: cell.allowed for cell in row.cells}
    column = str(world.ids[CustomRole.__tablename__][0])
    callers = {
        column: loop.run(world.caller(CUSTOM)),
        **{role.value: loop.run(world.caller(role.value)) for role in Role},
    }
    for role, caller in callers.items():
        if role == column or not shown[role]:
            assert refused(world, loop, name, caller) is not shown[role], role
    assert name in row.functions


@pytest.mark.parametrize("name", ASKING)
def test_a_custom_role_reaches_nothing_of_another_organization(world: World, loop: Loop, name: str) -> None:
    holder = loop.run(world.caller(CUSTOM))
    before = world.rows(HARBOUR_ID)
    refused(world, loop, name, holder)
    assert world.rows(HARBOUR_ID) == before
