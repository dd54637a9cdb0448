"""The long run of a test that `make test` runs shortly: delivery events, doubled, reordered and forged."""

import time
from pathlib import Path

from tests.bench.histories import pytest_run
from tests.bench.processes import folder
from tests.bench.report import Section, Table, say

WEBHOOK = "tests/domains/mail/test_webhook.py"
ABOUT = """\
`tests/domains/mail/test_webhook.py` posts random deliveries of Resend's events to `/webhooks/resend`, twenty at once: a
third of them new, a third repeated, a third forged, cut off, stale or malformed, all in random order. It fails when a
delivery is answered wrongly, when an event is kept twice or not at all, when a message does not end at the status
that the true events give it, or when a move was told that was not kept. Once on SQLite and once on PostgreSQL."""


def measure(quick: bool) -> Section:
    section = Section("mail", "Delivery events", ABOUT)
    table = section.table("database", "deliveries", "seconds", "a second")
    for database in ("sqlite", "postgres"):
        _deliveries(section, table, database, 600 if quick else 10_000)
    return section


def _deliveries(section: Section, table: Table, database: str, count: int) -> None:
    with folder() as place:
        started = time.perf_counter()
        process = pytest_run(Path(place), WEBHOOK, "-k", f"random_deliveries and {database}", DELIVERIES=str(count))
        output, _ = process.communicate()
    seconds = time.perf_counter() - started
    passed = process.returncode == 0 and "1 passed" in output
    table.add(database, count, seconds, count / seconds)
    say(f"  {count:,} deliveries on {database}, {'passed' if passed else 'FAILED'}")
    section.fact(f"each of the true events among {count:,} deliveries had its effect once ({database})", passed)
    if not passed:
        section.notes.append(output[-3000:])
