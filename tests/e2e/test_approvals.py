"""The inbox of approvals in real browsers: decided from the bell, by two at once, in bulk, by keys, and taken back."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Person, Screen, Violations, undo
from tests.e2e.test_journeys import bell, call, main, panel
from tests.running import RunningServer


def request(page: Page, words: str) -> Locator:
    return main(page).get_by_role("list", name="Requests").get_by_role("listitem").filter(has_text=words)


def decide_about_the_others(page: Page, server: RunningServer) -> None:
    """The bell shows several who ask to join as one row, and a single one with what can be done."""
    found = page.request.post(
        "/api/query/approvals.list_requests", data={"kind": "joining"}, headers={"Origin": server.url}
    )
    ids = [row["id"] for row in found.json()["rows"]]
    call(page, server, "approvals.decide_requests", request_ids=ids, approve=False)


def test_a_membership_request_is_approved_from_the_bell_and_taken_back(
    person: Person, fresh_server: RunningServer
) -> None:
    admin, other, guest = (
        person("admin", of=fresh_server),
        person("owner", of=fresh_server),
        person("outsider", of=fresh_server),
    )
    decide_about_the_others(admin, fresh_server)
    admin.goto("/dashboard")
    other.goto("/approvals")
    guest.goto("/join/fernhill-tool-library")
    guest.get_by_label("A few words about you").fill("I have a lathe.")
    guest.get_by_role("button", name="Ask to join").click()
    expect(request(other, "Mereana Ngata")).to_contain_text("I have a lathe.")

    bell(admin).click()
    row = panel(admin).get_by_role("listitem").filter(has_text="Mereana Ngata asks to join")
    row.get_by_role("button", name="Approve").click()
    expect(guest.get_by_text("You are a member.")).to_be_visible()
    expect(row).to_have_count(0)
    expect(request(other, "Mereana Ngata")).to_have_count(0)
    admin.get_by_role("button", name="Undo").click()
    expect(guest.get_by_text("You have asked to join.")).to_be_visible()
    expect(request(other, "Mereana Ngata")).to_have_count(1)


def test_of_two_approvers_the_slower_is_told_kindly(person: Person, fresh_server: RunningServer) -> None:
    admin, owner = person("admin", of=fresh_server), person("owner", of=fresh_server)
    for page in (admin, owner):
        page.goto("/approvals")
        expect(request(page, "Fernhill Food Bank")).to_be_visible()
    request(owner, "Fernhill Food Bank").locator("[data-open]").click()
    expect(request(admin, "Fernhill Food Bank")).to_contain_text("Amara is looking")

    request(owner, "Fernhill Food Bank").locator("[data-reject]").click()
    asked = owner.get_by_role("dialog")
    asked.get_by_label("Reason").fill("Too far away.")
    request(admin, "Fernhill Food Bank").locator("[data-approve]").click()
    expect(request(owner, "Fernhill Food Bank")).to_have_count(0)
    asked.get_by_role("button", name="Reject").click()
    expect(asked.get_by_role("alert")).to_have_text("Fatima Benali has approved this already.")


def test_what_takes_two_waits_for_the_second_and_the_requester_hears_of_it(
    person: Person, fresh_server: RunningServer
) -> None:
    admin, owner, member = (
        person("admin", of=fresh_server),
        person("owner", of=fresh_server),
        person("member", of=fresh_server),
    )
    admin.goto("/settings/approvals")
    admin.get_by_role("button", name="General: One person. Change").click()
    admin.get_by_role("menuitemradio", name="Two people").click()
    member.goto("/approvals")
    expect(main(member).get_by_text("Nothing waits for you")).to_be_visible()
    member.keyboard.press("c")
    member.get_by_role("dialog").get_by_label("What you ask for").fill("The kiln on Monday")
    member.get_by_role("dialog").get_by_role("button", name="Ask").click()
    member.get_by_role("button", name="Yours").click()
    expect(request(member, "The kiln on Monday")).to_contain_text("0 of 2")

    for page in (admin, owner):
        page.goto("/approvals?q=kiln")
        expect(request(page, "The kiln on Monday")).to_be_visible()
    request(admin, "The kiln").locator("[data-approve]").click()
    expect(request(member, "The kiln on Monday")).to_contain_text("1 of 2")
    expect(request(admin, "The kiln")).to_contain_text("You approved")
    request(owner, "The kiln").locator("[data-approve]").click()
    expect(request(member, "The kiln on Monday")).to_contain_text("Approved")
    expect(request(member, "The kiln on Monday")).to_contain_text("by Amara Okafor")
    expect(bell(member)).to_have_accessible_name(re.compile("unread"), timeout=20_000)
    bell(member).click()
    expect(panel(member)).to_contain_text("The kiln on Monday: approved", timeout=20_000)


def test_many_are_decided_by_keys_and_undone(person: Person, fresh_server: RunningServer) -> None:
    admin, other = person("admin", of=fresh_server), person("owner", of=fresh_server)
    admin.goto("/approvals?kind=file")
    other.goto("/approvals")
    expect(request(admin, "Safety sheet")).to_be_visible()
    admin.keyboard.press("j")
    admin.keyboard.press("Enter")
    expect(request(admin, "Safety sheet")).to_contain_text("every member")
    expect(admin).to_have_url(re.compile("open="))
    admin.keyboard.press("Enter")
    admin.keyboard.press("a")
    expect(request(other, "Safety sheet")).to_have_count(0)
    undo(admin)
    expect(request(other, "Safety sheet")).to_have_count(1)

    admin.goto("/approvals")
    expect(request(admin, "Fernhill Food Bank")).to_be_visible()
    before = other.get_by_role("list", name="Requests").get_by_role("listitem").count()
    admin.keyboard.press("j")
    admin.keyboard.press("x")
    for _ in range(2):
        admin.keyboard.press("j")
    admin.keyboard.press("Shift+X")
    bar = admin.get_by_role("toolbar")
    expect(bar).to_contain_text("3 selected")
    admin.keyboard.press("r")
    admin.get_by_role("dialog").get_by_label("Reason").fill("Not this year.")
    admin.get_by_role("dialog").get_by_role("button", name="Reject").click()
    expect(bar).to_have_count(0)
    expect(other.get_by_role("list", name="Requests").get_by_role("listitem")).to_have_count(before - 3)
    admin.get_by_role("button", name="Undo").click()
    expect(other.get_by_role("list", name="Requests").get_by_role("listitem")).to_have_count(before)


def test_pages_of_approvals_have_no_accessibility_faults(
    person: Person, violations: Violations, screen: Screen
) -> None:
    page = person("owner", **screen.options)
    found: dict[str, list[str]] = {}
    for path in ("/approvals?show=decided", "/approvals?show=mine"):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(main(page).get_by_role("status").filter(has_text="Loading")).to_have_count(0)
        found[path] = violations(page, screen.scheme)
    page.goto("/approvals")
    main(page).get_by_role("listitem").nth(1).locator("[data-open]").click()
    expect(main(page).get_by_text("Takes")).to_be_visible()
    main(page).get_by_role("checkbox").first.check()
    expect(page.get_by_role("toolbar")).to_be_visible()
    found["opened and selected"] = violations(page, screen.scheme)
    assert not {place: faults for place, faults in found.items() if faults}
