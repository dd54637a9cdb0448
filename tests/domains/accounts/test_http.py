"""Signing in and out as a browser does it."""

import httpx
import pytest
from sqlalchemy import select
from starlette.requests import Request

from memberpulse.domains.accounts import limits
from memberpulse.domains.accounts.limits import BUDGETS, Budget
from memberpulse.domains.accounts.models import Session
from memberpulse.domains.accounts.mutations import create_user
from memberpulse.domains.accounts.rules import reference_of
from memberpulse.domains.organizations.models import Role
from memberpulse.domains.organizations.mutations import add_member
from memberpulse.engine import Engine, system
from memberpulse.settings import get_settings
from tests.domains.accounts.browsers import Browser, a_browser, caller_in, gate, place, said
from tests.domains.accounts.conftest import HASH, PASSWORD
from tests.domains.conftest import Cast

pytestmark = pytest.mark.anyio


async def sign_in(browser: Browser, **fields: str) -> httpx.Response:
    return await browser.post("/auth/sign-in", data={"email": "ida@post.example", "password": PASSWORD, **fields})


async def test_the_right_password_gives_a_session_and_goes_on(engine: Engine, browser: Browser) -> None:
    response = await sign_in(browser, email=" Ida@Post.example ", next="/members")
    assert (response.status_code, response.headers["location"]) == (303, "/members")
    cookie = response.headers.get_list("set-cookie")[0]
    assert cookie.startswith("memberpulse=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    caller = await engine.caller_of(reference_of(browser.cookies["memberpulse"]))
    assert caller.kind == "person"


async def test_the_token_itself_is_kept_nowhere(engine: Engine, browser: Browser) -> None:
    await sign_in(browser)
    token = browser.cookies["memberpulse"]
    session = await engine.transact_async(lambda ctx: ctx.db.scalars(select(Session)).one(), system())
    assert token not in str(session.model_dump())


async def test_on_https_the_cookie_is_bound_to_the_host(engine: Engine, browser: Browser) -> None:
    transport = httpx.ASGITransport(app=gate(engine, "https"))
    async with httpx.AsyncClient(transport=transport, base_url="https://pulse.example") as secure:
        cookie = (await sign_in(secure)).headers.get_list("set-cookie")[0]
    assert cookie.startswith("__Host-memberpulse=")
    assert "Secure" in cookie
    assert "domain" not in cookie.lower()


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "/auth/sign-out"])
async def test_signing_in_never_leads_elsewhere(browser: Browser, target: str) -> None:
    assert place(await sign_in(browser, next=target)) == "/welcome"


async def test_no_answer_tells_whether_an_account_exists(browser: Browser) -> None:
    wrong = await sign_in(browser, password="wrong")
    unknown = await sign_in(browser, email="nobody@post.example")
    assert wrong.status_code == unknown.status_code == 303
    assert said(wrong)["error"] == said(unknown)["error"] == "wrong"
    assert "set-cookie" not in wrong.headers
    assert sorted(wrong.headers) == sorted(unknown.headers)


async def test_every_sign_in_has_a_new_token_and_ends_the_one_before(engine: Engine, browser: Browser) -> None:
    await sign_in(browser)
    first = browser.cookies["memberpulse"]
    await sign_in(browser)
    second = browser.cookies["memberpulse"]
    assert first != second
    assert (await engine.caller_of(reference_of(first))).kind == "anonymous"
    assert (await engine.caller_of(reference_of(second))).kind == "person"


async def test_signing_out_ends_the_session_and_takes_the_cookie(engine: Engine, browser: Browser) -> None:
    await sign_in(browser)
    token = browser.cookies["memberpulse"]
    response = await browser.post("/auth/sign-out")
    assert response.headers["location"] == "/sign-in?signed_out=1"
    assert "memberpulse" not in browser.cookies
    assert (await engine.caller_of(reference_of(token))).kind == "anonymous"


def allow(monkeypatch: pytest.MonkeyPatch, **budget: str) -> None:
    monkeypatch.setitem(
        BUDGETS, "sign-in", Budget(**{"network": "99/hour", "pair": "99/hour", "account": "99/hour"} | budget)
    )


async def test_guessing_is_slowed_down_from_one_network(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, pair="3/15 minutes")
    answers = [said(await sign_in(browser, password="wrong"))["error"] for _ in range(3)]
    refused = said(await sign_in(browser))
    assert answers == ["wrong"] * 3
    assert refused["error"] == "too_many"
    assert int(refused["retry_after"]) > 0
    assert said(await sign_in(browser, email="other@post.example"))["error"] == "wrong"


async def test_guessing_at_many_accounts_is_slowed_down_per_network(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, network="3/15 minutes")
    for number in range(3):
        await sign_in(browser, email=f"guess{number}@post.example")
    assert said(await sign_in(browser))["error"] == "too_many"


async def test_a_stranger_in_another_network_cannot_lock_a_person_out(
    browser: Browser, other_browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, pair="3/15 minutes")
    for _ in range(5):
        await sign_in(other_browser, password="wrong")
    assert place(await sign_in(browser)) == "/welcome"


async def test_a_stranger_in_many_networks_cannot_lock_a_known_device_out(
    engine: Engine, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sign_in(browser)
    await browser.post("/auth/sign-out")
    allow(monkeypatch, pair="2/15 minutes", account="6/hour")
    answers: list[str] = []
    for number in range(10):
        async with a_browser(engine, ip=f"198.51.100.{number}") as stranger:
            answers.append(said(await sign_in(stranger, password="wrong"))["error"])
    assert answers == ["wrong"] * 6 + ["too_many"] * 4
    assert place(await sign_in(browser)) == "/welcome"


async def test_a_known_device_has_limits_of_its_own(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    await sign_in(browser)
    allow(monkeypatch, pair="2/15 minutes")
    answers = [said(await sign_in(browser, password="wrong"))["error"] for _ in range(4)]
    assert answers == ["wrong", "wrong", "too_many", "too_many"]


async def test_a_device_that_was_made_up_or_belongs_to_another_account_is_not_known(
    engine: Engine, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await engine.mutate(create_user, caller=system(), email="eve@post.example", name="Eve", password_hash=HASH)
    await sign_in(browser, email="eve@post.example")
    allow(monkeypatch, account="1/hour")
    await sign_in(browser, password="wrong")
    assert said(await sign_in(browser))["error"] == "too_many"
    async with a_browser(engine, ip="198.51.100.7") as forger:
        forger.cookies.set("memberpulse-device", '{"id": "x", "accounts": ["y"]}')
        assert said(await sign_in(forger))["error"] == "too_many"


@pytest.mark.parametrize(
    ("host", "counted"),
    [("192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"), ("testclient", "testclient")],
)
def test_a_network_is_an_address_or_what_one_customer_has(host: str, counted: str) -> None:
    assert limits.network_of(httpx_request(host)) == counted


def httpx_request(host: str) -> Request:
    return Request({"type": "http", "client": (host, 1), "headers": []})


async def test_a_large_or_odd_form_signs_nobody_in(browser: Browser) -> None:
    assert said(await sign_in(browser, padding="a" * 9000))["error"] == "wrong"
    assert (await browser.post("/auth/sign-in", content=b"\xff\xfe")).status_code == 303
    assert (await browser.get("/auth/sign-in")).status_code == 405


async def test_being_a_demo_person_works_in_the_demo_only(
    engine: Engine, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await engine.mutate(create_user, caller=system(), email="amara@fernhill.example", name="Amara Okafor")
    get_settings.cache_clear()
    assert (await browser.post("/auth/demo", data={"person": "owner"})).status_code == 404
    monkeypatch.setenv("MEMBERPULSE_DEMO", "1")
    get_settings.cache_clear()
    assert (await browser.post("/auth/demo", data={"person": "somebody"})).status_code == 404
    assert (await browser.post("/auth/demo", data={"person": "owner"})).headers["location"] == "/welcome"
    get_settings.cache_clear()


async def test_a_session_begins_where_the_person_was_last(cast: Cast, browser: Browser) -> None:
    ida = await cast.engine.mutate(create_user, caller=system(), email="b@post.example", name="B", password_hash=HASH)
    for organization_id in (cast.here, cast.there):
        await cast.engine.mutate(add_member, caller=system(organization_id), user_id=ida, role=Role.MEMBER)
    await sign_in(browser, email="b@post.example")
    assert (await caller_in(cast.engine, browser)).organization_id == cast.here
    answer = await browser.post("/auth/switch-organization", data={"organization_id": str(cast.there), "next": "/x"})
    assert answer.headers["location"] == "/x"
    assert (await caller_in(cast.engine, browser)).organization_id == cast.there
    await sign_in(browser, email="b@post.example")
    assert (await caller_in(cast.engine, browser)).organization_id == cast.there


@pytest.mark.parametrize("wanted", ["not an id", "", "there"])
async def test_nobody_switches_to_somebody_elses_organization(cast: Cast, browser: Browser, wanted: str) -> None:
    ida = await cast.engine.mutate(create_user, caller=system(), email="c@post.example", name="C", password_hash=HASH)
    await cast.engine.mutate(add_member, caller=system(cast.here), user_id=ida)
    await sign_in(browser, email="c@post.example")
    target = str(cast.there) if wanted == "there" else wanted
    answer = await browser.post("/auth/switch-organization", data={"organization_id": target})
    assert answer.status_code == 303
    assert (await caller_in(cast.engine, browser)).organization_id == cast.here
