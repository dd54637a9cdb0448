"""Engines in processes of their own, that can be killed: the other end of `tests/engine/worker.py`."""

import asyncio
import itertools
import json
import socket
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from multiprocessing.process import BaseProcess
from typing import Any

from memberpulse.engine import function_name
from tests.engine import worker
from tests.engine.conftest import until
from tests.forking import processes

START_SECONDS = 60.0


class Refused(Exception):
    """The worker answered with an error code."""


class Died(Exception):
    """The worker ended before it answered: whether it was done is not known."""


class Worker:
    """A process with an engine: runs functions, watches queries, and may be killed at any moment."""

    def __init__(self, process: BaseProcess, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.process = process
        self.boot = ""
        self.shown: dict[int, Any] = {}
        self._reader = reader
        self._writer = writer
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            while text := await self._reader.readline():
                if text.endswith(b"\n"):
                    self._take(json.loads(text))
        except ConnectionError:
            pass
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(Died())
        self._writer.close()

    def _take(self, line: dict[str, Any]) -> None:
        if "ready" in line:
            self.boot = line["ready"]
        elif "shown" in line:
            self.shown[line["id"]] = line["shown"]
        elif not (future := self._waiting.pop(line["id"])).done():
            if "error" in line:
                future.set_exception(Refused(line["error"]))
            else:
                future.set_result(line["value"])

    async def run(
        self, function: Callable[..., Any], organization: uuid.UUID, key: str | None = None, **arguments: Any
    ) -> Any:
        """Raises Refused or Died."""
        number = next(self._numbers)
        future = self._waiting[number] = asyncio.get_running_loop().create_future()
        name = function_name(function)
        self._say({"id": number, "fn": name, "args": arguments, "organization": str(organization), "key": key})
        return await future

    def watch(self, function: Callable[..., Any], organization: uuid.UUID, **arguments: Any) -> Callable[[], Any]:
        """Watch a query; returns a function that gives what it shows now."""
        number = next(self._numbers)
        name = function_name(function)
        self._say({"id": number, "watch": name, "args": arguments, "organization": str(organization)})
        return lambda: self.shown.get(number)

    def kill(self) -> None:
        """`kill -9`."""
        self.process.kill()

    async def ended(self) -> None:
        await self._reading
        await asyncio.to_thread(self.process.join)

    async def stop(self) -> None:
        """End of input: the worker stops its engine and leaves."""
        self._writer.write_eof()
        try:
            await asyncio.wait_for(self.ended(), 30)
        finally:
            self.kill()

    def _say(self, line: dict[str, Any]) -> None:
        if self._reading.done():
            self._waiting.pop(line["id"]).set_exception(Died())
            return
        self._writer.write(json.dumps(line).encode() + b"\n")


async def begin(url: str, **settings: Any) -> Worker:
    """Start a worker without waiting for it."""
    here, there = socket.socketpair()
    process = processes.Process(target=worker.main, args=(there, {"database_url": url, **settings}), daemon=True)
    await asyncio.to_thread(process.start)
    there.close()
    return Worker(process, *await asyncio.open_connection(sock=here, limit=1 << 24))


async def ready(started: Worker) -> Worker:
    await until(lambda: bool(started.boot), lambda: "the worker did not start", START_SECONDS)
    return started


@asynccontextmanager
async def workers(url: str, count: int = 1, **settings: Any) -> AsyncIterator[list[Worker]]:
    """Several workers on one database, started together."""
    started = [await begin(url, **settings) for _ in range(count)]
    try:
        for each in started:
            await ready(each)
        yield started
        for each in started:
            await each.stop()
    finally:
        for each in started:
            each.kill()
