"""Every page that is registered, without being named here: it opens, says what it is, and axe-core finds nothing."""

import re
from collections.abc import Callable
from importlib import import_module

import pytest
from playwright.sync_api import Page, expect

from memberpulse.ui.page import PUBLIC, PageSpec, all_pages
from tests.e2e.conftest import Person

PHONE = {"viewport": {"width": 375, "height": 812}, "has_touch": True, "is_mobile": True}
NOTHING = "00000000-0000-7000-8000-000000000000"
"""What a page whose address names a thing is asked for: there is no such thing, and the page says so."""


def addresses(wanted: Callable[[PageSpec], bool]) -> list[str]:
    import_module("memberpulse.memberpulse")  # registers every page
    return [re.sub(r"\[\w+\]", NOTHING, spec.route) for spec in all_pages() if wanted(spec)]


def look_at(page: Page, paths: list[str], violations: Callable[[Page], list[str]]) -> None:
    found: dict[str, list[str]] = {}
    for path in paths:
        page.goto(path)
        expect(page.get_by_role("heading", level=1).first).to_be_visible()
        expect(page.locator("main .bone")).to_have_count(0)
        found[path] = violations(page)
    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_pages_for_everybody_have_no_accessibility_faults(
    person: Person, violations: Callable[[Page], list[str]], screen: str
):
    page = person(None, **(PHONE if screen == "phone" else {}))
    look_at(page, addresses(lambda spec: spec.requires == PUBLIC), violations)


@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_pages_for_members_have_no_accessibility_faults(
    person: Person, violations: Callable[[Page], list[str]], screen: str
):
    page = person("owner", **(PHONE if screen == "phone" else {}))
    look_at(page, addresses(lambda spec: spec.requires != PUBLIC), violations)
