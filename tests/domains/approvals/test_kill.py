"""`kill -9` at named points of an approval: all of it is there, or nothing; and the requester is told once."""

import asyncio
import os
import signal
import uuid
from datetime import timedelta
from functools import wraps
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.approvals import deciding
from memberpulse.domains.approvals.models import ApprovalRequest, ApprovalVote, Status
from memberpulse.domains.approvals.queries import get_request
from memberpulse.domains.catalog import DOMAINS
from memberpulse.domains.organizations.founding import set_join_policy
from memberpulse.domains.organizations.identity import identify
from memberpulse.domains.organizations.models import JoinPolicy, Membership
from memberpulse.domains.organizations.requests import mutations as requests
from memberpulse.domains.organizations.requests.mutations import ask_to_join
from memberpulse.engine import Engine, EngineSettings, MutationCtx, utc_now
from memberpulse.engine.session import LiveSession
from tests.domains.conftest import Cast
from tests.domains.organizations.post import letters_to, newcomer
from tests.forking import processes

pytestmark = pytest.mark.anyio

NELL = "nell@post.example"
APPROVE = "approvals.approve_request"
POINTS: dict[str, tuple[Any, str, str]] = {
    "before anything": (deciding, "take_down", "before"),
    "after the vote": (deciding, "take_down", "after"),
    "after the status": (deciding, "settle", "after"),
    "within the effect": (requests, "add_member", "after"),
    "before the commit": (LiveSession, "commit", "before"),
    "after the commit": (LiveSession, "commit", "after"),
}
"""Where the process dies: a function, and whether before or after it."""


def die_at(point: str) -> None:
    """Let this process kill itself when it comes by."""
    where, name, when = POINTS[point]
    function = getattr(where, name)

    @wraps(function)
    def deadly(*args: Any, **kwargs: Any) -> Any:
        if when == "after":
            function(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(where, name, deadly)


async def approve_and_die(url: str, reference: str, request_id: str, point: str) -> None:
    engine = Engine(EngineSettings(database_url=url, background=False), DOMAINS, identify)
    await engine.start()
    caller = await engine.caller_of(reference)
    die_at(point)
    await engine.serve(APPROVE, {"request_id": request_id}, caller, key="one click")


def run(url: str, reference: str, request_id: str, point: str) -> None:
    asyncio.run(approve_and_die(url, reference, request_id, point))


@pytest.mark.parametrize("point", POINTS)
async def test_an_approval_is_whole_or_not_there(cast: Cast, house_url: str, point: str) -> None:
    await cast.engine.mutate(set_join_policy, caller=cast.abe, policy=JoinPolicy.REQUEST)
    nell = await newcomer(cast, NELL)
    request_id = await cast.engine.mutate(ask_to_join, caller=nell, slug="here")
    child = processes.Process(target=run, args=(house_url, cast.abe.reference, str(request_id), point))
    await asyncio.to_thread(child.start)
    await asyncio.to_thread(child.join, 60)
    assert child.exitcode == -signal.SIGKILL

    found = await cast.write(lambda ctx: _state(ctx, request_id, nell.user_id))
    whole = point == "after the commit"
    assert found == ((Status.APPROVED, 1, 1) if whole else (Status.PENDING, 0, 0))

    again = {"request_id": str(request_id)}
    await cast.engine.serve(APPROVE, again, cast.abe, key="one click")
    assert await cast.write(lambda ctx: _state(ctx, request_id, nell.user_id)) == (Status.APPROVED, 1, 1)
    detail = await cast.engine.query(get_request, caller=cast.ann, request_id=request_id)
    assert [each.person.name for each in detail.votes if each.person] == ["Abe"]
    with time_machine.travel(utc_now() + timedelta(seconds=13), tick=False):
        await cast.engine.jobs.settle()
        await cast.engine.jobs.settle()
    assert [each["kind"] for each in await letters_to(cast, NELL)] == ["join_approved"]


def _state(ctx: MutationCtx, request_id: uuid.UUID, user_id: uuid.UUID | None) -> tuple[Status, int, int]:
    votes = ctx.db.scalars(select(col(ApprovalVote.id)).where(col(ApprovalVote.request_id) == request_id)).all()
    members = ctx.db.scalars(select(col(Membership.id)).where(col(Membership.user_id) == user_id)).all()
    return ctx.db.get_one(ApprovalRequest, request_id).status, len(votes), len(members)
