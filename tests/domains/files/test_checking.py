"""The nightly comparison: what the store and the rows do not agree on is found, reported, and set right."""

import io
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from memberpulse.domains.audit.models import AuditEntry
from memberpulse.domains.files import checking, stores
from memberpulse.domains.files.checking import compare
from memberpulse.domains.files.models import StorageCheck, StorageUse
from memberpulse.domains.files.queries import get_file, get_storage
from memberpulse.domains.files.schemas import NamedObject
from memberpulse.domains.files.stores import Found, new_name, thumbnail_of
from memberpulse.engine import MutationCtx, system, utc_now
from tests.domains.conftest import Cast
from tests.domains.files import contents
from tests.domains.files.conftest import Library

pytestmark = pytest.mark.anyio


async def check(cast: Cast) -> StorageCheck:
    """All parts of one comparison, as its jobs would do them."""
    await cast.engine.mutate(checking.check_storage, caller=system())
    await cast.engine.jobs.settle()
    return await cast.write(lambda ctx: ctx.db.scalars(select(StorageCheck).order_by(StorageCheck.begun_at)).all()[-1])


def test_what_only_one_side_knows_is_told_apart() -> None:
    now = utc_now()
    old, young = now - timedelta(days=2), now - timedelta(hours=1)
    objects = [
        Found("aa/kept", 10, old),
        Found("aa/kept.thumb", 3, old),
        Found("aa/orphan", 7, old),
        Found("aa/orphan.thumb", 7, old),
        Found("aa/on-its-way", 7, young),
        Found("aa/cut", 4, old),
        Found("aa/uploading", 5, old),
    ]
    rows = [
        NamedObject("aa/kept", 10, 3),
        NamedObject("aa/lost", 10, 0),
        NamedObject("aa/cut", 10, 0),
        NamedObject("aa/uploading", None, 0),
    ]
    found = compare(objects, rows, now)
    assert [each.name for each in found.orphans] == ["aa/orphan", "aa/orphan.thumb"]
    assert found.missing == ["aa/lost", "aa/cut"]
    assert found.found == ["aa/kept"]


async def test_a_store_in_order_is_left_alone(cast: Cast, library: Library) -> None:
    await library.upload(cast.max, "a.png", contents.picture())
    before = await library.objects()
    with time_machine.travel(utc_now() + timedelta(days=3), tick=True):
        done = await check(cast)
    assert (done.objects, done.orphans, done.missing) == (2, 0, 0)
    assert done.ended_at is not None
    assert await library.objects() == before
    storage = await cast.engine.query(get_storage, caller=cast.ann)
    assert (storage.missing_files, storage.drift) == (0, "")
    assert storage.checked_at is not None


async def test_orphans_go_losses_are_marked_and_the_use_is_set_right(cast: Cast, library: Library) -> None:
    kept = await library.upload(cast.max, "a.png", contents.picture())
    lost = await library.upload(cast.max, "b.txt", b"text")
    (lost_name,) = [name for name, size in (await library.objects()).items() if size == 4]
    await stores.get_store().remove(lost_name)
    orphan = new_name()
    await stores.get_store().put(orphan, io.BytesIO(b"nobody's"))
    await stores.get_store().put(thumbnail_of(orphan), io.BytesIO(b"small"))

    def distort(ctx: MutationCtx) -> int:
        row = ctx.db.scalars(select(StorageUse)).one()
        row.used_bytes += 5_000
        row.reserved_bytes += 100
        return row.used_bytes

    await cast.write(distort)
    with time_machine.travel(utc_now() + timedelta(days=3), tick=True):
        done = await check(cast)
    assert (done.orphans, done.orphan_bytes, done.missing) == (2, 13, 1)
    assert await library.unnamed() == []
    assert (await library.use()) == (await library.kept(), 0)
    storage = await cast.engine.query(get_storage, caller=cast.ann)
    assert (storage.missing_files, storage.drift) == (1, "5 KB")
    assert (await cast.engine.query(get_file, caller=cast.ann, file_id=lost.id)).missing
    assert not (await cast.engine.query(get_file, caller=cast.ann, file_id=kept.id)).missing

    def told(ctx: MutationCtx) -> list[str]:
        entries = ctx.db.scalars(select(AuditEntry).where(AuditEntry.entity_type == "file_storage"))
        return [each.action for each in entries]

    assert await cast.write(told) == ["drifted"]

    await stores.get_store().put(lost_name, io.BytesIO(b"text"))
    await check(cast)
    assert not (await cast.engine.query(get_file, caller=cast.ann, file_id=lost.id)).missing, "it was brought back"
    assert await cast.write(told) == ["drifted"], "what is known is not told again"
