"""Running the fake as a real HTTP server, beside whatever else this process does."""

import asyncio
import logging
import secrets
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette

from memberpulse.demo.stripe.api import Api
from memberpulse.demo.stripe.deliveries import Deliveries
from memberpulse.demo.stripe.pages import Pages
from memberpulse.demo.stripe.state import Books


@dataclass
class FakeStripe:
    """A running fake. key, secret: those of its API and of its events; nobody knows them beforehand."""

    books: Books
    api: Api
    url: str
    key: str
    secret: str


class _Beside(uvicorn.Server):
    """A server that leaves the signals to whoever owns the process."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    def drop(self) -> None:
        """End every connection now. uvicorn's own end waits a moment for them, and nobody minds here."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()


@asynccontextmanager
async def fake_stripe(
    *, host: str = "127.0.0.1", shown_host: str = "", port: int = 0, webhook_url: str = ""
) -> AsyncGenerator[FakeStripe]:
    """The fake, from now until the end of the block.

    shown_host: the name by which browsers reach it. port: the one to listen on if it is free, else any.
    webhook_url: where its events go; empty: nowhere, they are only kept.
    """
    listening = _listen(host, port)
    name = shown_host or host
    books = Books(url=f"http://{name}:{listening.getsockname()[1]}")
    key, secret = f"sk_test_{secrets.token_hex(12)}", f"whsec_{secrets.token_hex(16)}"
    api = Api(books, key)
    app = Starlette(routes=[*api.routes(), *Pages(books).routes()])
    config = uvicorn.Config(app, log_level=logging.WARNING, access_log=False, lifespan="off", server_header=False)
    server = _Beside(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    deliveries = Deliveries(books, url=webhook_url, secret=secret) if webhook_url else None
    if deliveries is not None:
        deliveries.start()
    try:
        await server.ready.wait()
        yield FakeStripe(books, api, books.url, key, secret)
    finally:
        if deliveries is not None:
            await deliveries.stop()
        serving.cancel()
        server.drop()
        await asyncio.gather(serving, return_exceptions=True)
        listening.close()


def _listen(host: str, port: int) -> socket.socket:
    for wanted in (port, 0):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # Named as TCP: only then does asyncio send what is written at once, and not when the other side has answered.
        found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((host, wanted))
        except OSError:
            found.close()
            if wanted == 0:
                raise
        else:
            return found
    raise AssertionError("the last port is any that is free")
