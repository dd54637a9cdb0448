"""What the engine forgets, in bounded batches that come again while a backlog remains."""

from datetime import timedelta

from sqlalchemy import ColumnElement, delete
from sqlmodel import col, select

from memberpulse.engine.bus import delete_old_changes
from memberpulse.engine.context import MutationCtx
from memberpulse.engine.crons import EVERY
from memberpulse.engine.functions import job
from memberpulse.engine.predicates import MAX_IN_VALUES
from memberpulse.engine.registry import Cron, Domain
from memberpulse.engine.tables import EngineCall, EngineJob, EngineLogEntry, JobState, Row

BATCH = 1000
KEEP_CALLS = timedelta(hours=24)
KEEP_DONE_JOBS = timedelta(days=7)
KEEP_TICKS = timedelta(hours=1)
KEEP_LOG = timedelta(days=7)


@job()
def forget_old_records(ctx: MutationCtx) -> None:
    """Delete the ticks of short timetables after an hour, remembered calls after a day, finished jobs and log entries
    after a week. Dead jobs stay."""
    delete_old_changes(ctx.db)
    done = col(EngineJob.state) == JobState.DONE
    ticked = done & col(EngineJob.key).startswith(EVERY) & (col(EngineJob.finished_at) < ctx.now - KEEP_TICKS)
    deleted = [
        _delete_batch(ctx, EngineCall, col(EngineCall.created_at) < ctx.now - KEEP_CALLS),
        _delete_batch(ctx, EngineLogEntry, col(EngineLogEntry.at) < ctx.now - KEEP_LOG),
        _delete_batch(ctx, EngineJob, ticked),
        _delete_batch(ctx, EngineJob, done & (col(EngineJob.finished_at) < ctx.now - KEEP_DONE_JOBS)),
    ]
    if BATCH in deleted:
        ctx.schedule(forget_old_records, after=timedelta(seconds=1))


def _delete_batch(ctx: MutationCtx, model: type[Row], condition: ColumnElement[bool]) -> int:
    ids = list(ctx.db.scalars(select(model.id).where(condition).limit(BATCH)))
    for start in range(0, len(ids), MAX_IN_VALUES):
        ctx.db.execute(delete(model).where(col(model.id).in_(ids[start : start + MAX_IN_VALUES])))
    return len(ids)


engine_domain = Domain(
    name="engine",
    functions=[forget_old_records],
    crons=[Cron(job=forget_old_records, every=timedelta(minutes=10))],
)
