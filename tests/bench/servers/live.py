"""The engine behind the gate, on the server settings of the product; it counts what a write makes it do.

python -m tests.bench.servers.live <port> <database url> <toy | line>
"""

import sys

from memberpulse.server.port import claim

if __name__ == "__main__":
    port = claim("127.0.0.1", int(sys.argv[1]))

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from memberpulse.engine import Engine, EngineSettings, function_of, reactor, reading
from memberpulse.engine.predicates import Changes
from memberpulse.engine.reactor import Reactor
from memberpulse.server.asgi import server_config, spare_collector
from memberpulse.server.gate import Gate, GateRules
from memberpulse.settings import load_settings
from tests.bench import toy


@dataclass(frozen=True)
class Served:
    """What is measured: an engine, and the query that everybody watches with its result and the table it is of."""

    engine: Callable[[str], Engine]
    query: Any
    result: type
    table: str


def _toy() -> Served:
    return Served(toy.new_engine, toy.list_notices, list, toy.Notice.__tablename__)


def _line() -> Served:
    """The product's own domains, which the toy's server does not load: it starts beside servers as small as itself."""
    from memberpulse.domains.catalog import DOMAINS
    from memberpulse.domains.events.lines.queries import get_line
    from memberpulse.domains.events.models import Line
    from memberpulse.domains.events.schemas import LineView
    from memberpulse.domains.organizations.identity import identify

    def new_engine(url: str) -> Engine:
        return Engine(EngineSettings(database_url=url), DOMAINS, identify)

    return Served(new_engine, get_line, LineView, Line.__tablename__)


SERVED = {"toy": _toy, "line": _line}
counts: Counter[str] = Counter()
committed_at: list[float] = []
"""When changed notices were known to be committed, by the clock that all processes of a machine share."""


def main() -> None:
    database_url, served = sys.argv[2], SERVED[sys.argv[3]]()
    _count_work(served)
    settings = load_settings(port=int(sys.argv[1]), host="127.0.0.1")
    uvicorn.Server(server_config(lambda: application(served.engine(database_url)), settings)).run([port])


def application(engine: Engine) -> ASGIApp:
    async def behind_the_gate(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await engine.live_app(scope, receive, send)  # type: ignore[arg-type]
        elif scope["type"] == "lifespan":
            await _lifespan(engine, receive, send)
        else:
            await _answer(send, {"counts": counts, "committed_at": committed_at})

    async def is_signed_in(reference: str) -> bool:
        return False

    rules = GateRules(
        is_signed_in=is_signed_in,
        needs_sign_in=lambda path: False,
        sockets_per_address=100_000,
        sockets_per_session=100_000,
    )
    return Gate(behind_the_gate, rules)


def _count_work(served: Served) -> None:
    """Count the runs of the query, the serializations of its result, and the frames made of it; note the commits."""
    serialize, frame = reading.serialize, reactor.SharedFrame
    declared = function_of(served.query)
    run = declared.call
    apply = Reactor.apply

    def counted_serialize(value: Any) -> bytes:
        counts["serializations"] += isinstance(value, served.result)
        return serialize(value)

    def counted_frame(text: str) -> Any:
        counts["frames"] += 1
        return frame(text)

    def counted_run(*args: Any, **kwargs: Any) -> Any:
        counts["executions"] += 1
        return run(*args, **kwargs)

    def noted_apply(self: Reactor, changes: Changes) -> None:
        if any(write.table == served.table for write in changes):
            committed_at.append(perf_counter())
        apply(self, changes)

    Reactor.apply = noted_apply  # type: ignore[method-assign]
    reading.serialize = counted_serialize
    reactor.SharedFrame = counted_frame  # type: ignore[misc]
    declared.call = counted_run


async def _lifespan(engine: Engine, receive: Receive, send: Send) -> None:
    await receive()
    await engine.start()
    spare_collector()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await engine.stop()
    await send({"type": "lifespan.shutdown.complete"})


async def _answer(send: Send, value: Any) -> None:
    body = json.dumps(value).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    main()
