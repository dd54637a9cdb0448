"""One click on "Call next", and the last of four screens that shows it."""

from statistics import median, quantiles

from playwright.sync_api import Page

from tests.bench.browser import chromium, until, visitor
from tests.bench.processes import folder
from tests.bench.report import Section, say
from tests.e2e.queues import do, join, open_event
from tests.running import RunningServer, built

ABOUT = """\
A creator's board, two members who wait, and a wall display that nobody is signed in at: four profiles of one Chromium.
The creator presses N; in each page a mutation observer notes when its text changes: the lane on the board, the first
member's place, the second member's place, the wall. Between two tries the call is undone by U. Times are from the key
to the changed text, through the whole app, and to the last of the four screens. All clocks are those of the browser on
one machine."""

WATCH = """
(() => {
  const now = () => performance.timeOrigin + performance.now();
  window.pressedAt = 0;
  window.changedAt = 0;
  let shown = null;
  addEventListener("keydown", (event) => { if (event.key === "n") window.pressedAt = now(); }, true);
  new MutationObserver(() => {
    const node = document.querySelector(".lane h3, .turn h1, .w-list b");
    const text = node?.textContent ?? null;
    if (text !== shown && shown !== null && text !== null) window.changedAt = now();
    if (text !== null) shown = text;
  }).observe(document, { subtree: true, childList: true, characterData: true });
})();
"""
SETTLE_MS = 700


def measure(quick: bool) -> Section:
    section = Section("board", "From “Call next” to the last of four screens", ABOUT)
    tries = 10 if quick else 60
    built()
    with folder() as place, RunningServer(place) as server, chromium() as browser:
        board, first, second, wall = [
            visitor(browser, server, name).new_page() for name in ("creator", "member", "admin", None)
        ]
        do(visitor(browser, server, "owner").new_page(), server, "demo.set_playing", playing=False)
        event_id = open_event(board, server, "Repair night")
        join(first, server, event_id)
        join(second, server, event_id)
        for page, path in ((board, "/queue"), (first, ""), (second, ""), (wall, "/display")):
            page.add_init_script(WATCH)
            page.goto(f"/events/{event_id}{path}")
        board.locator("tr[data-row]").nth(1).wait_for()
        wall.locator(".w-next li").nth(1).wait_for()
        for page in (first, second):
            page.locator(".turn h1").wait_for()
        pages = [board, first, second, wall]
        times = [_call(board, pages) for _ in range(tries + 3)][3:]
    last = [max(each) for each in times]
    table = section.table("ms", "p50", "p95", "most")
    for name, values in (
        ("the board itself", [each[0] for each in times]),
        ("who is called", [each[1] for each in times]),
        ("who moves up", [each[2] for each in times]),
        ("the wall", [each[3] for each in times]),
        (f"the last of the four, {tries} tries", last),
    ):
        table.add(name, median(values), quantiles(values, n=20, method="inclusive")[-1], max(values))
    say(f"  last screen: p50 {median(last):.1f}, p95 {quantiles(last, n=20, method='inclusive')[-1]:.1f} ms")
    return section


def _call(board: Page, pages: list[Page]) -> list[float]:
    for page in pages:
        page.evaluate("window.changedAt = 0")
    board.keyboard.press("n")
    for page in pages:
        until(page, "window.changedAt > 0")
    pressed = board.evaluate("window.pressedAt")
    taken = [page.evaluate("window.changedAt") - pressed for page in pages]
    board.wait_for_timeout(SETTLE_MS)
    board.keyboard.press("u")
    board.locator("tr[data-row]").nth(1).wait_for()
    board.wait_for_timeout(SETTLE_MS)
    return taken
