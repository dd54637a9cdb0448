"""The doors of mail: the provider's delivery events, and letters to look at.

POST /webhooks/resend     one event of Resend's; 200 once it is kept, also the second time. 400 when its signature is
                          not right, 413 when it is too large, 404 where no secret is set
GET  /mail/letters/<id>   the HTML of a letter of the local mailbox, for its sandboxed frame; 404 where it is closed
GET  /mail/preview        examples of all letters; /mail/preview/<kind> one of them. Only in development and on the demo
"""

import json
import uuid
from typing import Any, cast

import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from memberpulse.domains.mail.letters import samples
from memberpulse.domains.mail.mutations import note_event
from memberpulse.domains.mail.providers import TAG
from memberpulse.domains.mail.queries import for_frame, get_letter_html
from memberpulse.domains.mail.rendering import render, render_preview
from memberpulse.domains.mail.schemas import DeliveryEvent
from memberpulse.domains.mail.signatures import Forged, verified_id
from memberpulse.engine import system
from memberpulse.engine.errors import Conflict, EngineError
from memberpulse.settings import get_settings

log = structlog.get_logger(__name__)

LARGEST_BODY = 128 * 1024
_FRAMED = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data:; base-uri 'self'; frame-ancestors 'self'",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "SAMEORIGIN",
}
_PREVIEW = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; "
    "frame-ancestors 'none'",
}


class _TooLarge(Exception):
    """A body of more bytes than any event has."""


async def receive_event(request: Request) -> Response:
    """Take one delivery event. Answers only once it is kept, so that the provider repeats what was lost."""
    secret = get_settings().resend_webhook_secret
    if secret is None:
        return PlainTextResponse("There is nothing here.", status_code=404)
    try:
        body = await _body(request)
        event_id = verified_id(secret, body, request.headers)
        event = _event_in(body)
    except _TooLarge:
        return PlainTextResponse("The event is too large.", status_code=413)
    except Forged:
        log.warning("a delivery event was refused", address=request.client.host if request.client else "")
        return PlainTextResponse("The signature is not right.", status_code=400)
    except ValueError:
        return PlainTextResponse("The body is not an event.", status_code=400)
    try:
        await _keep(request, event_id, event)
    except EngineError as error:
        return PlainTextResponse(error.message, status_code=error.status)
    return PlainTextResponse("ok")


async def show_letter(request: Request) -> Response:
    """A letter as its reader sees it. It can run no script and reach no other site."""
    try:
        html = await request.state.engine.query(
            get_letter_html, caller=system(), message_id=uuid.UUID(request.path_params["message_id"])
        )
    except (EngineError, ValueError):
        return PlainTextResponse("There is no such letter.", status_code=404)
    return HTMLResponse(html, headers=_FRAMED)


async def preview(request: Request) -> Response:
    """Examples of all letters beside each other."""
    if not _may_preview():
        return PlainTextResponse("There is nothing here.", status_code=404)
    letters = {kind: render(make()) for kind, make in samples().items()}
    return HTMLResponse(render_preview(letters), headers=_PREVIEW)


async def preview_one(request: Request) -> Response:
    make = samples().get(request.path_params["kind"]) if _may_preview() else None
    if make is None:
        return PlainTextResponse("There is no such letter.", status_code=404)
    return HTMLResponse(for_frame(render(make()).html), headers=_FRAMED)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise _TooLarge
    return bytes(body)


async def _keep(request: Request, event_id: str, event: DeliveryEvent) -> None:
    """Once more when the same event came twice at one moment: the second then finds the first."""
    engine = request.state.engine
    try:
        await engine.mutate(note_event, caller=system(), event_id=event_id, event=event)
    except Conflict:
        await engine.mutate(note_event, caller=system(), event_id=event_id, event=event)


def _event_in(body: bytes) -> DeliveryEvent:
    """What a signed body says. Raises ValueError when it is no event; unknown parts of it are left alone."""
    parsed: Any = json.loads(body)
    if not isinstance(parsed, dict):
        raise ValueError("not an object")
    event = cast("dict[str, Any]", parsed)
    if not isinstance(event.get("type"), str):
        raise ValueError("no type")
    data = _object(event.get("data"))
    return DeliveryEvent(
        type=event["type"], provider_id=_text(data.get("email_id")), message_id=_our_id(data), reason=_reason(data)
    )


def _our_id(data: dict[str, Any]) -> uuid.UUID | None:
    """The id that we gave the message as a tag; Resend hands tags back as an object, and once did as a list."""
    tags: Any = data.get("tags")
    if isinstance(tags, list):
        pairs = [_object(each) for each in cast("list[Any]", tags)]
        tags = {_text(each.get("name")): each.get("value") for each in pairs}
    try:
        return uuid.UUID(_text(_object(tags).get(TAG)))
    except ValueError:
        return None


def _reason(data: dict[str, Any]) -> str:
    for part, word in (("bounce", "message"), ("failed", "reason"), ("suppressed", "message")):
        if text := _text(_object(data.get(part)).get(word)):
            return " ".join(text.split())[:300]
    return ""


def _object(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    """A text that every database can keep."""
    return value.replace("\x00", "")[:500] if isinstance(value, str) else ""


def _may_preview() -> bool:
    return get_settings().dev or get_settings().demo


ROUTES = [
    Route("/webhooks/resend", receive_event, methods=["POST"]),
    Route("/mail/letters/{message_id}", show_letter, methods=["GET"]),
    Route("/mail/preview", preview, methods=["GET"]),
    Route("/mail/preview/{kind}", preview_one, methods=["GET"]),
]
