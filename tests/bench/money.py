"""The long run of a test that `make test` runs shortly: events about payments, doubled, reordered and forged."""

import time
from pathlib import Path

from tests.bench.histories import pytest_run
from tests.bench.processes import folder
from tests.bench.report import Section, Table, say

WEBHOOK = "tests/domains/payments/test_webhook.py"
ABOUT = """\
`tests/domains/payments/test_webhook.py` lets payments be paid, declined, left, given up and refunded at a fake of
Stripe that answers over HTTP, and posts random deliveries of what it tells to `/api/webhooks/stripe-connect`: plain,
twice at one moment, forged, cut off, replayed after days, or as if from another account, all in random order. It
fails when one is answered wrongly, when a payment does not end where the fake has it, or when the ledger is not the
fake's to the penny.
Once on SQLite and once on PostgreSQL."""


def measure(quick: bool) -> Section:
    section = Section("money", "Events about payments", ABOUT)
    table = section.table("database", "deliveries", "seconds", "a second")
    for database in ("sqlite", "postgres"):
        _deliveries(section, table, database, 600 if quick else 10_000)
    return section


def _deliveries(section: Section, table: Table, database: str, count: int) -> None:
    with folder() as place:
        started = time.perf_counter()
        process = pytest_run(Path(place), WEBHOOK, "-k", f"any_order and {database}", DELIVERIES=str(count))
        output, _ = process.communicate()
    seconds = time.perf_counter() - started
    passed = process.returncode == 0 and "1 passed" in output
    table.add(database, count, seconds, count / seconds)
    say(f"  {count:,} deliveries on {database}, {'passed' if passed else 'FAILED'}")
    section.fact(f"the ledger equals the fake's after {count:,} deliveries ({database})", passed)
    if not passed:
        section.notes.append(output[-3000:])
