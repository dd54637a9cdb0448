"""A real Chromium, and the pages of the demo in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.e2e.conftest import SANDBOX, sign_in
from tests.needs import system_browser
from tests.running import RunningServer


def until(page: Page, expression: str, seconds: float = 30) -> Any:
    """Wait until the expression is truthy. Asked from outside: the pages' own policy forbids a wait within them."""
    deadline = monotonic() + seconds
    while not (value := page.evaluate(expression)):
        if monotonic() > deadline:
            raise TimeoutError(f"{page.url}: {expression}")
        page.wait_for_timeout(20)
    return value


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=system_browser(whole=True), args=SANDBOX)
        try:
            yield browser
        finally:
            browser.close()


def visitor(browser: Browser, server: RunningServer, person: str | None, **options: Any) -> BrowserContext:
    """A fresh browser profile, signed in as a person of the demo, or as nobody."""
    context = browser.new_context(base_url=server.url, **options)
    context.set_default_timeout(30_000)
    if person is not None:
        sign_in(context, server, person)
    return context
