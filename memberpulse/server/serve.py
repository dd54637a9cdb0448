"""Puts the doors of one process together and serves them on one port."""

import gc
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from socket import socket
from typing import Any, cast

import reflex as rx
from reflex.utils.exec import is_prod_mode
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from memberpulse import build
from memberpulse.domains.accounts.cookies import session_cookie
from memberpulse.domains.accounts.mutations import renew_when_due
from memberpulse.domains.accounts.rules import new_token, reference_of
from memberpulse.engine import PUBLIC, Caller, system
from memberpulse.engine.runtime import Engine
from memberpulse.server.asgi import Server, server_config
from memberpulse.server.frontend import Frontend
from memberpulse.server.gate import Gate, GateRules
from memberpulse.server.guard import Guard, check_policies, refuse_malformed
from memberpulse.settings import Settings
from memberpulse.ui.page import all_pages

LIVE = "/live"
REFLEX_SOCKET = "/_event"

Lifespan = Callable[[Engine], AbstractAsyncContextManager[Engine]]
"""Starts an engine and stops it."""


def protect(app: rx.App, engine: Engine) -> None:
    """Put the guard before every Reflex event. Raises TypeError when an event handler declares no policy."""

    async def identify(reference: str | None) -> Caller:
        return await engine.caller_of(reference)

    check_policies()
    refuse_malformed(app)
    app.add_middleware(Guard(identify), index=0)


def develop(app: rx.App, engine: Engine, settings: Settings, lifespan: Lifespan) -> None:
    """Put the same doors into Reflex's own development server, which serves the pages itself."""

    @asynccontextmanager
    async def engine_lifespan() -> AsyncGenerator[None]:
        async with lifespan(engine):
            yield

    def doors(reflex: ASGIApp) -> ASGIApp:
        return house(app, engine, settings, lifespan, reflex)

    app.register_lifespan_task(engine_lifespan)  # pyright: ignore[reportUnknownMemberType]
    app.api_transformer = doors  # pyright: ignore[reportAttributeAccessIssue]


def house(app: rx.App, engine: Engine, settings: Settings, lifespan: Lifespan, reflex: ASGIApp) -> ASGIApp:
    """Everything behind the gate, and the gate. `reflex` is Reflex's own ASGI application.

    lifespan: brackets the engine's life. Where Reflex's development server is outermost, it does that itself.
    """
    routes: list[BaseRoute] = [*engine.routes(), Route("/healthz", _healthz), Route("/readyz", _readyz(engine))]
    doors = Starlette(routes=routes)
    frontend = Frontend(build.BUNDLE, app.router) if build.BUNDLE.is_dir() else None
    parts = frozenset(_first_part(route) for route in routes)

    async def behind_the_gate(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "websocket" and path == LIVE:
            # Directly, without Reflex's layers: they would cost memory on every socket.
            await engine.live_app(cast("dict[str, Any]", scope), receive, send)
        elif scope["type"] == "lifespan":
            await _live_with(lifespan(engine), reflex, scope, receive, send)
        elif path.startswith(REFLEX_SOCKET):
            await reflex(scope, receive, send)
        elif scope["type"] == "http" and _first(path) in parts:
            await doors({**scope, "state": {**scope.get("state", {}), "engine": engine}}, receive, send)
        elif scope["type"] == "http" and frontend is not None:
            await frontend(scope, receive, send)
        else:
            await _nothing(scope, receive, send)

    return Gate(behind_the_gate, _rules(app, engine, settings))


def serve(
    application: Callable[[], ASGIApp],
    settings: Settings,
    port: socket,
    *,
    ready: Callable[[Settings], None] | None = None,
) -> None:
    """Serve on the open port until a signal, then close sockets with 1012 and return. `ready` is called when it serves.

    Raises RuntimeError outside production mode: development has other doors, which are not closed.
    """
    os.environ["REFLEX_ENV_MODE"] = "prod"
    os.environ["__REFLEX_SKIP_COMPILE"] = "true"
    if not is_prod_mode():
        raise RuntimeError("The server runs in production mode only; use `make dev` for development")

    def begun() -> None:
        gc.collect()
        gc.freeze()  # what the start made lives as long as the server: looking through it for garbage takes 100 ms
        if ready is not None:
            ready(settings)

    Server(server_config(application, settings), begun).run([port])


async def _live_with(
    engine_life: AbstractAsyncContextManager[Engine], reflex: ASGIApp, scope: Scope, receive: Receive, send: Send
) -> None:
    """Start the engine before Reflex, so that a failure ends the server with its reason, and stop it after Reflex."""

    async def started() -> Message:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await engine_life.__aenter__()
        return message

    async def stopped(message: Message) -> None:
        if message["type"] == "lifespan.shutdown.complete":
            await engine_life.__aexit__(None, None, None)
        await send(message)

    await reflex(scope, started, stopped)


def _rules(app: rx.App, engine: Engine, settings: Settings) -> GateRules:
    requires = {f"/{spec.route.strip('/')}": spec.requires for spec in all_pages()}

    def needs_sign_in(path: str) -> bool:
        route = app.router(path)
        return route is not None and requires.get(f"/{route.strip('/')}", PUBLIC) != PUBLIC

    async def is_signed_in(reference: str) -> bool:
        return (await engine.caller_of(reference)).kind == "person"

    async def renew(reference: str, secure: bool) -> tuple[str, str] | None:
        if not (await engine.caller_of(reference)).renewal_due:
            return None
        token = new_token()
        done = await engine.mutate(renew_when_due, caller=system(), token_hash=reference, new_hash=reference_of(token))
        return (token, session_cookie(token, secure=secure)) if done else None

    return GateRules(
        is_signed_in=is_signed_in,
        needs_sign_in=needs_sign_in,
        renew=renew,
        origins=frozenset(settings.origins),
        local_only=settings.is_local_only,
        sockets_per_address=settings.sockets_per_address,
        sockets_per_session=settings.sockets_per_session,
    )


def _first_part(route: BaseRoute) -> str:
    return _first(getattr(route, "path", ""))


def _first(path: str) -> str:
    """The first part of a path decides between routes and pages: /mail/letters is a route, /mailbox a page."""
    return path.split("/", 2)[1] if "/" in path else ""


async def _healthz(request: Request) -> Response:
    return PlainTextResponse("ok")


def _readyz(engine: Engine) -> Callable[[Request], Awaitable[Response]]:
    async def readyz(request: Request) -> Response:
        """Whether the database answers; a load balancer asks before it sends people here."""
        try:
            await run_in_threadpool(_read_once, engine)
        except SQLAlchemyError:
            return PlainTextResponse("The database does not answer.", status_code=503)
        return PlainTextResponse("ready")

    return readyz


def _read_once(engine: Engine) -> None:
    with engine.database.reader.connect() as connection:
        connection.execute(text("SELECT 1"))


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 4404})
        return
    await PlainTextResponse("There is nothing here.", status_code=404)(scope, receive, send)
