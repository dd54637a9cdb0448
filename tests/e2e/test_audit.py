"""The audit log and the records, as people see them: in two windows, and with a fresh proof."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from memberpulse.demo.people import PASSWORD
from tests.e2e.conftest import Person, Screen, Violations, undo
from tests.e2e.test_journeys import call, choose_role, main, row_of
from tests.running import RunningServer


@pytest.fixture
def restored(person: Person, server: RunningServer) -> Iterator[None]:
    """Afterwards the organization is as it was at first."""
    yield
    owner = person("owner")
    owner.goto("/records")
    call(owner, server, "demo.reset_demo")
    expect(newest_of(owner, "/settings/audit")).to_contain_text("reset the demo")


def newest_of(page: Page, address: str) -> Locator:
    page.goto(address)
    return entries(page).first


def entries(page: Page) -> Locator:
    return main(page).get_by_role("list", name="Entries, newest first").get_by_role("listitem")


def test_a_role_change_in_one_window_is_a_new_line_in_the_log_of_another(person: Person, restored: None):
    owner, admin = person("owner"), person("admin")
    admin.goto("/settings/audit")
    expect(entries(admin).first).to_be_visible()
    owner.goto("/members?q=tomas")
    choose_role(owner, "Tomás Herrera", "Member")
    first = entries(admin).first
    expect(first).to_contain_text("Amara Okafor changed the role of Tomás Herrera: creator member")
    expect(first.locator("del")).to_have_text("creator")

    admin.get_by_role("button", name="Verify").click()
    expect(main(admin).get_by_text(re.compile(r"^All [\d,]+ entries since .* are unchanged\.$"))).to_be_visible()
    owner.goto("/settings/audit")
    expect(main(owner).get_by_text("by Fatima Benali")).to_be_visible()

    first.get_by_role("button").click()
    shown = admin.get_by_role("dialog", name="Entry")
    expect(shown).to_contain_text("Chrome on Linux")
    expect(shown).to_contain_text("req_")
    admin.keyboard.press("Escape")
    expect(shown).to_have_count(0)


def test_the_log_is_narrowed_by_its_address(person: Person):
    page = person("owner")
    page.goto("/settings/audit")
    page.get_by_label("Kind").select_option("Organization")
    expect(page).to_have_url(re.compile("kind=organization"))
    expect(entries(page).first).to_contain_text("renamed the organization: Fernhill Tool Shed Fernhill Tool Library")
    page.get_by_role("searchbox").fill("nobody at all")
    expect(main(page).get_by_text("No entry fits these filters.")).to_be_visible()
    page.get_by_role("button", name="Show every entry").click()
    expect(entries(page).nth(5)).to_be_visible()
    expect(page).to_have_url(re.compile(r"/settings/audit/?$"))


def test_an_export_asks_who_is_there_and_then_comes(person: Person):
    page = person("owner")
    page.goto("/settings/audit?kind=organization")
    page.get_by_role("button", name="Export").click()
    page.get_by_role("menuitem", name="JSON lines").click()
    asked = page.get_by_role("dialog")
    asked.get_by_label("Password", exact=True).fill(PASSWORD)
    with page.expect_download() as coming:
        asked.get_by_role("button", name="Confirm").click()
    rows = [json.loads(line) for line in coming.value.path().read_text().splitlines()]
    assert rows
    assert {row["kind"] for row in rows} == {"Organization"}
    assert coming.value.suggested_filename.endswith(".jsonl")
    expect(main(page).get_by_role("heading", name="Audit log")).to_be_visible()


def test_members_do_not_see_the_log(person: Person):
    page = person("member")
    page.goto("/settings/audit")
    expect(main(page).get_by_role("list", name="Entries, newest first")).to_have_count(0)
    expect(page.get_by_role("link", name="Audit log")).to_have_count(0)


def test_an_edit_in_two_windows_says_who_was_faster(person: Person, restored: None):
    owner, creator = person("owner"), person("creator")
    for page in (owner, creator):
        page.goto("/records")
        edit(page, "Translate the house rules")
    form_of(owner).get_by_label("Title").fill("Translate all the rules")
    form_of(creator).get_by_label("Notes").fill("Welsh first.")
    form_of(owner).get_by_role("button", name="Save").click()
    expect(form_of(owner)).to_have_count(0)

    said = form_of(creator).get_by_role("status")
    expect(said).to_contain_text("Amara Okafor changed this record while you were editing.")
    expect(said).to_contain_text("Translate all the rules")
    form_of(creator).get_by_role("button", name="Save").click()
    expect(form_of(creator).get_by_label("Title")).to_have_accessible_description(
        "It is “Translate all the rules” now."
    )
    form_of(creator).get_by_role("button", name="Keep mine").click()
    expect(form_of(creator).get_by_label("Notes")).to_have_value("Welsh first.")
    form_of(creator).get_by_role("button", name="Save").click()
    expect(form_of(creator)).to_have_count(0)
    expect(row_of(owner, "Translate the house rules")).to_contain_text("Welsh first.")


def test_all_records_are_removed_brought_back_and_reset(person: Person, restored: None):
    owner, member = person("owner"), person("member")
    for page in (owner, member):
        page.goto("/records")
        expect(rows(page)).to_have_count(12)
    owner.keyboard.press("c")
    form = owner.get_by_role("dialog", name="New record")
    form.get_by_label("Title").fill("Our own")
    form.get_by_role("button", name="Add record").click()
    expect(row_of(member, "Our own")).to_be_visible()

    for_all(owner, "Remove everything")
    expect(main(member).get_by_text("There are no records")).to_be_visible()
    undo(owner)
    expect(rows(member)).to_have_count(13)
    for_all(owner, "Remove the samples")
    expect(rows(member)).to_have_count(1)
    for_all(owner, "Reset to the samples")
    expect(rows(member)).to_have_count(12)
    expect(row_of(member, "Our own")).to_have_count(0)


def test_a_record_is_archived_and_members_change_only_their_own(person: Person, restored: None):
    member = person("member")
    member.goto("/records")
    expect(rows(member)).to_have_count(12)
    expect(member.get_by_role("button", name="More for Close last year’s accounts")).to_be_visible()
    expect(member.get_by_role("button", name="More for Order new membership cards")).to_have_count(0)
    member.get_by_role("button", name="More for Close last year’s accounts").click()
    member.get_by_role("menuitem", name="Archive").click()
    expect(rows(member)).to_have_count(11)
    member.get_by_role("button", name="Archived").click()
    expect(row_of(member, "Close last year’s accounts")).to_be_visible()


def test_log_and_records_have_no_accessibility_faults(person: Person, violations: Violations, screen: Screen):
    page = person("owner", **screen.options)
    page.goto("/settings/audit")
    entries(page).first.get_by_role("button").click()
    expect(page.get_by_role("dialog", name="Entry")).to_be_visible()
    assert violations(page, screen.scheme) == []
    page.goto("/settings/audit?q=nobody+at+all")
    expect(main(page).get_by_text("No entry fits these filters.")).to_be_visible()
    assert violations(page, screen.scheme) == []
    page.goto("/records")
    edit(page, "Translate the house rules")
    assert violations(page, screen.scheme) == []


def rows(page: Page) -> Locator:
    return page.locator("tr[data-row]")


def edit(page: Page, title: str) -> None:
    page.get_by_role("button", name=f"More for {title}").click()
    page.get_by_role("menuitem", name="Edit…").click()
    expect(form_of(page).get_by_label("Owner")).to_be_visible()


def form_of(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Edit record")


def for_all(page: Page, what: str) -> None:
    page.get_by_role("button", name="All records").click()
    page.get_by_role("menuitem", name=what).click()
