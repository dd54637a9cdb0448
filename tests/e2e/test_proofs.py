"""Stronger proofs, as a person gives them: by app, by code, by passkey, and with an account elsewhere."""

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import CDPSession, Page, expect

from memberpulse import sealing
from memberpulse.demo.people import SIGN_INS
from memberpulse.settings import get_settings
from tests.e2e.conftest import PHONE, Person, Violations
from tests.oidc_provider import CLIENT, SECRET, OidcProvider
from tests.running import RunningServer, built


@pytest.fixture(scope="module")
def provider() -> Iterator[OidcProvider]:
    with OidcProvider() as running:
        yield running


@pytest.fixture
def house(tmp_path: Path, provider: OidcProvider, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningServer]:
    """A server of its own, with a provider."""
    built()
    elsewhere = {"AUTH_DOMAIN": provider.issuer, "AUTH_CLIENT_ID": CLIENT, "AUTH_CLIENT_SECRET": SECRET}
    monkeypatch.setenv("MEMBERPULSE_DATA", str(tmp_path))
    get_settings.cache_clear()
    with RunningServer(tmp_path, **elsewhere) as running:
        yield running
    get_settings.cache_clear()


@pytest.fixture
def page(person: Person, house: RunningServer) -> Page:
    """A member of the demo, on the security settings, in a browser that can make passkeys."""
    opened = person("member", of=house)
    with_passkeys(opened)
    opened.goto("/settings/security")
    return opened


def with_passkeys(page: Page) -> CDPSession:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session


def mailed_code(folder: Path) -> str:
    with sqlite3.connect(folder / "memberpulse.db") as file:
        newest = "SELECT sealed_letter FROM mail_message WHERE kind = 'step_up_code' ORDER BY id DESC LIMIT 1"
        (sealed,) = file.execute(newest).fetchone()
    return str(json.loads(sealing.unseal(sealed, "mail"))["code"])


def by_mail(page: Page, folder: Path) -> None:
    """Confirm by a mailed code what the page asks for."""
    asked = page.get_by_role("dialog")
    asked.get_by_role("button", name="A code by e-mail").click()
    asked.get_by_role("button", name="Send the code").click()
    field = asked.get_by_label("Code from the letter")
    expect(field).to_be_focused()
    field.fill(mailed_code(folder))
    page.keyboard.press("Enter")
    expect(asked).to_have_count(0)


def with_app(page: Page, folder: Path) -> tuple[pyotp.TOTP, list[str]]:
    """Set up an authenticator app; the app, and the recovery codes that came with it."""
    page.get_by_role("button", name="Set up").click()
    by_mail(page, folder)
    app = pyotp.TOTP(page.locator(".typed-key").inner_text().replace(" ", ""))
    page.get_by_label("Code from the app").fill(app.now())
    page.get_by_role("button", name="Turn on").click()
    shown = page.get_by_role("list", name="New recovery codes").get_by_role("listitem")
    expect(shown).to_have_count(10)
    codes = shown.all_inner_texts()
    page.get_by_role("button", name="I have kept them").click()
    expect(shown).to_have_count(0)
    return app, codes


def out(page: Page) -> None:
    page.goto("about:blank")  # an open page would notice, and go to the sign-in page by itself
    page.context.clear_cookies()
    page.goto("/sign-in")


def in_by_password(page: Page) -> None:
    member = next(each for each in SIGN_INS if each.key == "member")
    page.get_by_label("E-mail", exact=True).fill(member.email)
    page.get_by_label("Password", exact=True).fill(member.password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_wrong_code_is_said_beside_the_field_and_escape_leaves_things_as_they_were(
    page: Page, violations: Violations, tmp_path: Path
) -> None:
    button = page.get_by_role("button", name="Set up")
    button.click()
    asked = page.get_by_role("dialog", name="Confirm that it is you")
    expect(asked).to_contain_text("Needed to turn the authenticator app on or off")
    expect(asked.get_by_label("Password", exact=True)).to_be_focused()
    assert violations(page) == []
    asked.get_by_label("Password", exact=True).fill("not the password")
    page.keyboard.press("Enter")
    expect(asked.get_by_label("Password", exact=True)).to_have_accessible_description("This is not your password.")
    page.keyboard.press("Escape")
    expect(asked).to_have_count(0)
    expect(button).to_be_enabled()
    expect(button).to_be_focused()
    expect(page.locator(".qr")).to_have_count(0)


def test_an_app_is_set_up_by_its_code_after_a_mailed_one(page: Page, violations: Violations, tmp_path: Path) -> None:
    page.get_by_role("button", name="Set up").click()
    by_mail(page, tmp_path)
    expect(page.get_by_role("img", name="QR code for the authenticator app")).to_be_visible()
    assert violations(page) == []
    app = pyotp.TOTP(page.locator(".typed-key").inner_text().replace(" ", ""))
    page.get_by_label("Code from the app").fill("000000")
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_label("Code from the app")).to_have_accessible_description(re.compile("not the code"))
    page.get_by_label("Code from the app").fill(app.now())
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("list", name="New recovery codes").get_by_role("listitem")).to_have_count(10)
    assert violations(page) == []


def test_the_second_step_takes_a_code_and_a_recovery_code_once(
    page: Page, violations: Violations, tmp_path: Path
) -> None:
    _, codes = with_app(page, tmp_path)
    out(page)
    in_by_password(page)
    expect(page).to_have_url(re.compile("/sign-in/code"))
    expect(page.get_by_text("You are signing in as")).to_be_visible()
    assert violations(page) == []
    page.get_by_label("Code from your authenticator app").fill("000000")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert").filter(has_text="not right")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Use a recovery code instead").click()
    page.get_by_label("Recovery code").fill(codes[0])
    page.get_by_role("button", name="Go on").click()
    expect(page).to_have_url(re.compile("/dashboard"))

    out(page)
    in_by_password(page)
    page.get_by_role("button", name="Use a recovery code instead").click()
    page.get_by_label("Recovery code").fill(codes[0])
    page.get_by_role("button", name="Go on").click()
    expect(page).to_have_url(re.compile("error=wrong"))


def test_a_passkey_is_made_signs_in_and_confirms(page: Page, violations: Violations, tmp_path: Path) -> None:
    page.get_by_role("button", name="Add a passkey").click()
    by_mail(page, tmp_path)
    keys = page.get_by_role("list", name="Your passkeys").get_by_role("listitem")
    expect(keys).to_have_count(1)
    page.get_by_role("button", name=re.compile("^Rename")).click()
    page.get_by_label("Name", exact=True).fill("The blue laptop")
    page.keyboard.press("Enter")
    expect(keys).to_contain_text("The blue laptop")
    assert violations(page) == []

    out(page)
    assert violations(page) == []
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(re.compile("/dashboard"))

    page.goto("/settings/security")
    expect(keys).to_contain_text("Used")
    page.get_by_role("button", name="Remove The blue laptop").click()
    page.get_by_role("dialog").get_by_role("button", name="Use a passkey").click()
    expect(keys).to_have_count(0)


def test_a_passkey_is_asked_for_after_a_password(page: Page, violations: Violations, tmp_path: Path) -> None:
    page.get_by_role("button", name="Add a passkey").click()
    by_mail(page, tmp_path)
    expect(page.get_by_role("list", name="Your passkeys").get_by_role("listitem")).to_have_count(1)
    asked = page.get_by_role("switch", name="Ask for it after a password as well")
    asked.click()
    expect(asked).to_be_checked()
    expect(page.get_by_role("list", name="New recovery codes").get_by_role("listitem")).to_have_count(10)
    out(page)
    in_by_password(page)
    expect(page).to_have_url(re.compile("/sign-in/code"))
    use = page.get_by_role("button", name="Use a passkey")
    expect(use).to_be_visible()
    assert violations(page) == []
    use.click()
    expect(page).to_have_url(re.compile("/dashboard"))


def test_on_a_phone_the_question_is_a_sheet(person: Person, house: RunningServer, violations: Violations) -> None:
    page = person("member", of=house, color_scheme="dark", **PHONE)
    page.goto("/settings/security")
    page.get_by_role("button", name="Set up").tap()
    asked = page.get_by_role("dialog", name="Confirm that it is you")
    expect(asked).to_be_visible()
    assert violations(page) == []
    box = asked.bounding_box()
    assert box
    assert (round(box["x"]), round(box["width"])) == (0, 375)


def test_an_account_elsewhere_signs_in_and_is_linked_and_unlinked(
    person: Person, house: RunningServer, provider: OidcProvider, violations: Violations, tmp_path: Path
) -> None:
    member = next(each for each in SIGN_INS if each.key == "member")
    provider.honest()
    provider.person = {"sub": "one", "email": member.email, "email_verified": True, "name": member.name}
    page = person(None, of=house)
    page.goto("/sign-in?next=/members")
    page.get_by_role("button", name="Go on with Single sign-on").click()
    expect(page).to_have_url(re.compile("/members$"))

    page.goto("/settings/security")
    linked = page.get_by_role("list", name="Accounts elsewhere")
    expect(linked).to_contain_text(member.email)
    assert violations(page) == []
    page.get_by_role("button", name="Unlink Single sign-on").click()
    by_mail(page, tmp_path)
    expect(linked).to_contain_text("Not linked")
    linked.get_by_role("button", name="Link", exact=True).click()
    expect(page).to_have_url(re.compile("linked=sso"))
    expect(linked).to_contain_text(member.email)


def test_what_went_wrong_elsewhere_is_said_on_the_sign_in_page(
    person: Person, house: RunningServer, provider: OidcProvider, violations: Violations
) -> None:
    provider.honest()
    provider.person = {"sub": "two", "email": "ines@fernhill.example", "email_verified": False}
    page = person(None, of=house)
    page.goto("/sign-in")
    page.get_by_role("button", name="Go on with Single sign-on").click()
    expect(page.get_by_role("alert").filter(has_text="not confirmed there")).to_be_visible()
    assert violations(page) == []
