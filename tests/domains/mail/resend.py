"""A server that plays Resend over real HTTP: it takes letters under their keys, and refuses when it is told to."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.engine.conftest import until
from tests.running import free_port

SECRET = "whsec_" + base64.b64encode(b"a secret of twenty-four.").decode()


@dataclass
class FakeResend:
    """What it was sent. answers: refusals to give first, each (status, body, headers)."""

    url: str = ""
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The letters that left, by idempotency key."""
    asked: list[str] = field(default_factory=list)
    """The key of every request, in order."""
    answers: deque[tuple[int, Any, dict[str, str]]] = field(default_factory=deque)
    deaf: bool = False
    """Takes a letter and never answers: the answer is lost on the way."""

    def refuse(self, status: int, name: str, message: str = "No.", **headers: str) -> None:
        body = {"statusCode": status, "name": name, "message": message}
        self.answers.append((status, body, {key.replace("_", "-"): value for key, value in headers.items()}))

    async def take(self, request: Request) -> Response:
        key = request.headers["idempotency-key"]
        assert request.headers["authorization"] == "Bearer re_test"
        self.asked.append(key)
        if self.answers:
            status, body, headers = self.answers.popleft()
            return JSONResponse(body, status, headers)
        letter = await request.json()
        if key in self.sent and self.sent[key] != letter:
            return JSONResponse({"statusCode": 409, "name": "invalid_idempotent_request", "message": "Other."}, 409)
        self.sent[key] = letter
        if self.deaf:
            return Response("", 502, media_type="text/html")
        return JSONResponse({"id": f"resend-{key}"})


@asynccontextmanager
async def fake_resend() -> AsyncIterator[FakeResend]:
    fake = FakeResend(url=f"http://127.0.0.1:{free_port()}")
    app = Starlette(routes=[Route("/emails", fake.take, methods=["POST"])])
    port = int(fake.url.rsplit(":", 1)[1])
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", lifespan="off"))
    running = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    yield fake
    server.should_exit = True
    await running


def signed(body: bytes, event_id: str, *, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    """The headers that Svix sends with a body. Written from its documentation, not from the package we check with."""
    moment = str(int(at if at is not None else time.time()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{event_id}.{moment}.".encode() + body, hashlib.sha256).digest()
    return {
        "svix-id": event_id,
        "svix-timestamp": moment,
        "svix-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def event(kind: str, provider_id: str, message_id: str | None = None, **data: Any) -> bytes:
    """The body of a delivery event, as Resend writes it."""
    tags = {"message": message_id} if message_id else {}
    told = {"email_id": provider_id, "to": ["ida@post.example"], "tags": tags, **data}
    return json.dumps({"type": kind, "created_at": "2026-03-14T10:00:00.000Z", "data": told}).encode()
