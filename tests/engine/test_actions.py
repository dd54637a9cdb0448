"""Actions under a key: begun at most once, answered the same again."""

import uuid

import pytest
from sqlmodel import select

from memberpulse.engine import Engine, MutationCtx, function_name, system
from memberpulse.engine.errors import AlreadyBegun, KeyReused
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
