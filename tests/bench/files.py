"""Hostile uploads against a running server, and many at once against the last megabyte of a quota."""

import asyncio
import os
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import httpx
import psutil
from sqlalchemy import select
from starlette.applications import Starlette

from memberpulse.domains.accounts.mutations import create_user, start_session
from memberpulse.domains.accounts.rules import new_token, reference_of
from memberpulse.domains.catalog import DOMAINS
from memberpulse.domains.files import domain, stores
from memberpulse.domains.files.errors import StorageFull
from memberpulse.domains.files.models import StorageUse
from memberpulse.domains.files.mutations import set_quota
from memberpulse.domains.files.uploading import complete_upload, reserve_upload
from memberpulse.domains.organizations.identity import identify
from memberpulse.domains.organizations.models import Role
from memberpulse.domains.organizations.mutations import add_member, create_organization
from memberpulse.engine import Engine, EngineSettings, MutationCtx, system
from memberpulse.migrations import migrate
from memberpulse.settings import get_settings
from tests.bench.processes import folder
from tests.bench.report import Section
from tests.domains.files import contents
from tests.running import RunningServer, built

ABOUT = """\
Uploads as others would send them, over HTTP to a running server: bombs, polyglots, markup and programs under other
names, names that climb, bodies that are too short, too long or broken off, and 20 MB to the byte. None but the harmless
ones may be kept, and the memory of the server must not grow with what is sent. Then uploads of 16 KB, all at once,
against the last megabyte of a quota."""

MB = 1024 * 1024
LARGEST = 20 * MB
PEOPLE = ("owner", "admin", "creator", "member")
AT_ONCE = 8
GROWTH_MB = 96
"""What the memory of a Python server may move by itself, whatever is sent."""


@dataclass(frozen=True)
class Attempt:
    """declared: what is announced, other than what is sent. breaks: the line breaks in the middle."""

    what: str
    name: str
    content: bytes
    declared: int | None = None
    breaks: bool = False
    kept: bool = False


def attempts(count: int) -> list[Attempt]:
    """All kinds in turn, in an order of chance that is the same each time."""
    kinds = [Attempt(what, name, content) for what, (name, content) in contents.REFUSED.items()]
    kinds += [Attempt(what, name, content, kept=True) for what, (name, content, _) in contents.HARMLESS.items()]
    kinds += [Attempt("a name that climbs", name, b"text\n", kept=True) for name in contents.NAMES]
    text = b"0123456789abcde\n"
    kinds += [
        Attempt("too short", "a.txt", text * 10, declared=170),
        Attempt("too long", "a.txt", text * 10, declared=150),
        Attempt("broken off", "a.txt", text * 60_000, breaks=True),
        Attempt("a zip bomb", "a.docx", contents.zip_bomb(64)),
    ]
    many = (kinds * (count // len(kinds) + 1))[:count]
    large = [
        Attempt("20 MB less one byte", "a.txt", b"x" * (LARGEST - 1), kept=True),
        Attempt("20 MB", "a.txt", b"x" * LARGEST, kept=True),
        Attempt("20 MB and one byte", "a.txt", b"x" * (LARGEST + 1)),
        Attempt("20 MB of noise", "a.bin", Random(1).randbytes(LARGEST)),
    ]
    Random(count).shuffle(many)
    for position, each in enumerate(large):
        many.insert((position + 1) * len(many) // 5, each)
    return many


def measure(quick: bool) -> Section:
    hostile, racing = (150, 100) if quick else (5_000, 1_000)
    section = Section("files", f"{hostile:,} hostile uploads, {racing:,} at once for the last megabyte", ABOUT)
    built()
    with folder() as place, RunningServer(place) as server:
        process = psutil.Process(server.pid)
        before = process.memory_info().rss
        began = time.monotonic()
        outcomes, highest = asyncio.run(flood(server, attempts(hostile), process))
        seconds = time.monotonic() - began
        after = process.memory_info().rss
    table = section.table("what was sent", "times", "kept", "refused")
    wrong = 0
    for what, (kept, refused, expected) in sorted(outcomes.items()):
        table.add(what, kept + refused, kept, refused)
        wrong += refused if expected else kept
    section.aim("uploads that came out other than they should", wrong, 0)
    section.aim("memory at its highest, above the start", (highest - before) / MB, GROWTH_MB, " MB")
    section.aim("memory at the end, above the start", (after - before) / MB, GROWTH_MB, " MB")
    section.notes.append(f"{hostile / seconds:,.1f} uploads a second, {AT_ONCE} at once")
    with folder() as place:
        fitted, used, stored = asyncio.run(race(place, racing))
    section.fact(f"of {racing:,} at once {fitted} fitted, and the megabyte holds 64", fitted == 64)
    section.aim("bytes kept of a quota of one megabyte", used, MB)
    section.fact("the store holds exactly what is counted", stored == used)
    return section


Outcomes = dict[str, tuple[int, int, bool]]


async def flood(server: RunningServer, many: list[Attempt], process: psutil.Process) -> tuple[Outcomes, int]:
    kept, refused, highest = Counter[str](), Counter[str](), process.memory_info().rss
    waiting = iter(many)
    cookies = [server.sign_in(person) for person in PEOPLE]
    async with httpx.AsyncClient(base_url=server.url, timeout=300, headers={"Origin": server.url}) as client:

        async def work(cookie: str) -> None:
            nonlocal highest
            for each in waiting:
                done = await attempt(client, cookie, each)
                (kept if done else refused)[each.what] += 1
                highest = max(highest, process.memory_info().rss)

        await asyncio.gather(*(work(cookies[number % len(cookies)]) for number in range(AT_ONCE)))
    expected = {each.what: each.kept for each in many}
    return {what: (kept[what], refused[what], expected[what]) for what in expected}, highest


async def attempt(client: httpx.AsyncClient, cookie: str, each: Attempt) -> bool:
    """Whether the file is in the library in the end."""
    size = len(each.content) if each.declared is None else each.declared
    ticket = await _call(client, cookie, "files.reserve_upload", {"name": each.name, "size_bytes": size})
    if ticket is None:
        return False
    headers = {"Cookie": cookie, "Content-Type": "application/octet-stream"}
    try:
        answer = await client.put(ticket["address"], content=_body(each), headers=headers)
    except (httpx.TransportError, ConnectionError):
        await _call(client, cookie, "files.cancel_upload", {"upload_id": ticket["upload_id"]})
        return False
    if answer.status_code != 204:
        await _call(client, cookie, "files.cancel_upload", {"upload_id": ticket["upload_id"]})
        return False
    return await _call(client, cookie, "files.complete_upload", {"upload_id": ticket["upload_id"]}) is not None


async def _body(each: Attempt) -> AsyncIterator[bytes]:
    for start in range(0, len(each.content), 64 * 1024):
        if each.breaks and start > len(each.content) // 2:
            raise ConnectionError
        yield each.content[start : start + 64 * 1024]


async def _call(client: httpx.AsyncClient, cookie: str, name: str, arguments: dict[str, Any]) -> Any:
    while True:
        answer = await client.post(f"/api/mutation/{name}", json=arguments, headers={"Cookie": cookie})
        if answer.status_code != 429:
            return answer.json() if answer.status_code == 200 else None
        await asyncio.sleep(float(answer.headers.get("retry-after", 1)))


async def race(place: Path, count: int) -> tuple[int, int, int]:
    """How many fitted, what the use says, and what the store holds."""
    os.environ["MEMBERPULSE_DATA"] = str(place)
    get_settings.cache_clear()
    url = f"sqlite:///{place}/race.db"
    await asyncio.to_thread(migrate, url)
    engine = Engine(EngineSettings(database_url=url, background=False), DOMAINS, identify)
    await engine.start()
    try:
        return await _race(engine, count)
    finally:
        await engine.stop()
        get_settings.cache_clear()


async def _race(engine: Engine, count: int) -> tuple[int, int, int]:
    def found(ctx: MutationCtx) -> Any:
        return create_organization(ctx, name="Racers")

    organization_id = await engine.transact_async(found, system())

    def join(ctx: MutationCtx) -> list[str]:
        references = [reference_of(new_token()) for _ in range(50)]
        for number, reference in enumerate(references):
            user_id = create_user(ctx, email=f"{number}@post.example", name=f"Racer {number}")
            add_member(ctx, user_id=user_id, role=Role.OWNER)
            start_session(ctx, user_id=user_id, token_hash=reference)
        return references

    references = await engine.transact_async(join, system(organization_id))
    callers = [await engine.caller_of(reference) for reference in references]
    await engine.mutate(set_quota, caller=callers[0], quota_mb=1)
    app = Starlette(routes=domain.DOMAIN.routes)

    async def gate(scope: Any, receive: Any, send: Any) -> None:
        given = dict(scope["headers"]).get(b"x-reference", b"").decode()
        await app(scope | {"memberpulse.session": given, "state": {"engine": engine}}, receive, send)

    content = b"x" * (16 * 1024)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(gate), base_url="http://here", timeout=600) as client:

        async def one(number: int) -> bool:
            caller = callers[number % len(callers)]
            try:
                ticket = await engine.mutate(reserve_upload, caller=caller, name="a.txt", size_bytes=len(content))
            except StorageFull:
                return False
            answer = await client.put(ticket.address, content=content, headers={"x-reference": caller.reference or ""})
            assert answer.status_code == 204, answer.text
            await engine.mutate(complete_upload, caller=caller, upload_id=ticket.upload_id)
            return True

        fitted = sum(await asyncio.gather(*(one(number) for number in range(count))))
    store = stores.get_store()
    stored = sum([each.size for part in range(256) for each in await store.find(part)])
    use = await engine.transact_async(
        lambda ctx: ctx.db.scalars(select(StorageUse)).one().used_bytes, system(organization_id)
    )
    return fitted, use, stored
