"""Ida, who has an account and a browser, and limits that nobody has used yet."""

from collections.abc import AsyncIterator

import pytest

from memberpulse.domains.accounts import limits
from memberpulse.domains.accounts.mutations import create_user
from memberpulse.domains.accounts.passwords import hash_password
from memberpulse.engine import Engine, system
from memberpulse.engine.limits import Limiter
from tests.domains.accounts.browsers import Browser, a_browser

PASSWORD = "correct horse battery staple"
HASH = hash_password(PASSWORD)


@pytest.fixture(autouse=True)
def fresh_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    limiter = Limiter()
    monkeypatch.setattr(limits, "limiter", lambda: limiter)


@pytest.fixture
async def ida(engine: Engine) -> str:
    """Her address."""
    await engine.mutate(create_user, caller=system(), email="ida@post.example", name="Ida", password_hash=HASH)
    return "ida@post.example"


@pytest.fixture
async def browser(engine: Engine, ida: str) -> AsyncIterator[Browser]:
    async with a_browser(engine) as client:
        yield client


@pytest.fixture
async def other_browser(engine: Engine, ida: str) -> AsyncIterator[Browser]:
    """In another network."""
    async with a_browser(engine, ip="203.0.113.9") as client:
        yield client
