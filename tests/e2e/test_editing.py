"""What becomes of what somebody writes: while others write the same, while the link is down, and under the keyboard."""

import json
import re
import signal
from collections.abc import Callable

from playwright.sync_api import Page, WebSocketRoute, expect

from tests.e2e.conftest import Person
from tests.running import RunningServer

FAIL = """() => {
    Intl.DateTimeFormat = class { constructor() { throw new Error("no clocks"); } };
    const time = document.querySelector("[aria-label='Starts, time']");
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(time, "11:00");
    time.dispatchEvent(new Event("input", { bubbles: true }));
}"""
"""What draws a moment throws, the next time that it is drawn."""


def post_to_nobody(page: Page, server: RunningServer, title: str) -> None:
    """Post an announcement while the server is away; it is said that it waits."""
    page.goto("/announcements")
    page.get_by_label("Title").fill(title)
    page.get_by_label("What everybody should know").fill("Come at ten.")
    server.stop(signal.SIGKILL)
    page.get_by_role("button", name="Post").click()
    expect(page.get_by_text("keep this page open")).to_be_visible()


def test_a_year_that_is_being_typed_breaks_nothing(person: Person):
    page = person("owner")
    page.goto("/events/new")
    page.get_by_label("Starts, time").fill("10:00")
    page.get_by_label("Starts, day").fill("0002-03-14")
    expect(page.get_by_label("Starts, day")).to_have_value("0002-03-14")
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.get_by_text("Give a day and a time.").first).to_be_visible()
    expect(page.get_by_label("Starts, day")).to_have_value("0002-03-14")


def test_a_page_that_fails_says_so_calmly(person: Person):
    page = person("owner")
    page.goto("/events/new")
    page.get_by_label("Starts, time").fill("10:00")
    page.get_by_label("Starts, day").fill("2027-03-14")
    page.evaluate(FAIL)
    expect(page.get_by_role("heading", name="This page has failed")).to_be_visible()
    page.get_by_role("button", name="Load the page again").click()
    expect(page.get_by_role("heading", name="New event")).to_be_visible()


def test_who_saves_second_is_told_and_takes_nothing_back(person: Person, fresh_server: RunningServer):
    first, second = person("owner", fresh_server), person("admin", fresh_server)
    first.goto("/events")
    first.get_by_role("link", name="Saturday repair café").first.click()
    expect(first).to_have_url(re.compile("/events/.+"))
    for page in (first, second):
        page.goto(first.url.split("?")[0].rstrip("/").removesuffix("/edit") + "/edit")
        expect(page.get_by_label("Place")).to_be_visible()
    first.get_by_label("Place").fill("Hall A")
    first.get_by_role("button", name="Save").click()
    expect(first.get_by_role("heading", name="Saturday repair café")).to_be_visible()
    expect(second.get_by_text("Somebody else has changed this event.")).to_be_visible()
    second.get_by_label("Title").fill("Sunday repair café")
    second.get_by_role("button", name="Save").click()
    expect(second.get_by_text("It is 'Hall A' now.")).to_be_visible()
    second.get_by_role("button", name="Load it").click()
    expect(second.get_by_label("Place")).to_have_value("Hall A")
    expect(second.get_by_label("Title")).to_have_value("Saturday repair café")


def test_a_way_waits_for_the_server_and_nothing_written_is_lost(person: Person, fresh_server: RunningServer):
    page = person("owner", fresh_server)
    post_to_nobody(page, fresh_server, "Written on a train")
    page.get_by_role("link", name="Payments").first.click()
    expect(page.get_by_text("The page that you chose opens")).to_be_visible()
    expect(page).to_have_url(re.compile("/announcements"))
    fresh_server.start()
    expect(page.get_by_role("heading", name="Payments", level=1)).to_be_visible()
    page.get_by_role("link", name="Announcements").first.click()
    expect(page.get_by_role("list", name="Announcements").get_by_text("Written on a train")).to_have_count(1)


def test_what_is_typed_while_the_last_is_on_its_way_stays(person: Person, fresh_server: RunningServer):
    page = person("owner", fresh_server)
    post_to_nobody(page, fresh_server, "The first")
    page.get_by_label("Title").fill("The second, half")
    page.keyboard.press("Control+Enter")
    fresh_server.start()
    expect(page.get_by_role("list", name="Announcements").get_by_text("The first")).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("The second, half")
    expect(page.get_by_role("list", name="Announcements").get_by_text("The second, half")).to_have_count(0)


def test_a_refusal_that_comes_after_its_form_was_closed_is_said(person: Person):
    page, held = person("owner"), list[Callable[[], None]]()

    def link(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            is_deed = json.loads(message)["t"] == "run"
            held.append(lambda: server.send(message)) if is_deed else server.send(message)

        socket.on_message(pass_on)

    page.route_web_socket(re.compile("/live"), link)
    page.goto("/records")
    page.get_by_role("button", name="New record").first.click()
    form = page.get_by_role("dialog", name="New record")
    form.get_by_label("Title").fill(" ")
    form.get_by_role("button", name="Add record").click()
    expect(form.get_by_role("button", name="Add record")).to_be_disabled()
    page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    held[-1]()
    expect(page.get_by_role("alert")).to_contain_text("The record was not saved. Give it a title.")


def test_focus_stays_where_the_keyboard_left_it(person: Person):
    page = person("owner")
    page.goto("/members")
    at = page.get_by_role("link", name="Directory").first
    at.focus()
    page.keyboard.press("Control+k")
    expect(page.get_by_placeholder("Search or jump to…")).to_be_focused()
    page.keyboard.press("Escape")
    expect(at).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_focused()
    page.keyboard.press("Space")
    assert page.evaluate("document.documentElement.dataset.keys") == "on"
    page.keyboard.press("Escape")
    page.goto("/events")
    page.get_by_role("link", name="Saturday repair café").first.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.keyboard.press("q")
    expect(page).to_have_url(re.compile("/queue"))


def test_a_row_that_is_decided_on_hands_the_focus_on(person: Person, fresh_server: RunningServer):
    page = person("admin", fresh_server)
    page.goto("/approvals")
    page.get_by_role("button", name=re.compile("^Approve ")).first.press("Enter")
    expect(page.locator("[data-row]:focus, [data-row] :focus")).to_have_count(1)
    page.wait_for_timeout(1500)
    assert page.evaluate("document.activeElement !== document.body")


def test_an_address_that_names_nothing_says_so(person: Person):
    page = person("owner")
    for path in ("/events/zzz", "/payments/zzz", "/receipts/zzz", "/members/person?id=zzz"):
        page.goto(path)
        expect(
            page.get_by_text(re.compile("There is nothing at this address|not a member|no such event")).first
        ).to_be_visible()
        expect(page.get_by_role("button", name="Try now")).to_have_count(0)
