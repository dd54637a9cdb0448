"""The permissions page tells the truth: every function called by every role, compared with what it shows."""

import uuid

import pytest
from sqlalchemy import select

from memberpulse.demo.people import FERNHILL_ID, HARBOUR_ID
from memberpulse.domains.accounts.models import Session
from memberpulse.domains.catalog import DOMAINS
from memberpulse.domains.organizations.models import Membership, Role
from memberpulse.domains.organizations.permissions import CAPABILITIES
from memberpulse.domains.organizations.roles.models import CustomRole
from memberpulse.domains.organizations.why.queries import get_matrix
from memberpulse.engine import Caller, MutationCtx, Registry, system, utc_now
from memberpulse.engine.errors import EngineError, Forbidden
from memberpulse.engine.functions import Kind
from tests.isolation.conftest import Loop
from tests.isolation.world import World, arguments_for

ASKING = sorted(name for name, each in Registry(DOMAINS).functions.items() if each.requires in CAPABILITIES)


def custom_holder(world: World, loop: Loop) -> tuple[Caller, str]:
    """Somebody of Fernhill with its own role, signed in; and the role's column."""

    def sign_in(ctx: MutationCtx) -> tuple[str, uuid.UUID]:
        role = ctx.db.scalars(select(CustomRole)).first()
        assert role
        holder = ctx.db.scalars(select(Membership).where(Membership.custom_role_id == role.id)).first()
        assert holder
        reference = uuid.uuid4().hex
        session = Session(token_hash=reference, user_id=holder.user_id, organization_id=FERNHILL_ID)
        session.expires_at = utc_now().replace(year=utc_now().year + 1)
        ctx.db.add(session)
        return reference, role.id

    reference, role_id = loop.run(world.engine.transact_async(sign_in, system(FERNHILL_ID)))
    return loop.run(world.engine.caller_of(reference)), str(role_id)


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
    holder, column = custom_holder(world, loop)
    callers = {column: holder, **{role.value: loop.run(world.caller(role.value)) for role in Role}}
    for role, caller in callers.items():
        if role == column or not shown[role]:
            assert refused(world, loop, name, caller) is not shown[role], role
    assert name in row.functions


@pytest.mark.parametrize("name", ASKING)
def test_a_custom_role_reaches_nothing_of_another_organization(world: World, loop: Loop, name: str) -> None:
    holder, _ = custom_holder(world, loop)
    before = world.rows(HARBOUR_ID)
    refused(world, loop, name, holder)
    assert world.rows(HARBOUR_ID) == before
