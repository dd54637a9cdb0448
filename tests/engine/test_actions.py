"""Actions under a key: begun at most once, answered the same again."""

import asyncio
import uuid

import pytest
from sqlalchemy import delete
from sqlmodel import col, select

from memberpulse.engine import Engine, MutationCtx, function_name, system, uuid7
from memberpulse.engine.errors import AlreadyBegun, Conflict, KeyReused, NotSignedIn
from memberpulse.engine.functions import Kind
from memberpulse.engine.tables import EngineCall
from tests.engine import library
from tests.engine.library import Book, a_person

pytestmark = pytest.mark.anyio


async def ordered(engine: Engine, caller: library.Caller, title: str, key: str) -> bytes:
    return await engine.serve(function_name(library.order_book), {"title": title}, caller, Kind.ACTION, key=key)


async def titles(engine: Engine, organization_id: uuid.UUID | None) -> list[str]:
    def read(ctx: MutationCtx) -> list[str]:
        return list(ctx.db.scalars(select(Book.title)))

    return await engine.transact_async(read, system(organization_id))


async def test_an_action_replayed_under_its_key_happens_once(engine: Engine) -> None:
    ann = a_person()
    first = await ordered(engine, ann, "Emma", "key-00000001")
    assert await ordered(engine, ann, "Emma", "key-00000001") == first
    assert await titles(engine, ann.organization_id) == ["Emma"]


async def test_who_asks_again_while_it_runs_gets_the_same_answer(engine: Engine) -> None:
    ann = a_person()
    library.on_its_way = asyncio.Event()
    calls = [
        asyncio.ensure_future(
            engine.serve(function_name(library.order_slowly), {"title": "Emma"}, ann, Kind.ACTION, key="key-00000001")
        )
        for _ in range(2)
    ]
    while not await titles(engine, ann.organization_id):  # noqa: ASYNC110  a commit sets no event
        await asyncio.sleep(0.01)
    library.on_its_way.set()
    first, second = await asyncio.gather(*calls)
    assert first == second
    assert await titles(engine, ann.organization_id) == ["Emma"]


@pytest.mark.parametrize(("first", "again", "books"), [(True, Conflict, 0), (False, AlreadyBegun, 1)])
async def test_only_what_was_refused_before_it_changed_anything_may_be_begun_again(
    engine: Engine, first: bool, again: type[Exception], books: int
) -> None:
    ann, given = a_person(), {"title": "Emma", "first": first}

    async def ordered_in_vain() -> type[BaseException]:
        with pytest.raises(Conflict) as refused:
            await engine.serve(function_name(library.order_in_vain), given, ann, Kind.ACTION, key="key-00000001")
        return refused.type

    assert (await ordered_in_vain(), await ordered_in_vain()) == (Conflict, again)
    assert len(await titles(engine, ann.organization_id)) == books


async def test_a_key_of_another_action_is_refused(engine: Engine) -> None:
    ann = a_person()
    await ordered(engine, ann, "Emma", "key-00000001")
    with pytest.raises(KeyReused):
        await ordered(engine, ann, "Persuasion", "key-00000001")


async def test_an_action_that_died_before_its_answer_is_not_begun_again(engine: Engine) -> None:
    ann = a_person()
    await ordered(engine, ann, "Emma", "key-00000001")

    def lose_the_answer(ctx: MutationCtx) -> None:
        ctx.db.scalars(select(EngineCall).where(EngineCall.key == "key-00000001")).one().result = ""

    await engine.transact_async(lose_the_answer, system())
    with pytest.raises(AlreadyBegun):
        await ordered(engine, ann, "Emma", "key-00000001")
    assert await titles(engine, ann.organization_id) == ["Emma"]


async def test_an_action_is_refused_to_a_session_that_another_process_has_ended(engine: Engine) -> None:
    """This process has not heard of it yet."""
    reference, organization = uuid.uuid4().hex, uuid.uuid4()
    holder = library.Pass(
        reference=reference, user_id=uuid7(), library_id=organization, capabilities="books.view books.edit"
    )
    await engine.transact_async(lambda ctx: ctx.db.add(holder), system())
    ann = await engine.caller_of(reference)
    with engine.database.writer.begin() as elsewhere:
        elsewhere.execute(delete(library.Pass).where(col(library.Pass.reference) == reference))
    with pytest.raises(NotSignedIn):
        await ordered(engine, ann, "Emma", "key-00000001")
    assert await titles(engine, organization) == []


async def test_calls_that_could_not_be_logged_are_logged_later(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    await engine.query(library.count_my_loans, caller=a_person())
    with monkeypatch.context() as broken:
        broken.setattr("memberpulse.engine.runtime.write_log", lambda db, calls: 1 / 0)
        await engine._flush_log()
    taken = engine.observer.take()
    assert function_name(library.count_my_loans) in [call.function.name for call in taken]
    monkeypatch.setattr("memberpulse.engine.observe.MOST_UNWRITTEN", 3)
    engine.observer.put_back([*taken, *taken, *taken, *taken])
    assert engine.observer.take() == [*taken, *taken, *taken][-3:]
