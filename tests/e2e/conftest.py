"""The end-to-end harness: a server for the session, people in a real browser, and axe-core."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.needs import system_browser
from tests.running import RunningServer, built

WAIT_MS = 20_000
AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "preload": False,
}
AXE_SCRIPT = Axe().axe_script
COLOURS = {**AXE, "runOnly": ["color-contrast", "link-in-text-block"]}
WORN = """scheme => matchMedia(`(prefers-color-scheme: ${scheme})`).matches
    && (!document.documentElement.matches('.light, .dark') || document.documentElement.matches('.' + scheme))"""
"""Whether the page wears the scheme: by class where Reflex draws it, by the medium alone where we do."""
STILL = """Promise.allSettled(document.getAnimations()
    .filter((animation) => animation.effect?.getComputedTiming().endTime < 3_000)
    .map((animation) => animation.finished))"""
"""Contrast is that of the page at rest, not of one that is fading in. A ring that turns for ever, or drains while there
is time for an Undo, is not waited for."""

SANDBOX = ["--no-sandbox"] if os.geteuid() == 0 else []

PHONE: dict[str, Any] = {"viewport": {"width": 375, "height": 812}, "has_touch": True, "is_mobile": True}

Person = Callable[..., Page]
Violations = Callable[..., list[str]]
Scheme = Literal["light", "dark"]


@dataclass(frozen=True)
class Screen:
    """How somebody looks at a page: the options of a browser, and the scheme."""

    options: dict[str, Any]
    scheme: Scheme


SCREENS = {"wide": Screen({}, "light"), "phone": Screen(PHONE, "dark")}

expect.set_options(timeout=WAIT_MS)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One server for all tests of the session, over the seeded demo."""
    built()
    with RunningServer(tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[RunningServer]:
    """A server of its own, for tests that stop it or change its people."""
    built()
    with RunningServer(tmp_path) as running:
        yield running


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The system's Chromium, else the one that Playwright installed; without windows, and what needs them."""
    with playwright.chromium.launch(executable_path=system_browser(), args=SANDBOX) as launched:
        yield launched


@pytest.fixture
def whole_browser(playwright: Playwright) -> Iterator[Browser]:
    """One that has all that a person's has, such as notifications."""
    path = system_browser(whole=True)
    channel = None if path else "chromium"
    with playwright.chromium.launch(executable_path=path, channel=channel, args=SANDBOX) as launched:
        yield launched


@pytest.fixture
def person(browser: Browser, server: RunningServer) -> Iterator[Person]:
    """`person("owner")` is a page of that person of the demo, signed in; `person(None)` is nobody's.

    `person("owner", of=other_server, at=other_browser, **options)` takes options of a browser, such as color_scheme.
    Errors that a page threw, and policy violations it reported, fail the test.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_page(name: str | None, of: RunningServer | None = None, at: Browser | None = None, **options: Any) -> Page:
        target = of or server
        context = (at or browser).new_context(base_url=target.url, **options)
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
        if name is not None:
            sign_in(context, target, name)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if _is_fault(message.text) else None)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults


@pytest.fixture(params=SCREENS)
def screen(request: pytest.FixtureRequest) -> Screen:
    """The test runs on each screen: `person("owner", **screen.options)`, `violations(page, screen.scheme)`."""
    return SCREENS[request.param]


@pytest.fixture
def violations() -> Violations:
    """`violations(page)` lists what axe-core finds, in light and in dark: scheme, rule, and the elements at fault.

    All rules are asked in one scheme, and those of colour in the other too. `violations(page, scheme)` asks all in one.
    """

    def look(page: Page, options: dict[str, Any]) -> list[dict[str, Any]]:
        page.evaluate(STILL)
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE_SCRIPT)
        return page.evaluate("async (options) => (await axe.run(options)).violations", options)

    def find(page: Page, scheme: Scheme, options: dict[str, Any]) -> list[str]:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.wait_for_function(WORN, arg=scheme)
        found = look(page, options) and look(page, options)  # what fades in while one looks is looked at again
        page.emulate_media(reduced_motion="no-preference")
        return [f"{scheme}: {each['id']}: {[node['target'] for node in each['nodes']]}" for each in found]

    def list_all(page: Page, scheme: Scheme | None = None) -> list[str]:
        return find(page, scheme, AXE) if scheme else find(page, "dark", COLOURS) + find(page, "light", AXE)

    return list_all


def undo(page: Page) -> None:
    """U, once there is something to undo: what others see may be there before the answer to who did it."""
    expect(page.get_by_role("button", name="Undo").first).to_be_visible()
    page.keyboard.press("u")


def sign_in(context: BrowserContext, server: RunningServer, name: str) -> None:
    """Give the context the session of a person of the demo."""
    response = context.request.post(
        "/auth/demo", form={"person": name}, headers={"Origin": server.url}, max_redirects=0
    )
    assert response.status == 303, response.text()


def _is_fault(text: str) -> bool:
    return "Content Security Policy" in text or "Minified React error" in text or "Hydration" in text
