"""What becomes of open pages when the link, the server or the session ends."""

import json
import re
import signal
import time
from typing import Any

from playwright.sync_api import Page, WebSocketRoute, expect

from tests.e2e.conftest import Person
from tests.running import RunningServer

COUNT_SOCKETS = """
    window.sockets = [];
    const Native = WebSocket;
    window.WebSocket = class extends Native {
        constructor(...given) { super(...given); if (String(given[0]).includes("/live")) window.sockets.push(this); }
    };
"""


def live(page: Page) -> None:
    """Wait until the page says that it is live."""
    expect(page.get_by_text(re.compile(r"^Live, \d+ ms"))).to_be_visible()


def test_a_page_says_that_it_is_live_over_one_socket(person: Person):
    page = person("owner")
    page.add_init_script(COUNT_SOCKETS)
    page.goto("/dashboard")
    live(page)
    page.get_by_role("link", name="Members").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("window.sockets.length") == 1


def test_what_is_too_large_to_send_is_said_and_the_page_stays_live(person: Person):
    page = person("creator")
    page.add_init_script(COUNT_SOCKETS)
    page.goto("/announcements")
    live(page)
    page.get_by_label("Title").fill("Everything I know")
    page.get_by_label("What everybody should know").fill("é" * 40_000)
    page.get_by_role("button", name="Post").click()
    expect(page.get_by_text("This is too much at once.")).to_be_visible()
    live(page)
    assert page.evaluate("window.sockets.length") == 1


def test_pages_converge_after_the_server_was_killed(person: Person, fresh_server: RunningServer):
    page = person("owner", fresh_server)
    page.goto("/announcements")
    live(page)
    page.evaluate("window.marked = true")
    fresh_server.restart(signal.SIGKILL)
    announce(fresh_server, "Posted after the crash")
    expect(page.get_by_text("Posted after the crash").first).to_be_visible()
    live(page)
    assert page.evaluate("window.marked"), "the page was reloaded"


def test_a_deed_done_while_the_server_was_away_happens_once(person: Person, fresh_server: RunningServer):
    page = person("owner", fresh_server)
    page.goto("/announcements")
    live(page)
    expect(page.get_by_label("Title")).to_be_visible()
    fresh_server.stop(signal.SIGKILL)
    post_on_page(page, "Written in the dark")
    fresh_server.start()
    live(page)
    expect(page.get_by_text("Written in the dark").first).to_be_visible()
    page.reload()
    expect(page.get_by_role("main").get_by_role("heading", name="Written in the dark")).to_have_count(1)


def test_more_deeds_than_go_on_at_once_all_happen_when_the_server_is_back(person: Person, fresh_server: RunningServer):
    page = person("owner", fresh_server)
    page.goto("/settings/notifications")
    live(page)
    switches = page.get_by_role("table", name="Notifications").get_by_role("switch")
    expect(switches.first).to_be_visible()
    before: list[bool] = switches.evaluate_all("all => all.map((each) => each.checked)")
    assert len(before) > 24
    fresh_server.stop(signal.SIGKILL)
    switches.evaluate_all("all => all.slice(0, 24).forEach((each) => each.click())")
    fresh_server.start()
    for number, was_on in enumerate(before):
        expect(switches.nth(number)).to_be_checked(checked=was_on == (number >= 24))
    expect(page.get_by_text("Too many requests")).to_have_count(0)


def test_sign_out_in_one_tab_ends_the_other(person: Person):
    page = person("member")
    page.goto("/dashboard")
    live(page)
    other = page.context.new_page()
    other.goto("/members")
    live(other)
    response = page.context.request.post("/auth/sign-out", headers={"Origin": origin_of(page)}, max_redirects=0)
    assert response.status == 303
    expect(other).to_have_url(re.compile("/sign-in"))
    expect(page).to_have_url(re.compile("/sign-in"))


def test_a_dead_link_shows_and_heals(person: Person):
    page = person("owner")
    is_up, opened = [True], list[WebSocketRoute]()

    def link(socket: WebSocketRoute) -> None:
        if is_up[0]:
            socket.connect_to_server()
            opened.append(socket)
        else:
            socket.close()

    page.route_web_socket(re.compile("/live"), link)
    page.goto("/dashboard")
    live(page)
    is_up[0] = False
    opened[-1].close()
    expect(page.get_by_text("Reconnecting").first).to_be_visible()
    is_up[0] = True
    live(page)


def test_without_sockets_the_page_asks_over_http(person: Person):
    page = person("owner")
    page.route_web_socket(re.compile("/live"), lambda socket: socket.close())
    page.goto("/members")
    expect(page.get_by_text("Amara Okafor").first).to_be_visible()


def test_what_was_asked_for_too_often_comes_when_the_server_said(person: Person):
    page = person("owner")
    asked_at = list[float]()
    too_many = {"code": "too_many", "status": 429, "message": "Too many requests. Try again in 2 s.", "retry_after": 2}

    def link(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            frame = json.loads(message)
            if frame.get("fn") == "announcements.list_announcements":
                asked_at.append(time.monotonic())
                if len(asked_at) == 1:
                    socket.send(json.dumps({"t": "gone", "id": frame["id"], "error": too_many}))
                    return
            server.send(message)

        socket.on_message(pass_on)

    page.route_web_socket(re.compile("/live"), link)
    page.goto("/announcements")
    expect(page.get_by_text("Too many requests").first).to_be_visible()
    expect(page.get_by_role("list", name="Announcements")).to_be_visible()
    assert asked_at[1] - asked_at[0] >= 2


def announce(server: RunningServer, title: str) -> dict[str, Any]:
    """Post as the demo's creator, over HTTP."""
    import httpx

    headers = {"Cookie": server.sign_in("creator"), "Origin": server.url}
    arguments = {"title": title, "body": "Said by a test."}
    response = httpx.post(f"{server.url}/api/mutation/announcements.post_announcement", json=arguments, headers=headers)
    assert response.status_code == 200, response.text
    posted: dict[str, Any] = json.loads(response.text)
    return posted


def post_on_page(page: Page, title: str) -> None:
    page.get_by_label("Title").fill(title)
    page.get_by_role("main").locator("textarea").fill("Said by a test.")
    page.get_by_role("button", name=re.compile("^Post")).click()


def origin_of(page: Page) -> str:
    origin: str = page.evaluate("window.location.origin")
    return origin


def test_a_tab_of_an_older_build_reloads_once_nothing_is_being_written(person: Person, fresh_server: RunningServer):
    page = person("owner", fresh_server)
    page.goto("/announcements")
    live(page)
    page.evaluate("window.marked = true")
    page.get_by_label("Title").fill("Half a thought")
    fresh_server.restart(MEMBERPULSE_BUILD="a newer one")
    live(page)
    assert page.evaluate("window.marked"), "the page was reloaded under what is being written"
    page.get_by_label("Title").blur()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_function("!window.marked")
    live(page)
