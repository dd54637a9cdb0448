"""A click in one browser, the changed text in another: two people and the real app."""

from statistics import median, quantiles

from playwright.sync_api import Page

from tests.bench.browser import chromium, until, visitor
from tests.bench.processes import folder
from tests.bench.report import Section, say
from tests.running import RunningServer, built

ABOUT = """\
Two people of the demo look at the members page in two profiles of one Chromium. They take turns to flip the switch of
the demo by a real click; a mutation observer in the other's page notes when the text beside that person's switch
changes. Times are from the click event to the changed text, through the whole app: mutation on SQLite, live query,
gate, guard, socket, React. Both clocks are those of the browser on one machine."""

WATCH = """
(() => {
  const now = () => performance.timeOrigin + performance.now();
  window.clickedAt = 0;
  window.changedAt = 0;
  let shown = null;
  addEventListener("click", () => { window.clickedAt = now(); }, true);
  new MutationObserver(() => {
    const text = document.querySelector(".demobar")?.textContent ?? null;
    if (text !== shown && shown !== null) window.changedAt = now();
    shown = text;
  }).observe(document, { subtree: true, childList: true, characterData: true });
})();
"""
PAUSE_MS = 1_050
"""Each person may flip the switch 30 times a minute."""


def measure(quick: bool) -> Section:
    section = Section("click", "From a click to the changed text in the other browser", ABOUT)
    tries = 10 if quick else 100
    built()
    with folder() as place, RunningServer(place) as server, chromium() as browser:
        pages = [visitor(browser, server, person).new_page() for person in ("owner", "admin")]
        for page in pages:
            page.add_init_script(WATCH)
            page.goto("/members")
            page.locator(".demobar").get_by_role("switch").wait_for()
        times = [_flip(pages[turn % 2], pages[(turn + 1) % 2]) for turn in range(tries + 4)][4:]
    table = section.table("ms", "p50", "p95", "most")
    table.add(
        f"click to changed text, {tries} tries",
        median(times),
        quantiles(times, n=20, method="inclusive")[-1],
        max(times),
    )
    say(f"  p50 {median(times):.1f}, p95 {quantiles(times, n=20, method='inclusive')[-1]:.1f} ms")
    return section


def _flip(mine: Page, theirs: Page) -> float:
    before = theirs.evaluate("window.changedAt")
    mine.locator(".demobar").get_by_role("switch").click()
    until(theirs, f"window.changedAt > {before}")
    clicked, changed = mine.evaluate("window.clickedAt"), theirs.evaluate("window.changedAt")
    mine.wait_for_timeout(PAUSE_MS)
    return changed - clicked
