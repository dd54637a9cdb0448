"""A real server over an engine with toy domains, and tabs that keep every frame."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from typing import Any

import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from memberpulse.engine import Engine, EngineSettings, MutationCtx, function_name, system, uuid7
from memberpulse.engine.wire import Wire
from tests.engine import library, workshop
from tests.engine.conftest import until
from tests.engine.library import Pass

ALL = "workshop.use books.view books.edit"
PATIENCE = 10.0


class Server(uvicorn.Server):
    """uvicorn on a free port, with a gate that takes the session from a header."""

    protocol: Any = Wire

    def __init__(self, engine: Engine, port: int = 0) -> None:
        config = uvicorn.Config(
            self._gate,
            interface="asgi3",
            host="127.0.0.1",
            port=port,
            ws=self.protocol,
            ws_max_size=64 * 1024,
            ws_per_message_deflate=False,
            lifespan="off",
            log_level="error",
            timeout_graceful_shutdown=2,
        )
        super().__init__(config)
        self._engine = engine

    def capture_signals(self) -> Any:
        return nullcontext()

    @property
    def port(self) -> int:
        return self.servers[0].sockets[0].getsockname()[1]

    async def _gate(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        session = dict(scope["headers"]).get(b"x-session")
        await self._engine.live_app({**scope, "memberpulse.session": session and session.decode()}, receive, send)


class House:
    """An engine and its server over one database; both can be restarted under open sockets."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.port = 0

    async def start(self) -> None:
        settings = EngineSettings(database_url=self.url, background=False, build="build-7")
        self.engine = Engine(settings, [library.library, workshop.workshop], library.identify)
        await self.engine.start()
        self.server = Server(self.engine, self.port)
        self._serving = asyncio.create_task(self.server.serve())
        await until(lambda: self.server.started)
        self.port = self.server.port

    async def stop(self) -> None:
        self.server.should_exit = True
        await self._serving
        await self.engine.stop()

    async def admit(self, capabilities: str = ALL, library_id: uuid.UUID | None = None, **more: Any) -> str:
        """A new session; returns its reference."""
        reference = uuid.uuid4().hex

        def issue(ctx: MutationCtx) -> None:
            who = {"user_id": uuid7(), "library_id": library_id or uuid7(), **more}
            ctx.db.add(Pass(reference=reference, capabilities=capabilities, **who))

        await self.engine.transact_async(issue, system())
        return reference

    async def mutate(self, reference: str, function: Callable[..., Any], **arguments: Any) -> Any:
        return await self.engine.mutate(function, caller=await self.engine.caller_of(reference), **arguments)

    @asynccontextmanager
    async def tab(self, reference: str | None, greeted: bool = True) -> AsyncIterator["Tab"]:
        headers = {"x-session": reference} if reference else {}
        address = f"ws://127.0.0.1:{self.port}/live"
        async with connect(address, additional_headers=headers, ping_interval=None, max_size=None) as link:
            tab = Tab(link)
            try:
                if greeted:
                    await tab.gets(t="hello")
                yield tab
            finally:
                tab.reading.cancel()


class Tab:
    """One client: keeps every frame it was sent."""

    def __init__(self, link: ClientConnection) -> None:
        self.link = link
        self.frames: list[dict[str, Any]] = []
        self._taken = 0
        self.reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            async for text in self.link:
                self.frames.append(json.loads(text))
        except ConnectionClosed:
            return

    async def send(self, **frame: Any) -> None:
        await self.link.send(json.dumps(frame))

    async def sub(self, number: int, function: Callable[..., Any], v: str | None = None, **arguments: Any) -> None:
        version = {"v": v} if v else {}
        await self.send(t="sub", id=number, fn=function_name(function), args=arguments, **version)

    async def run(self, function: Callable[..., Any], id: str | None = None, **arguments: Any) -> str:  # noqa: A002
        key = id or uuid.uuid4().hex
        await self.send(t="run", id=key, fn=function_name(function), args=arguments)
        return key

    async def gets(self, **expected: Any) -> dict[str, Any]:
        """The next frame, of those not yet taken, that has these keys and values."""
        found: dict[str, Any] | None = None

        def arrived() -> bool:
            nonlocal found
            while self._taken < len(self.frames):
                frame = self.frames[self._taken]
                self._taken += 1
                if expected.items() <= frame.items():
                    found = frame
                    return True
            return False

        await until(arrived, lambda: f"no {expected} in {self.frames[-5:]}", PATIENCE)
        assert found is not None
        return found

    async def shows(self, value: Any) -> dict[str, Any]:
        """Wait until the newest value is this one."""

        def newest() -> dict[str, Any]:
            return next((frame for frame in reversed(self.frames) if frame["t"] in ("snap", "set")), {})

        await until(lambda: newest().get("value") == value, lambda: f"{newest()} is not {value}", PATIENCE)
        return newest()

    async def closes(self, seconds: float = PATIENCE) -> int:
        """Wait until the server has closed the socket; the code."""
        await asyncio.wait_for(self.link.wait_closed(), seconds)
        await self.reading
        assert self.link.close_code is not None
        return self.link.close_code

    async def is_alive(self) -> None:
        number = len(self.frames)
        await self.send(t="ping", n=number)
        await self.gets(t="pong", n=number)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[House]:
    house = House(url)
    await house.start()
    yield house
    await house.stop()


async def until_empty(home: House) -> bool:
    await until(lambda: len(home.engine.connections) == 0)
    return True
