"""The end of every way to sign in. A route that has seen a first factor returns what `finish_sign_in` gives it:

    return await finish_sign_in(request, user_id, "magic_link", target)

It begins a session under a new token, or asks for the second step first when the person has one. `request` is that of
the route, which may be any under /auth/; `target` has been through `safe_next`.
"""

import uuid
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from memberpulse.domains.accounts.cookies import set_session_cookie
from memberpulse.domains.accounts.mutations import end_session, start_session
from memberpulse.domains.accounts.rules import new_token, reference_of
from memberpulse.engine import system

SignInMethod = Literal["password", "magic_link", "oidc", "passkey", "demo"]


async def finish_sign_in(
    request: Request, user_id: uuid.UUID, method: SignInMethod, target: str, *, better_hash: str | None = None
) -> Response:
    """Answer (303) somebody whose first factor was right.

    better_hash: the password under the current hashing parameters, when they have moved on.
    """
    return await begin_session(request, user_id, target, better_hash=better_hash)


async def begin_session(
    request: Request, user_id: uuid.UUID, target: str, *, better_hash: str | None = None
) -> RedirectResponse:
    """Sign in for good: all factors that were asked for have been seen. The browser's earlier session ends."""
    engine: Any = request.state.engine
    token = new_token()
    previous = request.scope.get("memberpulse.session")
    if previous:
        await engine.mutate(end_session, caller=system(), token_hash=previous)
    await engine.mutate(
        start_session,
        caller=system(),
        user_id=user_id,
        token_hash=reference_of(token),
        user_agent=request.headers.get("user-agent", ""),
        ip=request.client.host if request.client else "",
        better_hash=better_hash,
    )
    response = RedirectResponse(target, status_code=303, headers={"Cache-Control": "no-store"})
    set_session_cookie(request, response, token)
    return response
