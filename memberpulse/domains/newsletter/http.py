"""The door to leave by.

POST /newsletter/unsubscribe?who=…   ends a subscription: the one click of a mail programme (RFC 8058), which comes
                                     without cookie and Origin and follows no redirect
GET  /newsletter/unsubscribe?who=…   goes to the page with the button, since scanners follow links too
"""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from memberpulse.domains.newsletter.mutations import unsubscribe
from memberpulse.engine import system
from memberpulse.engine.errors import EngineError

LONGEST = 500


async def unsubscribe_at_once(request: Request) -> Response:
    """The body says List-Unsubscribe=One-Click and is not read: who has the link may leave."""
    who = request.query_params.get("who", "")
    try:
        await request.state.engine.mutate(unsubscribe, caller=system(), who=who[:LONGEST])
    except EngineError as error:
        return PlainTextResponse(error.message, status_code=error.status)
    return PlainTextResponse("You are off the list.")


async def show_button(request: Request) -> Response:
    query = urlencode({"who": request.query_params.get("who", "")[:LONGEST]})
    return RedirectResponse(f"/leave-newsletter?{query}", status_code=303, headers={"Cache-Control": "no-store"})


ROUTES = [
    Route("/newsletter/unsubscribe", unsubscribe_at_once, methods=["POST"]),
    Route("/newsletter/unsubscribe", show_button, methods=["GET"]),
]
