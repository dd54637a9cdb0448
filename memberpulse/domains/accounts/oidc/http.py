"""The way to another provider and back.

POST /auth/oidc/<provider>/start     next: where to go on to; link=1: link to who is signed in, after `prepare_link`
GET  /auth/oidc/<provider>/callback  where the provider sends the browser

What fails goes back to /sign-in?error=<code>, or to the security settings when linking; the codes stand in `errors`.
"""

import html
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from memberpulse.domains.accounts.attempt import attempt_of, begin_attempt, keep_attempt
from memberpulse.domains.accounts.errors import StepUpRequired
from memberpulse.domains.accounts.http import read_form
from memberpulse.domains.accounts.limits import network_of
from memberpulse.domains.accounts.oidc.errors import ProviderFault, ProviderOver, ProviderRefused
from memberpulse.domains.accounts.oidc.linking import (
    OidcAttempt,
    begin_trip,
    end_trip,
    find_or_link_person,
    link_person,
)
from memberpulse.domains.accounts.oidc.protocol import Identity, authorize_address, check_issuer, describe, redeem
from memberpulse.domains.accounts.oidc.providers import Provider, providers
from memberpulse.domains.accounts.proofs.http import limiter
from memberpulse.domains.accounts.rules import reference_of, safe_next
from memberpulse.domains.accounts.sign_in import finish_sign_in
from memberpulse.domains.accounts.step_up import check_proof
from memberpulse.engine import Caller, system
from memberpulse.engine.errors import TooMany
from memberpulse.settings import get_settings

TRIPS_PER_ADDRESS = "60/10 minutes"
LINKING_PAGE = "/settings/security"
SIGN_IN_PAGE = "/sign-in"


async def start(request: Request) -> Response:
    """Send the browser to the provider, and remember that it went."""
    form = await read_form(request)
    provider = providers().get(request.path_params["provider"])
    back = LINKING_PAGE if form.get("link") else SIGN_IN_PAGE
    if provider is None:
        return _refuse(back, "provider_refused")
    try:
        await limiter().check(TRIPS_PER_ADDRESS, "oidc", network_of(request))
        link_to = await _who_links(request) if form.get("link") else None
        metadata = await describe(provider)
    except TooMany as error:
        return _refuse(back, "too_many", retry_after=error.retry_after_seconds)
    except StepUpRequired as error:
        return _refuse(back, error.code)
    except ProviderFault as error:
        return _refuse(back, error.code, provider=provider.key)
    value = begin_attempt(request)
    trip: OidcAttempt = await request.state.engine.mutate(
        begin_trip,
        caller=system(),
        provider=provider.key,
        browser=reference_of(value),
        target=safe_next(form.get("next")),
        link_to=link_to,
    )
    response = _leave(
        authorize_address(
            provider,
            metadata,
            state=trip.state,
            nonce=trip.nonce,
            verifier=trip.verifier,
            back=_callback(request, provider),
        ),
        provider.name,
    )
    keep_attempt(request, response, value)
    return response


async def callback(request: Request) -> Response:
    """Take the browser back: sign in, or link."""
    provider = providers().get(request.path_params["provider"])
    if provider is None:
        return _refuse(SIGN_IN_PAGE, "provider_refused")
    back = SIGN_IN_PAGE
    try:
        trip: OidcAttempt = await request.state.engine.mutate(
            end_trip,
            caller=system(),
            provider=provider.key,
            browser=attempt_of(request) or "",
            state=request.query_params.get("state", "")[:200],
        )
        back = LINKING_PAGE if trip.link_to else SIGN_IN_PAGE
        identity = await _identity(request, provider, trip)
        return await (_link if trip.link_to else _sign_in)(request, provider, trip, identity)
    except ProviderFault as error:
        return _refuse(back, error.code, provider=provider.key)


async def _identity(request: Request, provider: Provider, trip: OidcAttempt) -> Identity:
    told, metadata = request.query_params, await describe(provider)
    check_issuer(metadata, told.get("iss"))
    if told.get("error") or not told.get("code"):
        raise ProviderRefused
    return await redeem(
        provider,
        metadata,
        code=told["code"],
        verifier=trip.verifier,
        nonce=trip.nonce,
        back=_callback(request, provider),
    )


async def _sign_in(request: Request, provider: Provider, trip: OidcAttempt, identity: Identity) -> Response:
    user_id = await request.state.engine.mutate(
        find_or_link_person,
        caller=system(),
        provider=provider.key,
        issuer=identity.issuer,
        subject=identity.subject,
        email=identity.email,
        verified=identity.verified,
        name=identity.name,
    )
    return await finish_sign_in(request, user_id, "oidc", trip.target)


async def _link(request: Request, provider: Provider, trip: OidcAttempt, identity: Identity) -> Response:
    caller: Caller = await request.state.engine.caller_of(request.scope.get("memberpulse.session"))
    if caller.user_id is None or caller.user_id != trip.link_to:
        raise ProviderOver
    await request.state.engine.mutate(
        link_person,
        caller=system(),
        user_id=caller.user_id,
        provider=provider.key,
        issuer=identity.issuer,
        subject=identity.subject,
        email=identity.email,
    )
    return _go(f"{LINKING_PAGE}?{urlencode({'linked': provider.key})}")


async def _who_links(request: Request) -> Any:
    caller: Caller = await request.state.engine.caller_of(request.scope.get("memberpulse.session"))
    if caller.user_id is None:
        raise ProviderOver
    proven = Caller("system", caller.user_id, session_id=caller.session_id)
    await request.state.engine.query(check_proof, caller=proven, action="account.providers")
    return caller.user_id


def _callback(request: Request, provider: Provider) -> str:
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    site = get_settings().site_url.rstrip("/") or own
    return f"{site}/auth/oidc/{provider.key}/callback"


def _leave(address: str, name: str) -> HTMLResponse:
    """A page that goes on by itself: a form may not be redirected to another site (CSP form-action)."""
    to, called = html.escape(address, quote=True), html.escape(name)
    page = (
        '<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
        f'<meta http-equiv="refresh" content="0;url={to}"><title>Going to {called}</title></head>'
        f'<body><p>Going to <a href="{to}">{called}</a>.</p></body></html>'
    )
    return HTMLResponse(page, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


def _refuse(page: str, code: str, **values: Any) -> RedirectResponse:
    return _go(f"{page}?{urlencode({'error': code, **values})}")


def _go(target: str) -> RedirectResponse:
    return RedirectResponse(target, status_code=303, headers={"Cache-Control": "no-store"})


ROUTES = [
    Route("/auth/oidc/{provider}/start", start, methods=["POST"]),
    Route("/auth/oidc/{provider}/callback", callback, methods=["GET"]),
]
