"""Signing in and out as a browser does it."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from memberpulse.domains.accounts import http
from memberpulse.domains.accounts.models import Session
from memberpulse.domains.accounts.mutations import create_user
from memberpulse.domains.accounts.passwords import hash_password
from memberpulse.domains.accounts.rules import reference_of
from memberpulse.domains.organizations.http import ROUTES as ORGANIZATION_ROUTES
from memberpulse.domains.organizations.models import Role
from memberpulse.domains.organizations.mutations import add_member
from memberpulse.engine import Engine, system
from memberpulse.engine.limits import Limiter
from memberpulse.settings import get_settings
from tests.domains.conftest import Cast

pytestmark = pytest.mark.anyio
PASSWORD = "correct horse battery staple"
HASH = hash_password(PASSWORD)


def gate(engine: Engine, scheme: str) -> Any:
    """What the server's gate does for these routes: a reference in place of the cookie, the engine in the state."""
    app = Starlette(routes=[*http.ROUTES, *ORGANIZATION_ROUTES])

    async def pass_on(scope: dict[str, Any], receive: Any, send: Any) -> None:
        cookie = dict(scope["headers"]).get(b"cookie", b"").decode()
        token = cookie.partition("memberpulse=")[2]
        reference = reference_of(token) if token else None
        state = {"engine": engine}
        await app(scope | {"scheme": scheme, "memberpulse.session": reference, "state": state}, receive, send)

    return pass_on


@pytest.fixture(autouse=True)
def fresh_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    limiter = Limiter()
    monkeypatch.setattr(http, "_limiter", lambda: limiter)


@pytest.fixture
async def browser(engine: Engine) -> AsyncIterator[httpx.AsyncClient]:
    await engine.mutate(create_user, caller=system(), email="ida@post.example", name="Ida", password_hash=HASH)
    transport = httpx.ASGITransport(app=gate(engine, "http"))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


async def sign_in(browser: httpx.AsyncClient, **fields: str) -> httpx.Response:
    return await browser.post("/auth/sign-in", data={"email": "ida@post.example", "password": PASSWORD, **fields})


def question(response: httpx.Response) -> dict[str, list[str]]:
    return parse_qs(urlsplit(response.headers["location"]).query)


async def test_the_right_password_gives_a_session_and_goes_on(engine: Engine, browser: httpx.AsyncClient) -> None:
    response = await sign_in(browser, email=" Ida@Post.example ", next="/members")
    assert (response.status_code, response.headers["location"]) == (303, "/members")
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("memberpulse=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    caller = await engine.caller_of(reference_of(browser.cookies["memberpulse"]))
    assert caller.kind == "person"


async def test_the_token_itself_is_kept_nowhere(engine: Engine, browser: httpx.AsyncClient) -> None:
    await sign_in(browser)
    token = browser.cookies["memberpulse"]
    session = await engine.transact_async(lambda ctx: ctx.db.scalars(select(Session)).one(), system())
    assert token not in str(session.model_dump())


async def test_on_https_the_cookie_is_bound_to_the_host(engine: Engine, browser: httpx.AsyncClient) -> None:
    transport = httpx.ASGITransport(app=gate(engine, "https"))
    async with httpx.AsyncClient(transport=transport, base_url="https://pulse.example") as secure:
        cookie = (await sign_in(secure)).headers["set-cookie"]
    assert cookie.startswith("__Host-memberpulse=")
    assert "Secure" in cookie
    assert "domain" not in cookie.lower()


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "/auth/sign-out"])
async def test_signing_in_never_leads_elsewhere(browser: httpx.AsyncClient, target: str) -> None:
    assert (await sign_in(browser, next=target)).headers["location"] == "/dashboard"


async def test_no_answer_tells_whether_an_account_exists(browser: httpx.AsyncClient) -> None:
    wrong = await sign_in(browser, password="wrong")
    unknown = await sign_in(browser, email="nobody@post.example")
    assert wrong.status_code == unknown.status_code == 303
    assert question(wrong)["error"] == question(unknown)["error"] == ["wrong"]
    assert "set-cookie" not in wrong.headers
    assert sorted(wrong.headers) == sorted(unknown.headers)


async def test_every_sign_in_has_a_new_token_and_ends_the_one_before(
    engine: Engine, browser: httpx.AsyncClient
) -> None:
    await sign_in(browser)
    first = browser.cookies["memberpulse"]
    await sign_in(browser)
    second = browser.cookies["memberpulse"]
    assert first != second
    assert (await engine.caller_of(reference_of(first))).kind == "anonymous"
    assert (await engine.caller_of(reference_of(second))).kind == "person"


async def test_signing_out_ends_the_session_and_takes_the_cookie(engine: Engine, browser: httpx.AsyncClient) -> None:
    await sign_in(browser)
    token = browser.cookies["memberpulse"]
    response = await browser.post("/auth/sign-out")
    assert response.headers["location"] == "/sign-in?signed_out=1"
    assert "memberpulse" not in browser.cookies
    assert (await engine.caller_of(reference_of(token))).kind == "anonymous"


async def test_guessing_is_slowed_down_per_account(browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "ATTEMPTS_PER_ACCOUNT", "3/15 minutes")
    answers = [question(await sign_in(browser, password="wrong"))["error"][0] for _ in range(3)]
    refused = await sign_in(browser)
    assert answers == ["wrong"] * 3
    assert question(refused)["error"] == ["too_many"]
    assert int(question(refused)["retry_after"][0]) > 0
    assert question(await sign_in(browser, email="other@post.example"))["error"] == ["wrong"]


async def test_guessing_is_slowed_down_per_address(browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "ATTEMPTS_PER_ADDRESS", "3/15 minutes")
    for number in range(3):
        await sign_in(browser, email=f"guess{number}@post.example")
    assert question(await sign_in(browser))["error"] == ["too_many"]


async def test_a_large_or_odd_form_signs_nobody_in(browser: httpx.AsyncClient) -> None:
    assert question(await sign_in(browser, padding="a" * 9000))["error"] == ["wrong"]
    assert (await browser.post("/auth/sign-in", content=b"\xff\xfe")).status_code == 303
    assert (await browser.get("/auth/sign-in")).status_code == 405


async def test_being_a_demo_person_works_in_the_demo_only(
    engine: Engine, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await engine.mutate(create_user, caller=system(), email="amara@fernhill.example", name="Amara Okafor")
    get_settings.cache_clear()
    assert (await browser.post("/auth/demo", data={"person": "owner"})).status_code == 404
    monkeypatch.setenv("MEMBERPULSE_DEMO", "1")
    get_settings.cache_clear()
    assert (await browser.post("/auth/demo", data={"person": "somebody"})).status_code == 404
    assert (await browser.post("/auth/demo", data={"person": "owner"})).headers["location"] == "/dashboard"
    get_settings.cache_clear()


async def test_a_session_begins_where_the_person_was_last(cast: Cast, browser: httpx.AsyncClient) -> None:
    ida = await cast.engine.mutate(create_user, caller=system(), email="b@post.example", name="B", password_hash=HASH)
    for organization_id in (cast.here, cast.there):
        await cast.engine.mutate(add_member, caller=system(organization_id), user_id=ida, role=Role.MEMBER)
    await sign_in(browser, email="b@post.example")
    assert (await _caller(cast, browser)).organization_id == cast.here
    answer = await browser.post("/auth/switch-organization", data={"organization_id": str(cast.there), "next": "/x"})
    assert answer.headers["location"] == "/x"
    assert (await _caller(cast, browser)).organization_id == cast.there
    await sign_in(browser, email="b@post.example")
    assert (await _caller(cast, browser)).organization_id == cast.there


@pytest.mark.parametrize("wanted", ["not an id", "", "there"])
async def test_nobody_switches_to_somebody_elses_organization(
    cast: Cast, browser: httpx.AsyncClient, wanted: str
) -> None:
    ida = await cast.engine.mutate(create_user, caller=system(), email="c@post.example", name="C", password_hash=HASH)
    await cast.engine.mutate(add_member, caller=system(cast.here), user_id=ida)
    await sign_in(browser, email="c@post.example")
    target = str(cast.there) if wanted == "there" else wanted
    answer = await browser.post("/auth/switch-organization", data={"organization_id": target})
    assert answer.status_code == 303
    assert (await _caller(cast, browser)).organization_id == cast.here


async def _caller(cast: Cast, browser: httpx.AsyncClient) -> Any:
    return await cast.engine.caller_of(reference_of(browser.cookies["memberpulse"]))
