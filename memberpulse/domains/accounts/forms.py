"""Native form posts: reading one, and answering it with a redirect (303) that keeps what was typed.

A refused form goes back to its page. The page's address then says why: `error=<code>` for the whole form (`too_many`
with `retry_after=<seconds>`), `<field>_error=<code>` for a field, and the values that were typed, never a password.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse

from memberpulse.domains.accounts.rules import HOME
from memberpulse.engine import Engine
from memberpulse.engine.errors import TooMany

MAX_FORM_BYTES = 8192


async def read_form(request: Request) -> dict[str, str]:
    """The text fields of a small form; nothing of a body that is too large or of unknown length."""
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > MAX_FORM_BYTES:
        return {}
    async with request.form(max_files=0, max_fields=10) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def go(path: str, values: Mapping[str, Any] | None = None) -> RedirectResponse:
    """On to a page, with those of the values that are not empty in its address."""
    kept = {name: value for name, value in (values or {}).items() if value not in (None, "")}
    if kept.get("next") == HOME:
        del kept["next"]
    target = f"{path}?{urlencode(kept)}" if kept else path
    return RedirectResponse(target, status_code=303, headers={"Cache-Control": "no-store"})


def refuse(
    path: str,
    error: str | TooMany | None = None,
    *,
    faults: Mapping[str, str] | None = None,
    kept: Mapping[str, Any] | None = None,
) -> RedirectResponse:
    """Back to the form's page. faults: field to code; kept: what was typed."""
    wrong = {f"{name}_error": code for name, code in (faults or {}).items()}
    if isinstance(error, TooMany):
        return go(path, {"error": "too_many", "retry_after": error.retry_after_seconds, **(kept or {})})
    return go(path, {"error": error, **wrong, **(kept or {})})


def client_of(request: Request) -> dict[str, str]:
    """What the security log says of a request's sender."""
    return {
        "user_agent": request.headers.get("user-agent", "")[:300],
        "ip": (request.client.host if request.client else "")[:45],
    }


def engine_of(request: Request) -> Engine:
    engine: Engine = request.state.engine
    return engine
