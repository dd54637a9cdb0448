"""How much may be kept: counted in the transaction of what is kept, and never passed, however many come at once."""

import asyncio

import pytest
from sqlalchemy import select

from memberpulse.domains.files.errors import StorageFull
from memberpulse.domains.files.models import StorageUse
from memberpulse.domains.files.mutations import bin_files, delete_files, set_quota
from memberpulse.domains.files.queries import get_storage
from memberpulse.domains.files.uploading import cancel_upload, complete_upload, reserve_upload
from memberpulse.domains.notifications.models import Notification
from memberpulse.engine import MutationCtx
from memberpulse.engine.errors import BadArguments, Conflict, Forbidden
from tests.domains.conftest import Cast
from tests.domains.files import contents
from tests.domains.files.conftest import Library

pytestmark = pytest.mark.anyio

MB = 1024 * 1024
AT_ONCE = 60


async def test_the_last_byte_fits_and_no_more(cast: Cast, library: Library) -> None:
    await cast.engine.mutate(set_quota, caller=cast.ann, quota_mb=1)
    await library.upload(cast.max, "a.txt", b"x" * (MB - 10))
    with pytest.raises(StorageFull) as refusal:
        await library.reserve(cast.max, "b.txt", 11)
    assert "10 B are free" in refusal.value.message
    await library.upload(cast.max, "b.txt", b"x" * 10)
    assert await library.use() == (MB, 0)
    assert (await cast.engine.query(get_storage, caller=cast.max)).state == "full"


async def test_what_is_set_apart_counts_until_it_is_given_up(cast: Cast, library: Library) -> None:
    await cast.engine.mutate(set_quota, caller=cast.ann, quota_mb=1)
    upload_id = await library.reserve(cast.max, "a.txt", MB)
    with pytest.raises(StorageFull):
        await library.reserve(cast.ann, "b.txt", 1)
    await cast.engine.mutate(cancel_upload, caller=cast.max, upload_id=upload_id)
    await library.reserve(cast.ann, "b.txt", 1)


async def test_a_picture_that_grows_when_it_is_made_anew_must_fit_as_well(cast: Cast, library: Library) -> None:
    """Declared 300 bytes; with its thumbnail it takes more than is left."""
    await cast.engine.mutate(set_quota, caller=cast.ann, quota_mb=1)
    picture = contents.picture("PNG", (200, 200))
    await library.upload(cast.max, "a.txt", b"x" * (MB - len(picture)))
    _, answer = await library.send(cast.max, "b.png", picture)
    assert (answer.status_code, answer.json()["code"]) == (409, "storage_full")
    assert await library.use() == (MB - len(picture), 0)


async def test_many_at_once_against_the_last_megabyte_never_pass_it(cast: Cast, library: Library) -> None:
    """Each wants 64 KB; sixteen fit."""
    await cast.engine.mutate(set_quota, caller=cast.ann, quota_mb=1)
    content = b"x" * (64 * 1024)
    callers = [cast.ann, cast.abe, cast.cleo, cast.max]

    async def attempt(number: int) -> bool:
        caller = callers[number % 4]
        while True:
            try:
                ticket = await cast.engine.mutate(
                    reserve_upload, caller=caller, name=f"{number}.txt", size_bytes=len(content)
                )
                break
            except StorageFull:
                return False
            except Conflict as error:
                if error.code != "conflict":
                    raise
        answer = await library.put(caller, ticket.upload_id, content)
        assert answer.status_code == 204, answer.text
        await cast.engine.mutate(complete_upload, caller=caller, upload_id=ticket.upload_id)
        return True

    found = await asyncio.gather(*(attempt(number) for number in range(AT_ONCE)))
    assert sum(found) == 16
    assert await library.use() == (MB, 0)
    assert await library.kept() == MB
    assert sum((await library.objects()).values()) == MB


async def test_who_manages_files_is_told_once_at_eighty_percent(cast: Cast, library: Library) -> None:
    await cast.engine.mutate(set_quota, caller=cast.ann, quota_mb=1)

    async def told() -> list[str]:
        def read(ctx: MutationCtx) -> list[str]:
            rows = ctx.db.scalars(select(Notification).where(Notification.type == "storage"))
            return sorted(f"{row.user_id}: {row.title}" for row in rows)

        return await cast.write(read)

    await library.upload(cast.max, "a.txt", b"x" * (MB * 79 // 100))
    assert await told() == []
    over = await library.upload(cast.max, "b.txt", b"x" * (MB * 2 // 100))
    expected = sorted(f"{each.user_id}: Storage is 80 % full" for each in (cast.ann, cast.abe))
    assert await told() == expected
    assert (await cast.engine.query(get_storage, caller=cast.max)).state == "warn"
    await library.upload(cast.max, "c.txt", b"x" * 10_000)
    assert len(await told()) == 2
    await cast.engine.mutate(bin_files, caller=cast.max, file_ids=[over.id])
    await cast.engine.mutate(delete_files, caller=cast.max, file_ids=[over.id])
    await library.upload(cast.max, "d.txt", b"x" * (MB * 2 // 100))
    assert len(await told()) == 2, "not before it has been calm"


async def test_only_who_manages_files_sets_the_quota_and_within_the_servers(cast: Cast, library: Library) -> None:
    with pytest.raises(Forbidden):
        await cast.engine.mutate(set_quota, caller=cast.cleo, quota_mb=1)
    for wrong in (0, -1, 10_000_000):
        with pytest.raises(BadArguments):
            await cast.engine.mutate(set_quota, caller=cast.ann, quota_mb=wrong)
    await cast.engine.mutate(set_quota, caller=cast.ann, quota_mb=7)
    assert (await cast.engine.query(get_storage, caller=cast.max)).quota == "7 MB"
    assert (await cast.engine.query(get_storage, caller=cast.otto)).own_quota is False
    await cast.engine.mutate(set_quota, caller=cast.ann)
    assert await cast.write(lambda ctx: ctx.db.scalars(select(StorageUse.quota_bytes)).one()) is None
