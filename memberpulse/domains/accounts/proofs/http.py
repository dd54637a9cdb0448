"""The second step of signing in, and passkeys, over HTTP: what ends in a cookie, or needs to know the host.

The second step is a form post like signing in itself: after a refusal the page is /sign-in/code?error=<code>, one of
    wrong      not the code
    too_many   too many wrong ones; retry_after=<seconds> goes with it
and /sign-in?error=second_step_over when nothing waits any more. Passkeys speak JSON, and problem documents.
"""

import json
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from memberpulse.domains.accounts.attempt import attempt_of, begin_attempt, keep_attempt
from memberpulse.domains.accounts.errors import LinkUsedUp
from memberpulse.domains.accounts.limits import network_of
from memberpulse.domains.accounts.proofs.errors import MethodNotOffered, NoSecondStep, TooManyProofs, WrongPasskey
from memberpulse.domains.accounts.proofs.mutations import grant_proof
from memberpulse.domains.accounts.proofs.passkeys import (
    PasskeyToCheck,
    Place,
    Purpose,
    begin_challenge,
    challenge_in,
    check_new,
    check_used,
    find_passkey,
    keep_passkey,
    list_passkey_ids,
    note_passkey_used,
    spend_challenge,
)
from memberpulse.domains.accounts.proofs.queries import find_person_to_prove
from memberpulse.domains.accounts.proofs.schemas import PersonToProve
from memberpulse.domains.accounts.proofs.second_step import (
    WaitingSignIn,
    count_second_step_try,
    find_waiting_sign_in,
    pass_second_step,
    pass_second_step_by_passkey,
    refuse_second_step,
)
from memberpulse.domains.accounts.rules import describe_device, reference_of, safe_next
from memberpulse.domains.accounts.sign_in import begin_session, finish_sign_in
from memberpulse.domains.accounts.step_up import SENSITIVE
from memberpulse.engine import Caller, system
from memberpulse.engine.errors import BadArguments, EngineError, NotSignedIn
from memberpulse.engine.http import problem
from memberpulse.engine.limits import Limiter
from memberpulse.settings import get_settings

ANSWERS_PER_ADDRESS = "120/10 minutes"
LARGEST_BODY = 32 * 1024
OVER = "/sign-in?error=second_step_over"
KNOWN_TRANSPORTS = frozenset({"ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"})


# The second step, by a code


async def second_step(request: Request) -> Response:
    """Check the code of a sign-in that waits, and begin the session."""
    form = await _form(request)
    attempt, waiting = await _waiting(request)
    if waiting is None or attempt is None:
        return _go(OVER)
    engine, code = request.state.engine, form.get("code", "")[:100]
    wrong = 0
    try:
        wrong = await engine.mutate(count_second_step_try, caller=system(), user_id=waiting.user_id)
        await engine.mutate(pass_second_step, caller=system(), attempt=attempt, code=code)
    except TooManyProofs as error:
        return _go("/sign-in/code?" + urlencode({"error": "too_many", "retry_after": error.retry_after_seconds}))
    except LinkUsedUp:
        return _go(OVER)
    except NoSecondStep:
        await engine.mutate(refuse_second_step, caller=system(), user_id=waiting.user_id, wrong=wrong)
        return _go("/sign-in/code?error=wrong")
    return await begin_session(request, waiting.user_id, waiting.target)


async def show_second_step(request: Request) -> Response:
    """By what the sign-in that waits in this browser may go on: {methods, email}."""
    _, waiting = await _waiting(request)
    if waiting is None:
        raise LinkUsedUp
    return _json({"methods": waiting.methods, "email": waiting.email})


# Passkeys


async def begin_sign_in(request: Request) -> Response:
    """A challenge for any passkey of anybody."""
    value = begin_attempt(request)
    challenge = await _begin(request, "sign-in", reference_of(value))
    response = _json({"challenge": challenge, "allow": []})
    keep_attempt(request, response, value)
    return response


async def sign_in(request: Request) -> Response:
    """Begin a session by a passkey. Where the device asked who held it, it is both factors; where it did not, it is
    one, and does not go around the password of somebody who wants both."""
    body = await _body(request)
    known, verified = await _answered(request, body, "sign-in", attempt_of(request) or "")
    if known.second_step and not verified:
        raise WrongPasskey("This key does not ask who holds it. Sign in with your password, and use the key after it.")
    method = "passkey" if verified else "key"
    answer = await finish_sign_in(request, known.user_id, method, safe_next(_text(body, "next")))
    return _as_json(answer)


async def begin_second_step(request: Request) -> Response:
    """A challenge for the passkeys of the person whose sign-in waits in this browser."""
    attempt, waiting = await _waiting(request)
    if waiting is None or attempt is None or "passkey" not in waiting.methods:
        raise LinkUsedUp
    return _json({"challenge": await _begin(request, "second-step", attempt), "allow": waiting.passkeys})


async def second_step_by_passkey(request: Request) -> Response:
    """Finish the sign-in that waits in this browser by a passkey of its person."""
    body = await _body(request)
    attempt, waiting = await _waiting(request)
    if waiting is None or attempt is None:
        raise LinkUsedUp
    known, _ = await _answered(request, body, "second-step", attempt)
    if known.user_id != waiting.user_id:
        raise WrongPasskey
    await request.state.engine.mutate(
        pass_second_step_by_passkey, caller=system(), attempt=attempt, user_id=known.user_id
    )
    return _as_json(await begin_session(request, waiting.user_id, waiting.target))


async def begin_proof(request: Request) -> Response:
    """A challenge for the caller's own passkeys, to prove themselves for {action}."""
    body, caller = await _body(request), await _person(request)
    await _may_prove(request, caller, _text(body, "action"))
    allowed = await request.state.engine.query(list_passkey_ids, caller=system(), user_id=caller.user_id)
    return _json({"challenge": await _begin(request, "prove", _bound(caller, body)), "allow": allowed})


async def prove(request: Request) -> Response:
    """Grant the caller's session {action} by a passkey of theirs."""
    body, caller = await _body(request), await _person(request)
    action = _text(body, "action")
    await _may_prove(request, caller, action)
    known, _ = await _answered(request, body, "prove", _bound(caller, body))
    if known.user_id != caller.user_id:
        raise WrongPasskey
    within = Caller("system", caller.user_id, caller.organization_id, session_id=caller.session_id)
    granted = await request.state.engine.mutate(grant_proof, caller=within, action=action, method="passkey")
    return _json({"action": granted.action, "expires_at": granted.expires_at.isoformat()})


async def add(request: Request) -> Response:
    """Keep the passkey that the browser made with what `prepare_passkey` gave this session."""
    body, caller = await _body(request), await _person(request)
    credential = _credential(body)
    challenge = challenge_in(credential)
    engine = request.state.engine
    await engine.mutate(
        spend_challenge, caller=system(), challenge=challenge, purpose="add", bound_to=str(caller.session_id)
    )
    made = check_new(credential, challenge, _place(request))
    passkey_id = await engine.mutate(
        keep_passkey,
        caller=system(),
        user_id=caller.user_id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        transports=_transports(credential),
        synced=made.synced,
        name=describe_device(request.headers.get("user-agent", "")),
    )
    return _json({"id": str(passkey_id)})


# What they share


async def _answered(
    request: Request, body: dict[str, Any], purpose: Purpose, bound_to: str
) -> tuple[PasskeyToCheck, bool]:
    """The passkey of a right answer, and whether its device asked who held it."""
    await limiter().check(ANSWERS_PER_ADDRESS, "passkey", network_of(request))
    credential = _credential(body)
    challenge, engine = challenge_in(credential), request.state.engine
    await engine.mutate(spend_challenge, caller=system(), challenge=challenge, purpose=purpose, bound_to=bound_to)
    credential_id = str(credential.get("id", ""))[:1400]
    known: PasskeyToCheck | None = await engine.query(find_passkey, caller=system(), credential_id=credential_id)
    if known is None:
        raise WrongPasskey("This passkey is not known here. It may have been removed.")
    sign_count, verified = check_used(credential, known, challenge, _place(request))
    await engine.mutate(
        note_passkey_used,
        caller=system(),
        passkey_id=known.id,
        count_before=known.sign_count,
        sign_count=sign_count,
    )
    return known, verified


async def _begin(request: Request, purpose: Purpose, bound_to: str) -> str:
    await limiter().check(ANSWERS_PER_ADDRESS, "challenge", network_of(request))
    challenge: str = await request.state.engine.mutate(
        begin_challenge, caller=system(), purpose=purpose, bound_to=bound_to
    )
    return challenge


async def _waiting(request: Request) -> tuple[str | None, WaitingSignIn | None]:
    attempt = attempt_of(request)
    if attempt is None:
        return None, None
    return attempt, await request.state.engine.query(find_waiting_sign_in, caller=system(), attempt=attempt)


async def _person(request: Request) -> Caller:
    caller: Caller = await request.state.engine.caller_of(request.scope.get("memberpulse.session"))
    if caller.kind != "person":
        raise NotSignedIn
    return caller


async def _may_prove(request: Request, caller: Caller, action: str) -> None:
    if action not in SENSITIVE:
        raise BadArguments(fields={"action": "There is no such action to confirm."})
    person: PersonToProve = await request.state.engine.query(
        find_person_to_prove, caller=system(), user_id=caller.user_id, action=action
    )
    if "passkey" not in person.methods:
        raise MethodNotOffered


def _bound(caller: Caller, body: dict[str, Any]) -> str:
    return f"{caller.session_id}:{_text(body, 'action')}"


def _place(request: Request) -> Place:
    """The page's origin, which the gate has compared with the server's own and with MEMBERPULSE_ORIGINS."""
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    origin = request.headers.get("origin", own)
    if origin not in {own, *get_settings().origins}:
        raise WrongPasskey
    return Place(origin, urlsplit(origin).hostname or "")


def _credential(body: dict[str, Any]) -> dict[str, Any]:
    credential = body.get("credential")
    if not isinstance(credential, dict):
        raise BadArguments(fields={"credential": "This is what the browser answered."})
    return credential  # pyright: ignore[reportUnknownVariableType]


def _transports(credential: dict[str, Any]) -> list[str]:
    told: Any = credential.get("response", {}).get("transports")
    return sorted(KNOWN_TRANSPORTS.intersection(map(str, told))) if isinstance(told, list) else []  # pyright: ignore[reportUnknownArgumentType]


async def _body(request: Request) -> dict[str, Any]:
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > LARGEST_BODY:
        raise BadArguments("The body is a JSON object of at most 32 KB.")
    try:
        parsed: Any = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise BadArguments("The body is not JSON.") from None
    if not isinstance(parsed, dict):
        raise BadArguments("The body is a JSON object.")
    return parsed  # pyright: ignore[reportUnknownVariableType]


async def _form(request: Request) -> dict[str, str]:
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > LARGEST_BODY:
        return {}
    async with request.form(max_files=0, max_fields=10) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""


def _json(body: dict[str, Any]) -> JSONResponse:
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


def _as_json(answer: Response) -> Response:
    """A redirect with its cookies, for a script: {next}."""
    response = _json({"next": answer.headers["location"]})
    for name, value in answer.raw_headers:
        if name == b"set-cookie":
            response.raw_headers.append((name, value))
    return response


def _go(target: str) -> RedirectResponse:
    return RedirectResponse(target, status_code=303, headers={"Cache-Control": "no-store"})


def _told(route: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Refusals of the route as problem documents."""

    async def telling(request: Request) -> Response:
        try:
            return await route(request)
        except EngineError as error:
            return problem(error, request.state.engine.request_id_of(error))

    return telling


@lru_cache(maxsize=1)
def limiter() -> Limiter:
    return Limiter(get_settings().redis_url)


ROUTES = [
    Route("/auth/second-step", second_step, methods=["POST"]),
    Route("/auth/second-step", _told(show_second_step), methods=["GET"]),
    Route("/auth/passkeys/sign-in/begin", _told(begin_sign_in), methods=["POST"]),
    Route("/auth/passkeys/sign-in", _told(sign_in), methods=["POST"]),
    Route("/auth/passkeys/second-step/begin", _told(begin_second_step), methods=["POST"]),
    Route("/auth/passkeys/second-step", _told(second_step_by_passkey), methods=["POST"]),
    Route("/auth/passkeys/prove/begin", _told(begin_proof), methods=["POST"]),
    Route("/auth/passkeys/prove", _told(prove), methods=["POST"]),
    Route("/auth/passkeys/add", _told(add), methods=["POST"]),
]
