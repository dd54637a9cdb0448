"""The cost of a write among subscriptions that it does not touch."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import mean, median

from tests.bench import toy
from tests.bench.processes import ROOT, folder
from tests.bench.report import Section, say

ABOUT = """\
An insert and an update through the whole engine on SQLite, in a process with so many distinct live queries on the same
table: a third narrowed to other boards of the same organization, a third to other keys, a third to other organizations.
Two processes take turns, 25 pairs of writes each time. No query may run, or the bench fails."""


def measure(quick: bool) -> Section:
    few, many, batches = (10, 5_000, 6) if quick else (10, 100_000, 40)
    section = Section(
        "writes",
        f"A write among {many:,} subscriptions that it does not touch",
        ABOUT,
    )
    with ExitStack() as stack:
        processes = {count: stack.enter_context(_engine(count)) for count in (few, many)}
        times: dict[int, list[float]] = {few: [], many: []}
        for turn in range(batches + 1):
            for count, process in processes.items():
                batch = _ask(process, "25")
                times[count] += batch if turn else []
    table = section.table("two writes, ms", f"{few} subscriptions", f"{many:,} subscriptions", "ratio")
    for name, of in {"p50": median, "mean": mean}.items():
        table.add(name, of(times[few]), of(times[many]), of(times[many]) / of(times[few]))
        say(f"  {name}: {of(times[few]):.2f} and {of(times[many]):.2f} ms")
    section.aim(f"cost with {many:,} / cost with {few}", median(times[many]) / median(times[few]), 1.1, "x")
    return section


@contextmanager
def _engine(count: int) -> Iterator["subprocess.Popen[str]"]:
    with folder() as place:
        url = f"sqlite:///{place}/bench.db"
        toy.fill(url, people=1)
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.servers.subscriptions", url, str(count)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin
        assert process.stdout
        ready = json.loads(process.stdout.readline())
        assert ready["queries"] == count, ready
        yield process
        process.stdin.close()
        process.wait(30)


def _ask(process: "subprocess.Popen[str]", line: str) -> list[float]:
    assert process.stdin
    assert process.stdout
    process.stdin.write(line + "\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())
