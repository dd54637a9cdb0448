"""What the engine forgets, in bounded batches that come again while a backlog remains."""

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import InstrumentedAttribute

from memberpulse.engine.bus import delete_old_changes
from memberpulse.engine.context import MutationCtx
from memberpulse.engine.functions import job
from memberpulse.engine.registry import Cron, Domain
from memberpulse.engine.tables import EngineCall, EngineJob, EngineLogEntry, JobState, Row

BATCH = 1000
KEEP_CALLS = timedelta(hours=24)
KEEP_DONE_JOBS = timedelta(days=7)
KEEP_LOG = timedelta(days=7)


@job()
def forget_old_records(ctx: MutationCtx) -> None:
    """Delete remembered calls after a day, finished jobs and log entries after a week. Dead jobs stay."""
    delete_old_changes(ctx.db)
    deleted = [
        _delete_batch(ctx, EngineCall.id, EngineCall.created_at < ctx.now - KEEP_CALLS),
        _delete_batch(ctx, EngineLogEntry.id, EngineLogEntry.at < ctx.now - KEEP_LOG),
        _delete_batch(
            ctx,
            EngineJob.id,
            (EngineJob.state == JobState.DONE) & (EngineJob.finished_at < ctx.now - KEEP_DONE_JOBS),  # type: ignore[operator]
        ),
    ]
    if BATCH in deleted:
        ctx.schedule(forget_old_records, after=timedelta(seconds=1))


def _delete_batch(ctx: MutationCtx, key: object, condition: object) -> int:
    assert isinstance(key, InstrumentedAttribute)
    model: type[Row] = key.class_
    ids = list(ctx.db.scalars(select(key).where(condition).limit(BATCH)))  # type: ignore[arg-type]
    for start in range(0, len(ids), 50):
        ctx.db.execute(delete(model).where(key.in_(ids[start : start + 50])))
    return len(ids)


engine_domain = Domain(
    name="engine",
    functions=[forget_old_records],
    crons=[Cron(job=forget_old_records, every=timedelta(minutes=10))],
)
