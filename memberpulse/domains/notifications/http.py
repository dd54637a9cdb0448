"""Ending letters of one type without signing in: by the mail program's own button, or by the page behind the link.

POST /auth/unsubscribe?token=… ends them, whatever its body says (RFC 8058). GET only goes on to a page that asks, since
mail scanners follow links.
"""

import uuid
from contextlib import suppress
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from memberpulse.domains.accounts.http import read_form
from memberpulse.domains.notifications.errors import UnknownKind
from memberpulse.domains.notifications.kinds import Channel
from memberpulse.domains.notifications.preferences import DIGEST, choose, read_unsubscribe
from memberpulse.domains.notifications.rhythm import stop_letters
from memberpulse.engine import Engine, system

PAGE = "/unsubscribe"
MAX_TOKEN_CHARACTERS = 1000


async def ask(request: Request) -> Response:
    """GET /auth/unsubscribe: on to the page that asks."""
    token = request.query_params.get("token", "")[:MAX_TOKEN_CHARACTERS]
    known = read_unsubscribe(token)
    return _go(type=known[1], token=token) if known else _go(error="link")


async def unsubscribe(request: Request) -> Response:
    """POST /auth/unsubscribe: the end of letters of that type to that person. Twice is harmless."""
    form = await read_form(request)
    token = request.query_params.get("token") or form.get("token", "")
    known = read_unsubscribe(token[:MAX_TOKEN_CHARACTERS])
    by_program = form.get("List-Unsubscribe") == "One-Click"
    if known is None:
        return PlainTextResponse("This link is not ours.", status_code=400) if by_program else _go(error="link")
    await _end(request.state.engine, *known)
    return PlainTextResponse("Done.") if by_program else _go(type=known[1], done="1")


async def _end(engine: Engine, user_id: uuid.UUID, type_: str) -> None:
    if type_ == DIGEST:
        await engine.mutate(stop_letters, caller=system(), user_id=user_id)
        return
    with suppress(UnknownKind):  # nothing of that type is sent any more
        await engine.mutate(choose, caller=system(), user_id=user_id, type=type_, channel=Channel.EMAIL, enabled=False)


def _go(**found: str) -> RedirectResponse:
    address = f"{PAGE}?{urlencode(found)}"
    return RedirectResponse(address, status_code=303, headers={"Cache-Control": "no-store"})


ROUTES = [
    Route("/auth/unsubscribe", ask, methods=["GET"]),
    Route("/auth/unsubscribe", unsubscribe, methods=["POST"]),
]
