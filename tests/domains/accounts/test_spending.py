"""Many spend one token at the same moment, and one of them succeeds. A new kind of link or code joins SPENDINGS."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import func, select

from memberpulse.domains.accounts.errors import LinkUsedUp
from memberpulse.domains.accounts.links.mutations import (
    begin_sign_up,
    confirm_email,
    finish_sign_up,
    open_magic_link,
    reset_password,
)
from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.mutations import create_user
from memberpulse.domains.accounts.tokens import issue_token, spend_token
from memberpulse.engine import Engine, MutationCtx, system
from memberpulse.engine.errors import EngineError

pytestmark = pytest.mark.anyio

AT_ONCE = 300
Spend = Callable[[], Awaitable[object]]


async def verification(engine: Engine) -> Spend:
    """The link of a sign-up."""
    asked = {"email": "nina@post.example", "name": "Nina", "password_hash": "hash", "device": "device"}
    sign_up_id = await engine.mutate(begin_sign_up, caller=system(), **asked)
    token = await _issued(engine, "verify_email", email=asked["email"], subject_id=sign_up_id)
    return lambda: engine.mutate(finish_sign_up, caller=system(), token=token, device="device")


async def reset(engine: Engine) -> Spend:
    token = await _of_a_person(engine, "reset_password")
    return lambda: engine.mutate(reset_password, caller=system(), token=token, password_hash="hash")


async def magic_link(engine: Engine) -> Spend:
    token = await _of_a_person(engine, "magic_link")
    return lambda: engine.mutate(open_magic_link, caller=system(), token=token)


async def new_address(engine: Engine) -> Spend:
    values = {"from": "ida@post.example"}
    token = await _of_a_person(engine, "change_email", email="new@post.example", values=values)
    return lambda: engine.mutate(confirm_email, caller=system(), token=token)


async def any_kind(engine: Engine) -> Spend:
    """What every other kind stands on."""
    token = await _issued(engine, "any")

    def spend(ctx: MutationCtx) -> None:
        spend_token(ctx, kind="any", raw=token)

    return lambda: engine.transact_async(spend, system())


SPENDINGS = {each.__name__: each for each in (verification, reset, magic_link, new_address, any_kind)}


@pytest.mark.parametrize("kind", SPENDINGS)
async def test_of_many_who_spend_a_token_at_once_one_succeeds(engine: Engine, kind: str) -> None:
    spend = await SPENDINGS[kind](engine)
    assert await spend_at_once(spend, AT_ONCE) == 1


async def spend_at_once(spend: Spend, times: int) -> int:
    """How many succeed. Each of the others has to be told that the link is used up, or to try again."""
    answers = await asyncio.gather(*(spend() for _ in range(times)), return_exceptions=True)
    refused = [each for each in answers if isinstance(each, LinkUsedUp)]
    faults = [each for each in answers if isinstance(each, BaseException) and not isinstance(each, EngineError)]
    assert not faults, faults[:3]
    succeeded = [each for each in answers if not isinstance(each, BaseException)]
    assert len(succeeded) + len(refused) == times, {type(each).__name__ for each in answers}
    return len(succeeded)


async def _of_a_person(engine: Engine, kind: str, **more: object) -> str:
    user_id = await engine.mutate(create_user, caller=system(), email="ida@post.example", name="Ida")
    return await _issued(engine, kind, **{"email": "ida@post.example", "user_id": user_id} | more)


async def _issued(engine: Engine, kind: str, **more: object) -> str:
    return await engine.transact_async(lambda ctx: issue_token(ctx, kind=kind, **more), system())


async def test_an_account_begins_once_however_often_its_link_is_followed(engine: Engine) -> None:
    spend = await verification(engine)
    await spend_at_once(spend, 20)

    def count(ctx: MutationCtx) -> int:
        return ctx.db.scalars(select(func.count()).select_from(User)).one()

    assert await engine.transact_async(count, system()) == 1
