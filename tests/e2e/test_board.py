"""A queue as it is worked and waited in: several people, several screens, none of them reloaded."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import PHONE, Person, Screen, Violations, undo
from tests.e2e.queues import do, join, open_event, walk_in
from tests.running import RunningServer

TYPED = "Repair night"


@pytest.fixture
def board(person: Person, server: RunningServer) -> tuple[Page, str]:
    """The creator's board of a new event, and the event's id."""
    page = person("creator")
    event_id = open_event(page, server, TYPED)
    return page, event_id


def row(page: Page, name: str) -> Locator:
    return page.locator("tr[data-row]").filter(has_text=name)


def lane(page: Page, number: int = 1) -> Locator:
    return page.locator(f'[data-lane="{number}"]')


def show_board(page: Page, event_id: str) -> Page:
    page.goto(f"/events/{event_id}/queue")
    expect(page.get_by_role("heading", level=1, name=TYPED)).to_be_visible()
    return page


def test_call_next_reaches_two_members_and_the_wall(person: Person, server: RunningServer, board: tuple[Page, str]):
    creator, event_id = board
    first, second, wall = person("member"), person("admin"), person(None)
    join(first, server, event_id, note="Kettle trips the fuse")
    join(second, server, event_id)
    for page in (first, second):
        page.goto(f"/events/{event_id}")
    wall.goto(f"/events/{event_id}/display")
    show_board(creator, event_id)
    pages = (creator, first, second, wall)
    expect(first.get_by_role("heading", level=1)).to_contain_text("1st")
    expect(second.get_by_role("heading", level=1)).to_contain_text("2nd")
    expect(wall.get_by_text("Elif Y.")).to_be_visible()
    for page in pages:
        page.evaluate("window.marked = true")

    creator.keyboard.press("n")

    expect(lane(creator)).to_contain_text("Elif Yıldız")
    expect(row(creator, "Elif Yıldız")).to_have_count(0)
    expect(first.get_by_role("heading", level=1)).to_contain_text("Please come to")
    expect(first).to_have_title(re.compile("You are called: Bench 1"))
    expect(second.get_by_role("heading", level=1)).to_contain_text("1st")
    expect(wall.locator("li.call")).to_contain_text("Elif Y.")
    assert all(page.evaluate("window.marked") for page in pages), "a page was reloaded"
    assert "@" not in wall.content(), "the wall tells an address"
    assert "Kettle" not in wall.content(), "the wall tells a note"


def test_two_helpers_see_each_other_and_call_nobody_twice(
    person: Person, server: RunningServer, board: tuple[Page, str]
):
    creator, event_id = board
    owner = person("owner")
    walk_in(creator, server, event_id, "Ada", "Bo", "Cy")
    do(creator, server, "events.open_station", event_id=event_id)
    show_board(creator, event_id)
    show_board(owner, event_id)
    expect(row(owner, "Ada")).to_be_visible()
    creator.keyboard.press("n")
    expect(lane(owner)).to_contain_text("Called")
    owner.keyboard.press("n")
    expect(lane(creator, 2)).to_contain_text("Called")
    expect(row(creator, "Cy").locator(".pos")).to_have_text("1")
    expect(owner.locator("tr[data-row]")).to_have_count(1)


def test_the_keys_work_a_whole_service_and_undo_it(server: RunningServer, board: tuple[Page, str]):
    page, event_id = board
    walk_in(page, server, event_id, "Ada", "Bo")
    show_board(page, event_id)
    expect(row(page, "Bo")).to_be_visible()
    page.keyboard.press("n")
    expect(lane(page)).to_contain_text("Called")
    undo(page)
    expect(lane(page).get_by_role("button", name="Call next")).to_be_visible()
    expect(row(page, "Ada")).to_have_count(1)  # and no more the one that is just leaving
    expect(row(page, "Ada").locator(".pos")).to_have_text("1")
    page.keyboard.press("n")
    expect(lane(page)).to_contain_text("Called")
    page.keyboard.press("s")
    expect(lane(page).get_by_role("button", name="Complete")).to_be_visible()
    page.keyboard.press("c")
    expect(lane(page).get_by_role("button", name="Call next")).to_be_visible()
    expect(page.locator(".stat", has_text="Served")).to_contain_text("1")
    page.keyboard.press("n")
    expect(lane(page)).to_contain_text("Called")
    page.keyboard.press("x")
    expect(page.get_by_text("Nobody is waiting", exact=False).first).to_be_visible()
    expect(page.locator(".stat", has_text="Served")).to_contain_text("1 did not show")


def test_rows_are_moved_held_and_called_with_a_reason(server: RunningServer, board: tuple[Page, str]):
    page, event_id = board
    walk_in(page, server, event_id, "Ada", "Bo", "Cy")
    show_board(page, event_id)
    expect(row(page, "Cy")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("h")
    expect(row(page, "Ada")).to_contain_text("Held")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(row(page, "Cy")).to_be_focused()
    page.keyboard.press("Shift+K")
    expect(row(page, "Cy").locator(".pos")).to_have_text("2")

    row(page, "Cy").drag_to(row(page, "Bo"), target_position={"x": 60, "y": 38})
    expect(row(page, "Cy").locator(".pos")).to_have_text("3")

    row(page, "Cy").focus()
    page.keyboard.press("Enter")
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("out of turn")
    asked.get_by_role("button", name="Call", exact=True).click()
    expect(asked.get_by_role("textbox", name="Reason")).to_have_attribute("aria-invalid", "true")
    asked.get_by_role("button", name="Short job").click()
    asked.get_by_role("button", name="Call", exact=True).click()
    expect(lane(page)).to_contain_text("Cy")


def test_a_pause_is_seen_by_who_waits_and_keys_rest_while_typing(
    person: Person, server: RunningServer, board: tuple[Page, str]
):
    page, event_id = board
    member = person("member")
    join(member, server, event_id)
    member.goto(f"/events/{event_id}")
    show_board(page, event_id)
    page.keyboard.press("p")
    asked = page.get_by_role("dialog")
    asked.get_by_label("Reason").fill("nap sxc")
    expect(lane(page)).not_to_contain_text("Called")
    asked.get_by_label("Reason").press("Enter")
    expect(page.get_by_text("The queue is paused.")).to_be_visible()
    expect(member.get_by_role("status").filter(has_text="nap sxc")).to_be_visible()
    page.keyboard.press("p")
    expect(member.get_by_role("status").filter(has_text="nap sxc")).to_have_count(0)


def test_a_member_joins_from_the_code_in_two_taps_and_leaves(
    person: Person, server: RunningServer, board: tuple[Page, str]
):
    page, event_id = board
    show_board(page, event_id)
    phone = person("member", **PHONE)
    phone.goto(f"/events/{event_id}?join=1")
    phone.get_by_role("button", name="Join the queue").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("1st")
    expect(row(page, "Elif Yıldız")).to_be_visible()

    phone.get_by_role("button", name="Hold my place").click()
    expect(row(page, "Elif Yıldız")).to_contain_text("Held")
    phone.get_by_role("button", name="One more").click()
    expect(row(page, "Elif Yıldız").locator("td").nth(2)).to_have_text("2")
    phone.get_by_label("Tell me when I am").select_option("1")
    phone.get_by_role("button", name="Leave the queue").click()
    expect(row(page, "Elif Yıldız")).to_have_count(0)
    expect(phone.get_by_role("button", name="Join the queue")).to_be_visible()


def test_an_event_is_made_published_and_cancelled(person: Person):
    page, member = person("creator"), person("member")
    page.goto("/events")
    expect(page.get_by_role("link", name="Saturday repair café").first).to_be_visible()
    page.keyboard.press("c")
    page.get_by_label("Title").fill("Lathe evening")
    page.get_by_label("Starts, day").fill("2031-03-14")
    page.get_by_label("Starts, time").fill("18:00")
    expect(page.get_by_label("Ends, day")).to_have_value("2031-03-14")
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.get_by_label("Ends, time")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Ends, time").fill("21:00")
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.get_by_role("heading", level=1, name="Lathe evening")).to_be_visible()
    expect(page.get_by_text("This is a draft.")).to_be_visible()

    member.goto("/events")
    expect(member.get_by_role("link", name="Lathe evening")).to_have_count(0)
    page.get_by_role("button", name="Publish").click()
    expect(member.get_by_role("link", name="Lathe evening")).to_be_visible()

    page.get_by_role("button", name="Organize").click()
    page.get_by_role("menuitem", name="Cancel the event…").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("The lathe is away")
    page.get_by_role("dialog").get_by_role("button", name="Cancel the event").click()
    expect(page.get_by_text("The lathe is away")).to_be_visible()
    member.goto(page.url)
    expect(member.get_by_text("This event is cancelled.")).to_be_visible()


def test_the_wall_stays_live_for_nobody_and_closes(person: Person, server: RunningServer, board: tuple[Page, str]):
    page, event_id = board
    wall = person(None)
    wall.goto(f"/events/{event_id}/display")
    expect(wall.get_by_role("heading", level=1, name=TYPED)).to_be_visible()
    walk_in(page, server, event_id, "Ada Byron")
    expect(wall.locator(".w-next")).to_contain_text("Ada B.")
    do(page, server, "events.pause_line", event_id=event_id, minutes=15)
    expect(wall.get_by_text("The queue is paused.")).to_be_visible()
    do(page, server, "events.cancel_event", event_id=event_id, reason="Flooded")
    expect(wall.get_by_text("Ada B.")).to_have_count(0)


def test_a_member_cannot_work_the_queue(person: Person, board: tuple[Page, str]):
    _, event_id = board
    member = person("member")
    member.goto(f"/events/{event_id}/queue")
    expect(member.get_by_role("heading", name="This queue is not yours to work")).to_be_visible()


def test_every_screen_is_accessible(
    person: Person,
    server: RunningServer,
    board: tuple[Page, str],
    violations: Violations,
    screen: Screen,
):
    creator, event_id = board
    walk_in(creator, server, event_id, "Ada", "Bo", "Cy")
    do(creator, server, "events.call_next", event_id=event_id)
    maker, member = person("creator", **screen.options), person("member", **screen.options)
    seen: list[tuple[Page, str]] = [
        (maker, f"/events/{event_id}/queue"),
        (maker, f"/events/{event_id}/edit"),
        (member, f"/events/{event_id}"),
    ]
    found: dict[str, list[str]] = {}
    for page, path in seen:
        page.goto(path)
        expect(page.get_by_role("heading", level=1).first).to_be_visible()
        page.wait_for_timeout(300)
        found[path] = violations(page, screen.scheme)
    join(member, server, event_id)
    expect(member.get_by_role("heading", level=1)).to_contain_text("in line")
    found["place"] = violations(member, screen.scheme)
    if not screen.options:
        wall = person(None, viewport={"width": 1920, "height": 1080})
        wall.goto(f"/events/{event_id}/display")
        expect(wall.get_by_role("heading", level=1)).to_be_visible()
        found["wall"] = violations(wall, screen.scheme)
    assert {path: what for path, what in found.items() if what} == {}
