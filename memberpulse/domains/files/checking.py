"""Every night the store is compared with the rows, part by part: what each has that the other has not, and the use.

What no row names and is older than a day is removed; a file whose content is gone is marked, so that its page says so;
a use that does not add up is set right. All of it is reported: to the log of the server, and to each organization's
audit log.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, func, select
from sqlmodel import col

from memberpulse.domains.files import stores
from memberpulse.domains.files.facts import StorageDrifted
from memberpulse.domains.files.models import OPEN_STATES, FileUpload, StorageCheck, StorageUse, StoredFile
from memberpulse.domains.files.queries import list_named_objects
from memberpulse.domains.files.schemas import NamedObject
from memberpulse.domains.files.stores import PARTS, THUMBNAIL, Found
from memberpulse.domains.files.use import lock_use
from memberpulse.engine import INTERNAL, ActionCtx, MutationCtx, job, mutation

log = structlog.get_logger(__name__)

YOUNG = timedelta(days=1)
"""An object of which no row is known may be on its way, or its row in a transaction that is not over."""
PARTS_AT_ONCE = 32
CHECKS_KEPT = timedelta(days=90)


@dataclass
class Comparison:
    """What one part of the store and its rows do not agree on."""

    orphans: list[Found] = field(default_factory=list[Found])
    missing: list[str] = field(default_factory=list[str])
    found: list[str] = field(default_factory=list[str])
    """Contents that are there as they should be."""


def compare(objects: Iterable[Found], rows: Iterable[NamedObject], now: datetime) -> Comparison:
    """Compare what the store has with what the rows name."""
    there = {each.name: each for each in objects}
    named = {each.object_name: each for each in rows}
    result = Comparison()
    for name, each in there.items():
        known = name.removesuffix(THUMBNAIL) in named
        if not known and each.changed_at < now - YOUNG:
            result.orphans.append(each)
    for name, row in named.items():
        if row.content_bytes is None:
            continue
        content = there.get(name)
        (result.found if content is not None and content.size == row.content_bytes else result.missing).append(name)
    return result


@job(max_attempts=3)
async def check_storage(ctx: ActionCtx, *, part: int = 0, check_id: uuid.UUID | None = None) -> None:
    """Compare 32 of the 256 parts, and go on with the next; after the last, add up the use of each organization."""
    if check_id is None:
        check_id = await ctx.mutate(begin_check, key=f"{ctx.request_id}:check"[:64])
    store = stores.get_store()
    store.forget_halves(ctx.now - YOUNG)
    for each in range(part, min(PARTS, part + PARTS_AT_ONCE)):
        objects = await store.find(each)
        rows = await ctx.query(list_named_objects, prefix=f"{each:02x}/")
        result = compare(objects, rows, ctx.now)
        await store.remove(*[orphan.name for orphan in result.orphans])
        if objects or rows:
            orphan_bytes = sum(orphan.size for orphan in result.orphans)
            await ctx.mutate(
                note_part,
                check_id=check_id,
                objects=len(objects),
                orphans=len(result.orphans),
                orphan_bytes=orphan_bytes,
                missing=result.missing,
                found=result.found,
            )
    await ctx.mutate(go_on, check_id=check_id, part=part + PARTS_AT_ONCE)


@mutation(requires=INTERNAL)
def begin_check(ctx: MutationCtx) -> uuid.UUID:
    """Begin a comparison of the whole store, and forget those of long ago."""
    old = delete(StorageCheck).where(col(StorageCheck.begun_at) < ctx.now - CHECKS_KEPT)
    ctx.db.execute(old.execution_options(synchronize_session=False))
    check = StorageCheck(begun_at=ctx.now)
    ctx.db.add(check)
    ctx.db.flush()
    return check.id


@mutation(requires=INTERNAL)
def note_part(
    ctx: MutationCtx,
    *,
    check_id: uuid.UUID,
    objects: int,
    orphans: int,
    orphan_bytes: int,
    missing: list[str],
    found: list[str],
) -> None:
    """Keep what was found in one part, and mark the files whose content is not there, or is there again."""
    check = ctx.db.get_one(StorageCheck, check_id)
    check.objects += objects
    check.orphans += orphans
    check.orphan_bytes += orphan_bytes
    check.missing += len(missing)
    with ctx.across_organizations():
        lost = (
            list(ctx.db.scalars(select(StoredFile).where(col(StoredFile.object_name).in_(missing)))) if missing else []
        )
        marked = select(StoredFile).where(col(StoredFile.missing_at).is_not(None))
        back = [each for each in ctx.db.scalars(marked) if each.object_name in set(found)]
    for file in [*lost, *back]:
        with ctx.within(file.organization_id):
            file.missing_at = (file.missing_at or ctx.now) if file in lost else None
            ctx.db.flush()


@mutation(requires=INTERNAL)
def go_on(ctx: MutationCtx, *, check_id: uuid.UUID, part: int) -> None:
    """Compare the next parts, or end the comparison and see to the use of every organization."""
    if part < PARTS:
        ctx.schedule(check_storage, part=part, check_id=check_id)
        return
    check = ctx.db.get_one(StorageCheck, check_id)
    check.ended_at = ctx.now
    if check.orphans or check.missing:
        log.warning("storage drifted", orphans=check.orphans, orphan_bytes=check.orphan_bytes, missing=check.missing)
    with ctx.across_organizations():
        organizations = list(ctx.db.scalars(select(col(StorageUse.organization_id))))
    for organization_id in organizations:
        with ctx.within(organization_id):
            ctx.schedule(add_up_use)


@job(max_attempts=5)
def add_up_use(ctx: MutationCtx) -> None:
    """Compare an organization's use with its files and uploads, set it right, and report what differed."""
    row = lock_use(ctx)
    size = func.sum(col(StoredFile.size_bytes) + col(StoredFile.thumbnail_bytes))
    used = int(ctx.db.scalars(select(func.coalesce(size, 0)).select_from(StoredFile)).one())
    waiting = select(func.coalesce(func.sum(col(FileUpload.reserved_bytes)), 0)).select_from(FileUpload)
    reserved = int(ctx.db.scalars(waiting.where(col(FileUpload.state).in_(OPEN_STATES))).one())
    lost = select(func.count()).select_from(StoredFile).where(col(StoredFile.missing_at).is_not(None))
    missing = ctx.db.scalars(lost).one()
    drift = row.used_bytes - used + row.reserved_bytes - reserved
    new = missing > row.missing_files
    row.used_bytes, row.reserved_bytes = used, reserved
    row.missing_files, row.drift_bytes, row.checked_at = missing, drift, ctx.now
    ctx.db.flush()
    if drift or new:
        log.warning("use of storage drifted", organization=str(ctx.organization_id), drift=drift, missing=missing)
        ctx.record(StorageDrifted(entity_id=ctx.organization_id, missing=missing, drift_bytes=drift))
