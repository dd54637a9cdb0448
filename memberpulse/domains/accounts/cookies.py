"""The session cookie: its name and flags."""

from starlette.requests import Request
from starlette.responses import Response

from memberpulse.domains.accounts.rules import SESSION_DAYS

SECURE_COOKIE = "__Host-memberpulse"
PLAIN_COOKIE = "memberpulse"
"""Only on plain http, where browsers refuse the `__Host-` prefix: a developer's own machine."""


def set_session_cookie(request: Request, response: Response, token: str) -> None:
    response.headers.append("set-cookie", session_cookie(token, secure=is_secure(request)))


def session_cookie(token: str, *, secure: bool) -> str:
    """The Set-Cookie header that gives a browser its session."""
    name, flag = (SECURE_COOKIE, "; Secure") if secure else (PLAIN_COOKIE, "")
    return f"{name}={token}; HttpOnly; Max-Age={SESSION_DAYS * 24 * 3600}; Path=/; SameSite=lax{flag}"


def clear_session_cookie(request: Request, response: Response) -> None:
    secure = is_secure(request)
    name = SECURE_COOKIE if secure else PLAIN_COOKIE
    response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="lax")


def is_secure(request: Request) -> bool:
    return request.url.scheme in ("https", "wss")
