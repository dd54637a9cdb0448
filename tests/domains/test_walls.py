"""The second wall: PostgreSQL shows no transaction a row of an organization that it has not named."""

import uuid
from typing import Any

import psycopg
import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from memberpulse.domains.organizations.models import Membership
from memberpulse.engine import MutationCtx
from memberpulse.engine import session as sessions
from memberpulse.engine.tables import TenantRow
from tests.domains.conftest import Cast

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("house_url", ["postgres"], indirect=True)]


def _tables() -> set[str]:
    """Tables of tenants, without those that tests of the engine make for themselves."""
    return {
        mapper.local_table.name  # type: ignore[attr-defined]
        for mapper in SQLModel._sa_registry.mappers  # pyright: ignore[reportPrivateUsage]
        if issubclass(mapper.class_, TenantRow) and mapper.class_.__module__.startswith("memberpulse.")
    }


def of(ctx: MutationCtx) -> set[uuid.UUID]:
    """The organizations whose memberships this transaction sees."""
    return {each.organization_id for each in ctx.db.scalars(select(Membership))}


async def test_every_table_of_tenants_has_a_wall_that_its_owner_cannot_pass(house_url: str, cast: Cast) -> None:
    with psycopg.connect(house_url) as raw:
        walled = raw.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity").fetchall()
        policies = raw.execute("SELECT tablename FROM pg_policies WHERE policyname = 'organization_wall'").fetchall()
    assert {name for (name,) in walled} == {name for (name,) in policies} == _tables()


async def test_a_bare_connection_sees_and_writes_only_what_it_has_named(house_url: str, cast: Cast) -> None:
    count, move = "SELECT count(*) FROM membership", "UPDATE membership SET organization_id = %s"
    with psycopg.connect(house_url) as raw:
        assert raw.execute(count).fetchone() == (0,)
        raw.execute("SELECT set_config('memberpulse.sees', %s, true)", (str(cast.there),))
        assert raw.execute(count).fetchone() == (1,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            raw.execute(move, (cast.here,))


async def test_a_query_that_forgot_the_filter_still_stays_at_home(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def unconfined(*_: Any) -> None:
        """As if the engine's own filter had a hole."""

    monkeypatch.setattr(sessions, "_confine", unconfined)
    assert await cast.write(of, cast.there) == {cast.there}
    assert await cast.write(of, cast.here) == {cast.here}


async def test_what_is_named_follows_blocks_across_and_parts_that_were_taken_back(cast: Cast) -> None:
    def there_and_back(ctx: MutationCtx) -> list[set[uuid.UUID]]:
        seen = [of(ctx)]
        with ctx.across_organizations():
            seen.append(of(ctx))
        part = ctx.db.begin_nested()
        with ctx.across_organizations():
            seen.append(of(ctx))
        part.rollback()
        return [*seen, of(ctx)]

    both = {cast.here, cast.there}
    assert await cast.write(there_and_back) == [{cast.here}, both, both, {cast.here}]
