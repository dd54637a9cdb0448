"""Every HTTP route and every Reflex handler that exists, tried by everybody."""

import asyncio
import re
from importlib import import_module
from typing import Any

import httpx
import pytest
from reflex_base.event import Event
from reflex_base.registry import RegistrationContext
from starlette.applications import Starlette
from starlette.routing import Route

from memberpulse.domains.catalog import DOMAINS
from memberpulse.domains.organizations.identity import identify
from memberpulse.engine import Engine, EngineSettings
from memberpulse.engine.functions import PUBLIC, SIGNED_IN
from memberpulse.server.guard import Guard, policy_of
from tests.isolation.conftest import Loop
from tests.isolation.world import ROLES, World, secrets_of

DOORS = Engine(EngineSettings(database_url="sqlite://"), DOMAINS, identify).routes()
ROUTES = [(each.path, method) for each in DOORS if isinstance(each, Route) for method in sorted(each.methods or ())]
REFUSALS = {303, 400, 401, 403, 404, 405, 409, 410, 422, 429}


def asked(world: World, role: str, method: str, path: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        house = Starlette(routes=[each for each in world.engine.routes() if isinstance(each, Route)])

        async def app(scope: Any, receive: Any, send: Any) -> None:
            reference = None if role == "anonymous" else world.references[role]
            state = {"engine": world.engine}
            await house({**scope, "memberpulse.session": reference, "state": state}, receive, send)

        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.request(method, re.sub(r"{[^}]+}", "x", path), data={"organization_id": "x"})

    return ask()  # type: ignore[return-value]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("path", "method"), ROUTES)
def test_a_route_refuses_nonsense_from_everybody_and_changes_nothing_for_outsiders(
    world: World, loop: Loop, path: str, method: str, role: str
) -> None:
    before = world.rows()
    answer = loop.run(asked(world, role, method, path))
    assert answer.status_code in REFUSALS | {200}, answer.text[:300]
    if role in ("anonymous", "outsider"):
        assert world.rows() == before
        assert not [each for each in secrets_of(world) if each in answer.text]


@pytest.mark.parametrize("role", ROLES)
def test_every_reflex_handler_refuses_who_may_not_send_it(world: World, loop: Loop, role: str) -> None:
    import_module("memberpulse.memberpulse")  # registers every handler
    caller = loop.run(world.caller(role))

    async def identify(reference: str | None) -> Any:
        await asyncio.sleep(0)
        return caller

    guard = Guard(identify)
    for name, registered in RegistrationContext.get().event_handlers.items():
        requires = policy_of(registered)
        refused = loop.run(guard._refusal(Event(name=name, payload={}), "reference"))
        if requires is None:
            assert refused == "no policy", name
        elif requires not in (PUBLIC, SIGNED_IN) and not caller.may(requires):
            assert refused == "forbidden", name


def test_a_handler_that_nobody_declared_is_unknown(world: World, loop: Loop) -> None:
    async def identify(reference: str | None) -> Any:
        return await world.caller("owner")

    event = Event(name="state.no_such_state.no_such_handler", payload={})
    assert loop.run(Guard(identify)._refusal(event, "reference")) == "unknown"
