"""Spending one token many times at the same moment."""

import asyncio
import time

from memberpulse.domains.catalog import DOMAINS
from memberpulse.domains.organizations.identity import identify
from memberpulse.engine import Engine, EngineSettings
from memberpulse.migrations import migrate
from tests.bench.processes import folder
from tests.bench.report import Section, say
from tests.domains.spendings import SPENDINGS, spend_at_once

ABOUT = """\
One token of each kind, spent by so many callers at once through the engine on SQLite. All but one have to be told that
it is used up or, where their turn does not come within a minute, to try again."""


def measure(quick: bool) -> Section:
    times = 500 if quick else 10_000
    section = Section("tokens", f"{times:,} at once spend one token", ABOUT)
    table = section.table("kind", "succeeded", "seconds")
    for kind in SPENDINGS:
        with folder() as place:
            succeeded, seconds = asyncio.run(_spend(f"sqlite:///{place}/bench.db", kind, times))
        say(f"  {kind}: {succeeded} in {seconds:.1f} s")
        table.add(kind, succeeded, seconds)
        section.fact(f"{kind}: exactly one success", succeeded == 1)
    return section


async def _spend(url: str, kind: str, times: int) -> tuple[int, float]:
    await asyncio.to_thread(migrate, url)
    engine = Engine(EngineSettings(database_url=url, background=False), DOMAINS, identify)
    await engine.start()
    try:
        spend = await SPENDINGS[kind](engine)
        since = time.perf_counter()
        return await spend_at_once(spend, times), time.perf_counter() - since
    finally:
        await engine.stop()
