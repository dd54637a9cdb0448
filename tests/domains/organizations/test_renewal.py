"""Whose rights change goes on under another token, and loses nothing by it."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.accounts.models import Session
from memberpulse.domains.accounts.mutations import renew_when_due
from memberpulse.domains.accounts.rules import FORMER_LIFE
from memberpulse.domains.organizations.models import Membership, Role
from memberpulse.domains.organizations.mutations import change_role
from memberpulse.engine import system
from tests.domains.conftest import Cast

pytestmark = pytest.mark.anyio
NEW = "b" * 64


async def promote_max(cast: Cast) -> None:
    mine = select(col(Membership.id)).where(col(Membership.user_id) == cast.max.user_id)
    membership_id = await cast.write(lambda ctx: ctx.db.scalars(mine).one())
    await cast.engine.mutate(change_role, caller=cast.ann, membership_id=membership_id, role=Role.CREATOR)


async def renew(cast: Cast, new: str = NEW) -> bool:
    return await cast.engine.mutate(renew_when_due, caller=system(), token_hash=cast.max.reference, new_hash=new)


async def test_a_new_role_makes_the_session_due_for_another_token(cast: Cast) -> None:
    assert not (await cast.again(cast.max)).renewal_due
    await promote_max(cast)
    assert (await cast.again(cast.max)).renewal_due
    assert not (await cast.again(cast.abe)).renewal_due


async def test_both_tokens_are_good_for_a_minute_and_then_only_the_new_one(cast: Cast) -> None:
    await promote_max(cast)
    assert await renew(cast)
    renewed = await cast.engine.caller_of(NEW)
    assert (renewed.user_id, renewed.session_id, renewed.renewal_due) == (cast.max.user_id, cast.max.session_id, False)
    assert (await cast.again(cast.max)).kind == "person"
    with time_machine.travel(datetime.now(UTC) + FORMER_LIFE + timedelta(seconds=1)):
        cast.engine.accesses.refresh()
        assert (await cast.again(cast.max)).kind == "anonymous"
        assert (await cast.engine.caller_of(NEW)).kind == "person"


async def test_of_several_requests_at_once_one_renews(cast: Cast) -> None:
    await promote_max(cast)
    assert await renew(cast)
    assert not await renew(cast, "c" * 64)


async def test_nobody_renews_what_is_not_due(cast: Cast) -> None:
    assert not await renew(cast)
    assert (await cast.engine.caller_of(NEW)).kind == "anonymous"


async def test_signing_out_ends_both_tokens(cast: Cast) -> None:
    await promote_max(cast)
    await renew(cast)

    def end(ctx):
        ctx.db.scalars(select(Session).where(col(Session.token_hash) == NEW)).one().revoked_at = ctx.now

    await cast.write(end)
    for reference in (NEW, cast.max.reference):
        assert (await cast.engine.caller_of(reference)).kind == "anonymous"
