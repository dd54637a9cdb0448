"""Who is calling, as a write on SQLite settles it: read again whenever anything may have changed, and only then."""

import sqlite3
import uuid
from collections.abc import AsyncIterator, Generator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from time_machine import travel

from memberpulse.engine import Caller, Engine, EngineSettings, MutationCtx, system, uuid7
from memberpulse.engine.errors import Forbidden, NotSignedIn
from memberpulse.engine.types import utc_now
from tests.engine import library, workshop
from tests.engine.conftest import create_tables
from tests.engine.library import Pass

pytestmark = pytest.mark.anyio


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    url = f"sqlite:///{tmp_path}/alone.db"
    create_tables(url)
    settings = EngineSettings(database_url=url, background=False)
    running = Engine(settings, [library.library, workshop.workshop], library.identify)
    await running.start()
    yield running
    await running.stop()


async def admitted(engine: Engine, **more: Any) -> Caller:
    """Somebody whose session has been read, and confirmed by a write of theirs."""
    reference = uuid.uuid4().hex

    def issue(ctx: MutationCtx) -> None:
        holder = Pass(reference=reference, user_id=uuid7(), library_id=uuid7(), capabilities="workshop.use", **more)
        ctx.db.add(holder)

    await engine.transact_async(issue, system())
    caller = await engine.caller_of(reference)
    await engine.mutate(workshop.leave_mark, caller=caller, text="first")
    return caller


@contextmanager
def statements(engine: Engine) -> Generator[list[str]]:
    """What is sent to the writing connection meanwhile."""
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        seen.append(statement)

    event.listen(engine.database.writer, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine.database.writer, "before_cursor_execute", note)


def reads_of_sessions(seen: list[str]) -> int:
    return sum("test_pass" in statement for statement in seen)


def in_another_process(engine: Engine, statement: str, *values: str) -> None:
    assert engine.database.url.database
    with closing(sqlite3.connect(engine.database.url.database)) as other:
        other.execute(statement, values)
        other.commit()


async def test_a_session_that_nothing_has_touched_is_not_read_again(engine: Engine) -> None:
    ann = await admitted(engine)
    with statements(engine) as seen:
        await engine.mutate(workshop.leave_mark, caller=ann, text="second")
    assert reads_of_sessions(seen) == 0


async def test_it_is_read_again_after_another_process_has_written_anything(engine: Engine) -> None:
    ann = await admitted(engine)
    in_another_process(engine, "DELETE FROM test_mark")
    with statements(engine) as seen:
        await engine.mutate(workshop.leave_mark, caller=ann, text="second")
        await engine.mutate(workshop.leave_mark, caller=ann, text="third")
    assert reads_of_sessions(seen) == 1


async def test_a_session_that_another_process_ended_writes_nothing_more(engine: Engine) -> None:
    ann = await admitted(engine)
    assert ann.reference
    in_another_process(engine, "DELETE FROM test_pass WHERE reference = ?", ann.reference)
    with pytest.raises(NotSignedIn):
        await engine.mutate(workshop.leave_mark, caller=ann, text="too late")


async def test_a_session_ended_by_a_commit_that_the_loop_has_not_seen_writes_nothing_more(engine: Engine) -> None:
    ann = await admitted(engine)
    assert ann.reference

    def end(ctx: MutationCtx) -> None:
        library.close_pass(ctx, reference=ann.reference or "")

    # both on this thread, so that the loop cannot hear of the first before the second
    engine.transact(end, system())
    with pytest.raises(NotSignedIn):
        engine.transact(lambda ctx: None, ann, requires="workshop.use")


async def test_a_capability_lost_by_a_commit_that_the_loop_has_not_seen_is_lost(engine: Engine) -> None:
    ann = await admitted(engine)

    def narrow(ctx: MutationCtx) -> None:
        library.set_capabilities(ctx, reference=ann.reference or "", capabilities="books.view")

    engine.transact(narrow, system())
    with pytest.raises(Forbidden):
        engine.transact(lambda ctx: None, ann, requires="workshop.use")


async def test_a_write_to_another_session_is_no_reason_to_read_this_one(engine: Engine) -> None:
    ann, ben = await admitted(engine), await admitted(engine)

    def end(ctx: MutationCtx) -> None:
        library.close_pass(ctx, reference=ben.reference or "")

    engine.transact(end, system())
    with statements(engine) as seen:
        engine.transact(lambda ctx: None, ann, requires="workshop.use")
    assert reads_of_sessions(seen) == 0


async def test_a_session_that_has_run_out_writes_nothing_more(engine: Engine) -> None:
    ann = await admitted(engine, ends_at=utc_now() + timedelta(minutes=5))
    with travel(utc_now() + timedelta(minutes=6), tick=True), pytest.raises(NotSignedIn):
        engine.transact(lambda ctx: None, ann, requires="workshop.use")
