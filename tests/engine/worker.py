"""An engine in a process of its own, told what to do by lines of JSON: `python -m tests.engine.worker <settings>`.

In: {"id", "fn", "args", "organization", "key"?} runs a function; {"id", "watch": name, "args", "organization"} watches.
Out: {"ready"}, then {"id", "value"} or {"id", "error"}, and {"id", "shown"} for each new result of a watched query.
"""

import asyncio
import json
import sys
import uuid
from datetime import timedelta
from typing import Any

from memberpulse.engine import Caller, Engine, EngineSettings, jobs
from memberpulse.engine.errors import EngineError
from memberpulse.engine.functions import Kind
from memberpulse.engine.reactor import LiveQuery
from tests.engine import library
from tests.engine.workshop import workshop

CAPABILITIES = frozenset({"workshop.use", "books.view", "books.edit"})


def say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def caller_of(line: dict[str, Any]) -> Caller:
    organization_id = uuid.UUID(line["organization"])
    return Caller("person", user_id=organization_id, organization_id=organization_id, capabilities=CAPABILITIES)


class Watch:
    """Says every new result of one query."""

    def __init__(self, engine: Engine, line: dict[str, Any]) -> None:
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
        say({"id": self._id, "shown": None if query.error else json.loads(query.body or b"null")})

    def moved(self, query: LiveQuery) -> None:
        self.start()


async def run(engine: Engine, line: dict[str, Any]) -> None:
    try:
        body = await engine.serve(line["fn"], line.get("args", {}), caller_of(line), key=line.get("key"))
        say({"id": line["id"], "value": json.loads(body)})
    except EngineError as error:
        say({"id": line["id"], "error": error.code})


async def work(settings: dict[str, Any]) -> None:
    jobs.LEASE = timedelta(seconds=settings.pop("lease_seconds", 90))
    engine = Engine(EngineSettings(**settings), [library.library, workshop], library.identify)
    await engine.start()
    reader = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    say({"ready": engine.boot})
    tasks: set[asyncio.Task[None]] = set()
    watches: list[Watch] = []
    while text := await reader.readline():
        line = json.loads(text)
        if "watch" in line:
            watches.append(Watch(engine, line))
        else:
            task = asyncio.create_task(run(engine, line))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
    await engine.stop()


if __name__ == "__main__":
    asyncio.run(work(json.loads(sys.argv[1])))
