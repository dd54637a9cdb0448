"""Two thousand people who watch one line: a call until the last of them sees it, and calls without a pause."""

import asyncio
import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from statistics import median

from memberpulse.domains.accounts.mutations import create_user, start_session
from memberpulse.domains.accounts.rules import new_token, reference_of
from memberpulse.domains.catalog import DOMAINS
from memberpulse.domains.events.lines.working import add_walk_in
from memberpulse.domains.events.mutations import create_event, publish_event
from memberpulse.domains.organizations.identity import identify
from memberpulse.domains.organizations.models import Role
from memberpulse.domains.organizations.mutations import add_member, create_organization
from memberpulse.engine import Engine, EngineSettings, MutationCtx, system
from memberpulse.migrations import migrate
from tests.bench.processes import Crowd, Server, folder, gathered, live_server, running
from tests.bench.report import Section, say

ABOUT = """\
So many people, each with a session and a WebSocket of their own, watch the line of one event, in which 200 parties
wait: the product's own functions and tables behind its gate, on SQLite. One person calls the next party. The time is
from sending the call to the arrival of the new line at the last socket. Then parties are called and sent to the end of
the line again without a pause, each as soon as the one before is answered, by helpers in turn."""
WAITING = 200
AT_ONCE = 100


def measure(quick: bool) -> Section:
    sockets, rounds, seconds = (200, 5, 3) if quick else (2_000, 20, 20)
    section = Section("hall", f"{sockets:,} sockets on one line", ABOUT)
    with folder() as place:
        url = f"sqlite:///{place}/hall.db"
        migrate(url)
        hall = asyncio.run(fill(url, sockets))
        line = {"event_id": str(hall.event_id)}
        with (
            running(live_server(url, "line")) as server,
            gathered(
                server.port,
                "live",
                sockets,
                hall.cookies,
                watch=("events.get_line", line),
                deed=("events.call_next", line),
            ) as crowd,
        ):
            runs = [_call(server, crowd) for _ in range(rounds + 1)][1:]
            before = Counter(server.ask()["counts"])
            worked = crowd.order("work", seconds=seconds)
            did = Counter(server.ask()["counts"]) - before
    table = section.table("", "ms")
    table.add(f"the last socket has a call, median of {rounds}", median(run["last_ms"] for run in runs))
    table.add("the first socket", median(run["first_ms"] for run in runs))
    work = section.table("calls without a pause", "")
    rate = worked["calls"] / worked["seconds"]
    work.add("calls a second, each with its return to the line", rate)
    work.add("deeds a second", 2 * rate)
    work.add("runs of the line query a deed", did["executions"] / worked["calls"] / 2)
    work.add("frames that each socket got, a deed", worked["frames"] / worked["calls"] / 2)
    section.fact(f"each of the {rounds} single calls: 1 execution of the line query, 1 serialization, 1 frame", True)
    say(f"  last socket {median(run['last_ms'] for run in runs):.1f} ms, {rate:.1f} calls a second")
    return section


def _call(server: Server, crowd: Crowd) -> dict[str, float]:
    before = Counter(server.ask()["counts"])
    run = crowd.order("go")
    assert run["extra"] == 0, f"{run['extra']} frames too many"
    did = Counter(server.ask()["counts"]) - before
    assert did == {"executions": 1, "serializations": 1, "frames": 1}, did
    crowd.order("send_back")
    return run


@dataclass(frozen=True)
class Hall:
    event_id: uuid.UUID
    cookies: list[str]


async def fill(database_url: str, people: int) -> Hall:
    """An organization of so many creators with a session each, an event of the first, and its line."""
    engine = Engine(EngineSettings(database_url=database_url, background=False), DOMAINS, identify)
    await engine.start()
    try:
        organization_id = await engine.transact_async(lambda ctx: create_organization(ctx, name="Hall"), system())
        tokens: list[str] = []
        while len(tokens) < people:
            come = min(AT_ONCE, people - len(tokens))
            tokens += await engine.transact_async(
                partial(_people, first=len(tokens), count=come), system(organization_id)
            )
        first = await engine.caller_of(reference_of(tokens[0]))
        event_id = await engine.transact_async(_open_line, first)
    finally:
        await engine.stop()
    return Hall(event_id, [f"memberpulse={token}" for token in tokens])


def _people(ctx: MutationCtx, *, first: int, count: int) -> list[str]:
    """Members with a session each, numbered from `first`; the tokens of these."""
    tokens = [new_token() for _ in range(count)]
    for number, token in enumerate(tokens, first):
        user_id = create_user(ctx, email=f"{number}@post.example", name=f"Person {number}")
        add_member(ctx, user_id=user_id, role=Role.CREATOR)
        start_session(ctx, user_id=user_id, token_hash=reference_of(token))
    return tokens


def _open_line(ctx: MutationCtx) -> uuid.UUID:
    times = {"starts_at": ctx.now - timedelta(hours=1), "ends_at": ctx.now + timedelta(hours=8)}
    event_id = create_event(ctx, title="Fair", time_zone="UTC", **times)
    publish_event(ctx, event_id=event_id)
    for number in range(WAITING):
        add_walk_in(ctx, event_id=event_id, name=f"Party {number}")
    return event_id
