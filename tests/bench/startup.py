"""How long `make run` takes until the app answers: on a bare machine, warm, and with nothing changed."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import httpx

from tests.bench.processes import ROOT, folder, free_port
from tests.bench.report import Section, say

MOST_SECONDS = 900
ABOUT = """\
In a copy of the repository's files, from the command to the first good answer of `/readyz`. *Bare*: no virtual
environment, no packages in any cache, no frontend, no database; so most of it is the network. *Warm*: the virtual
environment is there, and the caches of pip and npm are filled, but nothing is built. *One screen changed*: one Python
file of the screens was edited. *Nothing changed*: the second start of every day."""


def measure(quick: bool) -> Section:
    section = Section("startup", "`make run`", ABOUT)
    table = section.table("state of the machine", "seconds until it answers")
    with folder() as place:
        copy = place / "memberpulse"
        _copy_to(copy)
        states = {
            "bare": lambda: None,
            "warm": lambda: _forget_builds(copy),
            "one screen changed": lambda: _edit(copy),
            "nothing changed": lambda: None,
        }
        for name, prepare in states.items():
            prepare()
            seconds = _run(copy, place / "cache")
            table.add(name, seconds)
            say(f"  {name}: {seconds:.1f} s")
        section.aim("a start with nothing changed", seconds, 5.0, " s")
    return section


def _copy_to(copy: Path) -> None:
    """The sources, without what was made of them."""
    made = (".git", ".venv", ".web", "build", "data", "__pycache__", ".*_cache", ".states", "*.db*")
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*made), symlinks=True)


def _forget_builds(copy: Path) -> None:
    for name in ("build", ".web", "data"):
        shutil.rmtree(copy / name, ignore_errors=True)


def _edit(copy: Path) -> None:
    page = copy / "memberpulse" / "pages" / "landing.py"
    page.write_text(page.read_text() + "\n# edited\n")


def _run(copy: Path, cache: Path) -> float:
    """Start, wait for the answer, stop; the seconds until the answer."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    environment |= {
        "MEMBERPULSE_PORT": str(port),
        "npm_config_cache": str(cache / "npm"),
        "PIP_CACHE_DIR": str(cache / "pip"),
        "UV_CACHE_DIR": str(cache / "uv"),
    }
    started = time.perf_counter()
    with (cache.parent / "run.log").open("ab") as log:
        process = subprocess.Popen(
            ["make", "run"], cwd=copy, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        while not _answers(port):
            if process.poll() is not None or time.perf_counter() > started + MOST_SECONDS:
                raise RuntimeError(f"make run did not answer:\n{(cache.parent / 'run.log').read_text()[-2000:]}")
            time.sleep(0.02)
        return time.perf_counter() - started
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://localhost:{port}/readyz", timeout=2).status_code == 200
    except httpx.TransportError:
        return False
