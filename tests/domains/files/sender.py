"""A server process that uploads one file and is killed at a named point on the way.

The points are named by what is about to happen, or has just happened. It says which upload it works on, so that the
test can look what became of it, and dies by SIGKILL, without a chance to tidy up.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
from starlette.applications import Starlette

from memberpulse.domains.catalog import DOMAINS
from memberpulse.domains.files import domain, receiving, stores, uploading, workshop
from memberpulse.domains.files.uploading import complete_upload, reserve_upload
from memberpulse.domains.organizations.identity import identify
from memberpulse.engine import Engine, EngineSettings
from memberpulse.settings import get_settings
from tests.domains.files import contents

POINTS = (
    "before anything is reserved",
    "after the reservation",
    "in the middle of the body",
    "while it is examined",
    "before the content is stored",
    "after the content is stored",
    "after the thumbnail is stored",
    "before it is noted as received",
    "after it is noted as received",
    "before the completion commits",
    "after the completion has committed",
)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str) -> None:
    """Have the process die at the point."""
    puts = 0

    async def put(self: Any, name: str, content: Any) -> None:
        nonlocal puts
        if point == "before the content is stored":
            die()
        await original_put(self, name, content)
        puts += 1
        if (point, puts) in (("after the content is stored", 1), ("after the thumbnail is stored", 2)):
            die()

    async def examine(*given: Any, **more: Any) -> Any:
        if point == "while it is examined":
            asyncio.get_running_loop().call_later(0.03, die)
        return await original_examine(*given, **more)

    def take(ctx: Any, *given: Any) -> None:
        original_take(ctx, *given)
        if point == "before the completion commits":
            die()

    original_put, stores.Store.put = stores.Store.put, put  # type: ignore[method-assign]
    original_examine, workshop.examine = workshop.examine, examine
    original_take, uploading.take = uploading.take, take
    receiving.workshop = workshop


async def body(content: bytes, point: str) -> AsyncIterator[bytes]:
    yield content[: len(content) // 2]
    if point == "in the middle of the body":
        die()
    yield content[len(content) // 2 :]


def run(url: str, data: str, reference: str, point: str, said: Any) -> None:
    """In a process of its own; said: the end of a pipe that is told the id of the upload."""
    os.environ["MEMBERPULSE_DATA"] = data
    get_settings.cache_clear()
    asyncio.run(main(url, reference, point, said))


async def main(url: str, reference: str, point: str, said: Any) -> None:
    arm(point)
    engine = Engine(EngineSettings(database_url=url, background=False), DOMAINS, identify)
    await engine.start()
    original = engine.mutate

    async def mutate(function: Callable[..., Any], **given: Any) -> Any:
        if (function.__name__, point) == ("note_received", "before it is noted as received"):
            die()
        return await original(function, **given)

    engine.mutate = mutate  # type: ignore[method-assign]
    caller = await engine.caller_of(reference)
    content = contents.noisy((300, 300))
    if point == "before anything is reserved":
        die()
    ticket = await original(reserve_upload, caller=caller, name="a.png", size_bytes=len(content))
    said.send(ticket.upload_id)
    if point == "after the reservation":
        die()
    app = Starlette(routes=domain.DOMAIN.routes)

    async def gate(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await app(scope | {"memberpulse.session": reference, "state": {"engine": engine}}, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(gate), base_url="http://here") as client:
        answer = await client.put(ticket.address, content=body(content, point))
    assert answer.status_code == 204, answer.text
    if point == "after it is noted as received":
        die()
    await original(complete_upload, caller=caller, upload_id=ticket.upload_id)
    if point == "after the completion has committed":
        die()
