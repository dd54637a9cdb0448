"""A process with the whole house, that does one thing about a payment and dies at a named step, if one is named.

How it dies is `kill -9` of itself: nothing is cleaned up, nothing flushed.
"""

import asyncio
import os
import signal
import uuid
from typing import Any

import stripe  # noqa: F401, once for all processes: it is slow to read
from sqlalchemy import select, update

from memberpulse.domains.catalog import DOMAINS
from memberpulse.domains.organizations.identity import identify
from memberpulse.domains.payments.checkout import open_checkout
from memberpulse.domains.payments.news import news_in, take_event
from memberpulse.domains.payments.provider import Fake, use_fake
from memberpulse.domains.payments.steps import watch_steps
from memberpulse.engine import Engine, EngineSettings, MutationCtx, system, utc_now
from memberpulse.engine.tables import EngineJob, JobState


async def work(given: dict[str, Any]) -> None:
    use_fake(Fake(**given["fake"]))
    engine = Engine(EngineSettings(database_url=given["database_url"], background=False), DOMAINS, identify)
    await engine.start()
    if given["do"] == "open":
        payer = await engine.caller_of(given["payer"])
        await engine.mutate(open_checkout, caller=payer, payment_id=uuid.UUID(given["payment"]))
    elif given["do"] == "event":
        await engine.mutate(take_event, caller=system(), news=news_in(given["event"]))
    else:
        await engine.transact_async(take_over, system())
        await engine.jobs.settle()
    await engine.stop()


def take_over(ctx: MutationCtx) -> None:
    """What a dead process left running, and what would be tried again later, is due now."""
    unfinished = EngineJob.state.in_([JobState.RUNNING, JobState.SCHEDULED])  # type: ignore[attr-defined]
    ctx.db.scalars(select(EngineJob).where(unfinished)).all()
    left = update(EngineJob).where(unfinished, EngineJob.function.like("payments.%"))  # type: ignore[attr-defined]
    ctx.db.execute(left.values(state=JobState.SCHEDULED, run_at=utc_now(), lease_until=None))


def die_at(step: str) -> None:
    def watch(reached: str) -> None:
        if reached == step:
            os.kill(os.getpid(), signal.SIGKILL)

    watch_steps(watch)


def main(asked: dict[str, Any]) -> None:
    """asked: do (open, event or jobs), die_at, and what each of them needs."""
    die_at(asked["die_at"])
    asyncio.run(work(asked))
