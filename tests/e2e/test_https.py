"""Behind a proxy that ends TLS: the cookie is bound to the host, and everything still arrives."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.test_connection import live
from tests.running import RunningServer
from tests.tls import TlsProxy


def test_signing_in_over_https(browser: Browser, tmp_path: Path):
    with (
        RunningServer(tmp_path, MEMBERPULSE_TRUSTED_PROXIES="127.0.0.1") as server,
        TlsProxy(tmp_path, server.port) as proxy,
    ):
        context = browser.new_context(base_url=proxy.url, ignore_https_errors=True)
        page = context.new_page()
        page.goto("/sign-in")
        page.get_by_role("button", name="Amara Okafor").first.click()
        page.wait_for_url("**/dashboard")
        live(page)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        (cookie,) = [each for each in context.cookies() if each["name"].endswith("memberpulse")]
        assert (cookie["name"], cookie["secure"], cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (
            "__Host-memberpulse",
            True,
            True,
            "Lax",
            "/",
        )
        answer = context.request.get("/dashboard")
        assert "max-age=" in answer.headers["strict-transport-security"]
        context.close()


@pytest.mark.parametrize("spoken", ["http", "https"])
def test_nobody_but_a_trusted_proxy_can_say_that_it_is_https(server: RunningServer, spoken: str):
    import httpx

    answer = httpx.get(f"{server.url}/sign-in", headers={"X-Forwarded-Proto": spoken})
    assert "strict-transport-security" not in answer.headers
