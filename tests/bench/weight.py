"""What a page weighs on the wire, when it shows something, and what Lighthouse says."""

import json
import os
import re
import subprocess
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser

from tests.bench.browser import chromium, until, visitor
from tests.bench.processes import folder, node, npm_packages
from tests.bench.report import Section, say
from tests.e2e.conftest import SANDBOX
from tests.needs import system_browser
from tests.running import RunningServer, built

LIGHTHOUSE = "13.5.0"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
MOST_KB = 220.0
ABOUT = f"""\
First visits in a fresh profile at 1280 x 800: bytes as they came over the wire (headers included, WebSocket frames
not), first contentful paint as the browser reports it, and the first figure of the dashboard that came from a live
query. Medians. Then the same visit with a warm cache. Lighthouse {LIGHTHOUSE}, desktop preset.

The chart comes in a part of its own after the page; all else is counted, fonts too."""

FIRST_FIGURE = """
(() => {
  const look = () => {
    if (document.querySelector(".stat:not(.late)")) window.firstFigure = performance.now();
    else requestAnimationFrame(look);
  };
  look();
})();
"""
_HASH = re.compile(r"-[\w-]{8}(?=\.\w+$)")
PARTS = ("shell", "chart")
PAGES = {"sign-in": ("/sign-in", None), "dashboard": ("/dashboard", "owner")}


def measure(quick: bool) -> Section:
    section = Section("weight", "Page weight and first paint", ABOUT)
    built()
    with folder() as place, RunningServer(place) as server, chromium() as browser:
        _paints(section, browser, server, 2 if quick else 7)
        if not quick:
            _lighthouse(section, server)
    return section


def _paints(section: Section, browser: Browser, server: RunningServer, visits: int) -> None:
    table = section.table(
        "page",
        "KB",
        "of the chart",
        "first paint, ms",
        "first live figure, ms",
        "warm: KB",
        "first paint, ms",
        "first live figure, ms",
    )
    for name, (path, person) in PAGES.items():
        found = [_visit(browser, server, path, person) for _ in range(visits)]
        first, again = [each[0] for each in found], [each[1] for each in found]
        shell, chart = _middle(first, "shell"), _middle(first, "chart")
        cold = [_middle(first, "paint"), _middle(first, "figure") if person else ""]
        warm = [_middle(again, "shell"), _middle(again, "paint"), _middle(again, "figure") if person else ""]
        table.add(name, shell, chart, *cold, *warm)
        say(f"  {name}: {shell:.0f} KB + {chart:.0f} KB chart, paint {cold[0]:.0f} ms")
        section.notes.append(f"{name}: {_largest(found[0][0])}")
        section.aim(f"{name} on the wire without the chart's chunk", shell, MOST_KB, " KB")


def _visit(browser: Browser, server: RunningServer, path: str, person: str | None) -> list[dict[str, Any]]:
    """The same page twice in one profile: first with an empty cache, then with a warm one."""
    context = visitor(browser, server, person, viewport={"width": 1280, "height": 800})
    context.add_init_script(FIRST_FIGURE)
    found = [_load(context.new_page(), path, has_figures=person is not None) for _ in range(2)]
    context.close()
    return found


def _load(page: Any, path: str, *, has_figures: bool) -> dict[str, Any]:
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    addresses: dict[str, str] = {}
    sizes: dict[str, float] = {}
    wire.on("Network.responseReceived", lambda it: addresses.update({it["requestId"]: it["response"]["url"]}))
    wire.on("Network.loadingFinished", lambda it: sizes.update({it["requestId"]: it["encodedDataLength"]}))
    page.goto(path, wait_until="networkidle")
    if has_figures:
        until(page, "window.firstFigure")
    page.wait_for_timeout(1_000)
    kinds = {request: _kind(addresses.get(request, "")) for request in sizes}
    parts = {kind: sum(sizes[each] for each in sizes if kinds[each] == kind) / 1024 for kind in PARTS}
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime")
    figure = page.evaluate("window.firstFigure ?? 0")
    page.close()
    return {
        **parts,
        "paint": paint or float("nan"),
        "figure": figure,
        "files": {addresses.get(request, "?"): size / 1024 for request, size in sizes.items()},
    }


def _largest(visit: dict[str, Any], count: int = 8) -> str:
    """The heaviest files, without the hashes in their names."""
    files = sorted(visit["files"].items(), key=lambda each: -each[1])[:count]
    return ", ".join(
        f"{_HASH.sub('', urlsplit(address).path.rpartition('/')[2])} {size:.0f} KB" for address, size in files
    )


def _kind(address: str) -> str:
    """Which of PARTS a file belongs to."""
    return "chart" if "plotly" in address else "shell"


def _middle(found: list[dict[str, Any]], what: str) -> float:
    return median(each[what] for each in found)


def _lighthouse(section: Section, server: RunningServer) -> None:
    with ExitStack() as stack:
        try:
            packages = npm_packages(stack, f"lighthouse@{LIGHTHOUSE}")
        except (subprocess.SubprocessError, OSError) as error:
            section.notes.append(f"Lighthouse could not be installed: {error}")
            return
        table = section.table("Lighthouse", *CATEGORIES)
        cookie = server.sign_in("owner")
        for name, (path, person) in PAGES.items():
            scores = _scores(packages, server.url + path, cookie if person else None)
            table.add(name, *[str(round(scores[category] * 100)) for category in CATEGORIES])
            say(f"  Lighthouse, {name}: {scores}")


def _scores(packages: Path, address: str, cookie: str | None) -> dict[str, float]:
    report = packages / "report.json"
    command = [node(), "node_modules/lighthouse/cli/index.js", address, "--quiet", "--preset=desktop", "--output=json"]
    command += [f"--output-path={report}", f"--only-categories={','.join(CATEGORIES)}"]
    command += [f"--chrome-flags={' '.join(['--headless=new', *SANDBOX])}"]
    command += [f"--extra-headers={json.dumps({'Cookie': cookie})}"] if cookie else []
    environment = {**os.environ, **({"CHROME_PATH": path} if (path := system_browser(whole=True)) else {})}
    subprocess.run(command, cwd=packages, env=environment, check=True, timeout=180, stdout=subprocess.DEVNULL)
    found = json.loads(report.read_text())
    return {name: found["categories"][name]["score"] or 0 for name in CATEGORIES}
