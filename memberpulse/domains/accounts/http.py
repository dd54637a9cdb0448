"""Signing in and out over HTTP: the only way to a session cookie.

All routes are form posts answered by 303, so that they work without scripts and end in a full navigation. The gate in
front has checked the Origin, put the session's reference into `scope["memberpulse.session"]` and taken the cookie
away. The engine is `scope["state"]["engine"]`, that is `request.state.engine`.

After a refused sign-in the page is /sign-in?error=<code>&email=<address>&next=<path>, the code one of
    wrong      the address and the password do not belong together
    too_many   too many attempts; retry_after=<seconds> goes with it
"""

import hashlib
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from memberpulse.domains.accounts.cookies import clear_session_cookie
from memberpulse.domains.accounts.demo_people import find_offered
from memberpulse.domains.accounts.mutations import end_session
from memberpulse.domains.accounts.passwords import verify_password
from memberpulse.domains.accounts.queries import find_credentials
from memberpulse.domains.accounts.rules import HOME, normalize_email, safe_next
from memberpulse.domains.accounts.schemas import Credentials
from memberpulse.domains.accounts.sign_in import finish_sign_in
from memberpulse.engine import system
from memberpulse.engine.errors import TooMany
from memberpulse.engine.limits import Limiter
from memberpulse.settings import get_settings

ATTEMPTS_PER_ADDRESS = "120/10 minutes"
ATTEMPTS_PER_ACCOUNT = "20/15 minutes"
MAX_FORM_BYTES = 8192


async def sign_in(request: Request) -> Response:
    """Check an e-mail address and a password, and begin a session under a new token."""
    form = await read_form(request)
    email, password = normalize_email(form.get("email", ""))[:254], form.get("password", "")
    target = safe_next(form.get("next"))
    try:
        await _count_attempt(request, email)
    except TooMany as error:
        return _refuse("too_many", email, target, retry_after=error.retry_after_seconds)
    known: Credentials | None = await _engine(request).query(find_credentials, caller=system(), email=email)
    right, better_hash = await verify_password(password, known.password_hash if known else None)
    if known is None or not right:
        return _refuse("wrong", email, target)
    return await finish_sign_in(request, known.user_id, "password", target, better_hash=better_hash)


async def sign_in_as_demo_person(request: Request) -> Response:
    """Be one of the people whom the demo offers; 404 anywhere else."""
    form = await read_form(request)
    person = find_offered(form.get("person", "")) if get_settings().demo else None
    if person is None:
        return PlainTextResponse("Not found", status_code=404)
    target = safe_next(form.get("next"))
    try:
        await _limiter().check(ATTEMPTS_PER_ADDRESS, "sign-in", _client(request))
    except TooMany as error:
        return _refuse("too_many", "", target, retry_after=error.retry_after_seconds)
    known: Credentials | None = await _engine(request).query(find_credentials, caller=system(), email=person.email)
    if known is None:
        return _refuse("wrong", "", target)
    return await finish_sign_in(request, known.user_id, "demo", target)


async def sign_out(request: Request) -> Response:
    """End the session in every tab that has it."""
    reference = request.scope.get("memberpulse.session")
    if reference:
        await _engine(request).mutate(end_session, caller=system(), token_hash=reference)
    response = _go("/sign-in?signed_out=1")
    clear_session_cookie(request, response)
    return response


async def read_form(request: Request) -> dict[str, str]:
    """The text fields of a small form; nothing of a body that is too large or of unknown length."""
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > MAX_FORM_BYTES:
        return {}
    async with request.form(max_files=0, max_fields=10) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


async def _count_attempt(request: Request, email: str) -> None:
    """Every attempt counts before the password is looked at, so that guesses in parallel gain nothing."""
    await _limiter().check(ATTEMPTS_PER_ADDRESS, "sign-in", _client(request))
    account = hashlib.sha256(email.encode()).hexdigest()
    await _limiter().check(ATTEMPTS_PER_ACCOUNT, "sign-in-account", account)


def _refuse(code: str, email: str, target: str, *, retry_after: int | None = None) -> Response:
    found: dict[str, Any] = {"error": code}
    if email:
        found["email"] = email
    if retry_after is not None:
        found["retry_after"] = retry_after
    if target != HOME:
        found["next"] = target
    return _go(f"/sign-in?{urlencode(found)}")


def _go(target: str) -> RedirectResponse:
    return RedirectResponse(target, status_code=303, headers={"Cache-Control": "no-store"})


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


def _engine(request: Request) -> Any:
    return request.state.engine


@lru_cache(maxsize=1)
def _limiter() -> Limiter:
    return Limiter(get_settings().redis_url)


ROUTES = [
    Route("/auth/sign-in", sign_in, methods=["POST"]),
    Route("/auth/sign-out", sign_out, methods=["POST"]),
    Route("/auth/demo", sign_in_as_demo_person, methods=["POST"]),
]
