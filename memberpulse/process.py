"""The engine of this process: the domains, the settings and who is calling, put together. Knows nothing of Reflex."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog

from memberpulse import build
from memberpulse.demo.stripe.playing import playing_stripe
from memberpulse.domains.catalog import DOMAINS
from memberpulse.domains.notifications.push import vapid
from memberpulse.domains.organizations.identity import identify
from memberpulse.domains.presence.observer import PresenceObserver
from memberpulse.engine.runtime import Engine, EngineSettings
from memberpulse.settings import Settings, get_settings

log = structlog.get_logger(__name__)


def make_engine(settings: Settings, *, serves: bool) -> Engine:
    """The engine, not started. serves: whether it has live screens and, if so set, jobs; the command line has not."""
    return Engine(
        EngineSettings(
            database_url=settings.database_url,
            redis_url=settings.redis_url,
            sync_ms=settings.sync_ms,
            build=settings.build or build.build_id(),
            background=serves and settings.background,
            announces=not serves,
        ),
        DOMAINS,
        identify,
    )


@asynccontextmanager
async def running(engine: Engine) -> AsyncGenerator[Engine]:
    """The engine between its start and its stop, with presence read from its sockets."""
    vapid.keys()  # made with the first start, and not while somebody waits
    await engine.start()
    if await asyncio.to_thread(engine.database.passes_walls):
        log.warning(
            "row_level_security_is_bypassed", advice="Let the database be owned by a role that is no superuser."
        )
    observer = PresenceObserver(engine)
    engine.connections.observe(observer)
    observer.start()
    try:
        async with playing_stripe(engine, get_settings()):
            yield engine
    finally:
        await observer.stop()
        await engine.stop()
