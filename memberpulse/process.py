"""The engine of this process: the domains, the settings and who is calling, put together. Knows nothing of Reflex."""

from memberpulse import build
from memberpulse.domains.accounts.domain import DOMAIN as ACCOUNTS
from memberpulse.domains.organizations.domain import DOMAIN as ORGANIZATIONS
from memberpulse.domains.organizations.identity import identify
from memberpulse.engine import Domain
from memberpulse.engine.runtime import Engine, EngineSettings
from memberpulse.settings import Settings

DOMAINS: list[Domain] = [ACCOUNTS, ORGANIZATIONS]


def make_engine(settings: Settings, *, serves: bool) -> Engine:
    """The engine, not started. serves: whether it has live screens and, if so set, jobs; the command line has not."""
    return Engine(
        EngineSettings(
            database_url=settings.database_url,
            redis_url=settings.redis_url,
            sync_ms=settings.sync_ms,
            build=build.build_id(),
            background=serves and settings.background,
            announces=not serves,
        ),
        DOMAINS,
        identify,
    )
