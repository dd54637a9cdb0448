"""A million random deeds on lines, each compared with what a few plain lists say must come of it."""

import os
import shutil
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from random import Random

from memberpulse.migrations import migrate
from tests.bench.processes import folder
from tests.bench.report import Section, say
from tests.domains.events.model import Pair, random_step

ABOUT = """\
Eleven people join, leave, call, serve, return, move, hold, pause and undo at random, against the real functions on
SQLite without fsync. Every deed is done to a model of plain lists as well, which predicts its outcome, a refusal
included. Every 50 deeds the whole line is compared with the model. At the end of each line so are the positions that
people see, and its history is replayed: it has no gaps, holds nothing that the state machine forbids, and leads to what
is there."""
PER_LINE = 5_000
COMPARED_EVERY = 50


def measure(quick: bool) -> Section:
    section = Section("lines", "Random deeds on a line, against a model", ABOUT)
    deeds, per_line = (2_000, 500) if quick else (1_000_000, PER_LINE)
    cores = len(os.sched_getaffinity(0))
    started = time.perf_counter()
    with folder() as place:
        migrate(f"sqlite:///{place}/empty.db")
        with ProcessPoolExecutor(cores) as pool:
            running = [pool.submit(_line, place, number, per_line) for number in range(deeds // per_line)]
            for number, line in enumerate(as_completed(running), 1):
                line.result()
                if number % 10 == 0:
                    say(f"  {number * per_line:,} deeds")
    seconds = time.perf_counter() - started
    table = section.table("", "")
    table.add("deeds", f"{deeds:,}")
    table.add("lines", f"{deeds // per_line:,}")
    table.add(f"deeds a second on {cores} cores, the model and the comparisons included", round(deeds / seconds))
    section.fact("positions without gaps, nobody called twice, nobody lost, one history that leads there", True)
    return section


def _line(place: Path, number: int, deeds: int) -> None:
    """One line from its first deed to its last. Raises AssertionError where it differs from the model."""
    database = place / f"line-{number}.db"
    shutil.copy(place / "empty.db", database)
    pair, chance = Pair(f"sqlite:///{database}"), Random(f"line {number}")
    for step in range(deeds):
        random_step(pair, chance)
        if step % COMPARED_EVERY == 0:
            pair.check()
    pair.check()
    pair.check_view()
    pair.check_history()
    pair.shell.database.close()
    for each in place.glob(f"{database.name}*"):
        each.unlink()
