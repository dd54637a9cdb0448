"""Processes that work one line at random, all at once."""

import uuid
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.catalog import DOMAINS
from memberpulse.domains.events.lines import joining, undoing, working
from memberpulse.domains.events.models import LineEntry, Place
from memberpulse.engine import Caller
from memberpulse.engine.errors import EngineError
from tests.domains.events.model import HELPERS, NOON, Pair, Shell
from tests.forking import processes

assert DOMAINS


def work(url: str, event_id: uuid.UUID, helper: Caller, people: list[Caller], seed: str, deeds: int) -> dict[str, int]:
    """Do so many deeds, whatever others do meanwhile; how many were done and how many refused."""
    shell, chance = Shell(url), Random(seed)
    counts = {"done": 0, "refused": 0}
    for number in range(deeds):
        shell.now = NOON + timedelta(seconds=number)
        try:
            _deed(shell, event_id, helper, chance.choice(people), chance)
            counts["done"] += 1
        except EngineError:
            counts["refused"] += 1
    shell.database.close()
    return counts | {"conflicts": shell.conflicts}


def _deed(shell: Shell, event_id: uuid.UUID, helper: Caller, person: Caller, chance: Random) -> None:
    there = shell.read(lambda ctx: _places(ctx, event_id), helper)
    place_id = chance.choice(there) if there else None
    drawn = chance.random()
    if drawn < 0.35 or place_id is None:
        shell.do(lambda ctx: joining.join_line(ctx, event_id=event_id), person)
    elif drawn < 0.6:
        shell.do(lambda ctx: working.call_next(ctx, event_id=event_id), helper)
    elif drawn < 0.75:
        shell.do(lambda ctx: working.complete_service(ctx, place_id=place_id), helper)
    elif drawn < 0.82:
        shell.do(lambda ctx: working.return_to_line(ctx, place_id=place_id, behind=chance.randrange(3)), helper)
    elif drawn < 0.89:
        shell.do(lambda ctx: working.move_place(ctx, place_id=place_id, position=chance.randrange(5)), helper)
    elif drawn < 0.94:
        shell.do(lambda ctx: undoing.undo_deed(ctx, entry_id=_last(ctx, event_id)), helper)
    else:
        shell.do(lambda ctx: working.mark_no_show(ctx, place_id=place_id), helper)


def _places(ctx: Any, event_id: uuid.UUID) -> list[uuid.UUID]:
    newest = select(col(Place.id)).where(col(Place.event_id) == event_id).order_by(col(Place.number).desc())
    return list(ctx.db.scalars(newest.limit(10)))


def _last(ctx: Any, event_id: uuid.UUID) -> uuid.UUID:
    entries = select(col(LineEntry.id)).where(col(LineEntry.event_id) == event_id)
    return ctx.db.scalars(entries.order_by(col(LineEntry.seq).desc()).limit(1)).one()


def together(pair: Pair, url: str, workers: int, deeds: int) -> list[dict[str, int]]:
    """Let so many processes do so many deeds each on the line of the pair; what `work` counted in each."""
    people = [pair.callers[name] for name in pair.people]
    with ProcessPoolExecutor(workers, mp_context=processes) as pool:
        running = [
            pool.submit(
                work, url, pair.event_id, pair.callers[f"helper{number % HELPERS}"], people, f"process {number}", deeds
            )
            for number in range(workers)
        ]
        return [each.result(timeout=1800) for each in running]
