"""The doors of payments.

POST /api/webhooks/stripe-connect   one event of a connected account. 200 once it is kept, also the second time; 400 if
                                    its signature is not right, 413 when it is too large, 404 where no payments are
                                    offered, 500 and 503 when we could not keep it: then Stripe sends it again
GET  /pay/<id>                      goes on to the page on which the caller pays
GET  /pay/<id>/return               where Stripe sends the payer back to
GET  /pay/onboard                   goes on to the page on which the caller tells Stripe about themselves
GET  /pay/onboard/return            where Stripe sends them back to
GET  /export/payments               a CSV file
"""

import json
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, cast

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from memberpulse.domains.payments import exporting
from memberpulse.domains.payments.checkout import check_payment, open_checkout
from memberpulse.domains.payments.connecting import begin_onboarding, refresh_account
from memberpulse.domains.payments.errors import ProviderUnreachable
from memberpulse.domains.payments.news import News, news_in, take_event
from memberpulse.domains.payments.provider import webhook_secret
from memberpulse.domains.payments.rules import receipt_path
from memberpulse.engine import Caller, system
from memberpulse.engine.errors import Conflict, EngineError, NotSignedIn
from memberpulse.engine.http import problem

log = structlog.get_logger(__name__)

LARGEST_BODY = 512 * 1024
TOLERANCE_SECONDS = 300
TRIES = 4
"""How often an event is tried that meets another at the same moment."""
SETTINGS = "/settings/payments"


class _TooLarge(Exception):
    """A body of more bytes than any event has."""


class _Forged(Exception):
    """The signature is missing, wrong, malformed, or more than five minutes old or early."""


async def receive_event(request: Request) -> Response:
    """Take one event. Answers only once it is kept with its effect, so that Stripe repeats what was lost."""
    secret = webhook_secret()
    if secret is None:
        return PlainTextResponse("There is nothing here.", status_code=404)
    try:
        body = await _body(request)
        news = _verified(secret, body, request.headers.get("stripe-signature", ""))
    except _TooLarge:
        return PlainTextResponse("The event is too large.", status_code=413)
    except _Forged:
        log.warning("an event was refused", address=request.client.host if request.client else "")
        return PlainTextResponse("The signature is not right.", status_code=400)
    except ValueError:
        return PlainTextResponse("The body is not an event.", status_code=400)
    return await _keep(request, news)


async def _keep(request: Request, news: News) -> Response:
    engine = request.state.engine
    for attempt in range(TRIES):
        try:
            await engine.mutate(take_event, caller=system(), news=news)
        except Conflict:
            if attempt == TRIES - 1:
                return PlainTextResponse("The event could not be kept yet.", status_code=503)
        except EngineError as error:
            status = 503 if isinstance(error, ProviderUnreachable) else 500
            log.error("an event could not be kept", event_id=news.event_id, type=news.type, code=error.code)
            return PlainTextResponse("The event could not be kept yet.", status_code=status)
        else:
            break
    return PlainTextResponse("ok")


def _verified(secret: str, body: bytes, signature: str) -> News:
    """What a signed body is about. Raises _Forged, ValueError."""
    import time

    from stripe import SignatureVerificationError, WebhookSignature

    try:
        WebhookSignature.verify_header(  # pyright: ignore[reportUnknownMemberType]
            body, signature, secret, TOLERANCE_SECONDS
        )
        signed_at = WebhookSignature._get_timestamp_and_signatures(signature, "v1")[0]  # pyright: ignore[reportPrivateUsage]
    except (SignatureVerificationError, ValueError):
        raise _Forged from None
    if signed_at > time.time() + TOLERANCE_SECONDS:
        raise _Forged
    parsed: Any = json.loads(body)
    if not isinstance(parsed, dict):
        raise ValueError("not an object")
    return news_in(cast("dict[str, Any]", parsed))


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise _TooLarge
    return bytes(body)


async def pay(request: Request) -> Response:
    """GET /pay/<id>. Whoever opens it again finds the same page, as long as it can be paid."""
    return await _go_on(request, lambda caller: _checkout(request, caller))


async def _checkout(request: Request, caller: Caller) -> str:
    payment_id = _payment_id(request)
    try:
        return await request.state.engine.mutate(open_checkout, caller=caller, payment_id=payment_id)
    except EngineError as error:
        if error.code in ("payment_over", "payee_not_ready"):
            return receipt_path(payment_id)
        raise


async def come_back(request: Request) -> Response:
    """GET /pay/<id>/return. Looks at once how the payment stands; if Stripe is slow, its event will tell."""
    return await _go_on(request, lambda caller: _look(request, caller))


async def _look(request: Request, caller: Caller) -> str:
    payment_id = _payment_id(request)
    try:
        await request.state.engine.mutate(check_payment, caller=caller, payment_id=payment_id)
    except (Conflict, ProviderUnreachable):
        log.info("a payment could not be looked at yet", payment=str(payment_id))
    return receipt_path(payment_id)


async def onboard(request: Request) -> Response:
    """GET /pay/onboard. Stripe's pages for this work once: whoever comes back too late gets another."""

    async def begin(caller: Caller) -> str:
        try:
            return await request.state.engine.mutate(begin_onboarding, caller=caller)
        except EngineError as error:
            if error.code == "step_up_required":
                return SETTINGS  # the button there asks for the proof
            raise

    return await _go_on(request, begin)


async def onboarded(request: Request) -> Response:
    """GET /pay/onboard/return."""

    async def look(caller: Caller) -> str:
        try:
            await request.state.engine.mutate(refresh_account, caller=caller)
        except (Conflict, ProviderUnreachable):
            log.info("an account could not be looked at yet")
        return SETTINGS

    return await _go_on(request, look)


async def _go_on(request: Request, where: Callable[[Caller], Awaitable[str]]) -> Response:
    engine = request.state.engine
    try:
        caller: Caller = await engine.caller_of(request.scope.get("memberpulse.session"))
        target = await where(caller)
    except NotSignedIn:
        return RedirectResponse("/sign-in", status_code=303, headers={"Cache-Control": "no-store"})
    except EngineError as error:
        return problem(error, engine.request_id_of(error))
    return RedirectResponse(target, status_code=303, headers={"Cache-Control": "no-store"})


def _payment_id(request: Request) -> uuid.UUID:
    from memberpulse.domains.payments.errors import PaymentNotFound

    try:
        return uuid.UUID(request.path_params["payment_id"])
    except ValueError:
        raise PaymentNotFound from None


ROUTES = [
    Route("/api/webhooks/stripe-connect", receive_event, methods=["POST"]),
    Route("/pay/onboard", onboard, methods=["GET"]),
    Route("/pay/onboard/return", onboarded, methods=["GET"]),
    Route("/pay/{payment_id}", pay, methods=["GET"]),
    Route("/pay/{payment_id}/return", come_back, methods=["GET"]),
    Route(exporting.PATH, exporting.download, methods=["GET"]),
]
