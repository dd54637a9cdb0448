"""Browsers that talk to the doors of accounts as through the server's gate, the mailbox, and jobs done on demand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from sqlalchemy import select
from sqlmodel import col
from starlette.applications import Starlette

from memberpulse.domains.accounts import http
from memberpulse.domains.accounts.links.http import ROUTES as LINK_ROUTES
from memberpulse.domains.accounts.rules import reference_of
from memberpulse.domains.mail.delivery import open_letter
from memberpulse.domains.mail.letters import Letter
from memberpulse.domains.mail.models import Message
from memberpulse.domains.organizations.http import ROUTES as ORGANIZATION_ROUTES
from memberpulse.engine import Caller, Engine, MutationCtx, system, utc_now
from memberpulse.engine.context import ActionCtx
from memberpulse.engine.tables import EngineJob, JobState

Browser = httpx.AsyncClient


def gate(engine: Engine, scheme: str = "http", *, ip: str = "127.0.0.1") -> Any:
    """What the server's gate does for these routes: a reference in place of the cookie, the engine in the state."""
    app = Starlette(routes=[*http.ROUTES, *LINK_ROUTES, *ORGANIZATION_ROUTES])
    prefix = "__Host-" if scheme == "https" else ""

    async def pass_on(scope: dict[str, Any], receive: Any, send: Any) -> None:
        cookies = SimpleCookie(dict(scope["headers"]).get(b"cookie", b"").decode())
        session, device = (cookies.get(prefix + name) for name in ("memberpulse", "memberpulse-device"))
        seen = {
            "memberpulse.session": reference_of(session.value) if session else None,
            "memberpulse.device": device.value if device else None,
            "scheme": scheme,
            "state": {"engine": engine},
            "client": (ip, 1),
        }
        await app(scope | seen, receive, send)

    return pass_on


@asynccontextmanager
async def a_browser(engine: Engine, *, ip: str = "127.0.0.1") -> AsyncIterator[Browser]:
    transport = httpx.ASGITransport(app=gate(engine, ip=ip))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


async def caller_in(engine: Engine, browser: Browser) -> Caller:
    return await engine.caller_of(reference_of(browser.cookies.get("memberpulse", "none")))


def place(response: httpx.Response) -> str:
    """The path that an answer leads to."""
    assert response.status_code == 303, response.text
    return urlsplit(response.headers["location"]).path


def said(response: httpx.Response) -> dict[str, str]:
    """What the address that an answer leads to says."""
    found = parse_qs(urlsplit(response.headers["location"]).query)
    return {name: values[0] for name, values in found.items()}


async def work(engine: Engine) -> int:
    """Do all jobs that are due, and those that they promise; says how many there were."""
    done = 0
    while jobs := await engine.transact_async(_take_jobs, system()):
        for name, arguments in jobs:
            function = engine.registry.functions[name]
            if function.is_async:
                ctx = ActionCtx(system(), "test", engine._run, utc_now())
                await function.call(ctx, **function.arguments.parse_json(arguments))
            else:
                given = function.arguments.parse_json(arguments)
                await engine.transact_async(lambda ctx, call=function.call, given=given: call(ctx, **given), system())
            done += 1
    return done


async def letters(engine: Engine, to: str) -> list[Letter]:
    """What was sent to an address, the latest last."""

    def find(ctx: MutationCtx) -> list[Letter]:
        mine = select(Message).where(col(Message.to_email) == to).order_by(col(Message.id))
        return [open_letter(message.sealed_letter or "") for message in ctx.db.scalars(mine)]

    return await engine.transact_async(find, system())


async def mailed_token(engine: Engine, to: str) -> str:
    """The token of the link in the latest letter to an address."""
    await work(engine)
    button = (await letters(engine, to))[-1].button
    assert button is not None
    return parse_qs(urlsplit(button[1]).query)["token"][0]


def _take_jobs(ctx: MutationCtx) -> list[tuple[str, dict[str, Any]]]:
    due = select(EngineJob).where(EngineJob.state == JobState.SCHEDULED, EngineJob.run_at <= ctx.now)
    rows = [row for row in ctx.db.scalars(due) if row.function.startswith("accounts.")]
    for row in rows:
        row.state = JobState.DONE
    ctx.db.flush()
    return [(row.function, row.arguments) for row in rows]
