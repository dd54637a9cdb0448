"""Mail in a real browser: what is written lands in the mailbox at once, and every link in it can be followed."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Person, Screen, Violations

pytestmark = pytest.mark.e2e


def ask(page: Page, email: str) -> None:
    page.goto("/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_text("Look into your mail.")).to_be_visible()


def letter_to(mailbox: Page, email: str) -> None:
    mailbox.get_by_role("link", name=email).first.click()
    expect(mailbox.get_by_role("article").get_by_text(email)).to_be_visible()


def test_a_visitor_subscribes_confirms_and_leaves_by_the_letters_in_the_mailbox(person: Person):
    visitor, mailbox = person(None), person(None)
    mailbox.goto("/mailbox")
    ask(visitor, "ida@post.example")
    letter_to(mailbox, "ida@post.example")  # it came by itself
    letter = mailbox.frame_locator("iframe[title='The letter as it looks']")
    expect(letter.get_by_role("heading", name="One press and you are on the list")).to_be_visible()
    mailbox.get_by_role("article").get_by_role("link", name="Confirm subscription").click()
    mailbox.get_by_role("button", name="Confirm subscription").click()
    expect(mailbox.get_by_role("heading", name="You are on the list")).to_be_visible()
    mailbox.reload()
    expect(mailbox.get_by_role("heading", name="You are on the list")).to_be_visible()
    mailbox.goto("/mailbox")
    letter_to(mailbox, "ida@post.example")
    mailbox.get_by_role("article").get_by_role("link", name="Unsubscribe").click()
    mailbox.get_by_role("button", name="Unsubscribe").click()
    expect(mailbox.get_by_role("heading", name="You are off the list")).to_be_visible()


def test_the_button_inside_the_sealed_letter_opens_beside_it(person: Person):
    visitor, mailbox = person(None), person(None)
    ask(visitor, "frame@post.example")
    mailbox.goto("/mailbox")
    letter_to(mailbox, "frame@post.example")
    letter = mailbox.frame_locator("iframe[title='The letter as it looks']")
    with mailbox.expect_popup() as opened:
        letter.get_by_role("link", name="Confirm subscription").click()
    expect(opened.value.get_by_role("button", name="Confirm subscription")).to_be_visible()
    expect(mailbox.get_by_role("article")).to_be_visible()


def test_what_is_no_address_is_said_beside_the_field(person: Person):
    visitor = person(None)
    visitor.goto("/")
    visitor.get_by_label("E-mail").fill("ida@")
    visitor.get_by_role("button", name="Subscribe").click()
    expect(visitor.get_by_text("This is not an e-mail address.")).to_be_visible()
    expect(visitor.get_by_label("E-mail")).to_be_focused()


def test_the_pages_of_mail_have_no_accessibility_faults(person: Person, violations: Violations, screen: Screen):
    page = person(None, **screen.options)
    address = f"{screen.scheme}@post.example"
    ask(page, address)
    found = {"thanks": violations(page, screen.scheme)}
    page.goto("/mailbox")
    expect(page.get_by_role("link", name=address).first).to_be_visible()
    found["list"] = violations(page, screen.scheme)
    letter_to(page, address)
    found["letter"] = violations(page, screen.scheme)
    page.get_by_role("tab", name="Text").click()
    found["text"] = violations(page, screen.scheme)
    page.get_by_role("article").get_by_role("link", name="Confirm subscription").click()
    expect(page.get_by_role("button", name="Confirm subscription")).to_be_visible()
    found["confirm"] = violations(page, screen.scheme)
    for path, said in (("/confirm-newsletter?token=x", "too old"), ("/leave-newsletter?who=x", "not complete")):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_contain_text(said)
        found[path] = violations(page, screen.scheme)
    assert not {place: faults for place, faults in found.items() if faults}
