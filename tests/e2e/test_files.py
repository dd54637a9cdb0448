"""The library in real browsers: files dropped in one window, seen in another, looked at, deleted and brought back."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.domains.files import contents
from tests.e2e.conftest import PHONE, Person, Violations
from tests.e2e.queues import open_event
from tests.running import RunningServer

DROP = """async (files) => {
    const transfer = new DataTransfer();
    for (const [name, bytes] of files) transfer.items.add(new File([new Uint8Array(bytes)], name));
    const page = document.querySelector(".drop-page");
    for (const kind of ["dragenter", "dragover", "drop"]) {
        page.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }
}"""


def main(page: Page):
    return page.get_by_role("main")


def drop(page: Page, files: dict[str, bytes]) -> None:
    page.evaluate(DROP, [[name, list(content)] for name, content in files.items()])


def card(page: Page, name: str):
    return main(page).get_by_role("listitem").filter(has=page.get_by_role("button", name=f"More for {name}"))


def test_three_dropped_files_appear_in_another_window(person: Person, server: RunningServer):
    member, owner = person("member"), person("owner")
    owner.goto("/files")
    expect(main(owner).get_by_role("button", name="Look at Van in the yard.jpg")).to_be_visible()
    owner.evaluate("window.marked = true")
    member.goto("/files")
    expect(main(member).get_by_role("button", name="Look at Van in the yard.jpg")).to_be_visible()
    files = {
        "Dropped picture.png": contents.noisy((120, 90)),
        "Dropped minutes.pdf": contents.pdf(2),
        "Dropped list.txt": b"milk\nglue\n",
    }
    drop(member, files)
    uploads = member.get_by_role("region", name="Uploads")
    expect(uploads.get_by_role("status")).to_have_text("3 files uploaded", timeout=30_000)
    for name in files:
        expect(card(owner, name)).to_be_visible()
        expect(card(member, name)).to_be_visible()
    thumbnail = card(owner, "Dropped picture.png").locator("img")
    expect(thumbnail).to_have_js_property("complete", True)
    assert thumbnail.evaluate("image => image.naturalWidth") == 120

    owner.get_by_role("button", name="Look at Dropped minutes.pdf").click()
    shown = owner.get_by_role("dialog", name="Dropped minutes.pdf")
    expect(shown.get_by_role("img", name="Page 1 of Dropped minutes.pdf")).to_be_visible()
    expect(shown).to_contain_text("PDF, 2 pages")
    shown.get_by_role("button", name="Next page").click()
    expect(shown.get_by_text("Page 2 of 2")).to_be_visible()
    owner.keyboard.press("Escape")

    with member.expect_download() as saved:
        card(member, "Dropped list.txt").get_by_role("button", name="More for").click()
        member.get_by_role("menuitem", name="Download").click()
    assert Path(saved.value.path()).read_bytes() == files["Dropped list.txt"]

    for name in files:
        card(member, name).get_by_role("button", name="More for").click()
        member.get_by_role("menuitem", name="Delete").click()
        expect(card(owner, name)).to_have_count(0)
    member.get_by_role("button", name="Undo").first.click()
    expect(card(owner, "Dropped list.txt")).to_be_visible()
    assert owner.evaluate("window.marked"), "the page was reloaded"


def test_what_is_refused_says_why_and_can_be_closed(person: Person, server: RunningServer):
    page = person("member")
    page.goto("/files")
    expect(main(page).get_by_role("button", name=re.compile("^Look at")).first).to_be_visible()
    drop(
        page, {"logo.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "none.txt": b""}
    )
    uploads = page.get_by_role("region", name="Uploads")
    expect(uploads).to_contain_text("markup (HTML, SVG, XML) are not kept here")
    expect(uploads).to_contain_text("This file is empty.")
    expect(uploads.get_by_role("status")).to_have_text("2 files not uploaded")
    uploads.get_by_role("button", name="Close").click()
    expect(uploads).to_have_count(0)
    expect(card(page, "logo.svg")).to_have_count(0)


def test_a_file_is_renamed_moved_and_kept_private(person: Person, server: RunningServer):
    creator, owner = person("creator"), person("owner")
    owner.goto("/files")
    creator.goto("/files")
    expect(main(creator).get_by_role("button", name=re.compile("^Look at")).first).to_be_visible()
    drop(creator, {"Draft.txt": b"words\n"})
    expect(card(owner, "Draft.txt")).to_be_visible(timeout=30_000)

    card(creator, "Draft.txt").get_by_role("button", name="More for").click()
    creator.get_by_role("menuitem", name="Rename…").click()
    creator.get_by_label("Name", exact=True).fill("Speech")
    creator.keyboard.press("Enter")
    expect(card(owner, "Speech.txt")).to_be_visible()

    card(creator, "Speech.txt").get_by_role("button", name="More for").click()
    creator.get_by_role("menuitem", name="Move…").click()
    creator.get_by_label("Folder", exact=True).select_option(label="Workshop / Safety")
    creator.get_by_role("dialog").get_by_role("button", name="Move").click()
    expect(card(owner, "Speech.txt")).to_have_count(0)
    owner.get_by_role("button", name="Workshop", exact=True).click()
    owner.get_by_role("button", name="Safety", exact=True).click()
    expect(card(owner, "Speech.txt")).to_be_visible()

    creator.goto("/files?q=speech")
    card(creator, "Speech.txt").get_by_role("button", name="More for").click()
    creator.get_by_role("menuitem", name="Who may see it…").click()
    creator.get_by_label("Shown to", exact=True).select_option(label="Only me")
    creator.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(card(owner, "Speech.txt")).to_have_count(0)
    expect(card(creator, "Speech.txt")).to_contain_text("Only you")


def test_the_library_is_open_to_everybody(person: Person, server: RunningServer, violations: Violations):
    page = person("owner")
    for address in ("/files", "/files?view=list", "/files?q=nothing-is-called-so", "/files?bin=1"):
        page.goto(address)
        expect(main(page).get_by_role("heading", level=1)).to_be_visible()
        expect(main(page).locator("[aria-busy=true]")).to_have_count(0)
        assert violations(page) == [], address
    page.goto("/files")
    page.get_by_role("button", name="Look at Van in the yard.jpg").click()
    expect(page.get_by_role("dialog").get_by_role("img")).to_be_visible()
    assert violations(page) == []


def test_on_a_phone_the_same_can_be_done(person: Person, server: RunningServer, violations: Violations):
    page = person("member", **PHONE)
    page.goto("/files")
    expect(main(page).get_by_role("button", name="Look at Van in the yard.jpg")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert violations(page) == []


def test_a_cover_is_chosen_for_an_event_and_seen_by_who_looks_at_it(person: Person, server: RunningServer):
    creator, member = person("creator"), person("member")
    creator.goto("/events")
    event_id = open_event(creator, server, "Lamp night")
    member.goto(f"/events/{event_id}")
    expect(member.get_by_role("heading", name="Lamp night")).to_be_visible()
    creator.goto(f"/events/{event_id}/edit")
    field = creator.locator("#cover")
    expect(field.get_by_role("button", name="Choose a picture")).to_be_visible()
    chosen = field.locator("input[type=file]")
    chosen.set_input_files({"name": "Notes.txt", "mimeType": "text/plain", "buffer": b"no picture\n"})
    expect(field).to_contain_text("A cover is a picture")
    chosen.set_input_files({"name": "Lamps.png", "mimeType": "image/png", "buffer": contents.noisy((210, 90))})
    expect(field.get_by_role("link", name="Lamps.png")).to_be_visible()
    cover = member.locator("img.event-cover")
    expect(cover).to_have_js_property("naturalWidth", 210)
    field.get_by_role("button", name="Remove Lamps.png").click()
    expect(cover).to_have_count(0)
