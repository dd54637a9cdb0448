"""The end of every way to sign in. A route that has seen a first factor returns what `finish_sign_in` gives it:

    return await finish_sign_in(request, user_id, "magic_link", target)

It begins a session under a new token, or asks for the second step first when the person has one. `request` is that of
the route, which may be any under /auth/; `target` has been through `safe_next`.

What counts as how much is decided here: a password, a mailed link and another provider's word are one factor each, a
passkey whose device asked who held it is two, and so is being a person of the demo. See docs/decisions.
"""

import uuid
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from memberpulse.domains.accounts.attempt import begin_attempt, end_attempt, keep_attempt
from memberpulse.domains.accounts.cookies import set_session_cookie
from memberpulse.domains.accounts.devices import device_of, remember_device
from memberpulse.domains.accounts.mutations import end_session, start_session
from memberpulse.domains.accounts.proofs.second_step import hold_sign_in, list_second_factors
from memberpulse.domains.accounts.queries import find_beginning
from memberpulse.domains.accounts.rules import HOME, WELCOME, new_token, reference_of
from memberpulse.domains.accounts.schemas import Beginning
from memberpulse.engine import system

SignInMethod = Literal["password", "magic_link", "oidc", "passkey", "key", "demo"]
"""A "key" is a passkey whose device did not ask who held it."""

SECOND_STEP_PAGE = "/sign-in/code"
_BOTH_FACTORS = ("passkey", "demo")


async def finish_sign_in(
    request: Request, user_id: uuid.UUID, method: SignInMethod, target: str, *, better_hash: str | None = None
) -> Response:
    """Answer (303) somebody whose first factor was right: with a session, or with the page of the second step.

    better_hash: the password under the current hashing parameters, when they have moved on.
    """
    engine: Any = request.state.engine
    methods: list[str] = []
    if method not in _BOTH_FACTORS:
        methods = await engine.query(list_second_factors, caller=system(), user_id=user_id, after_key=method == "key")
    if not methods:
        return await begin_session(request, user_id, target, better_hash=better_hash)
    value = begin_attempt(request, fresh=True)
    await engine.mutate(
        hold_sign_in,
        caller=system(),
        user_id=user_id,
        attempt=reference_of(value),
        target=target,
        methods=methods,
        better_hash=better_hash,
    )
    response = _go(SECOND_STEP_PAGE)
    keep_attempt(request, response, value)
    return response


async def begin_session(
    request: Request, user_id: uuid.UUID, target: str, *, better_hash: str | None = None
) -> RedirectResponse:
    """Sign in for good: all factors that were asked for have been seen. The browser's earlier session ends."""
    engine: Any = request.state.engine
    token = new_token()
    previous = request.scope.get("memberpulse.session")
    if previous:
        await engine.mutate(end_session, caller=system(), token_hash=previous)
    session_id = await engine.mutate(
        start_session,
        caller=system(),
        user_id=user_id,
        token_hash=reference_of(token),
        user_agent=request.headers.get("user-agent", ""),
        ip=request.client.host if request.client else "",
        better_hash=better_hash,
    )
    began: Beginning = await engine.query(find_beginning, caller=system(), session_id=session_id)
    response = _go(_landing(target, began))
    set_session_cookie(request, response, token)
    remember_device(request, response, device_of(request), email=began.email)
    if request.scope.get("memberpulse.attempt"):
        end_attempt(request, response)
    return response


def _landing(target: str, began: Beginning) -> str:
    """Where a person goes first. Who belongs to no organization is welcomed, unless they asked for a certain page."""
    return WELCOME if target == HOME and not began.has_organization else target


def _go(target: str) -> RedirectResponse:
    return RedirectResponse(target, status_code=303, headers={"Cache-Control": "no-store"})
