"""What people do, in real browsers, and what the others see of it without reloading."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from memberpulse.demo.people import PASSWORD
from tests.e2e.conftest import Person, Screen, Violations, undo
from tests.running import RunningServer


@pytest.fixture
def restored(person: Person, server: RunningServer) -> Iterator[None]:
    """Afterwards the organization is as it was at first."""
    yield
    owner = person("owner")
    owner.goto("/members?q=fatima")
    call(owner, server, "demo.reset_demo")
    expect(row_of(owner, "Fatima Benali")).to_contain_text("Admin")


def test_an_announcement_reaches_the_other_window(person: Person):
    owner, creator = person("owner"), person("creator")
    owner.goto("/dashboard")
    before = unread(owner)
    owner.evaluate("window.marked = true")
    creator.goto("/announcements")
    post(creator, "Lathe course on Sunday")

    expect(bell(owner)).to_have_accessible_name(f"Notifications, {before + 1} unread")
    toast = owner.get_by_role("status").filter(has_text="Lathe course on Sunday")
    expect(toast).to_be_visible()
    expect(
        main(owner).get_by_role("listitem").filter(has_text="Kofi Mensah posted Lathe course on Sunday")
    ).to_be_visible()

    toast.get_by_role("button", name="Dismiss").click()
    bell(owner).click()
    first = panel(owner).get_by_role("listitem").first
    expect(first).to_contain_text("Lathe course on Sunday")
    first.get_by_role("link").click()
    expect(owner).to_have_url(re.compile(r"/announcements#"))
    expect(panel(owner)).to_have_count(0)
    expect(main(owner).get_by_role("heading", name="Lathe course on Sunday")).to_be_visible()
    expect(bell(owner)).to_have_accessible_name(f"Notifications, {before} unread")
    assert owner.evaluate("window.marked"), "the page was reloaded"


def test_an_announcement_can_be_withdrawn_for_a_while(person: Person):
    owner, creator = person("owner"), person("creator")
    owner.goto("/announcements")
    creator.goto("/announcements")
    post(creator, "Sent too early")
    expect(main(owner).get_by_role("heading", name="Sent too early")).to_be_visible()
    creator.get_by_role("button", name="Undo").click()
    expect(main(owner).get_by_role("heading", name="Sent too early")).to_have_count(0)
    expect(main(creator).get_by_role("heading", name="Sent too early")).to_have_count(0)
    bell(owner).click()
    expect(panel(owner)).not_to_contain_text("Sent too early")


def test_an_announcement_says_what_is_missing_and_a_double_click_posts_once(person: Person):
    page = person("creator")
    page.goto("/announcements")
    button = page.get_by_role("button", name="Post")
    button.click()
    expect(page.get_by_label("Title")).to_be_focused()
    expect(page.get_by_label("Title")).to_have_accessible_description("Give it a title.")
    page.get_by_label("Title").fill("Posted with a double click")
    page.get_by_label("What everybody should know").fill("Once is enough.")
    button.dblclick()
    expect(page.get_by_label("Title")).to_have_value("")
    page.reload()
    expect(main(page).get_by_role("heading", name="Posted with a double click")).to_have_count(1)


def test_reading_all_clears_the_other_tab_and_can_be_undone(person: Person):
    page = person("admin")
    page.goto("/dashboard")
    before = unread(page)
    assert before > 0
    other = page.context.new_page()
    other.goto("/members")
    expect(bell(other)).to_have_accessible_name(f"Notifications, {before} unread")

    bell(page).click()
    panel(page).get_by_role("button", name="Mark all read").click()
    expect(panel(page)).to_contain_text("Nothing is unread")
    expect(bell(other)).to_have_accessible_name("Notifications")
    undo(page)
    expect(bell(other)).to_have_accessible_name(f"Notifications, {before} unread")


def test_one_notification_can_be_read_in_its_row(person: Person):
    page = person("member")
    page.goto("/dashboard")
    before = unread(page)
    page.keyboard.press("b")
    row = panel(page).get_by_role("listitem").first
    title = row.get_by_role("link").inner_text()
    row.get_by_role("button", name="Mark as read").click()
    expect(bell(page)).to_have_accessible_name(f"Notifications, {before - 1} unread")
    expect(panel(page).get_by_role("link", name=title, exact=True)).to_have_count(0)


def test_a_role_taken_away_closes_what_it_opened(person: Person, restored: None):
    owner, admin = person("owner"), person("admin")
    admin.goto("/members")
    role_of_elif = admin.get_by_role("button", name="Role of Elif Yıldız")
    expect(role_of_elif).to_be_visible()
    owner.goto("/members?q=fatima")
    choose_role(owner, "Fatima Benali", "Member")
    expect(role_of_elif).to_have_count(0)
    expect(row_of(owner, "Fatima Benali")).to_contain_text("Member")

    owner.get_by_role("button", name="Dismiss").first.click()
    owner.get_by_role("button", name="More for Fatima Benali").click()
    owner.get_by_role("menuitem", name="Remove…").click()
    asked = owner.get_by_role("alertdialog")
    expect(asked.get_by_role("button", name="Remove")).to_have_attribute("aria-disabled", "true")
    asked.get_by_role("textbox").fill("Fatima Benali")
    asked.get_by_role("button", name="Remove").click()
    expect(admin.get_by_role("heading", name="You are in no organization now")).to_be_visible()
    expect(admin.get_by_text("elif@fernhill.example")).to_have_count(0)
    expect(row_of(owner, "Fatima Benali")).to_have_count(0)


def test_the_last_owner_stays(person: Person, restored: None):
    page = person("owner")
    page.goto("/members?role=owner")
    choose_role(page, "Jonas Lindqvist", "Admin")
    prove(page)
    expect(row_of(page, "Amara Okafor")).to_be_visible()
    expect(row_of(page, "Jonas Lindqvist")).to_have_count(0)
    choose_role(page, "Amara Okafor", "Member")
    expect(page.get_by_role("alert")).to_contain_text("This is the last owner. Make somebody else an owner first.")
    expect(row_of(page, "Amara Okafor")).to_contain_text("Owner")


def test_an_admin_cannot_make_owners(person: Person):
    page = person("admin")
    page.goto("/members?q=elif")
    page.get_by_role("button", name="Role of Elif").click()
    expect(page.get_by_role("menuitemradio", name="Owner")).to_be_disabled()
    expect(page.get_by_role("menuitemradio", name="Creator")).to_be_enabled()


def test_members_see_the_list_and_no_composer(person: Person):
    page = person("member")
    page.goto("/announcements")
    expect(main(page).get_by_role("listitem").first).to_be_visible()
    expect(page.get_by_label("Title")).to_have_count(0)
    page.goto("/members")
    expect(row_of(page, "Amara Okafor")).to_be_visible()
    expect(page.get_by_role("button", name="Role of")).to_have_count(0)


def test_a_search_of_members_is_part_of_the_address(person: Person):
    page = person("member")
    page.goto("/members")
    expect(row_of(page, "Amara Okafor")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("grossmann")
    expect(page).to_have_url(re.compile(r"\?q=grossmann$"))
    expect(row_of(page, "Bärbel Großmann")).to_be_visible()
    expect(row_of(page, "Amara Okafor")).to_have_count(0)
    page.reload()
    expect(row_of(page, "Bärbel Großmann")).to_be_visible()
    page.get_by_role("searchbox").fill("nobody at all")
    page.get_by_role("button", name="Clear the search").click()
    expect(row_of(page, "Amara Okafor")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/members/?$"))


def test_the_keyboard_reaches_everything(person: Person):
    page = person("owner")
    page.goto("/dashboard")
    expect(main(page).get_by_text("Online now")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("m")
    expect(page.get_by_role("heading", level=1, name="Members")).to_be_visible()
    expect(row_of(page, "Amara Okafor")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(row_of(page, "Amara Okafor")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitemradio", name="Owner")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("ControlOrMeta+k")
    expect(page.get_by_role("combobox", name="Search or jump to")).to_be_focused()
    page.keyboard.type("nobody at all")
    expect(page.get_by_text("Nothing by that name.")).to_be_visible()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("meilin")
    page.get_by_role("option", name="Mei-Lin Zhao").click()
    expect(page).to_have_url(re.compile(r"/members/?\?q=meilin"))
    expect(row_of(page, "Mei-Lin Zhao")).to_be_visible()


def test_the_dashboard_shows_who_is_where(person: Person):
    owner, member = person("owner"), person("member")
    owner.goto("/dashboard")
    member.goto("/dashboard")
    expect(online(owner, "Elif")).to_contain_text("Dashboard")
    member.get_by_role("link", name="Members").first.click()
    expect(online(owner, "Elif")).to_contain_text("Members")
    member.context.close()
    owner.goto("/members?q=elif")
    expect(row_of(owner, "Elif")).to_be_visible()


def test_the_chart_has_a_period_and_a_table(person: Person):
    page = person("owner")
    page.goto("/dashboard")
    expect(page.get_by_role("img", name=re.compile("People online over 24 hours: "))).to_be_visible()
    page.get_by_role("button", name="7 days").click()
    expect(page).to_have_url(re.compile(r"\?period=week$"))
    expect(page.get_by_role("img", name=re.compile("People online over 7 days: "))).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="7 days")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Show as table").click()
    expect(page.get_by_role("columnheader", name="People")).to_be_visible()


def test_the_demo_can_be_switched_off_and_reset(person: Person, server: RunningServer):
    page, other = person("owner"), person("member")
    call(page, server, "demo.set_playing", playing=False)
    other.goto("/dashboard")
    page.goto("/announcements")
    play = page.get_by_role("switch", name="Demo people")
    expect(play).not_to_be_checked()
    play.click()
    expect(other.get_by_text("Demo people play")).to_be_visible()
    play.click()
    expect(other.get_by_text("Demo people rest")).to_be_visible()
    post(page, "Only until the reset")
    page.get_by_role("button", name="Reset the demo…").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Reset").click()
    expect(main(page).get_by_role("heading", name="Only until the reset")).to_have_count(0)
    expect(main(page).get_by_role("listitem").first).to_be_visible()


def test_the_bell_has_no_accessibility_faults(person: Person, violations: Violations, screen: Screen):
    page = person("owner", **screen.options)
    page.goto("/dashboard")
    bell(page).click()
    expect(panel(page).get_by_role("listitem").first).to_be_visible()
    assert violations(page, screen.scheme) == []


def call(page: Page, server: RunningServer, mutation: str, **arguments: object) -> None:
    answer = page.request.post(f"/api/mutation/{mutation}", data=arguments, headers={"Origin": server.url})
    assert answer.ok, answer.text()


def main(page: Page) -> Locator:
    return page.get_by_role("main")


def bell(page: Page) -> Locator:
    return page.get_by_role("button", name=re.compile("^Notifications"))


def panel(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Notifications")


def unread(page: Page) -> int:
    expect(bell(page)).to_have_accessible_name(re.compile("unread$"))
    return int(re.findall(r"\d+", bell(page).get_attribute("aria-label") or "")[0])


def row_of(page: Page, name: str) -> Locator:
    return main(page).get_by_role("row").filter(has_text=name)


def online(page: Page, name: str) -> Locator:
    return main(page).get_by_role("list", name="Online now").get_by_role("listitem").filter(has_text=name)


def choose_role(page: Page, name: str, role: str) -> None:
    page.get_by_role("button", name=f"Role of {name}").click()
    page.get_by_role("menuitemradio", name=re.compile(f"^{role}")).click()


def prove(page: Page) -> None:
    """Say again who one is; what was asked for then goes on by itself."""
    asked = page.get_by_role("dialog", name="Confirm that it is you")
    asked.get_by_label("Password", exact=True).fill(PASSWORD)
    asked.get_by_role("button", name="Confirm").click()
    expect(asked).to_have_count(0)


def post(page: Page, title: str) -> None:
    page.get_by_label("Title").fill(title)
    page.get_by_label("What everybody should know").fill("Details follow.")
    page.keyboard.press("ControlOrMeta+Enter")
    expect(main(page).get_by_role("heading", name=title)).to_be_visible()
