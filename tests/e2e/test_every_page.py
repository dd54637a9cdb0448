"""Every page that is registered, without being named here: it opens, says what it is, and axe-core finds nothing."""

import re
from collections.abc import Callable
from importlib import import_module

from playwright.sync_api import Page, expect

from memberpulse.ui.page import PUBLIC, PageSpec, all_pages
from tests.e2e.conftest import Person, Screen, Violations

NOTHING = "00000000-0000-7000-8000-000000000000"
"""What a page whose address names a thing is asked for: there is no such thing, and the page says so."""


def addresses(wanted: Callable[[PageSpec], bool]) -> list[str]:
    import_module("memberpulse.memberpulse")  # registers every page
    return [re.sub(r"\[\w+\]", NOTHING, spec.route) for spec in all_pages() if wanted(spec)]


def look_at(page: Page, paths: list[str], faults: Callable[[Page], list[str]]) -> None:
    found: dict[str, list[str]] = {}
    for path in paths:
        page.goto(path)
        expect(page.get_by_role("heading", level=1).first).to_be_visible()
        expect(page.locator("main .bone")).to_have_count(0)
        found[path] = faults(page)
    assert {path: what for path, what in found.items() if what} == {}


def test_pages_for_everybody_have_no_accessibility_faults(person: Person, violations: Violations, screen: Screen):
    page = person(None, **screen.options)
    look_at(page, addresses(lambda spec: spec.requires == PUBLIC), lambda it: violations(it, screen.scheme))


def test_pages_for_members_have_no_accessibility_faults(person: Person, violations: Violations, screen: Screen):
    page = person("owner", **screen.options)
    look_at(page, addresses(lambda spec: spec.requires != PUBLIC), lambda it: violations(it, screen.scheme))
