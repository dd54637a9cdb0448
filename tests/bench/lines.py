"""A million random deeds on lines, each compared with what a few plain lists say must come of it."""

import os
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from random import Random

import psycopg
from sqlalchemy.engine import make_url

from memberpulse.migrations import migrate
from tests.bench.processes import folder, postgres_server
from tests.bench.report import Section, Table, say
from tests.domains.events.model import Pair, random_step
from tests.domains.events.worker import together

ABOUT = """\
Eleven people join, leave, call, serve, return, move, hold, pause and undo at random, against the real functions. Every
deed is done to a model of plain lists as well, which predicts its outcome, a refusal included. Every 50 deeds the whole
line is compared with the model. At the end of each line so are the positions that people see, and its history is
replayed: it has no gaps, holds nothing that the state machine forbids, and leads to what is there.

*At once*: four processes work one line without waiting for each other, and its history is replayed the same way; what
they did has an order in which each deed was allowed. The databases do not wait for the disk."""
DEEDS = {"SQLite": 900_000, "PostgreSQL": 100_000}
PER_LINE = 5_000
COMPARED_EVERY = 50
PROCESSES, AT_ONCE = 4, 1_000


def measure(quick: bool) -> Section:
    section = Section("lines", "Random deeds on a line, against a model", ABOUT)
    table = section.table("database", "deeds", "lines", "deeds a second", "deeds at once", "of them done", "conflicts")
    for database, deeds in DEEDS.items():
        with _empty(database) as empty:
            _measure(table, database, empty, *((1_000, 500, 50) if quick else (deeds, PER_LINE, AT_ONCE)))
    section.fact("positions without gaps, nobody called twice, nobody lost, one history that leads there", True)
    section.notes.append(f"Deeds a second are those of {_cores()} cores, with the model and the comparisons.")
    return section


def _measure(table: Table, database: str, empty: str, deeds: int, per_line: int, at_once: int) -> None:
    """Raises AssertionError where a line differs from the model."""
    started = time.perf_counter()
    with ProcessPoolExecutor(_cores()) as pool:
        running = [pool.submit(_line, database, empty, number, per_line) for number in range(deeds // per_line)]
        for number, line in enumerate(as_completed(running), 1):
            line.result()
            if number % 10 == 0:
                say(f"  {database}: {number * per_line:,} deeds")
    rate = round(deeds / (time.perf_counter() - started))
    counts = _crowd(database, empty, at_once)
    totals = [sum(each[what] for each in counts) for what in ("done", "conflicts")]
    table.add(database, deeds, deeds // per_line, rate, PROCESSES * at_once, *totals)


def _line(database: str, empty: str, number: int, deeds: int) -> None:
    """One line from its first deed to its last."""
    with _copy(database, empty, f"line_{number}") as url:
        pair, chance = Pair(url), Random(f"line {number}")
        for step in range(deeds):
            random_step(pair, chance)
            if step % COMPARED_EVERY == 0:
                pair.check()
        pair.check()
        pair.check_view()
        pair.check_history()
        pair.shell.database.close()


def _crowd(database: str, empty: str, deeds: int) -> list[dict[str, int]]:
    """One line on which several processes work at once, so many deeds each."""
    with _copy(database, empty, "crowd") as url:
        pair = Pair(url, people=10)
        for _ in range(2):
            pair.open_station("helper0")
        counts = together(pair, url, PROCESSES, deeds)
        assert all(count["done"] + count["refused"] == deeds for count in counts)
        pair.check_history()
        pair.shell.database.close()
    return counts


@contextmanager
def _empty(database: str) -> Iterator[str]:
    """What copies are made from: a file of SQLite, or the URL of a PostgreSQL database."""
    if database == "SQLite":
        with folder() as place:
            migrate(f"sqlite:///{place}/empty.db")
            yield f"{place}/empty.db"
        return
    with postgres_server() as server:
        _administer(server, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", "CREATE DATABASE empty")
        url = make_url(server).set(database="empty").render_as_string(hide_password=False)
        migrate(url)
        yield url


@contextmanager
def _copy(database: str, empty: str, name: str) -> Iterator[str]:
    """The URL of a database like the empty one, which goes at the end."""
    if database == "SQLite":
        file = Path(empty).with_name(f"{name}.db")
        shutil.copy(empty, file)
        yield f"sqlite:///{file}"
        for each in file.parent.glob(f"{file.name}*"):
            each.unlink()
        return
    server = make_url(empty).set(database="postgres").render_as_string(hide_password=False)
    _administer(server, f"CREATE DATABASE {name} TEMPLATE empty")
    yield make_url(empty).set(database=name).render_as_string(hide_password=False)
    _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def _administer(server: str, *statements: str) -> None:
    with psycopg.connect(server, autocommit=True) as admin:
        for each in statements:
            admin.execute(each.encode())


def _cores() -> int:
    return len(os.sched_getaffinity(0))
