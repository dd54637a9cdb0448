"""Forged events against a real Reflex app: refused, and without a trace in the state."""

import asyncio
import json
import subprocess
import sys
import time
import uuid
from asyncio import timeout
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from memberpulse.server.gate import tab_of
from tests.forking import ROOT
from tests.running import free_port

DESK = "reflex___state____state.tests___server___guarded_app____desk"
START = [sys.executable, "-c", "from tests.server.guarded_app import main; main()"]
FRAMEWORK = "reflex___state____state"


@dataclass
class GuardedApp:
    url: str
    log: Path

    def state(self, token: str) -> dict[str, str]:
        state: dict[str, str] = httpx.get(f"{self.url}/state/{token}").json()
        return state


@pytest.fixture(scope="session")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedApp]:
    port = free_port()
    app = GuardedApp(f"http://localhost:{port}", tmp_path_factory.mktemp("guarded") / "log")
    with app.log.open("wb") as log:
        process = subprocess.Popen([*START, str(port)], cwd=ROOT, stdout=log, stderr=log)
    try:
        wait_for(lambda: process.poll() is None and answers(app.url), app)
        yield app
    finally:
        process.terminate()
        process.wait(10)


class Tab:
    """Reflex's side of a browser tab, spoken by hand so that it can lie."""

    def __init__(self, app: GuardedApp, tab: str, socket: ClientConnection) -> None:
        self._app = app
        self._tab = tab
        self._socket = socket

    @classmethod
    @asynccontextmanager
    async def open(cls, app: GuardedApp, token: str, person: str | None = None) -> AsyncIterator["Tab"]:
        url = app.url.replace("http", "ws", 1) + f"/_event/?EIO=4&transport=websocket&token={token}"
        headers = {"Origin": app.url} | ({"Cookie": f"memberpulse={cookie_of(person)}"} if person else {})
        async with connect(url, additional_headers=headers) as socket:
            await socket.recv()
            await socket.send("40/_event,{}")
            await socket.recv()
            yield cls(app, tab_of(token, reference_of(person)), socket)

    async def send(self, name: str, payload: Any) -> None:
        event = {"name": name, "payload": payload, "router_data": {"pathname": "/"}}
        await self._socket.send("42/_event," + json.dumps(["event", event]))

    async def settled(self) -> dict[str, str]:
        """The state once everything sent so far is done: a tab's events run in order, and the last leaves a mark."""
        mark = uuid.uuid4().hex
        await self.send(f"{DESK}.set_a_mark", {"text": mark})
        while (state := await asyncio.to_thread(self._app.state, self._tab)).pop("mark") != mark:
            pass
        return state

    async def heard(self) -> str:
        """What the server has said to this tab; call it after `settled`."""
        frames: list[str] = []
        with suppress(TimeoutError):
            while True:
                frames.append(str(await asyncio.wait_for(self._socket.recv(), 0.2)))
        return "".join(frames)


def cookie_of(person: str) -> str:
    """As long as the product's tokens are; the app knows people by it (`guarded_app.token_of`)."""
    return person.ljust(43, "-")


def reference_of(person: str | None) -> str | None:
    return sha256(cookie_of(person).encode()).hexdigest() if person else None


def after(app: GuardedApp, *events: tuple[str, Any], person: str | None = None) -> dict[str, str]:
    """What the state of a new tab holds after these events."""

    async def play() -> dict[str, str]:
        async with timeout(10), Tab.open(app, str(uuid.uuid4()), person) as tab:
            for name, payload in events:
                await tab.send(name, payload)
            return await tab.settled()

    return asyncio.run(play())


FORGED = {
    "setvar on a state": (f"{DESK}.setvar", {"var_name": "note", "value": "forged"}),
    "setvar on a private variable": (f"{DESK}.setvar", {"var_name": "_secret", "value": "forged"}),
    "setvar on the root": (f"{FRAMEWORK}.setvar", {"var_name": "is_hydrated", "value": True}),
    "an automatic setter": (f"{DESK}.set_note", {"value": "forged"}),
    "an unknown handler": (f"{DESK}.nothing", {}),
    "an unknown state": ("reflex___state____state.nowhere.write", {"text": "forged"}),
    "a method that is no handler": (f"{DESK}.reset", {}),
    "a wrong type": (f"{DESK}.write", {"text": 7}),
    "a number as text": (f"{DESK}.write", {"text": "forged", "times": "1"}),
    "an extra field": (f"{DESK}.write", {"text": "forged", "extra": 1}),
    "a missing field": (f"{DESK}.write", {}),
    "an unknown enum value": (f"{DESK}.paint", {"colour": "blue", "item": str(uuid.uuid4())}),
    "no id": (f"{DESK}.paint", {"colour": "red", "item": "1"}),
    "a capability nobody has": (f"{DESK}.remove", {"victim": "mia"}),
    "signed in as nobody": (f"{DESK}.sign", {}),
    "client storage of another variable": (
        f"{FRAMEWORK}.reflex___state____update_vars_internal_state.update_vars_internal",
        {"vars": {f"{DESK}.note": "forged", f"{DESK}._secret": "forged"}},
    ),
    "client storage while hydrating": (f"{FRAMEWORK}.hydrate_and_load", {"vars": {f"{DESK}.note": "forged"}}),
}


@pytest.mark.parametrize("forged", FORGED, ids=list(FORGED))
def test_a_forged_event_leaves_no_trace(guarded: GuardedApp, forged: str):
    assert after(guarded, FORGED[forged]) == {"note": "clean", "secret": "clean"}


@pytest.mark.parametrize(
    ("person", "event", "note"),
    [
        (None, (f"{DESK}.write", {"text": "ab", "times": 2}), "abab"),
        (None, (f"{DESK}.paint", {"colour": "red", "item": str(uuid.UUID(int=1))}), f"red {uuid.UUID(int=1)}"),
        ("mia", (f"{DESK}.sign", {}), "signed"),
        ("mia", (f"{DESK}.remove", {"victim": "x"}), "clean"),
        ("olivia", (f"{DESK}.remove", {"victim": "x"}), "removed x"),
        ("olivia", (f"{DESK}.remove", {"victim": "x", "requires": "public"}), "clean"),
        ("nobody-we-know", (f"{DESK}.sign", {}), "clean"),
    ],
)
def test_a_policy_decides_for_each_person(guarded: GuardedApp, person: str | None, event: tuple[str, Any], note: str):
    assert after(guarded, event, person=person)["note"] == note


def test_an_event_that_a_handler_queues_is_ours(guarded: GuardedApp):
    async def play() -> None:
        async with timeout(10), Tab.open(guarded, str(uuid.uuid4()), "mia") as tab:
            await tab.send(f"{DESK}.sign_and_remove", {})
            while (await tab.settled())["note"] != "removed by a chain of ours":
                pass

    asyncio.run(play())


def test_a_payload_that_is_no_object_leaves_no_trace(guarded: GuardedApp):
    for payload in ([1], "text", 5):
        assert after(guarded, (f"{DESK}.write", payload))["note"] == "clean"


def test_the_token_of_another_persons_tab_is_worth_nothing(guarded: GuardedApp):
    """Who knows it learns nothing from that tab's state, and leaves no trace in it."""

    async def play() -> tuple[str, str, str, str]:
        token = str(uuid.uuid4())
        async with timeout(10), Tab.open(guarded, token, "mia") as hers:
            await hers.send(f"{DESK}.write", {"text": "private words of Mia"})
            before = (await hers.settled())["note"]
            async with Tab.open(guarded, token, "max") as his:
                await his.send(f"{FRAMEWORK}.hydrate_and_load", {})
                found = (await his.settled())["note"]
                await his.send(f"{DESK}.write", {"text": "words of Max"})
                await his.settled()
                heard = await his.heard()
            return before, found, (await hers.settled())["note"], heard

    before, found, afterwards, heard = asyncio.run(play())
    assert before == afterwards == "private words of Mia"
    assert found == "clean"
    assert "hydrated" in heard
    assert "private words" not in heard


def test_a_revoked_session_may_do_nothing_on_its_open_socket(guarded: GuardedApp):
    async def play() -> tuple[str, str]:
        async with timeout(10), Tab.open(guarded, str(uuid.uuid4()), "rita") as tab:
            await tab.send(f"{DESK}.sign", {})
            before = (await tab.settled())["note"]
            await tab.send(f"{DESK}.write", {"text": "before"})
            await asyncio.to_thread(httpx.get, f"{guarded.url}/revoke/rita")
            await tab.send(f"{DESK}.sign", {})
            return before, (await tab.settled())["note"]

    assert asyncio.run(play()) == ("signed", "before")


def test_refusals_are_logged_without_what_was_sent(guarded: GuardedApp):
    secret = uuid.uuid4().hex
    after(guarded, (f"{DESK}.remove", {"victim": secret}))
    log = guarded.log.read_text()
    assert "event refused" in log
    assert secret not in log


def test_a_handler_without_a_policy_keeps_the_app_from_starting():
    command = [*START, str(free_port()), "--with-a-gap"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert result.returncode != 0
    assert "forgotten declares no policy" in result.stderr


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=1).status_code == 200
    except httpx.TransportError:
        return False


def wait_for(condition: Any, app: GuardedApp, seconds: float = 20.0) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, app.log.read_text()
        time.sleep(0.05)
