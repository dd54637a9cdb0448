"""The inbox in a browser: by keyboard, in two windows, snoozed and back; and a push with the tab closed."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PHONE, Person, Violations, undo
from tests.push_service import PushService
from tests.running import RunningServer, built


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server for the journeys here."""
    built()
    with RunningServer(tmp_path_factory.mktemp("inbox"), MEMBERPULSE_PUSH_PRIVATE="1") as running:
        yield running


def call(server: RunningServer, person: str, name: str, kind: str = "mutation", **arguments: Any) -> Any:
    headers = {"Cookie": server.sign_in(person), "Origin": server.url}
    answer = httpx.post(f"{server.url}/api/{kind}/{name}", json=arguments, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def rows(page: Page) -> Any:
    return page.locator(".inbox > [data-row]")


def test_two_windows_show_the_same_while_one_works_through_it_by_keyboard(person: Person, house: RunningServer):
    here, there = person("creator", of=house), person("creator", of=house)
    for page in (here, there):
        page.goto("/notifications")
        expect(rows(page).first).to_be_visible()
    there.evaluate("window.marked = true")
    first = rows(here).first.locator(".notice").inner_text()
    count = rows(here).count()
    here.keyboard.press("j")
    here.keyboard.press("e")
    for page in (here, there):
        expect(rows(page)).to_have_count(count - 1)
        expect(page.locator(".inbox")).not_to_contain_text(first)
    expect(rows(here).first).to_be_focused()
    undo(here)
    for page in (here, there):
        expect(rows(page)).to_have_count(count)
    here.keyboard.press("x")
    here.keyboard.press("j")
    here.keyboard.press("x")
    expect(here.get_by_role("toolbar", name="What to do with the selected")).to_contain_text("2 selected")
    here.keyboard.press("e")
    expect(rows(there)).to_have_count(count - 2)
    expect(here.get_by_role("toolbar", name="What to do with the selected")).to_have_count(0)
    here.get_by_role("button", name="Undo").click()
    expect(rows(there)).to_have_count(count)
    assert there.evaluate("window.marked") is True, "nothing was loaded anew"


def test_what_is_snoozed_goes_and_comes_back_by_itself(person: Person, house: RunningServer):
    page, other = person("member", of=house), person("member", of=house)
    for each in (page, other):
        each.goto("/notifications")
    before = rows(page).count() if rows(page).first.is_visible() else 0
    expect(rows(page).first).to_be_visible()
    before = rows(page).count()
    title = rows(page).nth(1).locator(".notice").inner_text()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("s")
    page.get_by_role("menuitem", name="Tomorrow morning").click()
    expect(rows(other)).to_have_count(before - 1)
    page.get_by_role("button", name="Snoozed", exact=True).click()
    away = rows(page).filter(has_text=title)
    expect(away).to_contain_text("Back")
    undo(page)
    expect(rows(other)).to_have_count(before)

    listed = call(house, "member", "notifications.list_inbox", "query")["rows"]
    chosen = next(row for row in listed if row["title"] == title)
    soon = datetime.now(UTC) + timedelta(seconds=5)
    zone = call(house, "member", "accounts.get_my_profile", "query")["time_zone"]
    assert zone == "Europe/London"
    from zoneinfo import ZoneInfo

    at = soon.astimezone(ZoneInfo(zone)).replace(tzinfo=None, microsecond=0).isoformat()
    call(house, "member", "notifications.snooze_notices", notification_ids=[chosen["id"]], when="chosen", chosen=at)
    expect(other.locator(".inbox")).not_to_contain_text(title)
    expect(rows(other).first).to_contain_text(title)
    expect(rows(other).first).to_contain_text("Was snoozed")


def test_it_says_why_and_mutes_from_the_row(person: Person, house: RunningServer):
    page = person("admin", of=house)
    page.goto("/notifications?type=announcement")
    row = rows(page).first
    row.hover()
    row.get_by_role("button", name="More for").click()
    page.get_by_role("menuitem", name="Why did I get this?").click()
    dialog = page.get_by_role("dialog", name="Why you got this")
    expect(dialog).to_contain_text("because you are a member of Fernhill Tool Library")
    dialog.get_by_role("button", name="Mute this type").click()
    expect(page.get_by_text("Announcements: muted")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    page.goto("/settings/notifications")
    expect(page.get_by_role("switch", name="In the app: Announcements")).to_be_checked()


def test_quiet_hours_and_a_digest_are_chosen_and_seen_in_the_bell(person: Person, house: RunningServer):
    page = person("admin", of=house)
    page.goto("/settings/notifications")
    page.get_by_role("switch", name="Let letters and push wait").click()
    page.get_by_label("From", exact=True).fill("00:00")
    page.get_by_label("Until", exact=True).fill("23:59")
    page.get_by_role("button", name="Save times").click()
    expect(page.get_by_text("It is quiet until 23:59.")).to_be_visible()
    page.get_by_role("button", name="Weekly").click()
    page.get_by_label("On", exact=True).select_option("Friday")
    page.get_by_label("At", exact=True).fill("16:30")
    page.get_by_role("button", name="Save time", exact=True).click()
    expect(page.get_by_text("Digest saved")).to_be_visible()
    page.get_by_role("button", name="Notifications").first.click()
    expect(page.get_by_text("Quiet until 23:59", exact=True)).to_be_visible()
    found = call(house, "admin", "notifications.get_my_rhythm", "query")
    assert (found["letters"], found["digest_at"], found["digest_weekday"]) == ("weekly", "16:30", 4)


def test_a_push_reaches_the_browser_s_push_service_and_no_other(person: Person, house: RunningServer):
    page = person("member", of=house)
    page.goto("/settings/notifications")
    with PushService() as service:
        browser = service.subscribe()
        add = """async (given) => (await fetch("/api/mutation/notifications.add_device", {
            method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(given) })).status"""
        assert page.evaluate(add, browser.subscription) == 200
        listed = page.get_by_role("list", name="Browsers that are told").get_by_role("listitem")
        expect(listed).to_contain_text("Nothing told yet")
        call(house, "creator", "announcements.post_announcement", title="Kiln is hot", body="Come by ten.")
        until = time.monotonic() + 30
        while not service.received and time.monotonic() < until:
            time.sleep(0.05)
        assert service.told() == ["Kiln is hot"]
        expect(listed).to_contain_text("Last told")
        listed.get_by_role("button", name="Remove").click()
        expect(listed).to_have_count(0)


def test_a_push_is_shown_with_the_tab_closed_and_a_click_leads_to_it(
    person: Person, house: RunningServer, whole_browser: Browser
):
    page = person("member", of=house, at=whole_browser)
    context = page.context
    context.grant_permissions(["notifications"], origin=house.url)
    page.goto("/dashboard")
    page.evaluate("navigator.serviceWorker.register('/push-worker.js', { scope: '/' })")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    devtools = context.new_cdp_session(page)
    registrations: list[dict[str, Any]] = []
    devtools.on("ServiceWorker.workerRegistrationUpdated", lambda event: registrations.extend(event["registrations"]))
    devtools.send("ServiceWorker.enable")
    page.wait_for_timeout(300)
    (registration_id,) = {each["registrationId"] for each in registrations if each["scopeURL"] == f"{house.url}/"}
    page.goto("about:blank")

    unread = call(house, "member", "notifications.list_unread", "query")["rows"][0]
    told = {
        "id": "1",
        "tag": unread["thread"],
        "title": unread["title"],
        "body": "Told with the tab closed",
        "link": "/announcements",
        "notification": unread["id"],
    }
    push = {"origin": house.url, "registrationId": registration_id, "data": json.dumps(told)}
    devtools.send("ServiceWorker.deliverPushMessage", push)
    (worker,) = context.service_workers
    shown = "() => self.registration.getNotifications().then((all) => all.map((one) => [one.title, one.body]))"
    until = time.monotonic() + 30
    while not worker.evaluate(shown) and time.monotonic() < until:
        page.wait_for_timeout(50)
    assert worker.evaluate(shown) == [[unread["title"], "Told with the tab closed"]]
    devtools.send("ServiceWorker.deliverPushMessage", push)
    page.wait_for_timeout(300)
    assert len(worker.evaluate(shown)) == 1, "the same told twice is seen once"

    page.goto("/dashboard")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    worker.evaluate("(data) => open(data)", {"link": told["link"], "notification": told["notification"]})
    page.wait_for_url("**/announcements")
    left = call(house, "member", "notifications.list_unread", "query")["rows"]
    assert unread["id"] not in [row["id"] for row in left], "the click has read it"


def test_inbox_and_choices_are_accessible(person: Person, house: RunningServer, violations: Violations):
    page = person("owner", of=house)
    faults: dict[str, list[str]] = {}
    for path in (
        "/notifications",
        "/notifications?view=snoozed",
        "/notifications?q=nothing-like-it",
        "/settings/notifications",
    ):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.wait_for_load_state("networkidle")
        if found := violations(page):
            faults[path] = found
    page.goto("/notifications")
    rows(page).first.focus()
    page.keyboard.press("x")
    expect(page.get_by_role("toolbar", name="What to do with the selected")).to_be_visible()
    if found := violations(page):
        faults["selected"] = found
    assert faults == {}


def test_on_a_phone_everything_is_within_reach(person: Person, house: RunningServer):
    page = person("owner", of=house, **PHONE)
    page.goto("/notifications")
    expect(rows(page).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    rows(page).first.get_by_role("button", name="More for").click()
    expect(page.get_by_role("menuitem", name="Archive")).to_be_visible()
