"""The port is open before there is a server behind it."""

import socket
from contextlib import closing

import pytest
import uvicorn
from anyio import create_task_group, to_thread
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp

from memberpulse.server.asgi import server_config
from memberpulse.server.port import claim
from memberpulse.settings import load_settings

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_who_comes_before_the_server_is_served_by_it() -> None:
    claimed = claim("127.0.0.1", 0)
    port = claimed.getsockname()[1]
    waiting = socket.create_connection(("127.0.0.1", port))
    waiting.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    server = uvicorn.Server(server_config(_application, load_settings(port=port, host="127.0.0.1")))
    async with create_task_group() as tasks:
        tasks.start_soon(server.serve, [claimed])
        answer = await to_thread.run_sync(waiting.recv, 1024)
        server.should_exit = True
    waiting.close()
    assert answer.startswith(b"HTTP/1.1 200")


def test_a_port_is_claimed_once() -> None:
    with closing(claim("127.0.0.1", 0)) as claimed, pytest.raises(OSError, match="in use"):
        claim("127.0.0.1", claimed.getsockname()[1])


def _application() -> ASGIApp:
    async def application(scope: dict, receive: object, send: object) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        await PlainTextResponse("here")(scope, receive, send)

    return application
