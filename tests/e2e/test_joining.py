"""How people come to an organization and go, as they see it: in two browsers, each change at once in the other."""

import re

from playwright.sync_api import Page, expect

from memberpulse.demo.people import PASSWORD
from tests.e2e.conftest import Person, Screen, Violations
from tests.e2e.test_journeys import choose_role, main, row_of
from tests.running import RunningServer

FILE = b"""Name,E-mail,Role
Ida Import,ida@import.example,creator
Elif Else,elif@fernhill.example,
Nobody,no address,
Ida Again,ida@import.example,
"""


def prove(page: Page) -> None:
    """Answer the question who one is."""
    asked = page.get_by_role("dialog").filter(has=page.get_by_role("button", name="Confirm"))
    asked.get_by_label("Password", exact=True).fill(PASSWORD)
    asked.get_by_role("button", name="Confirm").click()


def test_an_organization_is_founded_filled_and_left(person: Person, fresh_server: RunningServer) -> None:
    founder, guest = person("member", of=fresh_server), person("outsider", of=fresh_server)
    guest.goto("/welcome")
    expect(guest.get_by_role("heading", name="Welcome, Mereana")).to_be_visible()

    founder.goto("/welcome")
    founder.get_by_label("Its name").fill("River Choir")
    founder.get_by_role("button", name="Start it").click()
    expect(founder).to_have_url(re.compile("/dashboard"))
    expect(founder.get_by_role("button", name="River Choir").first).to_be_visible()

    founder.goto("/members")
    founder.get_by_role("button", name="Invite people").click()
    founder.get_by_label("E-mail addresses").fill("mereana@harbour.example, nonsense")
    founder.get_by_role("button", name="Send").click()
    fates = founder.get_by_role("dialog", name="Not everybody was invited")
    expect(fates).to_contain_text("Not an address")
    founder.keyboard.press("Escape")
    founder.get_by_role("link", name=re.compile("^Invitations")).click()
    expect(row_of(founder, "mereana@harbour.example")).to_contain_text("Delivered")

    guest.get_by_role("button", name="Accept the invitation to River Choir").click()
    expect(guest).to_have_url(re.compile("/dashboard"))
    expect(guest.get_by_role("button", name="River Choir").first).to_be_visible()
    expect(row_of(founder, "mereana@harbour.example")).to_contain_text("Accepted")

    guest.goto("/members")
    expect(guest.get_by_role("button", name="Invite people")).to_have_count(0)
    founder.get_by_role("navigation", name="Members").get_by_role("link", name="Members").click()
    choose_role(founder, "Mereana Ngata", "Admin")
    expect(guest.get_by_role("button", name="Invite people")).to_be_visible()

    guest.goto("/settings/organization")
    guest.get_by_role("button", name="Leave…").click()
    guest.get_by_role("alertdialog").get_by_role("button", name="Leave").click()
    expect(guest).to_have_url(re.compile("/welcome"))
    expect(row_of(founder, "Mereana Ngata")).to_have_count(0)
    guest.goto("/dashboard")
    expect(guest.get_by_role("button", name="Harbour Rowing Club").first).to_be_visible()


def test_somebody_asks_to_join_and_a_decision_can_be_undone(person: Person, fresh_server: RunningServer) -> None:
    admin, guest = person("admin", of=fresh_server), person("outsider", of=fresh_server)
    admin.goto("/settings/organization")
    admin.get_by_role("radio", name=re.compile("^By request")).click()
    guest.goto("/join/fernhill-tool-library")
    guest.get_by_label("A few words about you").fill("I have a lathe.")
    guest.get_by_role("button", name="Ask to join").click()
    expect(guest.get_by_text("You have asked to join.")).to_be_visible()

    admin.goto("/members/requests")
    waiting = main(admin).get_by_role("list", name="Requests to join").get_by_role("listitem")
    asked = waiting.filter(has_text="Mereana Ngata")
    expect(asked).to_contain_text("I have a lathe.")
    admin.get_by_role("button", name="Approve Mereana Ngata").click()
    admin.get_by_role("dialog").get_by_role("button", name="Approve").click()
    expect(guest.get_by_text("You are a member.")).to_be_visible()
    admin.get_by_role("button", name="Undo").click()
    expect(guest.get_by_text("You have asked to join.")).to_be_visible()
    guest.get_by_role("button", name="Withdraw the request").click()
    expect(asked).to_have_count(0)


def test_a_file_is_checked_and_applied_and_a_removal_undone(person: Person, fresh_server: RunningServer) -> None:
    owner = person("owner", of=fresh_server)
    owner.goto("/members/import")
    owner.set_input_files("#field-file", files=[{"name": "people.csv", "mimeType": "text/csv", "buffer": FILE}])
    owner.get_by_role("button", name="Check the file").click()
    expect(row_of(owner, "no address")).to_contain_text("Bad address")
    expect(row_of(owner, "Ida Again")).to_contain_text("The same address as in row 2.")
    owner.get_by_role("button", name="Duplicates 1").click()
    expect(row_of(owner, "elif@fernhill.example")).to_have_count(0)
    owner.get_by_role("button", name="All 4").click()
    owner.get_by_role("button", name="Invite 1 person").click()
    expect(owner.get_by_text("1 person is invited.")).to_be_visible()
    expect(row_of(owner, "Ida Import")).to_contain_text("Invited")

    owner.goto("/members?q=tomas")
    owner.get_by_role("button", name="More for Tomás Herrera").click()
    owner.get_by_role("menuitem", name="Remove…").click()
    asked = owner.get_by_role("alertdialog")
    asked.get_by_role("textbox").fill("Tomás Herrera")
    asked.get_by_role("button", name="Remove").click()
    expect(row_of(owner, "Tomás Herrera")).to_have_count(0)
    owner.get_by_role("button", name="Undo").click()
    expect(row_of(owner, "Tomás Herrera")).to_contain_text("Creator")


def test_a_deletion_is_seen_by_all_and_any_owner_keeps_the_organization(
    person: Person, fresh_server: RunningServer
) -> None:
    owner, member = person("owner", of=fresh_server), person("member", of=fresh_server)
    member.goto("/dashboard")
    owner.goto("/settings/organization")
    owner.get_by_role("button", name="Delete…").click()
    asked = owner.get_by_role("alertdialog")
    asked.get_by_role("textbox").fill("Fernhill Tool Library")
    asked.get_by_role("button", name="Delete in seven days").click()
    prove(owner)
    expect(member.get_by_text("Fernhill Tool Library will be deleted on")).to_be_visible()
    owner.get_by_role("button", name="Keep it").first.click()
    expect(member.get_by_text("Fernhill Tool Library will be deleted on")).to_have_count(0)


def test_pages_for_who_may_come_have_no_accessibility_faults(
    person: Person, violations: Violations, screen: Screen
) -> None:
    visitor = person(None, **screen.options)
    found: dict[str, list[str]] = {}
    for path in ("/invitation?token=made-up", "/join/fernhill-tool-library", "/join/nowhere"):
        visitor.goto(path)
        expect(visitor.get_by_role("heading", level=1)).to_be_visible()
        found[path] = violations(visitor, screen.scheme)
    assert not {place: faults for place, faults in found.items() if faults}
