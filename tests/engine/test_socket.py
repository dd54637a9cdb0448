"""The live WebSocket through a real server: every frame, every end, and clients that misbehave."""

import asyncio
import json
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select
from websockets.exceptions import ConnectionClosed

from memberpulse.engine import MutationCtx, function_name, function_of, system, uuid7
from memberpulse.engine.socket import MOST_RUNS_AT_ONCE, MOST_SUBSCRIPTIONS, Connection
from memberpulse.engine.tables import EngineCall
from tests.engine import library, workshop
from tests.engine.conftest import until
from tests.engine.house import ALL, House, until_empty
from tests.engine.library import Pass

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("narrow_scopes")]


@pytest.fixture
def anyio_backend() -> Any:
    return "asyncio", {"use_uvloop": True}


# Values


async def test_the_first_frame_tells_of_the_server(home: House) -> None:
    async with home.tab(await home.admit(), greeted=False) as tab:
        hello = await tab.gets(t="hello")
    assert hello == {
        "t": "hello",
        "protocol": 1,
        "connection": hello["connection"],
        "boot": home.engine.boot,
        "build": "build-7",
        "sync_ms": 30_000,
        "runs_at_once": MOST_RUNS_AT_ONCE,
    }


async def test_a_subscription_has_a_value_at_once_and_every_new_one(house: House) -> None:
    ann = await house.admit()
    async with house.tab(ann) as one, house.tab(ann) as other:
        await one.sub(1, workshop.list_marks)
        await other.sub(9, workshop.list_marks)
        first, same = await one.gets(t="snap", id=1), await other.gets(t="snap", id=9)
        assert first["value"] == same["value"] == []
        assert (first["q"], first["v"]) == (same["q"], same["v"])
        await house.mutate(ann, workshop.leave_mark, text="a")
        second, alike = await one.gets(t="set"), await other.gets(t="set")
        assert second == alike == {"t": "set", "q": first["q"], "v": second["v"], "value": ["a"]}
        assert second["v"] != first["v"]


async def test_to_a_slow_client_a_refusal_is_the_last_word(home: House) -> None:
    """The value that waited for room must not arrive behind it."""
    ann, room, got = await home.admit(), asyncio.Event(), list[Any]()

    async def send(message: Any) -> None:
        await room.wait()
        got.append(json.loads(message["text"]))

    slow = Connection(home.engine, home.engine.accesses.of(ann), send, "")
    await slow.receive({"type": "websocket.receive", "text": json.dumps({"t": "ping", "n": 1})})
    name = function_name(workshop.list_marks_unless_poisoned)
    subscribing = {"t": "sub", "id": 1, "fn": name, "args": {}}
    await slow.receive({"type": "websocket.receive", "text": json.dumps(subscribing)})
    for text in ("a", "poison"):
        await asyncio.sleep(0.3)
        await home.mutate(ann, workshop.leave_mark, text=text)
    await asyncio.sleep(0.3)
    room.set()
    await until(lambda: bool(got) and got[-1]["t"] == "fail")
    await asyncio.sleep(0.1)
    assert got[-1]["t"] == "fail"
    slow.release()


async def test_two_subscriptions_to_one_query_share_its_updates(home: House) -> None:
    ann = await home.admit()
    async with home.tab(ann) as tab:
        await tab.sub(1, workshop.list_marks)
        first = await tab.gets(t="snap", id=1)
        await tab.sub(2, workshop.list_marks)
        assert (await tab.gets(t="snap", id=2))["q"] == first["q"]
        await home.mutate(ann, workshop.leave_mark, text="a")
        await tab.gets(t="set", q=first["q"])
        await tab.is_alive()
        assert Counter(frame["t"] for frame in tab.frames)["set"] == 1


async def test_a_returning_client_is_told_that_its_version_is_current(home: House) -> None:
    ann = await home.admit()
    await home.mutate(ann, workshop.leave_mark, text="a")
    async with home.tab(ann) as tab:
        await tab.sub(1, workshop.list_marks)
        seen = (await tab.gets(t="snap"))["v"]
    async with home.tab(ann) as tab:
        await tab.sub(1, workshop.list_marks, v=seen)
        same = await tab.gets(id=1)
        assert same == {"t": "same", "id": 1, "q": same["q"], "v": seen}
        await home.mutate(ann, workshop.leave_mark, text="b")
        assert (await tab.gets(t="set", q=same["q"]))["value"] == ["a", "b"]


async def test_what_changed_while_a_client_was_away_is_sent_whole(home: House) -> None:
    ann = await home.admit()
    async with home.tab(ann) as tab:
        await tab.sub(1, workshop.list_marks)
        seen = (await tab.gets(t="snap"))["v"]
    await home.mutate(ann, workshop.leave_mark, text="a")
    async with home.tab(ann) as tab:
        await tab.sub(1, workshop.list_marks, v=seen)
        assert (await tab.gets(id=1))["value"] == ["a"]


async def test_a_server_restart_says_so_and_keeps_versions(house: House) -> None:
    ann = await house.admit()
    await house.mutate(ann, workshop.leave_mark, text="a")
    async with house.tab(ann) as tab:
        await tab.sub(1, workshop.list_marks)
        seen = (await tab.gets(t="snap"))["v"]
        await house.stop()
        assert await tab.closes() == 1012
        boot = tab.frames[0]["boot"]
    await house.start()
    async with house.tab(ann) as tab:
        assert tab.frames[0]["boot"] != boot
        await tab.sub(1, workshop.list_marks, v=seen)
        assert (await tab.gets(id=1))["t"] == "same"


async def test_a_result_that_depends_on_the_person_is_bound_anew_when_that_is_learned(home: House) -> None:
    at_library = uuid7()
    ann, ben = await home.admit(library_id=at_library), await home.admit(library_id=at_library)
    async with home.tab(ann) as anns, home.tab(ben) as bens:
        await asyncio.gather(anns.sub(1, library.count_my_loans), bens.sub(1, library.count_my_loans))
        mine, his = await anns.gets(t="snap", id=1), await bens.gets(t="snap", id=1)
        assert mine["q"] != his["q"]
        book = await home.mutate(ann, library.add_book, title="Emma")
        await home.mutate(ann, library.borrow, book_id=book)
        assert (await anns.gets(t="set", q=mine["q"]))["value"] == 1
        await bens.is_alive()
        assert not [frame for frame in bens.frames if frame["t"] == "set"]


async def test_a_query_that_fails_says_so_and_recovers(home: House) -> None:
    ann = await home.admit()
    async with home.tab(ann) as tab:
        await tab.sub(1, workshop.list_marks_unless_poisoned)
        query = (await tab.gets(t="snap", id=1))["q"]
        await home.mutate(ann, workshop.leave_mark, text="poison")
        failed = await tab.gets(t="fail")
        assert (failed["q"], failed["error"]["code"]) == (query, "internal")
        assert "poisoned" not in json.dumps(failed)
        async with home.tab(ann) as late:
            await late.sub(5, workshop.list_marks_unless_poisoned)
            assert (await late.gets(t="fail"))["id"] == 5
            await home.mutate(ann, workshop.remove_marks, text="poison")
            assert (await tab.gets(t="set", q=query))["value"] == []
            assert (await late.gets(t="snap", id=5))["value"] == []


async def test_an_ended_subscription_is_not_served_any_more_and_its_id_is_free(home: House) -> None:
    ann = await home.admit()
    async with home.tab(ann) as tab:
        await tab.sub(1, workshop.list_marks)
        await tab.gets(t="snap", id=1)
        await tab.send(t="unsub", id=1)
        await tab.is_alive()
        assert home.engine.reactor.queries == {}
        await home.mutate(ann, workshop.leave_mark, text="a")
        await tab.sub(1, workshop.list_echoes)
        assert (await tab.gets(id=1))["value"] == []
        assert not [frame for frame in tab.frames if frame["t"] == "set"]


async def test_a_closed_socket_leaves_nothing_behind(home: House) -> None:
    ann = await home.admit()
    async with home.tab(ann) as tab:
        for number in range(20):
            await tab.sub(number, workshop.get_tally, name=str(number))
        await tab.gets(t="snap", id=19)
        await until(lambda: len(home.engine.reactor.queries) == 20)
    await until(lambda: home.engine.reactor.queries == {} and len(home.engine.connections) == 0)
    assert not home.engine.accesses.of(ann).holders


async def test_five_thousand_watchers_cost_one_execution(home: House) -> None:
    ann = await home.admit()
    sent: list[int] = []

    async def watch() -> None:
        """A socket without the network: it subscribes, and counts what it is sent."""
        frames = [
            {"type": "websocket.connect"},
            {"type": "websocket.receive", "text": json.dumps({"t": "sub", "id": 1, "fn": name, "args": {"shelf": 5}})},
        ]

        async def receive() -> Any:
            return frames.pop(0) if frames else await over.wait() and {"type": "websocket.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            if '"titles":["Emma"]' in message.get("text", ""):
                sent.append(1)

        await home.engine.live_app({"memberpulse.session": ann}, receive, send)

    name, over = function_name(library.get_shelf), asyncio.Event()
    sockets = [asyncio.create_task(watch()) for _ in range(5000)]
    await until(lambda: len(home.engine.connections) == 5000, seconds=240)
    await until(lambda: any(len(query.watchers) == 5000 for query in home.engine.reactor.queries.values()), seconds=30)
    library.runs.clear()
    await home.mutate(ann, library.add_book, title="Emma", shelf=5)
    await until(lambda: len(sent) == 5000, lambda: str(len(sent)), 30)
    assert library.runs == ["get_shelf:5"]
    over.set()
    await asyncio.gather(*sockets)


# Refusals


async def test_a_subscription_that_cannot_be_had_is_gone_and_the_others_stay(home: House) -> None:
    ann = await home.admit("workshop.use")
    mark = function_name(workshop.list_marks)
    refused: list[tuple[Any, Any, str]] = [
        ("no.such", {}, "unknown_function"),
        (None, {}, "unknown_function"),
        ({}, {}, "unknown_function"),
        (function_name(workshop.leave_mark), {"text": "a"}, "unknown_function"),
        (function_name(workshop.list_secrets), {}, "unknown_function"),
        (function_name(library.get_shelf), {"shelf": 1}, "forbidden"),
        (function_name(library.get_shelf), {"shelf": "not told"}, "forbidden"),
        (mark, {"more": 1}, "bad_arguments"),
        (mark, [], "bad_arguments"),
        (mark, None, "bad_arguments"),
        (function_name(workshop.get_tally), {"name": 5}, "bad_arguments"),
    ]
    async with home.tab(ann) as tab:
        await tab.sub(1, workshop.list_marks)
        await tab.gets(t="snap", id=1)
        for number, (name, arguments, code) in enumerate(refused, 100):
            await tab.send(t="sub", id=number, fn=name, args=arguments)
            gone = await tab.gets(id=number)
            assert (gone["t"], gone["error"]["code"]) == ("gone", code), (name, arguments)
        assert gone["error"]["fields"].keys() == {"name"}
        await home.mutate(ann, workshop.leave_mark, text="a")
        assert (await tab.gets(t="set"))["value"] == ["a"]


async def test_the_two_hundred_and_first_subscription_is_refused_and_the_others_stay(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memberpulse.engine.socket.FRAMES_PER_SECOND", 10_000.0)
    ann = await home.admit()
    async with home.tab(ann) as tab:
        for number in range(201):
            await tab.sub(number, workshop.get_tally, name=str(number))
        assert (await tab.gets(t="gone"))["error"]["code"] == "too_many"
        await home.mutate(ann, workshop.increase, name="199")
        await tab.gets(value=1)
        await tab.send(t="unsub", id=0)
        await tab.sub(200, workshop.list_marks)
        await tab.gets(t="snap", id=200)


async def test_a_page_with_as_many_subscriptions_as_there_may_be_comes_back_with_its_deeds(home: House) -> None:
    async with home.tab(await home.admit()) as tab:
        for number in range(MOST_SUBSCRIPTIONS):
            await tab.sub(number, workshop.get_tally, name=str(number))
        for number in range(MOST_RUNS_AT_ONCE):
            await tab.run(workshop.leave_mark, text=str(number))
        await tab.send(t="at", path="/tallies")
        await tab.is_alive()
        assert not [frame for frame in tab.frames if "error" in frame]


MALFORMED = [
    "",
    "not json",
    "null",
    "[]",
    "7",
    '"sub"',
    "{}",
    '{"t":null}',
    '{"t":[]}',
    '{"t":"no such"}',
    '{"t":"sub"}',
    '{"t":"sub","id":"1","fn":"x"}',
    '{"t":"sub","id":1.5,"fn":"x"}',
    '{"t":"sub","id":true,"fn":"x"}',
    "[" * 30_000,
    '{"t":"ping","n":' + "9" * 5000 + "}",
]


@pytest.mark.parametrize("text", MALFORMED, ids=lambda text: text[:24])
async def test_what_is_no_frame_ends_the_socket(home: House, text: str) -> None:
    async with home.tab(await home.admit()) as tab:
        await tab.link.send(text)
        assert await tab.closes() == 1008
    assert await until_empty(home)


async def test_an_id_in_use_ends_the_socket(home: House) -> None:
    async with home.tab(await home.admit()) as tab:
        await tab.sub(1, workshop.list_marks)
        await tab.sub(1, workshop.list_echoes)
        assert await tab.closes() == 1008


HARMLESS: list[dict[str, Any]] = [
    {"t": "unsub"},
    {"t": "unsub", "id": 77},
    {"t": "unsub", "id": []},
    {"t": "unsub", "id": True},
    {"t": "ping"},
    {"t": "ping", "n": "x"},
    {"t": "at"},
    {"t": "at", "path": 7},
    {"t": "at", "path": "javascript:alert(1)"},
    {"t": "at", "path": "/" + "x" * 300},
    {"t": "at", "path": "/\ud800"},
    {"t": "at", "path": "/\u0000"},
    {"t": "ping", "n": 1, "more": {"than": "asked"}},
]


async def test_odd_but_harmless_frames_are_lived_with(home: House) -> None:
    async with home.tab(await home.admit()) as tab:
        for frame in HARMLESS:
            await tab.send(**frame)
        await tab.is_alive()
        assert next(iter(home.engine.connections)).path is None


async def test_the_page_that_is_shown_is_known_and_told(home: House) -> None:
    seen: list[str | None] = []

    class Presence:
        def opened(self, connection: Any) -> None:
            seen.append("opened")

        def moved(self, connection: Any) -> None:
            seen.append(connection.path)

        def closed(self, connection: Any) -> None:
            seen.append("closed")

    home.engine.connections.observe(Presence())
    async with home.tab(await home.admit()) as tab:
        await tab.send(t="at", path="/members")
        await tab.send(t="at", path=None)
        await tab.is_alive()
    await until(lambda: len(seen) == 4, lambda: str(seen))
    assert seen == ["opened", "/members", None, "closed"]


async def test_binary_and_oversized_frames_end_the_socket(home: House) -> None:
    for message in (b"binary", "x" * (64 * 1024 + 1), json.dumps({"t": "ping", "n": 1, "more": "x" * 64 * 1024})):
        async with home.tab(await home.admit()) as tab:
            await tab.link.send(message)
            assert await tab.closes() == 1009


async def test_a_flood_ends_the_socket(home: House) -> None:
    async with home.tab(await home.admit()) as tab, home.tab(await home.admit()) as calm:
        for number in range(600):
            try:
                await tab.send(t="ping", n=number)
            except ConnectionClosed:
                break
        assert await tab.closes() == 4408
        assert len([frame for frame in tab.frames if frame["t"] == "pong"]) < 400
        await calm.is_alive()


@pytest.mark.parametrize("reference", [None, "", "nobody", "x" * 2000, "' OR 1=1 --"])
async def test_without_a_session_there_is_no_socket(home: House, reference: str | None) -> None:
    async with home.tab(reference, greeted=False) as tab:
        assert await tab.closes() == 4401
        assert tab.frames == []


# Runs


async def test_a_run_is_answered_under_its_id(house: House) -> None:
    async with house.tab(await house.admit()) as tab:
        await tab.sub(1, workshop.list_marks)
        key = await tab.run(workshop.leave_mark, text="a")
        done = await tab.gets(t="done", id=key)
        assert uuid.UUID(done["value"])
        await tab.shows(["a"])
        key = await tab.run(workshop.act_and_mark, text="b")
        assert "error" not in await tab.gets(t="done", id=key)


async def test_a_refused_run_says_why(home: House) -> None:
    refused: list[tuple[Any, Any, str]] = [
        (function_name(workshop.refuse), {}, "conflict"),
        (function_name(workshop.fail_by_fault), {}, "internal"),
        (function_name(workshop.leave_mark), {}, "bad_arguments"),
        (function_name(workshop.leave_mark), "a", "bad_arguments"),
        (function_name(workshop.list_marks), {}, "unknown_function"),
        (function_name(workshop.reset_everything), {"secret_switch": True}, "unknown_function"),
        (function_name(workshop.echo), {"text": "a"}, "unknown_function"),
        (function_name(library.add_book), {"title": "a"}, "forbidden"),
        (None, {}, "unknown_function"),
    ]
    async with home.tab(await home.admit("workshop.use")) as tab:
        for name, arguments, code in refused:
            key = uuid.uuid4().hex
            await tab.send(t="run", id=key, fn=name, args=arguments)
            done = await tab.gets(t="done", id=key)
            assert done["error"]["code"] == code
            assert done["error"]["request_id"].startswith("req_")
            assert "hunter2" not in json.dumps(done)


@pytest.mark.parametrize("key", [None, 7, "short", "x" * 65, {}, []])
async def test_a_run_without_a_proper_id_is_refused(home: House, key: Any) -> None:
    ann = await home.admit()
    async with home.tab(ann) as tab:
        await tab.send(t="run", id=key, fn=function_name(workshop.leave_mark), args={"text": "a"})
        assert (await tab.gets(t="done"))["error"]["code"] == "bad_arguments"
        await tab.sub(1, workshop.list_marks)
        assert (await tab.gets(t="snap"))["value"] == []


async def test_a_run_that_is_sent_again_after_a_broken_line_happens_once(house: House) -> None:
    ann = await house.admit()
    for number in range(10):
        key = uuid.uuid4().hex
        async with house.tab(ann) as tab:
            await tab.run(workshop.leave_mark, key, text=f"{number}")
            if number % 2:
                await tab.gets(t="done", id=key)
            tab.link.transport.abort()
        async with house.tab(ann) as tab:
            await tab.run(workshop.leave_mark, key, text=f"{number}")
            assert "error" not in await tab.gets(t="done", id=key)
            await tab.run(workshop.leave_mark, key, text="something else")
            assert (await tab.gets(t="done", id=key))["error"]["code"] == "key_reused"
    caller = await house.engine.caller_of(ann)
    assert await house.engine.query(workshop.list_marks, caller=caller) == [f"{number}" for number in range(10)]


async def test_only_so_many_runs_go_on_at_once(home: House) -> None:
    async with home.tab(await home.admit()) as tab:
        keys = [await tab.run(workshop.dawdle_outside) for _ in range(17)]
        refused = await tab.gets(t="done")
        assert (refused["id"], refused["error"]["code"]) == (keys[-1], "too_many")
        assert refused["error"]["retry_after"] >= 1
        for task in list(next(iter(home.engine.connections))._running):
            task.cancel()


async def test_runs_too_often_are_told_when_to_come_again(home: House) -> None:
    async with home.tab(await home.admit()) as tab:
        for _ in range(3):
            await tab.run(workshop.ring)
        errors = [frame["error"] for frame in [await tab.gets(t="done") for _ in range(3)] if "error" in frame]
        assert [(error["code"], error["status"]) for error in errors] == [("too_many", 429)]
        assert errors[0]["retry_after"] >= 1


async def test_subscriptions_are_counted_where_the_query_asks_for_it(home: House) -> None:
    async with home.tab(await home.admit()) as tab:
        for number in range(3):
            await tab.sub(number, workshop.guess, word=f"{number}")
        gone = await tab.gets(t="gone")
        assert (gone["id"], gone["error"]["code"]) == (2, "too_many")
        assert gone["error"]["retry_after"] >= 1


async def test_what_a_persons_subscriptions_begin_to_run_is_counted_over_all_their_sockets(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memberpulse.engine.limits.SUBSCRIBED_RUNS_PER_PERSON", "5/hour")
    ann = {"user_id": uuid7(), "library_id": uuid7()}
    desk, phone = await home.admit(**ann), await home.admit(**ann)
    async with home.tab(desk) as one, home.tab(phone) as two, home.tab(await home.admit()) as other:
        for number in range(4):
            await one.sub(number, workshop.get_tally, name=f"{number}")
            await one.gets(t="snap", id=number)
        for number in range(4):
            await two.sub(number, workshop.get_tally, name=f"{number}")
            await two.gets(t="snap", id=number)  # runs already
        await two.sub(4, workshop.get_tally, name="4")
        await two.gets(t="snap", id=4)
        for tab in (one, two):
            await tab.sub(5, workshop.get_tally, name="5")
            gone = await tab.gets(t="gone", id=5)
            assert gone["error"]["code"] == "too_many"
            assert gone["error"]["retry_after"] >= 1
        await other.sub(1, workshop.get_tally, name="5")
        await other.gets(t="snap", id=1)
        await home.mutate(desk, workshop.increase, name="0")
        assert (await two.gets(t="set"))["value"] == 1, "what they have stays"


# Rights that go and come


async def test_an_ended_session_closes_its_sockets_within_a_second(house: House) -> None:
    ann, ben = await house.admit(), await house.admit()
    async with house.tab(ann) as one, house.tab(ann) as two, house.tab(ben) as his:
        for tab in (one, two, his):
            await tab.sub(1, workshop.list_marks)
            await tab.gets(t="snap")
        await house.engine.mutate(library.close_pass, caller=system(), reference=ann)
        assert await one.closes(1) == 4401
        assert await two.closes(1) == 4401
        await his.is_alive()


async def test_a_session_ends_by_itself_at_its_time(home: House) -> None:
    ann = await home.admit(ends_at=datetime.now(UTC) + timedelta(seconds=0.4))
    async with home.tab(ann) as tab:
        await tab.is_alive()
        assert await tab.closes(3) == 4401


async def test_no_protected_row_is_sent_after_the_commit_that_ended_the_session(house: House) -> None:
    """The ending and the row are committed one right after the other, many times."""
    at_library = uuid7()
    writer = await house.admit(library_id=at_library)
    for number in range(30):
        reader, secret = await house.admit(library_id=at_library), f"secret {number}"
        async with house.tab(reader) as tab, house.tab(writer) as other:
            for each in (tab, other):
                await each.sub(1, workshop.list_marks)
                await each.gets(t="snap")
            write = await commit_in_order(
                house,
                house.engine.mutate(library.close_pass, caller=system(), reference=reader),
                house.mutate(writer, workshop.leave_mark, text=secret),
            )
            await asyncio.gather(*write)
            assert await tab.closes(1) == 4401
            await other.gets(t="set")
            assert secret not in json.dumps(tab.frames)


async def commit_in_order(house: House, first: Any, second: Any) -> list[Any]:
    """On SQLite one thread writes, in the order of asking, so the second may be asked for at once."""
    begun = asyncio.ensure_future(first)
    if not house.url.startswith("sqlite"):
        await begun
    await asyncio.sleep(0)
    return [begun, asyncio.ensure_future(second)]


async def test_no_protected_row_is_sent_after_the_commit_that_took_the_right(house: House) -> None:
    at_library = uuid7()
    writer = await house.admit(library_id=at_library)
    reader = await house.admit(library_id=at_library)
    async with house.tab(reader) as tab:
        for number in range(30):
            await set_capabilities(house, reader, ALL)
            await until_allowed(house, reader)
            await tab.sub(1, workshop.list_marks)
            await tab.gets(t="snap")
            write = await commit_in_order(
                house,
                set_capabilities(house, reader, "books.view"),
                house.mutate(writer, workshop.leave_mark, text=f"secret {number}"),
            )
            await asyncio.gather(*write)
            before = len(tab.frames)
            gone = await tab.gets(t="gone", id=1)
            assert gone["error"]["code"] == "forbidden"
            await tab.is_alive()
            values = [json.dumps(frame) for frame in tab.frames[before - 5 :] if frame["t"] in ("set", "snap")]
            assert not [value for value in values if f"secret {number}" in value]
            for connection in house.engine.connections:
                connection._allowance = 200.0


async def set_capabilities(house: House, reference: str, capabilities: str) -> None:
    await house.engine.mutate(library.set_capabilities, caller=system(), reference=reference, capabilities=capabilities)


async def until_allowed(house: House, reference: str) -> None:
    assert (await house.engine.caller_of(reference)).may("workshop.use")


async def test_a_lost_right_ends_only_what_it_was_needed_for_and_a_gained_one_opens_it(home: House) -> None:
    ann = await home.admit()
    async with home.tab(ann) as tab:
        await tab.sub(1, workshop.list_marks)
        await tab.sub(2, workshop.get_own_name)
        await tab.sub(3, library.get_shelf, shelf=1)
        await tab.gets(t="snap", id=3)
        await set_capabilities(home, ann, "books.view books.edit")
        assert (await tab.gets(t="gone", id=1))["error"]["code"] == "forbidden"
        await home.mutate(ann, library.add_book, title="Emma", shelf=1)
        await tab.shows({"titles": ["Emma"], "lent": 0})
        await tab.sub(1, workshop.list_marks)
        assert (await tab.gets(id=1))["t"] == "gone"
        await set_capabilities(home, ann, ALL)
        await tab.sub(1, workshop.list_marks)
        assert (await tab.gets(id=1))["t"] == "snap"


async def test_a_person_moved_to_another_organization_is_shown_only_that_one(home: House) -> None:
    here, there = await home.admit(), await home.admit()
    await home.mutate(here, workshop.leave_mark, text="here")
    await home.mutate(there, workshop.leave_mark, text="there")
    other = (await home.engine.caller_of(there)).organization_id

    def move(ctx: MutationCtx) -> None:
        holder = ctx.db.scalars(select(Pass).where(col(Pass.reference) == here)).one()
        holder.library_id = other  # type: ignore[assignment]

    async with home.tab(here) as tab:
        await tab.sub(1, workshop.list_marks)
        assert (await tab.gets(t="snap", id=1))["value"] == ["here"]
        await home.engine.transact_async(move, system())
        assert (await tab.gets(t="snap", id=1))["value"] == ["there"]


async def test_the_answer_to_a_run_is_kept_for_a_day(home: House) -> None:
    ann = await home.admit()
    async with home.tab(ann) as tab:
        key = await tab.run(workshop.leave_mark, text="a")
        await tab.gets(t="done", id=key)

    def read(ctx: MutationCtx) -> EngineCall:
        return ctx.db.scalars(select(EngineCall).where(EngineCall.key == key)).one()

    call = await home.engine.transact_async(read, system())
    assert call.function == function_of(workshop.leave_mark).name
