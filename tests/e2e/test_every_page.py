"""Every page that is registered, without being named here: it opens as a whole, says what it is, has the style sheets
of what it shows, and axe-core finds nothing.
"""

import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from playwright.sync_api import Error, Page, expect

from memberpulse.ui.page import PUBLIC, PageSpec, all_pages
from tests.e2e.conftest import Person, Screen, Violations

NOTHING = "00000000-0000-7000-8000-000000000000"
"""What a page whose address names a thing is asked for: there is no such thing, and the page says so."""


MOST_SHIFT = 0.1
"""How much may move while a page opens: a cumulative layout shift up to this counts as good (web.dev/cls)."""
WATCH_SHIFTS = """window.shift = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((each) => (window.shift += each.value)))
        .observe({ type: "layout-shift", buffered: true });"""

CLASS = re.compile(r"\.([a-zA-Z][\w-]*)")
STYLED = {name for sheet in Path("assets").rglob("*.css") for name in CLASS.findall(sheet.read_text())}
CLASSES = """() => {
    const rules = (list) => [...list].flatMap((rule) => [rule.selectorText ?? "", ...rules(rule.cssRules ?? [])]);
    const worn = new Set([...document.querySelectorAll("[class]")].flatMap((each) => [...each.classList]));
    return [[...worn], [...document.styleSheets].flatMap((sheet) => rules(sheet.cssRules)).join(" ")];
}"""

MISNAMED = """[...document.querySelectorAll("*")].flatMap((each) => each.getAttributeNames())
    .filter((name) => /^aria[a-z]/.test(name))"""
"""What was meant as an attribute of ARIA and is none: then nothing is said, and axe finds nothing."""

SPILLS = """() => {
    const named = (each) => each.tagName.toLowerCase() + [...each.classList].map((name) => "." + name).join("");
    const parts = [...document.querySelectorAll("main, .page > *, .split > *, .sec")].filter((each) =>
        getComputedStyle(each).overflowY === "visible" && each.scrollHeight > each.clientHeight + 1);
    const root = document.documentElement;
    return parts.map((each) => `${named(each)} spills over what is below it`)
        .concat(root.scrollWidth > root.clientWidth ? ["the page is wider than its window"] : []);
}"""
"""What does not fit where it stands, and lies over its neighbours."""


def addresses(wanted: Callable[[PageSpec], bool]) -> list[str]:
    import_module("memberpulse.memberpulse")  # registers every page
    return [re.sub(r"\[\w+\]", NOTHING, spec.route) for spec in all_pages() if wanted(spec)]


def look_at(page: Page, paths: list[str], faults: Callable[[Page], list[str]]) -> None:
    page.add_init_script(WATCH_SHIFTS)
    found: dict[str, list[str]] = {}
    for path in paths:
        open_page(page, path)
        try:
            found[path] = seen_on(page, faults)
        except Error as error:
            if "because of a navigation" not in error.message:
                raise
            opened(page)  # such as a second step that nobody began: what is looked at is where it leads
            found[path] = seen_on(page, faults)
        if shift(page) > MOST_SHIFT:  # on a busy machine it may have taken too long; once
            open_page(page, path)
            found[path] += [f"it moved by {moved} while it opened"] if (moved := shift(page)) > MOST_SHIFT else []
    assert {path: what for path, what in found.items() if what} == {}


def seen_on(page: Page, faults: Callable[[Page], list[str]]) -> list[str]:
    found = faults(page) + page.evaluate(MISNAMED) + page.evaluate(SPILLS)
    return found + [f"no style sheet for .{name}" for name in without_sheet(page)]


def open_page(page: Page, path: str) -> None:
    page.goto(path)
    opened(page)


def opened(page: Page) -> None:
    """Wait until the page is there as a whole."""
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    expect(page.locator("main .bone")).to_have_count(0)


def without_sheet(page: Page) -> set[str]:
    """Classes on the page that some style sheet describes, of which the page has none."""
    worn, selectors = page.evaluate(CLASSES)
    return set(worn) & STYLED - set(CLASS.findall(selectors))


def shift(page: Page) -> float:
    return page.evaluate("shift")


def test_pages_for_everybody_have_no_accessibility_faults(person: Person, violations: Violations, screen: Screen):
    page = person(None, **screen.options)
    look_at(page, addresses(lambda spec: spec.requires == PUBLIC), lambda it: violations(it, screen.scheme))


def test_pages_for_members_have_no_accessibility_faults(person: Person, violations: Violations, screen: Screen):
    page = person("owner", **screen.options)
    look_at(page, addresses(lambda spec: spec.requires != PUBLIC), lambda it: violations(it, screen.scheme))
