"""What people change about themselves, and who sees it."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from memberpulse.demo.people import PASSWORD
from tests.e2e.conftest import Person, Violations
from tests.running import RunningServer, built


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server for the journeys here, since they change people."""
    built()
    with RunningServer(tmp_path_factory.mktemp("settings")) as running:
        yield running


def a_picture() -> dict[str, Any]:
    written = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(written, "JPEG")
    return {"name": "me.jpg", "mimeType": "image/jpeg", "buffer": written.getvalue()}


def prove(page: Page) -> None:
    dialog = page.get_by_role("dialog", name="Confirm that it is you")
    dialog.get_by_label("Password", exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name="Confirm").click()


def test_a_new_name_shows_in_the_other_window(person: Person, house: RunningServer):
    owner, member = person("owner", of=house), person("member", of=house)
    member.goto("/settings/profile")
    name = member.get_by_label("Name", exact=True)
    before = name.input_value()
    owner.goto(f"/members?q={before.split()[-1]}")
    expect(owner.get_by_role("row").filter(has_text=before)).to_be_visible()
    owner.evaluate("window.marked = true")

    name.fill("Marguerite Quill")
    bar = member.get_by_role("group", name="Unsaved changes")
    expect(bar).to_contain_text("Marguerite Quill")
    bar.get_by_role("button", name="Discard").click()
    expect(name).to_have_value(before)
    name.fill("Marguerite Quill")
    owner.goto("/members?q=quill")
    member.keyboard.press("Control+s")
    expect(bar).to_have_count(0)
    expect(owner.get_by_role("row").filter(has_text="Marguerite Quill")).to_be_visible()
    member.get_by_role("button", name="Undo").click()
    expect(name).to_have_value(before)
    expect(owner.get_by_role("row").filter(has_text="Marguerite Quill")).to_have_count(0)


def test_what_is_wrong_with_a_profile_is_said_beside_the_field(person: Person, house: RunningServer):
    page = person("member", of=house)
    page.goto("/settings/profile")
    page.get_by_label("Name", exact=True).fill("…")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    expect(page.get_by_text("Say what others should call you.")).to_be_visible()


def test_the_time_zone_of_the_browser_is_one_click_away(person: Person, house: RunningServer):
    page = person("creator", of=house, timezone_id="Pacific/Auckland")
    page.goto("/settings/profile")
    page.get_by_role("button", name="Use Pacific/Auckland").click()
    expect(page.get_by_label("Time zone")).to_have_value("Pacific/Auckland")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Profile saved")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Time zone")).to_have_value("Pacific/Auckland")


def test_a_picture_appears_everywhere_and_can_be_taken_back(person: Person, house: RunningServer):
    owner, admin = person("owner", of=house), person("admin", of=house)
    admin.goto("/settings/profile")
    owner.goto("/members")
    name = admin.get_by_label("Name", exact=True).input_value()
    owner.goto(f"/members?q={name.split()[-1]}")
    face = owner.get_by_role("row").filter(has_text=name).locator(".av img")
    expect(face).to_have_count(0)
    admin.locator("input[type=file]").set_input_files(a_picture())
    expect(admin.get_by_text("Picture added")).to_be_visible()
    expect(face).to_be_visible()
    expect(face).to_have_js_property("naturalWidth", 256)

    admin.get_by_role("button", name="Remove").click()
    expect(face).to_have_count(0)
    admin.locator(".toast").filter(has_text="Picture removed").get_by_role("button", name="Undo").click()
    expect(face).to_be_visible()

    wrong = {"name": "me.png", "mimeType": "image/png", "buffer": b"<html>"}
    admin.locator("input[type=file]").set_input_files(wrong)
    expect(admin.get_by_role("alert").filter(has_text="not a picture")).to_be_visible()
    expect(face).to_be_visible()


def test_a_device_that_is_signed_out_leaves(person: Person, house: RunningServer):
    here, there = person("creator", of=house), person("creator", of=house)
    there.goto("/dashboard")
    expect(there.get_by_role("heading", level=1)).to_be_visible()
    here.goto("/settings/sessions")
    expect(here.get_by_text("This device")).to_have_count(1)
    devices = here.get_by_role("list", name="Signed-in devices").get_by_role("listitem")
    expect(devices.nth(1)).to_be_visible()
    count = devices.count()
    here.get_by_role("button", name=re.compile("^Sign out Chrome")).first.click()
    there.wait_for_url(re.compile("/sign-in"))
    expect(devices).to_have_count(count - 1)


def test_all_other_devices_leave_together(person: Person, house: RunningServer):
    here, there = person("admin", of=house), person("admin", of=house)
    there.goto("/members")
    here.goto("/settings/sessions")
    here.get_by_role("button", name="Sign out everywhere else…").click()
    here.get_by_role("button", name="Sign out the others").click()
    there.wait_for_url(re.compile("/sign-in"))
    expect(here.get_by_role("list", name="Signed-in devices").get_by_role("listitem")).to_have_count(1)


def test_a_choice_of_notifications_is_saved_at_once_and_can_be_undone(person: Person, house: RunningServer):
    page = person("member", of=house)
    page.goto("/settings/notifications")
    switch = page.get_by_role("switch", name="E-mail: Announcements")
    expect(switch).not_to_be_checked()
    switch.click()
    expect(switch).to_be_checked()
    page.reload()
    expect(switch).to_be_checked()
    switch.click()
    expect(page.get_by_text("Announcements, e-mail: off")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(switch).to_be_checked()


def test_a_copy_of_ones_data_is_a_real_archive(person: Person, house: RunningServer):
    page = person("creator", of=house)
    page.goto("/settings/data")
    with page.expect_download() as started:
        page.get_by_role("button", name="Download my data").click()
        prove(page)
    archive = zipfile.ZipFile(started.value.path())
    assert archive.testzip() is None
    assert "account.csv" in archive.namelist()
    assert len(json.loads(archive.read("data.json"))["tables"]["Account"]) == 1


def test_an_account_is_deleted_and_kept_after_all(person: Person, house: RunningServer):
    page = person("member", of=house)
    page.goto("/settings/data")
    page.get_by_role("button", name="Delete my account…").click()
    dialog = page.get_by_role("alertdialog", name="Delete your account")
    word = (
        page.evaluate("document.querySelector('.menu-title')?.innerText") or dialog.locator("b, code").last.inner_text()
    )
    dialog.get_by_role("textbox").fill(word)
    dialog.get_by_role("button", name="Delete my account").click()
    prove(page)
    page.wait_for_url(re.compile("/sign-in"))

    back = person("member", of=house)
    back.goto("/dashboard")
    bar = back.get_by_role("status").filter(has_text="Your account is deleted on")
    expect(bar).to_be_visible()
    bar.get_by_role("button", name="Keep my account").click()
    expect(bar).to_have_count(0)


def test_what_settings_answer_is_open_to_everybody(person: Person, house: RunningServer, violations: Violations):
    found: dict[str, list[str]] = {}
    page = person("owner", of=house)
    page.goto("/settings/profile")
    page.get_by_label("Name", exact=True).fill("…")
    found["unsaved"] = violations(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Say what others should call you.")).to_be_visible()
    found["refused"] = violations(page)
    page.locator("input[type=file]").set_input_files({"name": "x", "mimeType": "image/png", "buffer": b"no"})
    expect(page.get_by_role("alert").filter(has_text="not a picture")).to_be_visible()
    found["a picture refused"] = violations(page)
    page.goto("/settings/data")
    page.get_by_role("button", name="Delete my account…").click()
    expect(page.get_by_role("alertdialog")).to_be_visible()
    found["deleting"] = violations(page)
    page.goto("/unsubscribe?error=link")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    found["unsubscribe"] = violations(page)
    assert {where: what for where, what in found.items() if what} == {}
