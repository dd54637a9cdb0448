"""Many spend one token at the same moment, and one of them succeeds. Ten thousand do so in `make bench`."""

import pytest
from sqlalchemy import func, select

from memberpulse.domains.accounts.models import User
from memberpulse.engine import Engine, MutationCtx, system
from tests.domains.spendings import SPENDINGS, spend_at_once, verification

pytestmark = pytest.mark.anyio

AT_ONCE = 120


@pytest.mark.parametrize("kind", SPENDINGS)
async def test_of_many_who_spend_a_token_at_once_one_succeeds(engine: Engine, kind: str) -> None:
    spend = await SPENDINGS[kind](engine)
    assert await spend_at_once(spend, AT_ONCE) == 1


async def test_an_account_begins_once_however_often_its_link_is_followed(engine: Engine) -> None:
    spend = await verification(engine)
    await spend_at_once(spend, 20)

    def count(ctx: MutationCtx) -> int:
        return ctx.db.scalars(select(func.count()).select_from(User)).one()

    assert await engine.transact_async(count, system()) == 1
