"""A small Reflex app behind the real gate and guard, with handlers of every policy. Served by test_guard.py.

Run with the port as argument. GET /state/<tab token> tells what the state of a tab holds.
"""

import enum
import os
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any

os.environ |= {"REFLEX_ENV_MODE": "prod", "__REFLEX_SKIP_COMPILE": "true"}

import reflex as rx
import uvicorn
from reflex.istate.manager.token import BaseStateToken
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from memberpulse.engine import ANONYMOUS, PUBLIC, SIGNED_IN, Caller
from memberpulse.server.asgi import server_config
from memberpulse.server.guard import policy
from memberpulse.server.serve import house, protect
from memberpulse.settings import load_settings

CAPABILITIES = {
    "olivia": frozenset({"members.remove"}),
    "mia": frozenset[str](),
    "max": frozenset[str](),
    "rita": frozenset[str](),
}
signed_in = set(CAPABILITIES)


def token_of(name: str) -> str:
    """A token that looks as the product's do."""
    return name.ljust(43, "-")


class Colour(enum.StrEnum):
    RED = "red"


class Desk(rx.State):
    note: str = "clean"
    mark: str = ""
    _secret: str = "clean"

    @rx.event
    @policy(requires=PUBLIC)
    def set_a_mark(self, text: str):
        self.mark = text

    @rx.event
    @policy(requires=PUBLIC)
    def write(self, text: str, times: int = 1):
        self.note = text * times

    @rx.event
    @policy(requires=PUBLIC)
    def paint(self, colour: Colour, item: uuid.UUID):
        self.note = f"{colour.value} {item}"

    @rx.event
    @policy(requires=SIGNED_IN)
    def sign(self):
        self.note = "signed"

    @rx.event
    @policy(requires="members.remove")
    def remove(self, victim: str):
        self.note = f"removed {victim}"

    @rx.event
    @policy(requires=SIGNED_IN)
    def sign_and_remove(self):
        return Desk.remove("by a chain of ours")

    if "--with-a-gap" in sys.argv:

        @rx.event
        def forgotten(self):
            self.note = "no policy"


class Engine:
    """Who is calling, and nothing else."""

    @staticmethod
    async def caller_of(reference: str | None) -> Caller:
        for name, capabilities in CAPABILITIES.items():
            if reference == sha256(token_of(name).encode()).hexdigest() and name in signed_in:
                return Caller("person", user_id=uuid.uuid5(uuid.NAMESPACE_DNS, name), capabilities=capabilities)
        return ANONYMOUS

    @staticmethod
    def routes() -> list[Route]:
        return [Route("/state/{token}", state_of), Route("/revoke/{name}", revoke)]


async def state_of(request: Request) -> JSONResponse:
    token = BaseStateToken(ident=request.path_params["token"], cls=Desk)
    with app.set_contexts():
        desk = await (await app.state_manager.get_state(token)).get_state(Desk)
    return JSONResponse({"note": desk.note, "secret": desk._secret, "mark": desk.mark})


async def revoke(request: Request) -> JSONResponse:
    signed_in.discard(request.path_params["name"])
    return JSONResponse({})


@asynccontextmanager
async def nothing_to_start(engine: Any) -> AsyncIterator[Any]:
    yield engine


app = rx.App()
app.add_page(lambda: rx.el.p(Desk.note), route="/")


def main() -> None:
    engine: Any = Engine()
    settings = load_settings(port=int(sys.argv[1]))
    protect(app, engine)
    uvicorn.Server(server_config(lambda: house(app, engine, settings, nothing_to_start, app()), settings)).run()
