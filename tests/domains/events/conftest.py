"""An event of Here that is on today, and the people around it."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from memberpulse.domains.events.lines.board import get_board
from memberpulse.domains.events.lines.joining import join_line
from memberpulse.domains.events.lines.queries import get_line, get_my_place
from memberpulse.domains.events.lines.working import call_next
from memberpulse.domains.events.models import Place, PlaceStatus
from memberpulse.domains.events.mutations import create_event, publish_event
from memberpulse.domains.events.schemas import BoardView, DeedDone, Joined, LineView, MyPlace
from memberpulse.engine import Caller, MutationCtx, utc_now
from tests.domains.conftest import Cast, a_person, people

__all__ = ["people"]


@dataclass
class Fair:
    """Cleo's repair fair is on; Abe and Ann may work its line, Max may stand in it. Otto belongs elsewhere."""

    cast: Cast
    event_id: uuid.UUID

    async def join(self, caller: Caller, **more: Any) -> Joined:
        return await self.cast.engine.mutate(join_line, caller=caller, event_id=self.event_id, **more)

    async def call(self, caller: Caller | None = None, **more: Any) -> DeedDone:
        return await self.cast.engine.mutate(call_next, caller=caller or self.cast.cleo, event_id=self.event_id, **more)

    async def do(self, function: Any, caller: Caller | None = None, **arguments: Any) -> Any:
        return await self.cast.engine.mutate(function, caller=caller or self.cast.cleo, **arguments)

    async def line(self, caller: Caller | None = None) -> LineView:
        return await self.cast.engine.query(get_line, caller=caller or self.cast.max, event_id=self.event_id)

    async def mine(self, caller: Caller) -> MyPlace:
        found = await self.cast.engine.query(get_my_place, caller=caller, event_id=self.event_id)
        assert found is not None
        return found

    async def board(self, caller: Caller | None = None) -> BoardView:
        return await self.cast.engine.query(get_board, caller=caller or self.cast.cleo, event_id=self.event_id)

    async def names(self) -> list[str]:
        """Who waits, in order."""
        return [each.name for each in (await self.board()).places]

    async def crowd(self, *names: str) -> list[Caller]:
        """Members who have joined in that order."""
        found = [await a_person(self.cast.engine, name, self.cast.here) for name in names]
        for caller in found:
            await self.join(caller)
        return found

    async def status(self, place_id: uuid.UUID) -> PlaceStatus:
        def read(ctx: MutationCtx) -> PlaceStatus:
            return ctx.db.get_one(Place, place_id).status

        return await self.cast.write(read)


def an_event(**more: Any) -> dict[str, Any]:
    """The arguments of an event that is on now."""
    starts_at = utc_now().replace(microsecond=0) - timedelta(hours=1)
    ends_at = starts_at + timedelta(hours=6)
    return {"title": "Repair fair", "starts_at": starts_at, "ends_at": ends_at, "time_zone": "Europe/London"} | more


async def an_open_event(cast: Cast, **more: Any) -> Fair:
    event_id = await cast.engine.mutate(create_event, caller=cast.cleo, **an_event(**more))
    await cast.engine.mutate(publish_event, caller=cast.cleo, event_id=event_id)
    return Fair(cast, event_id)


@pytest.fixture
async def fair(cast: Cast) -> Fair:
    return await an_open_event(cast)
