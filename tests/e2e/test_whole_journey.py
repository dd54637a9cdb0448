"""The whole way of new people, in real browsers, with letters read on the mailbox page."""

import json
import re
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.domains.mail.resend import SECRET, event, signed
from tests.e2e.conftest import Person
from tests.e2e.test_journeys import choose_role, main, row_of
from tests.running import RunningServer, built

PASSWORD = "correct horse battery staple"
NEW = "seven purple kettles sing"
FOUNDER, GUEST = "hanna@river.example", "otto@river.example"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server for the journeys here."""
    built()
    with RunningServer(tmp_path_factory.mktemp("journey")) as running:
        yield running


def open_letter(page: Page, email: str, subject: str) -> None:
    """Follow the button of the latest such letter on the mailbox page."""
    page.goto("/mailbox")
    page.get_by_role("link", name=email).filter(has_text=subject).first.click()
    letter = page.get_by_role("article")
    expect(letter.get_by_role("heading", name=subject)).to_be_visible()
    expect(letter.get_by_text(email)).to_be_visible()
    letter.locator(".mbx-deeds a").first.click()


def fill_sign_up(page: Page, name: str, email: str | None = None) -> None:
    """The form of signing up. email: None when it stands there already."""
    expect(page.get_by_role("heading", name="Create your account")).to_be_visible()
    page.get_by_label("Your name").fill(name)
    if email is not None:
        page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", name="Check your mail")).to_be_visible()


def confirm(page: Page, email: str) -> None:
    open_letter(page, email, "Confirm your e-mail address")
    page.get_by_role("button", name="Confirm and sign in").click()


def sign_up(page: Page, name: str, email: str) -> None:
    page.goto("/sign-up")
    fill_sign_up(page, name, email)
    confirm(page, email)
    expect(page).to_have_url(re.compile("/welcome"))


def sign_in(page: Page, email: str, password: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def found(page: Page, name: str) -> None:
    page.goto("/welcome")
    page.get_by_label("Its name").fill(name)
    page.get_by_role("button", name="Start it").click()
    expect(page).to_have_url(re.compile("/dashboard"))


def invite(page: Page, email: str) -> None:
    page.goto("/members")
    page.get_by_role("button", name="Invite people").first.click()
    page.get_by_label("E-mail addresses").fill(email)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Invitation sent")).to_be_visible()
    page.goto("/members/invitations")


def prove(page: Page, password: str) -> None:
    dialog = page.get_by_role("dialog", name="Confirm that it is you")
    dialog.get_by_label("Password", exact=True).fill(password)
    dialog.get_by_role("button", name="Confirm").click()


def test_from_signing_up_to_a_member_who_comes_and_goes(person: Person, house: RunningServer):
    founder, guest = person(None, of=house), person(None, of=house)
    sign_up(founder, "Hanna Brook", FOUNDER)
    found(founder, "River Choir")
    invite(founder, GUEST)
    expect(row_of(founder, GUEST)).to_contain_text("Delivered")

    open_letter(guest, GUEST, "Hanna Brook invites you to River Choir")
    expect(guest.get_by_role("heading", name="Join River Choir")).to_be_visible()
    guest.get_by_role("link", name="Create an account").click()
    expect(guest.get_by_label("E-mail")).to_have_value(GUEST)
    fill_sign_up(guest, "Otto Weir")
    confirm(guest, GUEST)
    expect(guest.get_by_role("heading", name="Join River Choir")).to_be_visible()
    guest.get_by_role("button", name="Accept").click()
    expect(guest).to_have_url(re.compile("/dashboard"))
    expect(guest.get_by_role("button", name="River Choir").first).to_be_visible()
    expect(row_of(founder, GUEST)).to_contain_text("Accepted")

    guest.goto("/members")
    menu = guest.get_by_role("navigation", name="Members")
    expect(row_of(guest, "Hanna Brook")).to_be_visible()
    expect(menu.get_by_role("link", name=re.compile("^Invitations"))).to_have_count(0)
    guest.evaluate("window.marked = true")
    founder.goto("/members")
    choose_role(founder, "Otto Weir", "Admin")
    expect(menu.get_by_role("link", name=re.compile("^Invitations"))).to_be_visible()
    expect(guest.get_by_role("button", name="Invite people").first).to_be_visible()
    assert guest.evaluate("window.marked"), "the page was reloaded"

    founder.get_by_role("button", name="Dismiss").first.click()
    founder.get_by_role("button", name="More for Otto Weir").click()
    founder.get_by_role("menuitem", name="Remove…").click()
    asked = founder.get_by_role("alertdialog")
    asked.get_by_role("textbox").fill("Otto Weir")
    asked.get_by_role("button", name="Remove").click()
    expect(row_of(founder, "Otto Weir")).to_have_count(0)
    expect(main(guest).get_by_text("Hanna Brook")).to_have_count(0)
    expect(guest.get_by_role("heading", name="You are in no organization now")).to_be_visible()
    expect(guest.get_by_text("River Choir")).to_have_count(0)


def test_a_forgotten_password_is_chosen_anew_from_the_mailbox(person: Person, house: RunningServer):
    page = person(None, of=house)
    sign_up(page, "Rosa Lind", "rosa@river.example")
    page.context.clear_cookies()
    page.goto("/sign-in")
    page.get_by_role("link", name="Forgot password?").click()
    expect(page.get_by_role("heading", name="Choose a new password")).to_be_visible()
    page.get_by_label("E-mail").fill("rosa@river.example")
    page.get_by_role("button", name="Mail me a link").click()
    expect(page.get_by_role("heading", name="Check your mail")).to_be_visible()
    open_letter(page, "rosa@river.example", "Choose a new password")
    page.get_by_label("New password").fill(NEW)
    page.get_by_role("button", name="Save and sign in").click()
    expect(page).to_have_url(re.compile("/welcome"))

    page.context.clear_cookies()
    sign_in(page, "rosa@river.example", PASSWORD)
    expect(page).to_have_url(re.compile("/sign-in"))
    expect(page.get_by_role("alert").first).to_be_visible()
    sign_in(page, "rosa@river.example", NEW)
    expect(page).to_have_url(re.compile("/welcome"))


def test_data_is_taken_along_and_an_account_ends_and_is_kept(person: Person, house: RunningServer):
    page = person(None, of=house)
    sign_up(page, "Ines Ford", "ines@river.example")
    page.goto("/settings/data")
    with page.expect_download() as started:
        page.get_by_role("button", name="Download my data").click()
        prove(page, PASSWORD)
    archive = zipfile.ZipFile(started.value.path())
    assert archive.testzip() is None
    assert json.loads(archive.read("data.json"))["tables"]["Account"][0]["email"] == "ines@river.example"
    assert b"ines@river.example" in archive.read("account.csv")

    expect(page.get_by_role("list").filter(has_text="Your profile, picture, devices")).to_be_visible()
    page.get_by_role("button", name="Delete my account…").click()
    dialog = page.get_by_role("alertdialog", name="Delete your account")
    verb = dialog.get_by_role("button", name="Delete my account")
    dialog.get_by_role("textbox").fill(dialog.locator("b, code").last.inner_text())
    verb.click()
    prove(page, PASSWORD)
    expect(page).to_have_url(re.compile("/sign-in"))
    expect(page.get_by_role("status").filter(has_text="Your account is erased in 14 days.")).to_be_visible()

    sign_in(page, "ines@river.example", PASSWORD)
    expect(page).to_have_url(re.compile("/welcome"))
    page.goto("/settings/data")
    page.get_by_role("button", name="Keep my account").first.click()
    expect(page.get_by_role("button", name="Keep my account")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("button", name="Delete my account…")).to_be_visible()


def test_a_visitor_subscribes_and_leaves_with_one_click(person: Person, house: RunningServer):
    page = person(None, of=house)
    page.goto("/")
    page.get_by_label("E-mail").fill("vera@river.example")
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_text("Look into your mail.")).to_be_visible()
    page.goto("/mailbox")
    page.get_by_role("link", name="vera@river.example").first.click()
    page.get_by_role("article").get_by_role("link", name="Confirm subscription").click()
    page.get_by_role("button", name="Confirm subscription").click()
    expect(page.get_by_role("heading", name="You are on the list")).to_be_visible()
    page.goto("/mailbox")
    page.get_by_role("link", name="vera@river.example").first.click()
    leave = page.get_by_role("article").get_by_role("link", name="Unsubscribe")
    leave.click()
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_role("heading", name="You are off the list")).to_be_visible()


def test_an_invitation_that_comes_back_shows_on_its_row(person: Person, tmp_path: Path):
    built()
    with resend() as (url, letters):
        provider = {
            "MEMBERPULSE_RESEND_API_KEY": "re_test",
            "MEMBERPULSE_RESEND_FROM": "MemberPulse <post@river.example>",
            "MEMBERPULSE_RESEND_WEBHOOK_SECRET": SECRET,
            "MEMBERPULSE_RESEND_URL": url,
        }
        with RunningServer(tmp_path, **provider) as running:
            page = person("owner", of=running)
            invite(page, "wrong@river.example")
            row = row_of(page, "wrong@river.example")
            expect(row).to_contain_text("Sent")
            page.evaluate("window.marked = true")
            message = next(key for key, letter in letters.items() if "wrong@river.example" in str(letter["to"]))
            tell(running, event("email.delivered", f"resend-{message}", message), "msg_1")
            expect(row).to_contain_text("Delivered")
            bounce = {"bounce": {"message": "No such mailbox.", "type": "Permanent"}}
            body = event("email.bounced", f"resend-{message}", message, **bounce)
            tell(running, body, "msg_2")
            expect(row).to_contain_text("Bounced")
            expect(row).to_contain_text("No such mailbox.")
            assert page.evaluate("window.marked"), "the page was reloaded"


def tell(running: RunningServer, body: bytes, event_id: str) -> None:
    answer = httpx.post(f"{running.url}/webhooks/resend", content=body, headers=signed(body, event_id))
    assert answer.is_success, answer.text


@contextmanager
def resend() -> Iterator[tuple[str, dict[str, Any]]]:
    """A process-local Resend: its address, and the letters it took by idempotency key."""
    letters: dict[str, Any] = {}

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            key = self.headers["idempotency-key"]
            letters[key] = json.loads(self.rfile.read(int(self.headers["content-length"])))
            answer = json.dumps({"id": f"resend-{key}"}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", letters
    finally:
        server.shutdown()
        server.server_close()
