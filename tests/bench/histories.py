"""The long runs of tests that `make test` runs shortly: random histories, and processes killed while they work."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.processes import ROOT, folder
from tests.bench.report import Section, Table, say

STALENESS = "tests/engine/test_staleness.py"
KILL = "tests/engine/test_kill.py"
ABOUT = """\
`tests/engine/test_staleness.py` draws random queries (equality, IN, ranges, joins, counts, unions) and random
transactions (unit of work, bulk statements, deletes, rollbacks), and fails when a subscriber is left with a stale
result or when a query runs that the write cannot concern. `tests/engine/test_kill.py` kills a working server
by `kill -9` and fails when an acknowledged write is lost or doubled, or a promised job did not run. Here with many more
than in `make test`, and on PostgreSQL a fifth of them; each process draws histories of its own."""


def measure(quick: bool) -> Section:
    section = Section("histories", "Random histories and killed processes", ABOUT)
    histories, kills = (200, 5) if quick else (10_000, 200)
    table = section.table("run", "number", "seconds")
    _histories(section, table, histories)
    if (ROOT / KILL).exists():
        _kills(section, table, kills)
    return section


def _histories(section: Section, table: Table, count: int) -> None:
    processes = len(os.sched_getaffinity(0))
    each = -(-count // processes)
    with folder() as place:
        started = time.perf_counter()
        running = [pytest_run(place / str(number), STALENESS, HISTORIES=str(each)) for number in range(processes)]
        outputs = [process.communicate()[0] for process in running]
    seconds = time.perf_counter() - started
    passed = all(process.returncode == 0 for process in running)
    table.add("random histories of each property", each * processes, seconds)
    say(f"  {each * processes:,} histories, {'passed' if passed else 'FAILED'}")
    section.fact(f"no stale result in {each * processes:,} random histories", passed)
    section.notes += [output[-3000:] for process, output in zip(running, outputs, strict=True) if process.returncode]


def _kills(section: Section, table: Table, count: int) -> None:
    with folder() as place:
        started = time.perf_counter()
        process = pytest_run(place, KILL, KILLS=str(count))
        output, _ = process.communicate()
    table.add("kill -9", count, time.perf_counter() - started)
    say(f"  {count} kills, {'passed' if process.returncode == 0 else 'FAILED'}")
    section.fact(f"nothing lost, doubled or forgotten in {count} kills", process.returncode == 0)
    if process.returncode:
        section.notes.append(output[-3000:])


def pytest_run(place: Path, path: str, *options: str, **variables: str) -> "subprocess.Popen[str]":
    """A run of one file of tests in a process of its own. variables: of its environment."""
    command = [sys.executable, "-m", "pytest", path, *options, "-p", "no:cacheprovider", f"--basetemp={place}"]
    return subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **variables}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
