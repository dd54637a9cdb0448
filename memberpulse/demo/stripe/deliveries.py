"""How the fake tells of its events: signed posts, again and again until they are taken."""

import asyncio
import json
import time
from collections.abc import Sequence

import httpx
import structlog
from stripe import WebhookSignature

from memberpulse.demo.stripe.state import Books, Thing

log = structlog.get_logger(__name__)

WAITS_SECONDS = (0.0, 1.0, 5.0, 30.0, 120.0, 600.0)
TIME_OUT_SECONDS = 20.0


def sign(event: Thing, secret: str, at: float | None = None) -> tuple[bytes, dict[str, str]]:
    """An event as it is posted: the body, and the headers with its signature."""
    body = json.dumps(event, separators=(",", ":"))
    header = WebhookSignature.generate_signature_header(  # pyright: ignore[reportUnknownMemberType]
        body, secret, int(at or time.time())
    )
    return body.encode(), {"content-type": "application/json; charset=utf-8", "stripe-signature": header}


class Deliveries:
    """Posts every new event to one address, each for itself: what is slow or refused holds up no other."""

    def __init__(self, books: Books, *, url: str, secret: str, waits: Sequence[float] = WAITS_SECONDS) -> None:
        self._books = books
        self._url = url
        self._secret = secret
        self._waits = waits
        self._running: set[asyncio.Task[None]] = set()
        self._client = httpx.AsyncClient(timeout=TIME_OUT_SECONDS)

    def start(self) -> None:
        self._books.told = self._begin

    async def stop(self) -> None:
        self._books.told = lambda event: None
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._client.aclose()

    def _begin(self, event: Thing) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(event))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _deliver(self, event: Thing) -> None:
        for wait in self._waits:
            await asyncio.sleep(wait)
            if await self._post(event):
                return
        log.warning("the fake gave up on an event", event_id=event["id"], type=event["type"])

    async def _post(self, event: Thing) -> bool:
        body, headers = sign(event, self._secret)
        try:
            answer = await self._client.post(self._url, content=body, headers=headers)
        except httpx.HTTPError:
            return False
        return answer.is_success
