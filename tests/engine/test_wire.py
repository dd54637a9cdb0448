"""New values on their way to sockets: straight to those that take them, the newest alone to one that does not read."""

import asyncio
import json
import socket
from collections.abc import Callable
from typing import Any

import psutil
import pytest
from websockets.client import ClientProtocol
from websockets.frames import Opcode
from websockets.uri import parse_uri

from memberpulse.engine import function_name, system
from memberpulse.engine.errors import Unavailable
from memberpulse.engine.results import Outcome
from tests.engine import library, workshop
from tests.engine.conftest import until
from tests.engine.house import House, Server, opened, until_empty

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("narrow_scopes")]


@pytest.fixture
def anyio_backend() -> Any:
    return "asyncio", {"use_uvloop": True}


# Straight to the socket


def direct(home: House) -> int:
    """How many sockets would be written to without being asked."""
    return sum(len(query._direct) for query in home.engine.reactor.queries.values())


async def test_a_socket_that_took_a_value_is_not_asked_before_the_next(home: House) -> None:
    ann = await home.admit()
    async with home.tab(ann) as tab:
        await tab.sub(1, workshop.list_marks)
        await tab.gets(t="snap")
        assert direct(home) == 0, "it has not been sent a new value"
        await home.mutate(ann, workshop.leave_mark, text="a")
        await tab.shows(["a"])
        assert direct(home) == 1
        await home.mutate(ann, workshop.leave_mark, text="b")
        await tab.shows(["a", "b"])
    await until(lambda: home.engine.reactor.queries == {} and len(home.engine.connections) == 0)


async def test_nothing_is_written_to_a_socket_whose_caller_may_have_changed(home: House) -> None:
    ann, ben = await home.admit(), await home.admit()
    async with home.tab(ann) as tab, home.tab(ben) as other:
        await tab.sub(1, workshop.list_marks)
        await tab.gets(t="snap")
        await home.mutate(ann, workshop.leave_mark, text="a")
        await tab.shows(["a"])
        (query,) = home.engine.reactor.queries.values()
        access = home.engine.accesses.of(ann)
        access.hold()
        assert direct(home) == 0, "it is asked again"
        query.accept(Outcome(query.reads, b'["not yet"]'))
        await other.is_alive()
        assert [frame["t"] for frame in tab.frames].count("set") == 1, "it is kept back"
        access.release()
        await tab.shows(["not yet"])
        assert direct(home) == 1


async def test_a_second_subscription_to_a_query_is_answered_before_it_is_written_to(home: House) -> None:
    ann = await home.admit()
    async with home.tab(ann) as tab:
        await tab.sub(1, workshop.list_marks)
        await tab.gets(t="snap")
        await home.mutate(ann, workshop.leave_mark, text="a")
        await tab.shows(["a"])
        await tab.sub(2, workshop.list_marks)
        assert (await tab.gets(t="snap", id=2))["value"] == ["a"]
        await home.mutate(ann, workshop.leave_mark, text="b")
        await tab.shows(["a", "b"])
        assert [frame["t"] for frame in tab.frames].count("set") == 2, "one frame for both"


async def test_a_query_that_fails_is_told_to_each_socket(home: House) -> None:
    ann = await home.admit()
    async with home.tab(ann) as tab:
        await tab.sub(1, workshop.list_marks)
        await tab.gets(t="snap")
        await home.mutate(ann, workshop.leave_mark, text="a")
        await tab.shows(["a"])
        (query,) = home.engine.reactor.queries.values()
        query.accept(Outcome(query.reads, error=Unavailable()))
        assert (await tab.gets(t="fail"))["id"] == 1


async def test_any_other_server_is_served_the_asgi_way(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Server, "protocol", "websockets-sansio")
    async with opened(home.url) as plain:
        ann = await plain.admit()
        async with plain.tab(ann) as tab:
            await tab.sub(1, workshop.list_marks)
            for number in range(3):
                await plain.mutate(ann, workshop.leave_mark, text=str(number))
            await tab.shows(["0", "1", "2"])
            assert direct(plain) == 0


async def test_a_socket_keeps_nothing_of_its_handshake(home: House) -> None:
    async with home.tab(await home.admit()) as tab:
        await tab.is_alive()
        (connection,) = home.engine.connections
        assert connection.outbox.wire is not None
        assert not connection.outbox.wire.request.headers


# A client that does not read


class Sloth:
    """A client that reads only when asked to."""

    def __init__(self, house: House, reference: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._protocol = ClientProtocol(parse_uri(f"ws://127.0.0.1:{house.port}/live"), max_size=None)
        self._reference = reference
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.setblocking(False)
        self._port = house.port
        self.values: list[dict[str, Any]] = []

    async def open(self) -> "Sloth":
        await self._loop.sock_connect(self._socket, ("127.0.0.1", self._port))
        request = self._protocol.connect()
        request.headers["x-session"] = self._reference
        self._protocol.send_request(request)
        await self._flush()
        await self.read_until(lambda: any(frame["t"] == "hello" for frame in self.values))
        return self

    async def sub(self, function: Callable[..., Any]) -> None:
        self._protocol.send_text(json.dumps({"t": "sub", "id": 1, "fn": function_name(function), "args": {}}).encode())
        await self._flush()

    async def read_until(self, enough: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not enough():
                data = await self._loop.sock_recv(self._socket, 1 << 16)
                assert data, "the server hung up"
                self._protocol.receive_data(data)
                await self._flush()
                for event in self._protocol.events_received():
                    if getattr(event, "opcode", None) is Opcode.TEXT:
                        self.values.append(json.loads(event.data))  # type: ignore[union-attr]

    async def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            await self._loop.sock_sendall(self._socket, data)

    def close(self) -> None:
        self._socket.close()


async def test_a_client_that_does_not_read_costs_little_and_then_sees_the_present(home: House) -> None:
    ann = await home.admit()
    await home.mutate(ann, workshop.leave_mark, text="first")
    sloth = await Sloth(home, ann).open()
    await sloth.sub(workshop.list_marks)
    await sloth.read_until(lambda: any(frame["t"] == "snap" for frame in sloth.values))
    (query,) = home.engine.reactor.queries.values()
    (connection,) = home.engine.connections
    memory = psutil.Process().memory_info().rss
    for number in range(5000):
        query.accept(Outcome(body=json.dumps([f"{number:05} {'x' * 20_000}"]).encode()))
        if number % 20 == 0:
            await asyncio.sleep(0)
    assert len(connection.outbox._latest) == 1
    assert not connection.outbox._replies
    assert psutil.Process().memory_info().rss - memory < 20 * 1024 * 1024
    async with home.tab(ann) as quick:
        await quick.sub(1, workshop.list_marks)
        await home.mutate(ann, workshop.leave_mark, text="last")
        await quick.shows(["first", "last"])
    await sloth.read_until(lambda: sloth.values[-1].get("value") == ["first", "last"])
    seen = [frame["value"][0][:5] for frame in sloth.values if frame["t"] == "set" and len(frame["value"]) == 1]
    assert seen == sorted(seen), "in the order in which they were true"
    assert len(seen) < 1000
    sloth.close()


async def test_of_small_values_too_only_the_newest_waits_for_a_client_that_does_not_read(home: House) -> None:
    ann = await home.admit()
    sloth = await Sloth(home, ann).open()
    await sloth.sub(workshop.list_marks)
    await sloth.read_until(lambda: any(frame["t"] == "snap" for frame in sloth.values))
    (query,) = home.engine.reactor.queries.values()
    (connection,) = home.engine.connections
    for number in range(20_000):
        query.accept(Outcome(body=f'["{number:05}"]'.encode()))
        if number % 20 == 0:
            await asyncio.sleep(0)
    assert connection.outbox.wire is not None
    assert connection.outbox.wire.transport.get_write_buffer_size() < len(query.frame().bytes), "a part of one"
    assert len(connection.outbox._latest) == 1
    await sloth.read_until(lambda: sloth.values[-1].get("value") == ["19999"])
    assert len([frame for frame in sloth.values if frame["t"] == "set"]) < 1000, "the kernel took little more"
    sloth.close()


async def test_a_client_that_asks_much_and_reads_nothing_is_let_go(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memberpulse.engine.socket.FRAMES_BURST", 1_000_000)
    monkeypatch.setattr("memberpulse.engine.socket.FRAMES_PER_SECOND", 1_000_000.0)
    ann = await home.admit()
    for number in range(4):
        await home.mutate(ann, workshop.leave_mark, text=f"{number}" + "x" * 60_000)
    sloth = await Sloth(home, ann).open()
    (connection,) = home.engine.connections
    for number in range(150):
        sub = {"t": "sub", "id": number, "fn": function_name(workshop.list_marks), "args": {}}
        sloth._protocol.send_text(json.dumps(sub).encode())
    await sloth._flush()
    await until(lambda: connection.ended == 1013, lambda: f"{connection.outbox._waiting} characters wait")
    await until_empty(home)
    sloth.close()


async def test_what_waits_for_a_slow_reader_is_not_sent_once_the_session_has_ended(home: House) -> None:
    ann = await home.admit()
    sloth = await Sloth(home, ann).open()
    await sloth.sub(workshop.list_marks)
    await sloth.read_until(lambda: any(frame["t"] == "snap" for frame in sloth.values))
    (query,) = home.engine.reactor.queries.values()
    (connection,) = home.engine.connections
    for number in range(5000):
        query.accept(Outcome(body=json.dumps([f"{number:05} {'x' * 20_000}"]).encode()))
        await asyncio.sleep(0)
        if connection.outbox._latest:
            break
    query.accept(Outcome(body=b'["the newest, not yet sent"]'))
    await home.engine.mutate(library.close_pass, caller=system(), reference=ann)
    await until(lambda: connection.ended == 4401)
    with pytest.raises(AssertionError, match="hung up"):
        await sloth.read_until(lambda: False)
    sent = json.dumps(sloth.values)
    assert "not yet sent" not in sent
    assert f"{number:05} " not in sent, "nor what waited for room before it"
    assert f"{number - 1:05} " in sent
    assert sloth._protocol.close_rcvd is not None
    assert sloth._protocol.close_rcvd.code == 4401
    sloth.close()
