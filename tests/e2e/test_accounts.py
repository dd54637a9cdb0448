"""Signing up and links, in real browsers, with letters read from the server's own mail."""

import re
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from memberpulse.domains.mail.delivery import open_letter
from tests.e2e.conftest import PHONE, Person, Violations
from tests.running import RunningServer

PASSWORD = "correct horse battery staple"
NEW = "seven purple kettles sing"
STATES = {
    "sign-in": "/sign-in",
    "wrong": "/sign-in?error=wrong&email=nina%40post.example",
    "too many": "/sign-in?error=too_many&retry_after=90&email=nina%40post.example",
    "sign-up": "/sign-up",
    "sign-up refused": "/sign-up?name_error=missing&email_error=invalid&password_error=yours&email=nina",
    "check mail": "/check-mail?for=sign-up&email=nina%40post.example",
    "check mail for a reset": "/check-mail?for=reset&email=nina%40post.example",
    "forgot": "/forgot-password",
    "e-mail link": "/email-link?email_error=invalid&email=nina",
    "verify": "/verify?token=x&ask=password",
    "verify over": "/verify?error=used&email=nina%40post.example",
    "reset over": "/reset-password?error=used",
    "magic over": "/magic-link?error=used",
    "address changed": "/confirm-email?done=1",
}


@pytest.fixture
def letter_link(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """`letter_link("nina@post.example")` is the path of the link in the latest letter to that address."""
    folder = Path(server.log).parent
    monkeypatch.setattr("memberpulse.sealing._secret", lambda: (folder / "secret").read_text().strip())

    def find(email: str) -> str:
        until = time.monotonic() + 30
        while not (sealed := _latest(folder / "memberpulse.db", email)):
            assert time.monotonic() < until, f"no letter to {email}"
            time.sleep(0.05)
        button = open_letter(sealed).button
        assert button is not None
        parts = urlsplit(button[1])
        return f"{parts.path}?{parts.query}"

    return find


def _latest(file: Path, email: str) -> str | None:
    with closing(sqlite3.connect(file)) as opened:
        found = opened.execute(
            "SELECT sealed_letter FROM mail_message WHERE to_email = ? AND sealed_letter IS NOT NULL"
            " ORDER BY id DESC LIMIT 1",
            [email],
        ).fetchone()
    return found[0] if found else None


def sign_up(page: Page, email: str) -> None:
    page.goto("/sign-in")
    page.get_by_role("link", name="Create an account").click()
    expect(page.get_by_role("heading", name="Create your account")).to_be_visible()
    page.get_by_label("Your name").fill("Nina Roth")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", name="Check your mail")).to_be_visible()
    expect(page.get_by_text(email)).to_be_visible()


def signed_in(page: Page) -> bool:
    cookies = {each["name"] for each in page.context.cookies()}
    return "memberpulse" in cookies


def test_somebody_signs_up_and_confirms_the_address(person: Person, letter_link: Callable[[str], str]):
    page = person(None)
    sign_up(page, "nina@post.example")
    assert not signed_in(page)
    page.goto(letter_link("nina@post.example"))
    expect(page.get_by_text("nina@post.example")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="Confirm and sign in").click()
    expect(page).to_have_url(re.compile("/welcome"))
    assert signed_in(page)


def test_in_another_browser_the_password_is_chosen_again(person: Person, letter_link: Callable[[str], str]):
    page, other = person(None), person(None, **PHONE)
    sign_up(page, "noah@post.example")
    other.goto(letter_link("noah@post.example"))
    other.get_by_role("button", name="Confirm and sign in").click()
    expect(other.get_by_text("You are in another browser")).to_be_visible()
    other.get_by_label("Password", exact=True).fill("noah@post.example")
    other.get_by_role("button", name="Confirm and sign in").click()
    expect(other.get_by_text("Your name and your address are tried first")).to_be_visible()
    expect(other.get_by_label("Password", exact=True)).to_be_focused()
    other.get_by_label("Password", exact=True).fill(NEW)
    other.get_by_role("button", name="Confirm and sign in").click()
    expect(other).to_have_url(re.compile("/welcome"))


def test_a_new_password_ends_the_other_device_and_a_link_signs_in(person: Person, letter_link: Callable[[str], str]):
    device, page = person("creator"), person(None)
    device.goto("/dashboard")
    expect(device.get_by_text(re.compile(r"^Live, \d+ ms"))).to_be_visible()
    page.goto("/sign-in")
    page.get_by_role("link", name="Forgot password?").click()
    expect(page.get_by_role("heading", name="Choose a new password")).to_be_visible()
    page.get_by_label("E-mail").fill("kofi@fernhill.example")
    page.get_by_role("button", name="Mail me a link").click()
    expect(page.get_by_role("heading", name="Check your mail")).to_be_visible()
    link = letter_link("kofi@fernhill.example")
    page.goto(link)
    page.get_by_label("New password").fill(NEW)
    page.get_by_role("button", name="Save and sign in").click()
    expect(page).to_have_url(re.compile("/dashboard"))
    expect(device).to_have_url(re.compile("/sign-in"))
    device.goto(link)
    expect(device.get_by_role("heading", name="This link is used up")).to_be_visible()

    device.goto("/sign-in")
    device.get_by_role("link", name="E-mail me a link").click()
    expect(device.get_by_role("heading", name="Sign in without a password")).to_be_visible()
    device.get_by_label("E-mail").fill("kofi@fernhill.example")
    device.get_by_role("button", name="Mail me a link").click()
    expect(device.get_by_role("heading", name="Check your mail")).to_be_visible()
    device.goto(_wait_for(letter_link, "kofi@fernhill.example", "/magic-link"))
    device.get_by_role("button", name="Sign in").click()
    expect(device).to_have_url(re.compile("/dashboard"))


def _wait_for(find: Callable[[str], str], email: str, path: str) -> str:
    until = time.monotonic() + 30
    while not (link := find(email)).startswith(path):
        assert time.monotonic() < until, f"no letter with {path}"
        time.sleep(0.05)
    return link


def test_what_is_wrong_stands_beside_its_field_and_the_rest_is_kept(person: Person):
    page = person(None)
    page.goto("/sign-up")
    page.get_by_label("Your name").fill("Nina Roth")
    page.get_by_label("E-mail").fill("nina")
    page.get_by_label("Password", exact=True).fill("nina roth 1")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_label("E-mail")).to_have_value("nina")
    expect(page.get_by_label("Your name")).to_have_value("Nina Roth")
    expect(page.get_by_label("Password", exact=True)).to_have_value("")
    expect(page.get_by_label("E-mail")).to_have_accessible_description(re.compile("not an e-mail address"))
    expect(page.get_by_label("E-mail")).to_be_focused()


def test_every_state_is_accessible(person: Person, violations: Violations):
    page = person(None)
    found = {}
    for name, path in STATES.items():
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        if faults := violations(page):
            found[name] = faults
    assert not found
