"""Signing in and out over HTTP: the only way to a session cookie.

All routes are form posts answered by 303, so that they work without scripts and end in a full navigation; see `forms`.
The gate in front has checked the Origin, put the session's reference into `scope["memberpulse.session"]` and taken the
cookie away.

After a refused sign-in the page is /sign-in?error=<code>&email=<address>&next=<path>, the code one of
    wrong     the address and the password do not belong together, or the address of a sign-up waits to be confirmed
    too_many  too many attempts; retry_after=<seconds> goes with it
"""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from memberpulse.domains.accounts.cookies import clear_session_cookie
from memberpulse.domains.accounts.demo_people import find_offered
from memberpulse.domains.accounts.forms import client_of, engine_of, go, read_form, refuse
from memberpulse.domains.accounts.limits import count_attempt
from memberpulse.domains.accounts.mutations import end_session
from memberpulse.domains.accounts.passwords import verify_password
from memberpulse.domains.accounts.queries import find_credentials
from memberpulse.domains.accounts.rules import normalize_email, safe_next
from memberpulse.domains.accounts.schemas import Credentials
from memberpulse.domains.accounts.security_log import note_wrong_password
from memberpulse.domains.accounts.sign_in import finish_sign_in
from memberpulse.engine import system
from memberpulse.engine.errors import TooMany
from memberpulse.settings import get_settings

__all__ = ["ROUTES", "read_form"]

PAGE = "/sign-in"


async def sign_in(request: Request) -> Response:
    """Check an e-mail address and a password, and begin a session under a new token."""
    form = await read_form(request)
    email, password = normalize_email(form.get("email", ""))[:254], form.get("password", "")
    target = safe_next(form.get("next"))
    try:
        await count_attempt(request, "sign-in", email)
    except TooMany as error:
        return refuse(PAGE, error, kept={"email": email, "next": target})
    engine = engine_of(request)
    known: Credentials | None = await engine.query(find_credentials, caller=system(), email=email)
    right, better_hash = await verify_password(password, known.password_hash if known else None)
    if known is None or not right:
        await engine.mutate(note_wrong_password, caller=system(), email=email, **client_of(request))
        return refuse(PAGE, "wrong", kept={"email": email, "next": target})
    return await finish_sign_in(request, known.user_id, "password", target, better_hash=better_hash)


async def sign_in_as_demo_person(request: Request) -> Response:
    """Be one of the people whom the demo offers; 404 anywhere else."""
    form = await read_form(request)
    person = find_offered(form.get("person", "")) if get_settings().demo else None
    if person is None:
        return PlainTextResponse("Not found", status_code=404)
    target = safe_next(form.get("next"))
    try:
        await count_attempt(request, "demo")
    except TooMany as error:
        return refuse(PAGE, error, kept={"next": target})
    known: Credentials | None = await engine_of(request).query(find_credentials, caller=system(), email=person.email)
    if known is None:
        return refuse(PAGE, "wrong", kept={"next": target})
    return await finish_sign_in(request, known.user_id, "demo", target)


async def sign_out(request: Request) -> Response:
    """End the session in every tab that has it."""
    reference = request.scope.get("memberpulse.session")
    if reference:
        await engine_of(request).mutate(end_session, caller=system(), token_hash=reference)
    response = go(PAGE, {"signed_out": 1})
    clear_session_cookie(request, response)
    return response


ROUTES = [
    Route("/auth/sign-in", sign_in, methods=["POST"]),
    Route("/auth/sign-out", sign_out, methods=["POST"]),
    Route("/auth/demo", sign_in_as_demo_person, methods=["POST"]),
]
