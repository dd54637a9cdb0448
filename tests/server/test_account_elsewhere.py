"""Signing in with an account elsewhere through the real server, its gate included; and cheating at it."""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from memberpulse.demo.people import SIGN_INS
from tests.oidc_provider import CLIENT, SECRET, OidcProvider
from tests.running import RunningServer, built

MEMBER = next(each for each in SIGN_INS if each.key == "member")


@pytest.fixture(scope="module")
def provider() -> Iterator[OidcProvider]:
    with OidcProvider() as running:
        running.person = {"sub": "one", "email": MEMBER.email, "email_verified": True, "name": MEMBER.name}
        yield running


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, provider: OidcProvider) -> Iterator[RunningServer]:
    built()
    elsewhere = {"AUTH_DOMAIN": provider.issuer, "AUTH_CLIENT_ID": CLIENT, "AUTH_CLIENT_SECRET": SECRET}
    with RunningServer(tmp_path_factory.mktemp("data"), **elsewhere) as running:
        yield running


@pytest.fixture
def browser(house: RunningServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=house.url, headers={"Origin": house.url}) as client:
        yield client


def way_back(browser: httpx.Client) -> str:
    """Leave for the provider, be approved there; the address that it sends the browser back to."""
    answer = browser.post("/auth/oidc/sso/start", data={"next": "/members"})
    found = re.search(r'content="0;url=([^"]+)"', answer.text)
    assert found, answer.headers
    return str(httpx.get(unescape(found[1])).headers["location"])


def refusal(browser: httpx.Client, address: str) -> str:
    """Why the browser that comes back is refused; it is signed in by nothing."""
    answer = browser.get(address)
    assert answer.status_code == 303
    assert "memberpulse" not in answer.cookies
    told = urlsplit(answer.headers["location"])
    assert told.path == "/sign-in"
    return parse_qs(told.query)["error"][0]


def test_the_round_trip_signs_in(browser: httpx.Client) -> None:
    answer = browser.get(way_back(browser))
    assert (answer.status_code, answer.headers["location"]) == (303, "/members")
    assert browser.get("/members").status_code == 200


def test_without_the_browser_s_cookie_the_way_back_leads_nowhere(house: RunningServer, browser: httpx.Client) -> None:
    address = way_back(browser)
    with httpx.Client(base_url=house.url) as stranger:
        assert refusal(stranger, address) == "provider_over"


def test_the_way_back_is_gone_once(browser: httpx.Client) -> None:
    address = way_back(browser)
    mine = dict(browser.cookies)
    assert browser.get(address).headers["location"] == "/members"
    browser.cookies.clear()
    browser.cookies.update(mine)
    assert refusal(browser, address) == "provider_over"


def test_a_state_that_was_not_given_out_leads_nowhere(browser: httpx.Client) -> None:
    address = re.sub(r"state=[^&]+", "state=made-up", way_back(browser))
    assert refusal(browser, address) == "provider_over"


def test_the_state_of_another_browser_leads_nowhere(house: RunningServer, browser: httpx.Client) -> None:
    with httpx.Client(base_url=house.url, headers={"Origin": house.url}) as stranger:
        theirs = way_back(stranger)
    way_back(browser)
    assert refusal(browser, theirs) == "provider_over"
