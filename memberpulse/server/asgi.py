"""How uvicorn is set up, for whatever application. Knows nothing of Reflex, so that a small server starts quickly."""

import gc
import logging
from collections.abc import Callable
from socket import socket

import uvicorn
from starlette.types import ASGIApp

from memberpulse.engine.socket import LARGEST_FRAME
from memberpulse.engine.wire import Wire
from memberpulse.settings import Settings

PING_SECONDS = 20.0
SHUTDOWN_SECONDS = 5
GARBAGE_THRESHOLD = 10_000
"""New objects between two looks at the youngest; Python's 700 are fewer than a handful of arriving sockets make."""


class Server(uvicorn.Server):
    """Calls `ready` once it serves."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        spare_collector()
        if self.started:
            self._ready()


def spare_collector() -> None:
    """Have the garbage collector leave alone what was made until now: code, models and components stay for good, and to
    look through all of them would stop every socket for a tenth of a second, just when many come at once."""
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD, 10, 10)


def server_config(application: Callable[[], ASGIApp], settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        factory=True,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws=Wire,
        ws_max_size=LARGEST_FRAME,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_SECONDS,
        # Live frames are small and sent as the same bytes to every watcher. Compressing them per socket would cost
        # a zlib state of some 60 KB and a compression for each.
        ws_per_message_deflate=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        forwarded_allow_ips=list(settings.trusted_proxies),
        server_header=False,
        access_log=False,
        log_level=logging.WARNING,
        lifespan="on",
    )
