"""Which browser is about to sign in. A short-lived cookie tells one browser from another before there is a session.

What belongs to an attempt (a second step that waits, a challenge, a trip to another provider) is kept under a
fingerprint of the cookie, so that whoever else learns of it can do nothing with it. The gate passes this one cookie on
below /auth/ and nowhere else, as `scope["memberpulse.attempt"]`.
"""

from starlette.requests import Request
from starlette.responses import Response

from memberpulse.domains.accounts.rules import new_token, reference_of

SECURE_COOKIE = "__Host-memberpulse-attempt"
PLAIN_COOKIE = "memberpulse-attempt"
COOKIE_SECONDS = 900


def attempt_of(request: Request) -> str | None:
    """The fingerprint of the browser's attempt; None when it has none."""
    value: str | None = request.scope.get("memberpulse.attempt")
    return reference_of(value) if value else None


def begin_attempt(request: Request, *, fresh: bool = False) -> str:
    """The browser's attempt, a new one when there is none. Give it to `keep_attempt` with the answer.

    fresh: a new one in any case, since more is known of this browser from now on.
    """
    value: str | None = request.scope.get("memberpulse.attempt")
    return new_token() if fresh or not value else value


def keep_attempt(request: Request, response: Response, value: str) -> None:
    secure = request.url.scheme == "https"
    name = SECURE_COOKIE if secure else PLAIN_COOKIE
    response.set_cookie(name, value, max_age=COOKIE_SECONDS, path="/", secure=secure, httponly=True, samesite="lax")


def end_attempt(request: Request, response: Response) -> None:
    secure = request.url.scheme == "https"
    name = SECURE_COOKIE if secure else PLAIN_COOKIE
    response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="lax")
