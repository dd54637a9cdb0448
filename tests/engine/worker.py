"""An engine in a process of its own, told what to do by lines of JSON over a socket.

In: {"id", "fn", "args", "organization", "key"?} runs a function; {"id", "watch": name, "args", "organization"} watches.
Out: {"ready"}, then {"id", "value"} or {"id", "error"}, and {"id", "shown"} for each new result of a watched query.
"""

import asyncio
import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from socket import socket
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite  # noqa: F401, imported once for all workers
from sqlalchemy.orm import configure_mappers

from memberpulse.engine import Caller, Engine, EngineSettings, jobs
from memberpulse.engine.errors import EngineError
from memberpulse.engine.functions import Kind
from memberpulse.engine.reactor import LiveQuery
from tests.engine import library
from tests.engine.workshop import workshop

configure_mappers()

CAPABILITIES = frozenset({"workshop.use", "books.view", "books.edit"})


Say = Callable[[dict[str, Any]], None]


def caller_of(line: dict[str, Any]) -> Caller:
    organization_id = uuid.UUID(line["organization"])
    return Caller("person", user_id=organization_id, organization_id=organization_id, capabilities=CAPABILITIES)


class Watch:
    """Says every new result of one query."""

    def __init__(self, engine: Engine, say: Say, line: dict[str, Any]) -> None:
        self._say = say
        self.caller = caller_of(line)
        self._id = line["id"]
        self._engine = engine
        self._function = engine.registry.find(line["watch"], Kind.QUERY)
        self._arguments = self._function.arguments.parse_json(line.get("args", {}))
        self.start()

    def start(self) -> None:
        canonical = self._function.arguments.canonical(self._arguments)
        query = self._engine.reactor.watch(self, self._function, self._arguments, canonical)
        if query.body is not None:
            self.changed(query)

    def changed(self, query: LiveQuery) -> None:
        self._say({"id": self._id, "shown": None if query.error else json.loads(query.body or b"null")})

    def moved(self, query: LiveQuery) -> None:
        self.start()


async def run(engine: Engine, say: Say, line: dict[str, Any]) -> None:
    try:
        body = await engine.serve(line["fn"], line["args"], caller_of(line), key=line["key"])
        say({"id": line["id"], "value": json.loads(body)})
    except EngineError as error:
        say({"id": line["id"], "error": error.code})


async def work(line_to_parent: socket, settings: dict[str, Any]) -> None:
    jobs.LEASE = timedelta(seconds=settings.pop("lease_seconds", 90))
    engine = Engine(EngineSettings(**settings), [library.library, workshop], library.identify)
    await engine.start()
    reader, writer = await asyncio.open_connection(sock=line_to_parent, limit=1 << 20)

    def say(message: dict[str, Any]) -> None:
        writer.write(json.dumps(message).encode() + b"\n")

    say({"ready": engine.boot})
    tasks: set[asyncio.Task[None]] = set()
    watches: list[Watch] = []
    while text := await reader.readline():
        line = json.loads(text)
        if "watch" in line:
            watches.append(Watch(engine, say, line))
        else:
            task = asyncio.create_task(run(engine, say, line))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
    await engine.stop()


def main(line_to_parent: socket, settings: dict[str, Any]) -> None:
    asyncio.run(work(line_to_parent, settings))
