"""Functions from every side: arguments, rights, errors, time, conflicts, keys, rates, and what is recorded."""

import asyncio
import json
import threading
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import select

from memberpulse.engine import (
    ANONYMOUS,
    Caller,
    Domain,
    Engine,
    EngineSettings,
    MutationCtx,
    function_name,
    function_of,
    mutation,
    system,
    uuid7,
)
from memberpulse.engine import database as database_module
from memberpulse.engine import runtime as runtime_module
from memberpulse.engine.context import QueryCtx
from memberpulse.engine.database import Database
from memberpulse.engine.errors import (
    AlreadyBegun,
    BadArguments,
    Conflict,
    EngineError,
    Forbidden,
    Internal,
    KeyReused,
    NotSignedIn,
    Timeout,
    TooMany,
    Unavailable,
    UnknownFunction,
)
from memberpulse.engine.functions import Kind
from memberpulse.engine.limits import Limiter
from memberpulse.engine.registry import Registry
from memberpulse.engine.session import LiveSession
from memberpulse.engine.tables import EngineCall, EngineLogEntry
from tests.engine import library, workshop
from tests.engine.conftest import create_tables, until
from tests.engine.library import Pass
from tests.postgres import postgres_database

pytestmark = pytest.mark.anyio

DOORS = (Kind.QUERY, Kind.MUTATION, Kind.ACTION)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One database of each kind for all these tests: everybody in them has an organization of their own."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('functions')}/test.db"
        else:
            url = stack.enter_context(postgres_database(request.getfixturevalue("postgres_server")))
        create_tables(url)
        yield url


@pytest.fixture
async def engine(url: str) -> AsyncIterator[Engine]:
    running = await start(url)
    yield running
    await running.stop()


async def start(url: str, **settings: Any) -> Engine:
    settings = {"background": False, **settings}
    engine = Engine(
        EngineSettings(database_url=url, **settings), [library.library, workshop.workshop], library.identify
    )
    await engine.start()
    return engine


def somebody(
    capabilities: str = "workshop.use books.edit books.view", organization_id: uuid.UUID | None = None
) -> Caller:
    return library.a_person(organization_id, capabilities)


async def call(engine: Engine, function: Any, caller: Caller, key: str | None = None, **arguments: Any) -> Any:
    """As a door does it: by name, with JSON."""
    return json.loads(await engine.serve(function_name(function), arguments, caller, *DOORS, key=key))


# Arguments

GOOD: dict[str, Any] = {
    "number": 7,
    "ratio": 0.5,
    "urgent": True,
    "at": "2026-03-01T12:00:00+00:00",
    "order_id": "01a1fa7f-1a49-7aa7-9da9-368d96298bc4",
    "colour": "red",
    "names": ["Ann"],
    "extra": {"deep": [1, {"er": None}]},
}


def deep(levels: int) -> Any:
    nested: Any = "bottom"
    for _ in range(levels):
        nested = [nested]
    return nested


BAD: dict[str, dict[str, Any]] = {
    "a number as text": {"number": "7"},
    "a number as a truth": {"number": True},
    "a number with a fraction": {"number": 7.5},
    "a whole number with a point": {"number": 7.0},
    "a fraction as text": {"ratio": "0.5"},
    "not a number": {"ratio": float("nan")},
    "infinite": {"ratio": float("inf")},
    "infinite deep inside": {"extra": {"a": [float("-inf")]}},
    "a truth as a number": {"urgent": 1},
    "a truth as text": {"urgent": "true"},
    "a truth as nothing": {"urgent": None},
    "an instant as a number": {"at": 1772366400},
    "an instant as nonsense": {"at": "tomorrow"},
    "an id as nonsense": {"order_id": "1"},
    "an id as a number": {"order_id": 1},
    "an unknown choice": {"colour": "green"},
    "a choice by its name": {"colour": "RED"},
    "a list as text": {"names": "Ann"},
    "a list of the wrong": {"names": ["Ann", 1]},
    "a list as an object": {"names": {"0": "Ann"}},
    "an object as a list": {"extra": []},
    "nesting without end": {"extra": {"a": deep(5000)}},
    "a lone surrogate": {"names": ["\ud800"]},
    "one that is not there": {"admin": True},
    "the context": {"ctx": {}},
    "a private name": {"__class__": "x"},
    "an empty name": {"": 1},
}


@pytest.fixture(scope="module")
def order() -> Any:
    return function_of(workshop.echo_order).arguments


async def test_arguments_of_the_right_types_are_taken_as_they_are(engine: Engine) -> None:
    echoed = await call(engine, workshop.echo_order, somebody(), **GOOD)
    assert {**echoed, "at": None} == {**GOOD, "at": None}
    assert datetime.fromisoformat(echoed["at"]) == datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("name", BAD)
def test_arguments_are_neither_coerced_nor_ignored(order: Any, name: str) -> None:
    with pytest.raises(BadArguments) as refused:
        order.parse_json({**GOOD, **BAD[name]})
    assert refused.value.status == 422


@pytest.mark.parametrize("missing", [name for name in GOOD if name != "extra"])
def test_no_argument_may_be_left_out_unless_it_has_a_default(order: Any, missing: str) -> None:
    with pytest.raises(BadArguments) as refused:
        order.parse_json({name: value for name, value in GOOD.items() if name != missing})
    assert list(refused.value.fields) == [missing]


async def test_python_callers_are_held_to_the_same_types(engine: Engine) -> None:
    with pytest.raises(BadArguments):
        await engine.query(workshop.find_number, caller=somebody(), number="7")
    with pytest.raises(BadArguments):
        await engine.mutate(workshop.leave_mark, caller=somebody(), text="a", more=1)


@pytest.mark.parametrize("number", [2**31, 2**63, -(2**63) - 1, 10**400])
async def test_a_number_that_the_database_cannot_hold_is_the_callers_mistake(
    engine: Engine, number: int, caplog: pytest.LogCaptureFixture
) -> None:
    answers = await asyncio.gather(
        call(engine, workshop.find_number, somebody(), number=number), return_exceptions=True
    )
    assert answers == [0] or isinstance(answers[0], BadArguments)
    assert not caplog.records


async def test_a_character_that_no_text_has_is_the_callers_mistake(engine: Engine) -> None:
    with pytest.raises(BadArguments):
        await call(engine, workshop.leave_mark, somebody(), text="a\x00b")
    assert await call(engine, workshop.leave_mark, somebody(), text="a\\u0000b"), "six characters as they are typed"


async def test_nothing_about_arguments_is_told_to_who_may_not_call(engine: Engine) -> None:
    with pytest.raises(NotSignedIn):
        await call(engine, workshop.echo_order, ANONYMOUS, nonsense=1)
    with pytest.raises(Forbidden):
        await call(engine, workshop.echo_order, somebody("books.view"), nonsense=1)


# Rights

INTERNAL = [workshop.reset_everything, workshop.list_secrets, workshop.echo]


@pytest.mark.parametrize("function", INTERNAL)
@pytest.mark.parametrize("arguments", [{}, {"secret_switch": True}, {"text": "a"}])
async def test_what_is_internal_does_not_exist_for_a_client(engine: Engine, function: Any, arguments: Any) -> None:
    for caller in (ANONYMOUS, somebody(), somebody("internal public")):
        with pytest.raises(UnknownFunction):
            await call(engine, function, caller, **arguments)


async def test_what_is_internal_is_open_to_the_system(engine: Engine) -> None:
    assert await call(engine, workshop.list_secrets, system(uuid7())) == ["secret"]


@pytest.mark.parametrize(
    "name", ["", "workshop", "engine.", "engine.nothing", "engine.Echo", "os.system", "__import__"]
)
async def test_an_unknown_name_is_unknown(engine: Engine, name: str) -> None:
    with pytest.raises(UnknownFunction):
        await engine.serve(name, {}, somebody(), *DOORS)


async def test_a_function_is_not_there_under_another_kind(engine: Engine) -> None:
    name = function_name(workshop.leave_mark)
    with pytest.raises(UnknownFunction):
        await engine.serve(name, {"text": "a"}, somebody(), Kind.QUERY)


async def test_every_function_asks_for_its_right(engine: Engine) -> None:
    for function in engine.registry.open_functions():
        if function.requires == "public":
            continue
        with pytest.raises(NotSignedIn):
            await engine.serve(function.name, {}, ANONYMOUS, function.kind)
        if function.requires != "signed-in":
            with pytest.raises(Forbidden):
                await engine.serve(function.name, {}, somebody("nothing.at_all"), function.kind)


async def test_a_public_function_is_open_and_a_signed_in_one_to_any_person(engine: Engine) -> None:
    assert await call(engine, workshop.knock, ANONYMOUS) == "come in"
    assert await call(engine, workshop.get_own_name, somebody("")) == "somebody"


def test_a_function_that_asks_for_an_unknown_right_is_refused_at_start() -> None:
    @mutation(requires="workshop.misspelt")
    def nobody_may(ctx: MutationCtx) -> None: ...

    with pytest.raises(TypeError, match="misspelt"):
        Registry([Domain(name="typo", functions=[nobody_may], capabilities=["workshop.use"])])


def test_an_argument_that_the_engine_would_take_for_its_own_is_refused_at_start() -> None:
    @mutation(requires="workshop.use")
    def mark_once(ctx: MutationCtx, *, key: str) -> None: ...

    with pytest.raises(TypeError, match="key"):
        Registry([Domain(name="shadow", functions=[mark_once], capabilities=["workshop.use"])])


async def test_a_right_that_was_lost_since_counts_within_the_transaction(engine: Engine) -> None:
    ann = await with_pass(engine, "workshop.use")
    stale = await engine.caller_of(ann)
    await engine.mutate(library.set_capabilities, caller=system(), reference=ann, capabilities="")
    with pytest.raises(Forbidden):
        await engine.mutate(workshop.leave_mark, caller=stale, text="too late")
    await engine.mutate(library.close_pass, caller=system(), reference=ann)
    with pytest.raises(NotSignedIn):
        await engine.mutate(workshop.leave_mark, caller=stale, text="too late")
    assert await engine.query(workshop.list_marks, caller=stale) == []


async def test_an_action_of_a_person_may_call_what_is_internal(engine: Engine) -> None:
    ann = await engine.caller_of(await with_pass(engine, "workshop.use"))
    await call(engine, workshop.act_and_reset, ann)
    assert await engine.query(workshop.list_marks, caller=ann) == ["reset"]


async def with_pass(engine: Engine, capabilities: str) -> str:
    reference = uuid.uuid4().hex

    def issue(ctx: MutationCtx) -> None:
        ctx.db.add(Pass(reference=reference, user_id=uuid7(), library_id=uuid7(), capabilities=capabilities))

    await engine.transact_async(issue, system())
    return reference


# Errors


async def test_a_refusal_says_what_and_where_and_writes_nothing(engine: Engine) -> None:
    ann = somebody()
    with pytest.raises(Conflict) as refused:
        await call(engine, workshop.refuse, ann)
    described = refused.value.describe(engine.request_id_of(refused.value))
    assert described == {
        "code": "conflict",
        "status": 409,
        "message": "The workshop is closed.",
        "fields": {"day": "It is Sunday."},
        "request_id": described["request_id"],
    }
    assert await engine.query(workshop.list_marks, caller=ann) == []


async def test_a_fault_tells_only_its_request_id_and_the_log_the_rest(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    ann = somebody()
    with pytest.raises(Internal) as failed:
        await call(engine, workshop.fail_by_fault, ann)
    request_id = engine.request_id_of(failed.value)
    assert "hunter2" not in json.dumps(failed.value.describe(request_id))
    assert any(request_id in record.getMessage() and record.exc_info for record in caplog.records)
    assert await engine.query(workshop.list_marks, caller=ann) == []


async def test_a_missing_table_is_a_fault_of_ours_and_is_logged(
    tmp_path: Any, caplog: pytest.LogCaptureFixture
) -> None:
    engine = await start(f"sqlite:///{tmp_path}/empty.db")
    with pytest.raises(Internal):
        await engine.mutate(workshop.leave_mark, caller=somebody(), text="a")
    with pytest.raises(Internal):
        await engine.query(workshop.list_marks, caller=somebody())
    assert "no such table" in caplog.text
    await engine.stop()


async def test_a_database_that_is_gone_is_unavailable_and_comes_back_by_itself(postgres_server: str) -> None:
    import psycopg

    with postgres_database(postgres_server) as url:
        create_tables(url)
        engine, ann = await start(url), somebody()
        await engine.mutate(workshop.leave_mark, caller=ann, text="before")
        name = url.rpartition("/")[2].partition("?")[0]
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
        with psycopg.connect(postgres_server, autocommit=True) as admin:
            admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            admin.execute(cut, (name,))
            with pytest.raises(Unavailable):
                await engine.mutate(workshop.leave_mark, caller=ann, text="meanwhile")
            admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await engine.mutate(workshop.leave_mark, caller=ann, text="after")
        assert await engine.query(workshop.list_marks, caller=ann) == ["after", "before"]
        await engine.stop()


async def test_a_person_is_not_signed_out_because_the_database_stumbles(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = await with_pass(engine, "workshop.use")
    stumble = threading.Event()
    identify = engine._reading._identify

    def stumbling(ctx: QueryCtx, reference: str) -> Caller | None:
        if not stumble.is_set():
            stumble.set()
            raise RuntimeError("the database stumbles")
        return identify(ctx, reference)

    monkeypatch.setattr(engine._reading, "_identify", stumbling)
    assert (await engine.caller_of(reference)).kind == "person"
    assert stumble.is_set()


async def test_a_session_that_cannot_be_read_is_unavailable_in_the_end(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(ctx: QueryCtx, reference: str) -> Caller | None:
        raise RuntimeError("the database is down")

    monkeypatch.setattr("memberpulse.engine.access.PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(engine._reading, "_identify", failing)
    with pytest.raises(Unavailable):
        await engine.caller_of("somebody's reference")


async def test_slow_queries_keep_nobody_at_the_door(engine: Engine) -> None:
    reference, slow = await with_pass(engine, "workshop.use"), threading.Event()
    readers = engine.database.read_threads
    blocked = [readers.submit(slow.wait, 30) for _ in range(database_module.READERS)]
    try:
        assert (await asyncio.wait_for(engine.caller_of(reference), 5)).kind == "person"
    finally:
        slow.set()
    assert all(each.result() for each in blocked)


# Time


@pytest.fixture
async def hasty(url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Engine]:
    """An engine that gives a function 0.3 s instead of 60."""
    for module in (runtime_module, database_module):
        monkeypatch.setattr(module, "TIME_LIMIT_SECONDS", 0.3)
    engine = await start(url)
    yield engine
    await engine.stop()


@pytest.mark.parametrize("function", [workshop.dawdle_in_sql, workshop.dawdle_in_python])
async def test_a_query_is_stopped_at_the_time_limit(hasty: Engine, function: Any) -> None:
    with pytest.raises(Timeout):
        await hasty.query(function, caller=somebody())
    await until(lambda: hasty.database.read_threads._work_queue.empty())
    assert await hasty.query(workshop.list_marks, caller=somebody()) == []


async def test_a_mutation_is_stopped_at_the_time_limit_and_leaves_nothing(hasty: Engine) -> None:
    ann = somebody()
    with pytest.raises(Timeout):
        await hasty.mutate(workshop.dawdle_and_mark, caller=ann, text="half done")
    await hasty.mutate(workshop.leave_mark, caller=ann, text="done")
    assert await hasty.query(workshop.list_marks, caller=ann) == ["done"]


async def test_an_action_is_stopped_at_the_time_limit(hasty: Engine) -> None:
    with pytest.raises(Timeout):
        await call(hasty, workshop.dawdle_outside, somebody())


async def test_what_waited_too_long_for_its_turn_is_not_done_after_its_caller_was_told(
    hasty: Engine, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime_module, "GRACE_SECONDS", 0)
    ann = somebody()
    threads = 1 if url.startswith("sqlite") else database_module.WRITERS
    holding = [
        asyncio.ensure_future(hasty.mutate(workshop.hold_the_writer, caller=ann, seconds=0.5)) for _ in range(threads)
    ]
    await asyncio.sleep(0)
    with pytest.raises(Timeout):
        await hasty.mutate(workshop.leave_mark, caller=ann, text="too late")
    await asyncio.gather(*holding, return_exceptions=True)
    await hasty.transact_async(lambda ctx: None, system())
    assert await hasty.query(workshop.list_marks, caller=ann) == []


# Conflicts


async def test_no_increment_is_lost_between_many_writers(engine: Engine) -> None:
    ann = somebody()
    results = await asyncio.gather(
        *(engine.mutate(workshop.increase, caller=ann, name="n") for _ in range(60)), return_exceptions=True
    )
    done = [result for result in results if isinstance(result, int)]
    assert all(isinstance(result, int | Conflict) for result in results)
    assert await engine.query(workshop.get_tally, caller=ann, name="n") == len(done)
    assert sorted(done) == list(range(1, len(done) + 1)), "each saw the one before"
    assert len(done) >= 55, "a conflict is tried again"


async def test_a_mutation_sees_the_rows_of_one_moment(engine: Engine, url: str) -> None:
    """Two writers that each look before they leap cannot both leap."""
    ann, both = somebody(), threading.Barrier(2)

    def claim(ctx: MutationCtx) -> bool:
        free = ctx.db.scalars(select(workshop.Mark).where(workshop.Mark.text == "claimed")).first() is None
        if not url.startswith("sqlite"):
            meet(both)
        if free:
            ctx.db.add(workshop.Mark(text="claimed"))
        return free

    claims = (engine.transact_async(claim, system(ann.organization_id)) for _ in range(2))
    assert sorted(await asyncio.gather(*claims)) == [False, True]
    assert await engine.query(workshop.list_marks, caller=ann) == ["claimed"]


def meet(both: threading.Barrier) -> None:
    """Both have read before either writes; who comes again does not wait."""
    try:
        both.wait(1)
    except threading.BrokenBarrierError:
        return


# Keys


async def calls_under(engine: Engine, key: str) -> int:
    def count(ctx: MutationCtx) -> int:
        return len(ctx.db.scalars(select(EngineCall).where(EngineCall.key == key)).all())

    return await engine.transact_async(count, system())


async def test_a_call_under_a_used_key_gives_the_first_answer_and_does_nothing(engine: Engine) -> None:
    ann, key = somebody(), uuid.uuid4().hex
    first = await call(engine, workshop.leave_mark, ann, key, text="a")
    assert await call(engine, workshop.leave_mark, ann, key, text="a") == first
    assert await engine.query(workshop.list_marks, caller=ann) == ["a"]


async def test_a_used_key_gives_python_callers_the_value_itself(engine: Engine) -> None:
    ann, key = somebody(), uuid.uuid4().hex
    first = await engine.mutate(workshop.leave_mark, caller=ann, key=key, text="a")
    again = await engine.mutate(workshop.leave_mark, caller=ann, key=key, text="a")
    assert isinstance(again, uuid.UUID)
    assert again == first


async def test_fifty_calls_at_once_under_one_key_happen_once(engine: Engine) -> None:
    ann, key = somebody(), uuid.uuid4().hex
    answers = await asyncio.gather(*(call(engine, workshop.leave_mark, ann, key, text="a") for _ in range(50)))
    assert len(set(answers)) == 1
    assert await engine.query(workshop.list_marks, caller=ann) == ["a"]
    assert await calls_under(engine, key) == 1


async def test_a_key_is_refused_for_another_call(engine: Engine) -> None:
    ann, key = somebody(), uuid.uuid4().hex
    await call(engine, workshop.leave_mark, ann, key, text="a")
    with pytest.raises(KeyReused) as refused:
        await call(engine, workshop.leave_mark, ann, key, text="b")
    assert refused.value.status == 409
    with pytest.raises(KeyReused):
        await call(engine, workshop.leave_mark_and_echo, ann, key, text="a")
    assert await engine.query(workshop.list_marks, caller=ann) == ["a"]


async def test_a_key_is_refused_in_another_organization(engine: Engine) -> None:
    ann, key = somebody(), uuid.uuid4().hex
    await call(engine, workshop.leave_mark, ann, key, text="a")
    elsewhere = replace(ann, organization_id=uuid.uuid4())
    with pytest.raises(KeyReused):
        await call(engine, workshop.leave_mark, elsewhere, key, text="a")
    assert await engine.query(workshop.list_marks, caller=elsewhere) == []


async def test_an_answer_that_is_a_secret_is_given_once_and_not_kept(engine: Engine) -> None:
    ann, key = somebody(), uuid.uuid4().hex
    assert await call(engine, workshop.tell_secret, ann, key, text="a") == "the secret of a"
    with pytest.raises(AlreadyBegun):
        await call(engine, workshop.tell_secret, ann, key, text="a")
    assert await engine.query(workshop.list_marks, caller=ann) == ["a"]
    kept = await engine.transact_async(
        lambda ctx: [each.model_dump_json() for each in ctx.db.scalars(select(EngineCall))], system()
    )
    assert [row for row in kept if key in row]
    assert not [row for row in kept if "secret of" in row]


async def test_two_people_may_use_the_same_key(engine: Engine) -> None:
    ann, key = somebody(), uuid.uuid4().hex
    ben = somebody(organization_id=ann.organization_id)
    assert await call(engine, workshop.leave_mark, ann, key, text="a") != await call(
        engine, workshop.leave_mark, ben, key, text="a"
    )
    assert await engine.query(workshop.list_marks, caller=ann) == ["a", "a"]


async def test_a_refused_call_does_not_use_up_its_key(engine: Engine) -> None:
    ann, key = somebody(), uuid.uuid4().hex
    with pytest.raises(Conflict):
        await call(engine, workshop.refuse, ann, key)
    assert await call(engine, workshop.leave_mark, ann, key, text="a")


async def test_an_answer_is_remembered_over_a_restart(url: str) -> None:
    ann, key = somebody(), uuid.uuid4().hex
    before = await start(url)
    first = await call(before, workshop.leave_mark, ann, key, text="a")
    await before.stop()
    after = await start(url)
    assert await call(after, workshop.leave_mark, ann, key, text="a") == first
    assert await after.query(workshop.list_marks, caller=ann) == ["a"]
    await after.stop()


# Rates


async def test_too_many_calls_are_refused_until_the_time_that_is_told(engine: Engine) -> None:
    ann, ben = somebody(), somebody()
    assert [await call(engine, workshop.ring, ann) for _ in range(2)] == ["ding", "ding"]
    with pytest.raises(TooMany) as refused:
        await call(engine, workshop.ring, ann)
    described = refused.value.describe("r")
    assert (described["status"], described["code"]) == (429, "too_many")
    assert 1 <= described["retry_after"] <= 2
    assert await call(engine, workshop.ring, ben) == "ding", "others are not made to wait"
    assert await call(engine, workshop.ring, system(ann.organization_id)) == "ding", "nor is the clock"


async def test_everybody_has_one_allowance_for_all_functions(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memberpulse.engine.limits.CALLS_PER_CALLER", "3/minute")
    ann = somebody()
    for function in (workshop.knock, workshop.get_own_name, workshop.list_marks):
        await call(engine, function, ann)
    with pytest.raises(TooMany):
        await call(engine, workshop.list_echoes, ann)


async def test_the_unknown_are_counted_by_their_address(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memberpulse.engine.limits.ANONYMOUS_CALLS_PER_ADDRESS", "1/minute")
    name = function_name(workshop.knock)
    await engine.serve(name, {}, ANONYMOUS, *DOORS, address="192.0.2.1")
    with pytest.raises(TooMany):
        await engine.serve(name, {}, ANONYMOUS, *DOORS, address="192.0.2.1")
    await engine.serve(name, {}, ANONYMOUS, *DOORS, address="192.0.2.2")


async def test_the_people_of_one_network_share_ten_times_what_one_of_them_may() -> None:
    limiter, function = Limiter(), replace(function_of(workshop.ring), limit="2/hour")
    for _ in range(10):
        person = somebody()
        for _ in range(2):
            await limiter.check_call(function, person, "192.0.2.1")
    with pytest.raises(TooMany):
        await limiter.check_call(function, somebody(), "192.0.2.1")
    await limiter.check_call(function, somebody(), "192.0.2.2")


async def test_processes_count_together_in_redis(redis_url: str) -> None:
    here, there = Limiter(redis_url), Limiter(redis_url)
    await here.check("2/minute", "ann")
    await there.check("2/minute", "ann")
    for limiter in (here, there):
        with pytest.raises(TooMany):
            await limiter.check("2/minute", "ann")


async def test_calls_go_on_uncounted_while_the_counter_is_gone() -> None:
    limiter = Limiter("redis://127.0.0.1:1")
    for _ in range(3):
        await limiter.check("1/minute", "ann")


# What is recorded


async def log_of(engine: Engine, caller: Caller) -> list[EngineLogEntry]:
    await engine._flush_log()

    def read(ctx: MutationCtx) -> list[EngineLogEntry]:
        mine = select(EngineLogEntry).where(EngineLogEntry.organization_id == caller.organization_id)
        return list(ctx.db.scalars(mine.order_by(EngineLogEntry.at)))  # type: ignore[arg-type]

    return await engine.transact_async(read, system())


async def test_every_call_leaves_an_entry_in_the_log(engine: Engine) -> None:
    ann = somebody()
    await call(engine, workshop.leave_mark, ann, text="a")
    await call(engine, workshop.list_marks, ann)
    failures: list[EngineError] = []
    for function, arguments in ((workshop.refuse, {}), (workshop.fail_by_fault, {}), (workshop.leave_mark, {"no": 1})):
        with pytest.raises(EngineError) as failed:
            await call(engine, function, ann, **arguments)
        failures.append(failed.value)
    entries = await log_of(engine, ann)
    assert [(entry.function.partition(".")[2], entry.kind, entry.outcome) for entry in entries] == [
        ("leave_mark", "mutation", "ok"),
        ("list_marks", "query", "ok"),
        ("refuse", "mutation", "conflict"),
        ("fail_by_fault", "mutation", "internal"),
        ("leave_mark", "mutation", "bad_arguments"),
    ]
    assert [entry.request_id for entry in entries[2:]] == [engine.request_id_of(failure) for failure in failures]
    assert all(entry.caller == ann.label and 0 < entry.duration_us < 60_000_000 for entry in entries)


async def test_a_job_leaves_an_entry_in_the_log_too(engine: Engine) -> None:
    ann = somebody()
    await engine.mutate(workshop.promise_echo, caller=ann, text="a")
    await engine.jobs.settle()
    assert [(entry.kind, entry.outcome) for entry in await log_of(engine, ann)] == [("mutation", "ok"), ("job", "ok")]


async def test_durations_and_failures_are_counted(engine: Engine) -> None:
    labels = {"function": function_name(workshop.refuse)}
    with pytest.raises(Conflict):
        await call(engine, workshop.refuse, somebody())
    metrics = engine.observer.metrics
    assert metrics.get_sample_value("memberpulse_call_seconds_count", {**labels, "kind": "mutation"}) == 1
    assert metrics.get_sample_value("memberpulse_call_failures_total", {**labels, "code": "conflict"}) == 1
    assert (
        metrics.get_sample_value("memberpulse_call_seconds_bucket", {**labels, "kind": "mutation", "le": "60.0"}) == 1
    )


# Revocation


async def test_an_access_that_a_commit_will_change_stays_unknown_until_it_is_over(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even when the access is read again meanwhile for another reason, it would be the old one."""
    reference = await with_pass(engine, "workshop.use")
    access = engine.accesses.of(reference)
    await access.known()
    at_commit, go_on = threading.Event(), threading.Event()
    commit = LiveSession.commit

    def slow_commit(session: LiveSession) -> None:
        if any(write.known.get("reference") == reference for write in session.writes):
            at_commit.set()
            assert go_on.wait(10)
        commit(session)

    monkeypatch.setattr(LiveSession, "commit", slow_commit)
    closing = asyncio.ensure_future(engine.mutate(library.close_pass, caller=system(), reference=reference))
    await asyncio.get_running_loop().run_in_executor(None, at_commit.wait, 10)
    await until(lambda: access.pending)
    engine.accesses.refresh()
    await until(lambda: not access._running)
    assert access.pending
    go_on.set()
    await closing
    assert await access.known() is None


def test_a_deadline_stops_a_statement_of_sqlite(tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path}/test.db"
    create_tables(url)
    database, began = Database(url), time.monotonic()
    with pytest.raises(Exception, match="interrupted"), database.write(uuid7(), seconds=0.1) as session:
        workshop.dawdle_in_sql(QueryCtx(session, system(), datetime.now(UTC)))
    assert time.monotonic() - began < 5
    database.close()


async def test_whoever_is_not_signed_in_has_one_budget_for_a_whole_network() -> None:
    limiter, function = Limiter(), function_of(library.get_motto)
    for number in range(120):
        await limiter.check_call(function, ANONYMOUS, f"2001:db8:1:2::{number:x}")
    with pytest.raises(TooMany):
        await limiter.check_call(function, ANONYMOUS, "2001:db8:1:2:ffff::1")
    await limiter.check_call(function, ANONYMOUS, "2001:db8:1:3::1")
