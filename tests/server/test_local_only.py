"""A server that shows its letters to whoever reaches it answers to this machine alone."""

from typing import Any

import httpx
import pytest

from memberpulse.server.gate import Gate, GateRules
from memberpulse.settings import load_settings

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def _ok(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"letters"})


async def _nobody(_: str) -> bool:
    return False


async def asked(*, local_only: bool, **headers: str) -> int:
    gate = Gate(_ok, GateRules(is_signed_in=_nobody, needs_sign_in=lambda path: False, local_only=local_only))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(gate), base_url="http://localhost") as client:
        return (await client.get("/mailbox", headers=headers)).status_code


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "pulse.localhost"])
async def test_this_machine_is_answered(host: str) -> None:
    assert await asked(local_only=True, host=host) == 200


@pytest.mark.parametrize(
    "host", ["pulse.example.org", "localhost.evil.example", "evil.example:8000", "[", "", "192.0.2.1"]
)
async def test_another_name_for_this_machine_is_refused(host: str) -> None:
    """A page elsewhere may let its own name point here; its browser then counts the answer as its own."""
    assert await asked(local_only=True, host=host) == 421
    assert await asked(local_only=False, host=host) == 200


@pytest.mark.parametrize("name", ["forwarded", "x-forwarded-for", "x-forwarded-host"])
async def test_a_proxy_is_refused(name: str) -> None:
    assert await asked(local_only=True, **{name: "192.0.2.1"}) == 421


@pytest.mark.parametrize(
    ("settings", "local_only"),
    [({}, True), ({"demo": True}, False), ({"dev": True}, False), ({"mailbox": True}, False)],
)
def test_it_holds_where_the_mailbox_is_open_by_default(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, bool], local_only: bool
) -> None:
    import os

    for name in [each for each in os.environ if each.startswith(("MEMBERPULSE_", "RESEND_", "SITE_URL"))]:
        monkeypatch.delenv(name)
    assert load_settings(**settings).is_local_only is local_only
