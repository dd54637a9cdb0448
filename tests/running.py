"""A real server for tests: the built frontend, a free port, a database of its own, restartable."""

import os
import shutil
import signal
import socket
import sqlite3
import time
from contextlib import closing
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from memberpulse import build
from tests.forking import memberpulse
from tests.once import once

START_SECONDS = 240.0
STOP_SECONDS = 10.0
UNDER_PYTEST = "PYTEST_VERSION" in os.environ
"""There most servers are forked, which is quick; what is measured starts as it does for its users."""


class RunningServer:
    """`python -m memberpulse serve` on a free port, over a migrated and seeded database in `folder`.

    variables: what else it finds in its environment, such as the URL of another database, which `seed` has filled.
    """

    def __init__(self, folder: Path, **variables: str) -> None:
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.folder = folder
        self.log = folder / "server.log"
        self._environment = {
            **os.environ,
            "MEMBERPULSE_DATA": str(folder),
            "MEMBERPULSE_PORT": str(self.port),
            "MEMBERPULSE_HOST": "127.0.0.1",
            "MEMBERPULSE_DEMO": "1",
            **variables,
        }
        self._process: BaseProcess | None = None

    def __enter__(self) -> Self:
        if "MEMBERPULSE_DATABASE_URL" not in self._environment:
            shutil.copytree(_seeded(), self.folder, dirs_exist_ok=True)
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the process and wait until it answers."""
        self._process = memberpulse("serve", self._environment, self.log, anew=not UNDER_PYTEST)
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self._process.is_alive(), f"the server ended:\n{self.tail()}"
            assert time.monotonic() < until, f"the server does not answer:\n{self.tail()}"
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> float:
        """End the process; returns the seconds it took."""
        process, self._process = self._process, None
        if process is None:
            return 0.0
        since = time.monotonic()
        os.kill(_pid(process), how)
        process.join(STOP_SECONDS)
        if process.is_alive():
            process.kill()
            process.join()
            raise AssertionError(f"the server did not end within {STOP_SECONDS} s of {how.name}")
        return time.monotonic() - since

    def restart(self, how: signal.Signals = signal.SIGKILL, **variables: str) -> None:
        """End the process under whatever is connected, and start it again on the same port and data."""
        self.stop(how)
        self._environment.update(variables)
        self.start()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return _pid(self._process)

    def tail(self) -> str:
        """The end of what the server wrote."""
        return self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""

    def sign_in(self, person: str) -> str:
        """Sign a person of the demo in; returns the session cookie as a Cookie header."""
        response = httpx.post(f"{self.url}/auth/demo", data={"person": person}, headers={"Origin": self.url})
        assert response.status_code == 303, response.text
        name, value = next(iter(response.cookies.items()))
        return f"{name}={value}"

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200
        except httpx.TransportError:
            return False


def _seeded() -> Path:
    """A data folder with the demo in it. Each server begins with a copy: seeding takes longer."""
    return once("seeded", _make_seeded)


def _make_seeded(folder: Path) -> None:
    """In tests its people rest, so that nothing moves but what the test moves, and timetables are caught up with."""
    seed(folder)
    if not UNDER_PYTEST:
        return
    server = RunningServer(folder)
    with closing(sqlite3.connect(folder / "memberpulse.db", isolation_level=None)) as database:
        database.execute("UPDATE demo_script SET playing = false")
        server.start()
        _wait_for_jobs(database)
    server.stop()
    server.log.unlink()


def _wait_for_jobs(database: sqlite3.Connection) -> None:
    """Until no job has been due for a moment: the server schedules one after the other as it starts."""
    due = "SELECT count(*) FROM engine_job WHERE state <> 'done' AND run_at <= datetime('now', '+1 minute')"
    quiet = 0
    until = time.monotonic() + START_SECONDS
    while quiet < 10:
        assert time.monotonic() < until, "jobs of the seeded demo do not end"
        time.sleep(0.1)
        quiet = 0 if database.execute(due).fetchone()[0] else quiet + 1


def seed(folder: Path, **variables: str) -> None:
    """Migrate a database and put the demo into it: the one in the folder, or another that the variables name."""
    environment = {**os.environ, "MEMBERPULSE_DATA": str(folder), "MEMBERPULSE_DEMO": "1", **variables}
    for command in ("migrate", "seed"):
        process = memberpulse(command, environment, folder / "server.log")
        process.join()
        assert process.exitcode == 0, (folder / "server.log").read_text()


def _pid(process: BaseProcess) -> int:
    assert process.pid is not None
    return process.pid


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def built() -> None:
    """Build the frontend if its sources changed."""
    build.build()
