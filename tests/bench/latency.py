"""What the engine adds to a query and a mutation, beside the bare SQLAlchemy cost of the same statements."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from statistics import median, quantiles
from time import perf_counter
from typing import Any

import uvloop
from pydantic_core import to_json
from sqlalchemy.orm import Session
from sqlmodel import select

from memberpulse.engine import Engine, Kind
from tests.bench import toy
from tests.bench.processes import folder, postgres_server
from tests.bench.report import Section, Table, say

Step = Callable[[], Awaitable[Any]]

ABOUT = """\
One caller, one call after the other. The query reads 12 rows; the mutation inserts one.

*Engine* is `engine.query` or `engine.mutate`: authorization, argument check, thread, transaction, tracking,
serialization, invalidation, metrics; a mutation also reads the caller's session again within its transaction. *Door* is
what a call from outside takes in addition: rate limits and strict arguments from JSON. *Bare* runs the same statements
by a plain SQLAlchemy session on the same connections, in the calling thread, and makes the same JSON. The ways take
turns call by call."""


def measure(quick: bool) -> Section:
    section = Section(
        "latency",
        "A query and a mutation through the whole engine",
        ABOUT,
    )
    calls = 100 if quick else 2000
    table = section.table("ms", "bare p50", "engine p50", "engine p95", "door p50", "engine adds")
    for database, opened in {"SQLite": _sqlite, "PostgreSQL": postgres_server}.items():
        with opened() as url:
            toy.fill(url, people=1)
            _add(section, table, database, uvloop.run(_measure(url, calls)))
    return section


def _add(section: Section, table: Table, database: str, found: dict[str, list[float]]) -> None:
    for what in ("query", "mutation"):
        bare, engine, door = (median(found[f"{way} {what}"]) for way in ("bare", "engine", "door"))
        table.add(
            f"{what}, {database}", bare, engine, quantiles(found[f"engine {what}"], n=20)[-1], door, engine - bare
        )
        say(f"  {what}, {database}: bare {bare:.2f}, engine {engine:.2f}, door {door:.2f} ms")
        section.aim(f"added to a {what} on {database}", engine - bare, 1.0, " ms")


async def _measure(url: str, calls: int) -> dict[str, list[float]]:
    engine = toy.new_engine(url)
    await engine.start()
    caller = await engine.caller_of(toy.reference_of(0))
    ways: dict[str, Step] = {
        "bare query": lambda: _at_once(_bare_query, engine),
        "engine query": lambda: engine.query(toy.list_notices, caller=caller, board=0),
        "door query": lambda: engine.serve("bench.list_notices", {"board": 0}, caller, Kind.QUERY),
        "bare mutation": lambda: _at_once(_bare_mutation, engine),
        "engine mutation": lambda: engine.mutate(toy.post_notice, caller=caller, board=1, title="A notice"),
        "door mutation": lambda: engine.serve(
            "bench.post_notice", {"board": 1, "title": "A notice"}, caller, Kind.MUTATION
        ),
    }
    engine.limiter.check = _unlimited(engine.limiter.check)  # type: ignore[method-assign]
    found: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(calls + 20):
        for name, step in ways.items():
            started = perf_counter()
            await step()
            if turn >= 20:
                found[name].append((perf_counter() - started) * 1000)
    await engine.stop()
    return found


def _unlimited(check: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Count as ever, but let through more than a person may ask for."""

    async def counted(rate: str, *key: str) -> None:
        await check("100000000/minute", *key)

    return counted


async def _at_once(work: Callable[[Engine], None], engine: Engine) -> None:
    work(engine)


def _bare_query(engine: Engine) -> None:
    with Session(engine.database.reader) as session:
        ours = toy.Notice.organization_id == toy.CLUB
        rows = session.scalars(select(toy.Notice).where(toy.Notice.board == 0, ours).order_by(toy.Notice.id)).all()
        to_json([toy.NoticeView(row.id, row.title, row.revision) for row in rows])


def _bare_mutation(engine: Engine) -> None:
    with Session(engine.database.writer, expire_on_commit=False) as session:
        session.scalars(select(toy.Pass).where(toy.Pass.reference == toy.reference_of(0))).one()
        notice = toy.Notice(organization_id=toy.CLUB, board=1, title="A notice")
        session.add(notice)
        session.flush()
        to_json(notice.id)
        session.commit()


@contextmanager
def _sqlite() -> Iterator[str]:
    with folder() as place:
        yield f"sqlite:///{place}/bench.db"
