# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
"""Timetables. A cron's slot is a job whose key is the cron's name and the slot: whoever schedules it first wins, so
that each slot runs exactly once. One process leads, by a lease in the database; APScheduler tells it the time.
"""

import asyncio
import logging
import uuid
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from memberpulse.engine.context import MutationCtx, system
from memberpulse.engine.functions import function_of
from memberpulse.engine.registry import Cron
from memberpulse.engine.tables import EngineLease
from memberpulse.engine.types import utc_now

if TYPE_CHECKING:
    from memberpulse.engine.runtime import Engine

log = logging.getLogger("memberpulse.engine")

LEADER_LEASE = timedelta(seconds=30)
LEADER_SECONDS = 10
EVERY = "every:"
"""Begins the key of a slot that is not caught up with once it is past."""
CATCH_UP = timedelta(hours=24)
"""How far back a slot that nobody ran, because no process was up, is still run."""


class Timetable:
    """Schedules each cron's slots while this process leads."""

    def __init__(self, engine: "Engine") -> None:
        self._engine = engine
        self._holder = uuid.uuid4().hex
        self._leads = False
        self._scheduler = AsyncIOScheduler(timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None})

    def start(self) -> None:
        for cron in self._engine.registry.crons:
            self._scheduler.add_job(self._tick, _trigger(cron), [cron])
        self._scheduler.add_job(
            self._lead, IntervalTrigger(seconds=LEADER_SECONDS), next_run_time=datetime.now(UTC), max_instances=1
        )
        self._scheduler.start()

    async def stop(self) -> None:
        """Keep time no more, and let another process lead at once."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        if self._leads:
            self._leads = False
            try:
                await self._engine.transact_async(lambda ctx: _give_lease(ctx, "crons", self._holder), system())
            except Exception:
                log.exception("the lease of the crons could not be given back; it ends by itself")

    async def _lead(self) -> None:
        with suppress(asyncio.CancelledError):  # by a stop; APScheduler would report it as a failure
            await self._try_to_lead()

    async def _try_to_lead(self) -> None:
        led = self._leads
        try:
            self._leads = await self._engine.transact_async(
                lambda ctx: _take_lease(ctx, "crons", self._holder), system()
            )
        except Exception:
            log.exception("the lease of the crons could not be renewed")
            self._leads = False
        if self._leads and not led:
            for cron in self._engine.registry.crons:
                if cron.crontab is not None:
                    await self._schedule(cron, _last_slot(cron, utc_now()))

    async def _tick(self, cron: Cron) -> None:
        if self._leads:
            await self._schedule(cron, _last_slot(cron, utc_now()))

    async def _schedule(self, cron: Cron, slot: datetime | None) -> None:
        if slot is None:
            return
        kind = EVERY if cron.every else "cron:"
        key = f"{kind}{function_of(cron.job).name}:{slot.isoformat()}"
        try:
            await self._engine.transact_async(lambda ctx: ctx.schedule(cron.job, key=key), system())
        except Exception:
            log.exception("cron %s could not be scheduled", key)


def _trigger(cron: Cron) -> BaseTrigger:
    if cron.every is not None:
        start = _last_slot(cron, utc_now())
        return IntervalTrigger(seconds=cron.every.total_seconds(), start_date=start, timezone=UTC)  # type: ignore[arg-type]
    return CronTrigger.from_crontab(cron.crontab, timezone=UTC)


def _last_slot(cron: Cron, now: datetime) -> datetime | None:
    """The latest moment at which the cron was due: the same on every process."""
    if cron.every is not None:
        seconds = cron.every.total_seconds()
        return datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)
    spans = (timedelta(minutes=2), timedelta(hours=2), CATCH_UP)  # a tick finds its slot in the first
    return next((slot for span in spans if (slot := _last_slot_within(span, cron, now))), None)


def _last_slot_within(span: timedelta, cron: Cron, now: datetime) -> datetime | None:
    trigger = CronTrigger.from_crontab(cron.crontab, timezone=UTC)
    slot, found = trigger.get_next_fire_time(None, now - span), None
    while slot is not None and slot <= now:
        found, slot = slot, trigger.get_next_fire_time(slot, slot + timedelta(seconds=1))
    return found


def _take_lease(ctx: MutationCtx, name: str, holder: str) -> bool:
    lease = ctx.db.get(EngineLease, name, with_for_update=True)
    if lease is not None and lease.holder != holder and lease.expires_at > ctx.now:
        return False
    if lease is None:
        lease = EngineLease(name=name, holder=holder, expires_at=ctx.now)
    lease.holder, lease.expires_at = holder, ctx.now + LEADER_LEASE
    ctx.db.add(lease)
    return True


def _give_lease(ctx: MutationCtx, name: str, holder: str) -> None:
    lease = ctx.db.get(EngineLease, name)
    if lease is not None and lease.holder == holder:
        lease.expires_at = ctx.now
