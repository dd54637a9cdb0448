"""Roles, reasons and the directory, as people use them, with somebody else looking."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Person, Violations
from tests.running import RunningServer

PASSWORD = "tools-for-everyone"


def main(page: Page):
    return page.get_by_role("main")


def prove(page: Page) -> None:
    """Say again who one is, if asked."""
    asked = page.get_by_role("dialog").get_by_label("Password", exact=True)
    expect(asked).to_be_visible()
    asked.fill(PASSWORD)
    asked.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_right_given_to_a_role_appears_in_its_holders_menu(person: Person, fresh_server: RunningServer):
    owner, member = person("owner", of=fresh_server), person("member", of=fresh_server)
    owner.goto("/members?q=elif")
    owner.get_by_role("button", name="Role of Elif Yıldız").click()
    owner.get_by_role("menuitemradio", name="Workshop lead").click()
    expect(owner.get_by_role("button", name="Role of Elif Yıldız: Workshop lead")).to_be_visible()

    member.goto("/settings/profile")
    expect(member.get_by_text("Workshop lead").first).to_be_visible()
    expect(member.get_by_role("link", name="Audit log")).to_have_count(0)
    member.evaluate("window.marked = true")

    owner.goto("/settings/roles")
    owner.get_by_role("button", name="Workshop lead", exact=True).click()
    owner.get_by_role("switch", name=re.compile("See the audit log")).click()
    prove(owner)
    expect(owner.get_by_role("switch", name=re.compile("See the audit log"))).to_be_checked()
    expect(member.get_by_role("link", name="Audit log")).to_be_visible()
    owner.get_by_role("switch", name=re.compile("See the audit log")).click()
    expect(member.get_by_role("link", name="Audit log")).to_have_count(0)
    assert member.evaluate("window.marked"), "the page was reloaded"


def test_a_removed_role_is_undone(person: Person, fresh_server: RunningServer):
    owner = person("owner", of=fresh_server)
    owner.goto("/settings/roles")
    owner.get_by_role("button", name="More for Workshop lead").click()
    owner.get_by_role("menuitem", name="Remove").click()
    prove(owner)
    expect(main(owner).get_by_role("heading", name="There is no role of your own yet")).to_be_visible()
    owner.get_by_role("button", name="Undo").click()
    expect(main(owner).get_by_role("button", name="Workshop lead", exact=True)).to_be_visible()
    expect(main(owner).get_by_text("2 people")).to_be_visible()


def test_the_reason_comes_with_what_would_change_it(person: Person, fresh_server: RunningServer):
    admin, member = person("admin", of=fresh_server), person("member", of=fresh_server)
    member.goto("/settings/permissions/why?can=announcements.post")
    expect(main(member).get_by_text("You cannot post announcements: members may not, creators may")).to_be_visible()
    expect(main(member).get_by_text("What would allow it")).to_have_count(0)

    admin.goto("/settings/permissions/why?can=announcements.post")
    admin.get_by_role("searchbox", name="Find a member").fill("elif")
    admin.get_by_role("button", name=re.compile("Elif Yıldız")).click()
    expect(main(admin).get_by_text("Elif Yıldız cannot post announcements: members may not")).to_be_visible()
    admin.get_by_role("button", name="Make Elif Yıldız a Workshop lead").click()
    expect(main(admin).get_by_text("the role Workshop lead allows it")).to_be_visible()
    expect(main(member).get_by_text("You can post announcements")).to_be_visible()
    admin.get_by_role("button", name="Undo").click()
    expect(main(member).get_by_text("You cannot post announcements")).to_be_visible()


def test_the_directory_shows_what_somebody_chose_and_no_more(person: Person, fresh_server: RunningServer):
    member, other = person("member", of=fresh_server), person("creator", of=fresh_server)
    frames: list[str] = []
    other.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(str(frame))))
    other.goto("/directory?q=elif")
    expect(main(other).get_by_text("Nobody who is listed fits this.")).to_be_visible()
    member.goto("/directory")
    member.get_by_role("link", name="Choose what to show").first.click()
    member.get_by_role("switch", name="Be listed in the directory").click()
    expect(main(other).get_by_text("Elif Yıldız")).to_be_visible()
    assert not [frame for frame in frames if "elif@fernhill.example" in frame]
    member.get_by_role("switch", name=re.compile("E-mail address")).click()
    expect(main(other).get_by_text("elif@fernhill.example")).to_be_visible()
    other.get_by_role("button", name="Elif Yıldız").click()
    expect(other.get_by_role("dialog").get_by_role("link", name="elif@fernhill.example")).to_be_visible()


def test_a_membership_is_renewed_and_a_detail_filled_in(person: Person, fresh_server: RunningServer):
    admin = person("admin", of=fresh_server)
    admin.goto("/members?standing=grace")
    admin.get_by_role("button", name=re.compile("More for")).first.click()
    admin.get_by_role("menuitem", name="Details").click()
    expect(main(admin).get_by_text("Grace until")).to_be_visible()
    admin.get_by_role("button", name="Renew").click()
    expect(main(admin).get_by_text("Until")).to_be_visible()
    expect(main(admin).get_by_text("Grace until")).to_have_count(0)
    expect(admin.get_by_text("is renewed")).to_be_visible()  # it rises over the button that is clicked next
    admin.get_by_role("button", name="Change Safety course").click()
    admin.get_by_role("dialog").get_by_role("textbox", name="Safety course").fill("2026-03-12")
    admin.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(main(admin).get_by_text("12 March 2026")).to_be_visible()


def test_what_opens_on_pages_of_rights_is_without_fault(person: Person, violations: Violations):
    page = person("owner")
    page.goto("/settings/permissions/why?can=audit.view")
    expect(main(page).locator(".rights-answer").first).to_be_visible()
    assert violations(page) == []
    page.goto("/settings/roles")
    page.get_by_role("button", name="Workshop lead", exact=True).click()
    expect(page.get_by_role("switch").first).to_be_visible()
    assert violations(page) == []
    page.goto("/settings/fields")
    page.get_by_role("button", name="New field").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []
    page.goto("/members?standing=grace")
    page.get_by_role("button", name=re.compile("More for")).first.click()
    page.get_by_role("menuitem", name="Details").click()
    expect(page.get_by_role("button", name="Renew")).to_be_visible()
    assert violations(page) == []
