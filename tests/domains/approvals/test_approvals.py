"""Requests are counted while they wait."""

import pytest

from memberpulse.domains.approvals.errors import AlreadyDecided
from memberpulse.domains.approvals.mutations import decide_request, forget_decided, request_approval
from memberpulse.domains.approvals.queries import count_pending
from memberpulse.engine import system
from memberpulse.engine.errors import Forbidden
from tests.domains.conftest import Cast
from tests.engine.conftest import settled, until

pytestmark = pytest.mark.anyio


async def test_the_count_follows_requests_and_decisions(cast: Cast) -> None:
    here, there = cast.watch(cast.max, count_pending), cast.watch(cast.otto, count_pending)
    await here.shows({"count": 0, "oldest_at": None})
    request = {"kind": "membership", "title": "Household", "requester_id": cast.max.user_id}
    request_id = await cast.engine.mutate(request_approval, caller=system(cast.here), **request)
    await until(lambda: here.shown[-1]["count"] == 1 and here.shown[-1]["oldest_at"] is not None)
    decision = {"request_id": request_id, "approve": True, "by": cast.ann.user_id}
    await cast.engine.mutate(decide_request, caller=system(cast.here), **decision)
    await here.shows({"count": 0, "oldest_at": None})
    assert (await cast.happened())[:2] == [("Ann", "approved", "Household"), ("Max", "asked for", "Household")]
    with pytest.raises(AlreadyDecided):
        await cast.engine.mutate(decide_request, caller=system(cast.here), **decision)
    await settled(cast.engine)
    assert there.shown == [{"count": 0, "oldest_at": None}]


async def test_requests_of_another_organization_cannot_be_decided(cast: Cast) -> None:
    request = {"kind": "membership", "title": "Household", "requester_id": cast.max.user_id}
    request_id = await cast.engine.mutate(request_approval, caller=system(cast.here), **request)
    with pytest.raises(AlreadyDecided):
        await cast.engine.mutate(
            decide_request, caller=system(cast.there), request_id=request_id, approve=True, by=cast.otto.user_id
        )
    with pytest.raises(Forbidden):
        await cast.engine.mutate(request_approval, caller=cast.max, **request)


async def test_pending_requests_are_never_forgotten(cast: Cast) -> None:
    request = {"kind": "membership", "title": "Household", "requester_id": cast.max.user_id}
    first = await cast.engine.mutate(request_approval, caller=system(cast.here), **request)
    await cast.engine.mutate(request_approval, caller=system(cast.here), **request)
    await cast.engine.mutate(
        decide_request, caller=system(cast.here), request_id=first, approve=False, by=cast.abe.user_id
    )
    await cast.engine.mutate(forget_decided, caller=system(cast.here), keep=0)
    assert (await cast.engine.query(count_pending, caller=cast.max)).count == 1
