"""The HTTP doors: calls, problem documents, keys, rates, the stream, and the document that describes them."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from memberpulse.engine import Engine, EngineSettings, MutationCtx, function_name, system, uuid7
from tests.engine import library, workshop
from tests.engine.conftest import create_tables, until
from tests.engine.library import Pass

pytestmark = pytest.mark.anyio

ALL = "workshop.use books.view books.edit"


class Door:
    """The engine's routes behind a gate that takes the session from a header."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._routes = Starlette(routes=engine.routes())
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self), base_url="http://here")

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        session = dict(scope["headers"]).get(b"x-session")
        await self._routes({**scope, "memberpulse.session": session and session.decode()}, receive, send)

    async def admit(self, capabilities: str = ALL, library_id: uuid.UUID | None = None) -> str:
        reference = uuid.uuid4().hex

        def issue(ctx: MutationCtx) -> None:
            library = library_id or uuid7()
            ctx.db.add(Pass(reference=reference, user_id=uuid7(), library_id=library, capabilities=capabilities))

        await self.engine.transact_async(issue, system())
        return reference

    async def post(
        self,
        function: Any,
        session: str | None = None,
        kind: str = "mutation",
        key: str | None = None,
        **arguments: Any,
    ) -> httpx.Response:
        return await self.send(f"/api/{kind}/{function_name(function)}", session, json.dumps(arguments), key)

    async def send(
        self, path: str, session: str | None, body: str | bytes | AsyncIterator[bytes], key: str | None = None
    ) -> httpx.Response:
        headers = {"x-session": session} if session else {}
        headers |= {"idempotency-key": key} if key else {}
        return await self.client.post(path, content=body, headers=headers)

    async def marks(self, session: str) -> list[str]:
        return (await self.post(workshop.list_marks, session, "query")).json()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('http')}/test.db"
    create_tables(url)
    return url


@pytest.fixture
async def door(url: str) -> AsyncIterator[Door]:
    engine = Engine(
        EngineSettings(database_url=url, background=False), [library.library, workshop.workshop], library.identify
    )
    await engine.start()
    door = Door(engine)
    yield door
    await door.client.aclose()
    await engine.stop()


def problem_of(answer: httpx.Response) -> dict[str, Any]:
    """The problem document of a refusal, checked for its form."""
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["type"] == "about:blank"
    assert problem["status"] == answer.status_code
    assert problem["title"].endswith(".")
    assert problem["request_id"].startswith("req_")
    return problem


async def test_each_kind_has_its_door(door: Door) -> None:
    ann = await door.admit()
    done = await door.post(workshop.leave_mark, ann, text="a")
    assert (done.status_code, done.headers["content-type"]) == (200, "application/json")
    assert done.headers["cache-control"] == "no-store"
    assert uuid.UUID(done.json())
    assert (await door.post(workshop.act_and_mark, ann, "action", text="b")).status_code == 200
    assert await door.marks(ann) == ["a", "b"]
    assert (await door.send(f"/api/query/{function_name(workshop.list_marks)}", ann, b"")).json() == ["a", "b"]


async def test_a_function_is_not_behind_the_door_of_another_kind(door: Door) -> None:
    ann = await door.admit()
    for kind in ("query", "action"):
        assert problem_of(await door.post(workshop.leave_mark, ann, kind, text="a"))["code"] == "unknown_function"
    assert (await door.post(workshop.echo, ann, "job", text="a")).status_code in (404, 422)
    assert (await door.client.get(f"/api/mutation/{function_name(workshop.leave_mark)}")).status_code == 405
    assert await door.marks(ann) == []


async def test_each_refusal_is_a_problem_document_with_its_status(door: Door) -> None:
    ann, ben = await door.admit(), await door.admit("books.view")
    refused: list[tuple[Any, str | None, dict[str, Any], int, str]] = [
        (workshop.leave_mark, None, {"text": "a"}, 401, "not_signed_in"),
        (workshop.leave_mark, "nobody", {"text": "a"}, 401, "not_signed_in"),
        (workshop.leave_mark, ben, {"text": "a"}, 403, "forbidden"),
        (workshop.reset_everything, ann, {"secret_switch": True}, 404, "unknown_function"),
        (workshop.leave_mark, ann, {"text": 7}, 422, "bad_arguments"),
        (workshop.refuse, ann, {}, 409, "conflict"),
        (workshop.fail_by_fault, ann, {}, 500, "internal"),
    ]
    for function, session, arguments, status, code in refused:
        answer = await door.post(function, session, **arguments)
        problem = problem_of(answer)
        assert (answer.status_code, problem["code"]) == (status, code)
        assert "hunter2" not in answer.text
    assert problem_of(await door.post(workshop.leave_mark, ann, text=7))["fields"].keys() == {"text"}
    assert await door.marks(ann) == []


BODIES: dict[str, bytes] = {
    "no json": b"text=a",
    "a list": b'["a"]',
    "null": b"null",
    "a number that is none": b'{"text": NaN}',
    "infinite": b'{"text": 1e999}',
    "broken text": b'{"text": "\xff"}',
    "half of it": b'{"text": "a"',
    "too deep": b"[" * 100_000,
    "too deep inside": b'{"text": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "a number too long": b'{"text": ' + b"9" * 5000 + b"}",
    "a lone surrogate": b'{"text": "\\ud800"}',
    "an extra name": b'{"text": "a", "admin": true}',
}


async def test_a_body_that_is_too_large_is_refused(door: Door) -> None:
    ann = await door.admit()
    answer = await door.send(f"/api/mutation/{function_name(workshop.leave_mark)}", ann, b" " * (256 * 1024 + 1))
    assert (answer.status_code, problem_of(answer)["code"]) == (413, "too_large")


async def test_a_job_has_no_door(door: Door) -> None:
    answer = await door.send("/api/job/workshop.leave_mark", await door.admit(), b"{}")
    assert (answer.status_code, problem_of(answer)["code"]) == (404, "unknown_function")


@pytest.mark.parametrize("name", BODIES)
async def test_a_body_that_is_not_arguments_is_refused(door: Door, name: str) -> None:
    ann = await door.admit()
    answer = await door.send(f"/api/mutation/{function_name(workshop.leave_mark)}", ann, BODIES[name])
    assert problem_of(answer)["code"] == "bad_arguments"
    assert await door.marks(ann) == []


async def test_an_endless_body_is_not_read_to_its_end(door: Door) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b" " * 64_000

    answer = await door.send(f"/api/mutation/{function_name(workshop.leave_mark)}", await door.admit(), endless())
    assert answer.status_code == 413
    assert read < 10


async def test_a_used_key_gives_the_first_answer_again(door: Door) -> None:
    ann, key = await door.admit(), uuid.uuid4().hex
    first = await door.post(workshop.leave_mark, ann, key=key, text="a")
    again = await door.post(workshop.leave_mark, ann, key=key, text="a")
    assert (again.status_code, again.content) == (200, first.content)
    reused = problem_of(await door.post(workshop.leave_mark, ann, key=key, text="b"))
    assert (reused["status"], reused["code"]) == (409, "key_reused")
    assert await door.marks(ann) == ["a"]


@pytest.mark.parametrize("key", ["short", "x" * 65])
async def test_a_key_has_a_proper_length(door: Door, key: str) -> None:
    ann = await door.admit()
    assert problem_of(await door.post(workshop.leave_mark, ann, key=key, text="a"))["code"] == "bad_arguments"
    assert await door.marks(ann) == []


async def test_too_many_calls_are_told_when_to_come_again(door: Door) -> None:
    ann = await door.admit()
    answers = [await door.post(workshop.ring, ann) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    problem = problem_of(answers[-1])
    assert int(answers[-1].headers["retry-after"]) == problem["retry_after"] >= 1


async def test_a_call_of_a_session_that_just_ended_is_refused(door: Door) -> None:
    ann = await door.admit()
    assert await door.marks(ann) == []
    await door.engine.mutate(library.close_pass, caller=system(), reference=ann)
    assert (await door.post(workshop.list_marks, ann, "query")).status_code == 401
    assert (await door.post(workshop.leave_mark, ann, text="a")).status_code == 401


# The stream


class Stream:
    """A client of the stream: keeps its events."""

    def __init__(self, door: Door, function: Any, session: str | None, arguments: str = "{}") -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self._gone = asyncio.Event()
        query = httpx.QueryParams({"args": arguments})
        headers = [(b"x-session", session.encode())] if session else []
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "method": "GET",
            "path": f"/api/live/{function_name(function)}",
            "query_string": str(query).encode(),
            "headers": headers,
        }
        self.task = asyncio.create_task(door(scope, self._receive, self._send))  # type: ignore[arg-type]

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        self.body += message.get("body", b"")

    @property
    def events(self) -> list[tuple[str, Any]]:
        events = [block for block in self.body.decode().split("\n\n") if "event:" in block]
        lines = [dict(line.split(": ", 1) for line in block.splitlines()) for block in events]
        return [(each["event"], json.loads(each["data"])) for each in lines]

    async def shows(self, *events: tuple[str, Any]) -> None:
        await until(lambda: self.events == list(events), lambda: f"{self.events} != {events}", 10)

    async def leave(self) -> None:
        self._gone.set()
        await asyncio.wait_for(self.task, 20)


async def test_a_stream_gives_each_new_value(door: Door) -> None:
    ann = await door.admit()
    stream = Stream(door, workshop.list_marks, ann)
    await stream.shows(("value", []))
    assert (stream.status, stream.headers["content-type"].split(";")[0]) == (200, "text/event-stream")
    assert stream.headers["cache-control"] == "no-store"
    await door.post(workshop.leave_mark, ann, text="a")
    await stream.shows(("value", []), ("value", ["a"]))
    await stream.leave()


async def test_a_stream_ends_with_its_session_before_another_row_is_sent(door: Door) -> None:
    """Both are asked for at once; the one thread that writes to SQLite does them in this order."""
    at_library = uuid7()
    ben = await door.engine.caller_of(await door.admit(library_id=at_library))
    for number in range(20):
        ann = await door.admit(library_id=at_library)
        stream, secret = Stream(door, workshop.list_marks, ann), f"secret {number}"
        await until(lambda stream=stream: bool(stream.events))
        ends = door.engine.mutate(library.close_pass, caller=system(), reference=ann)
        await asyncio.gather(ends, door.engine.mutate(workshop.leave_mark, caller=ben, text=secret))
        await asyncio.wait_for(stream.task, 5)
        assert stream.events[-1] == ("gone", {})
        assert secret not in stream.body.decode()


async def test_a_stream_ends_when_its_right_is_lost(door: Door) -> None:
    ann = await door.admit()
    stream = Stream(door, workshop.list_marks, ann)
    await stream.shows(("value", []))
    await door.engine.mutate(library.set_capabilities, caller=system(), reference=ann, capabilities="books.view")
    await asyncio.wait_for(stream.task, 5)
    assert stream.events[-1] == ("gone", {})


async def test_a_stream_tells_of_failure_and_recovery(door: Door) -> None:
    ann = await door.admit()
    stream = Stream(door, workshop.list_marks_unless_poisoned, ann)
    await stream.shows(("value", []))
    await door.post(workshop.leave_mark, ann, text="poison")
    await until(lambda: stream.events[-1][0] == "fail")
    assert stream.events[-1][1]["code"] == "internal"
    await door.post(workshop.leave_mark, ann, text="a")
    await door.post(workshop.remove_marks, ann, text="poison")
    await until(lambda: stream.events[-1] == ("value", ["a"]), lambda: str(stream.events), 10)
    await stream.leave()


async def test_a_stream_that_recovers_to_the_value_it_had_says_so(door: Door) -> None:
    ann = await door.admit()
    stream = Stream(door, workshop.list_marks_unless_poisoned, ann)
    await stream.shows(("value", []))
    await door.post(workshop.leave_mark, ann, text="poison")
    await until(lambda: stream.events[-1][0] == "fail")
    await door.post(workshop.remove_marks, ann, text="poison")
    await until(lambda: stream.events[-1] == ("value", []), lambda: str(stream.events), 10)
    await stream.leave()


async def test_a_client_that_leaves_its_stream_leaves_nothing_behind(door: Door) -> None:
    ann = await door.admit()
    stream = Stream(door, workshop.list_marks, ann)
    await stream.shows(("value", []))
    assert len(door.engine.reactor.queries) == 1
    await stream.leave()
    await until(lambda: door.engine.reactor.queries == {})
    assert not door.engine.accesses.of(ann).holders


@pytest.mark.parametrize(
    ("function", "signed_in", "arguments", "status"),
    [
        (workshop.list_marks, False, "{}", 401),
        (workshop.list_secrets, True, "{}", 404),
        (workshop.leave_mark, True, "{}", 404),
        (library.get_shelf, True, "{}", 422),
        (library.get_shelf, True, "[", 422),
        (library.get_shelf, True, "[]", 422),
        (library.get_shelf, True, '{"shelf": "1"}', 422),
        (library.get_shelf, True, "[" * 100_000, 422),
    ],
)
async def test_a_stream_that_cannot_be_had_is_a_problem(
    door: Door, function: Any, signed_in: bool, arguments: str, status: int
) -> None:
    stream = Stream(door, function, await door.admit() if signed_in else None, arguments)
    await asyncio.wait_for(stream.task, 5)
    assert (stream.status, stream.headers["content-type"]) == (status, "application/problem+json")
    assert json.loads(stream.body)["status"] == status


# The document


async def test_the_document_describes_every_open_function_and_no_other(door: Door) -> None:
    document = (await door.client.get("/api/openapi.json")).json()
    open_functions = {f"/api/{each.kind}/{each.name}" for each in door.engine.registry.open_functions()}
    assert document["openapi"] == "3.1.0"
    assert set(document["paths"]) == open_functions
    for function in (workshop.reset_everything, workshop.list_secrets, workshop.echo):
        assert f'/{function_name(function)}"' not in json.dumps(document)
    operations = [path["post"] for path in document["paths"].values()]
    assert len({each["operationId"] for each in operations}) == len(operations)
    assert all(each["responses"].keys() == {"200", "default"} for each in operations)


async def test_every_reference_in_the_document_leads_somewhere(door: Door) -> None:
    document = (await door.client.get("/api/openapi.json")).json()
    references = set(references_in(document))
    assert any("Colour" in each for each in references), "an enum is shared"
    for reference in references:
        found: Any = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        assert found
    assert '"$defs"' not in json.dumps(document)


def references_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from references_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from references_in(each)


async def test_the_document_says_what_a_call_takes_and_gives(door: Door) -> None:
    document = (await door.client.get("/api/openapi.json")).json()
    mark = document["paths"][f"/api/mutation/{function_name(workshop.leave_mark)}"]["post"]
    taken = mark["requestBody"]["content"]["application/json"]["schema"]
    assert taken["required"] == ["text"]
    assert taken["additionalProperties"] is False
    assert mark["responses"]["200"]["content"]["application/json"]["schema"] == {"type": "string", "format": "uuid"}
    assert mark["parameters"][0]["name"] == "Idempotency-Key"
    assert mark["security"] == [{"session": []}]
    assert "security" not in document["paths"][f"/api/mutation/{function_name(workshop.knock)}"]["post"]
