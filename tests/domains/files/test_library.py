"""Names, places, audiences, the bin: who may do what, and what others see of it at once."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from memberpulse.domains.accounts.facts import AccountErased
from memberpulse.domains.files.attaching import attach_file, detach_all, detach_file
from memberpulse.domains.files.errors import (
    BadFileName,
    FileNotFound,
    FolderNotEmpty,
    FolderNotFound,
    NothingToRestore,
    NotYourFile,
)
from memberpulse.domains.files.folders import create_folder, remove_folder, rename_folder
from memberpulse.domains.files.jobs import empty_bins, remove_doomed
from memberpulse.domains.files.models import Audience, StoredFile
from memberpulse.domains.files.mutations import (
    bin_files,
    delete_files,
    move_files,
    rename_file,
    restore_files,
    set_audience,
)
from memberpulse.domains.files.queries import (
    get_file,
    get_place,
    get_storage,
    list_attachments,
    list_binned,
    list_files,
)
from memberpulse.domains.organizations.mutations import end_membership
from memberpulse.engine import Caller, system, utc_now, uuid7
from memberpulse.engine.errors import BadArguments, Forbidden
from tests.domains.conftest import Cast
from tests.domains.files import contents
from tests.domains.files.conftest import Library
from tests.engine.conftest import until

pytestmark = pytest.mark.anyio


async def names(cast: Cast, caller: Caller, **arguments: object) -> list[str]:
    return [row.name for row in (await cast.engine.query(list_files, caller=caller, **arguments)).rows]


async def test_the_uploader_and_who_manages_files_may_change_one(cast: Cast, library: Library) -> None:
    file = await library.upload(cast.max, "Plan.txt", b"text")
    for caller, name in ((cast.max, "Mine"), (cast.abe, "Managed")):
        changed = await cast.engine.mutate(rename_file, caller=caller, file_id=file.id, name=name)
        assert changed.name == f"{name}.txt", "what tells the kind stays"
    for mutation, arguments in (
        (rename_file, {"file_id": file.id, "name": "x"}),
        (set_audience, {"file_id": file.id, "audience": Audience.ADMINS}),
        (move_files, {"file_ids": [file.id]}),
        (bin_files, {"file_ids": [file.id]}),
    ):
        with pytest.raises(NotYourFile):
            await cast.engine.mutate(mutation, caller=cast.cleo, **arguments)
        with pytest.raises(FileNotFound):
            await cast.engine.mutate(mutation, caller=cast.otto, **arguments)


async def test_what_one_may_not_see_one_cannot_change(cast: Cast, library: Library) -> None:
    file = await library.upload(cast.max, "Mine.txt", b"text", audience=Audience.ONLY_ME)
    for caller in (cast.ann, cast.abe):
        with pytest.raises(FileNotFound):
            await cast.engine.mutate(rename_file, caller=caller, file_id=file.id, name="x")
        with pytest.raises(FileNotFound):
            await cast.engine.query(get_file, caller=caller, file_id=file.id)
    shared = await library.upload(cast.max, "Ours.txt", b"text")
    with pytest.raises(BadArguments):
        await cast.engine.mutate(set_audience, caller=cast.ann, file_id=shared.id, audience=Audience.ONLY_ME)


async def test_a_number_behind_a_name_tells_nothing_of_what_one_may_not_see(cast: Cast, library: Library) -> None:
    await library.upload(cast.max, "Divorce.txt", b"text", audience=Audience.ONLY_ME)
    assert (await library.upload(cast.cleo, "Divorce.txt", b"text")).name == "Divorce.txt"
    assert (await library.upload(cast.max, "Divorce.txt", b"text")).name == "Divorce (2).txt"


async def test_a_window_follows_what_another_does(cast: Cast, library: Library) -> None:
    screen = cast.watch(cast.cleo, list_files)

    def shown() -> list[str]:
        return [row["name"] for row in screen.shown[-1]["rows"]] if screen.shown else []

    file = await library.upload(cast.max, "Plan.txt", b"text")
    await until(lambda: shown() == ["Plan.txt"])
    await cast.engine.mutate(rename_file, caller=cast.max, file_id=file.id, name="Better.txt")
    await until(lambda: shown() == ["Better.txt"])
    await cast.engine.mutate(set_audience, caller=cast.max, file_id=file.id, audience=Audience.ADMINS)
    await until(lambda: shown() == [])
    await cast.engine.mutate(set_audience, caller=cast.max, file_id=file.id, audience=Audience.CREATORS)
    await until(lambda: shown() == ["Better.txt"])
    await cast.engine.mutate(bin_files, caller=cast.max, file_ids=[file.id])
    await until(lambda: shown() == [])


async def test_what_was_told_of_a_file_keeps_its_name_from_those_who_may_not_see_it(
    cast: Cast, library: Library
) -> None:
    async def told() -> list[str]:
        return [target for _, text, target in await cast.happened() if text.startswith("uploaded")]

    file = await library.upload(cast.max, "Divorce.txt", b"text")
    assert await told() == ["Divorce.txt"]
    await cast.engine.mutate(set_audience, caller=cast.max, file_id=file.id, audience=Audience.ONLY_ME)
    assert await told() == ["a file"]
    await cast.engine.mutate(set_audience, caller=cast.max, file_id=file.id, audience=Audience.ORGANIZATION)
    assert await told() == ["Divorce.txt"]


async def test_folders_hold_files_and_folders(cast: Cast, library: Library) -> None:
    plans = await cast.engine.mutate(create_folder, caller=cast.cleo, name="Plans")
    inner = await cast.engine.mutate(create_folder, caller=cast.cleo, name="Old", parent_id=plans.id)
    file = await library.upload(cast.max, "Plan.txt", b"text", folder_id=plans.id)
    assert await names(cast, cast.ann) == []
    assert await names(cast, cast.ann, folder_id=plans.id) == ["Plan.txt"]
    assert await names(cast, cast.ann, search="PLA") == ["Plan.txt"]
    assert await names(cast, cast.ann, search="100%") == []
    place = await cast.engine.query(get_place, caller=cast.ann, folder_id=inner.id)
    assert [each.name for each in place.way] == ["Plans", "Old"]
    top = await cast.engine.query(get_place, caller=cast.ann)
    assert [(each.name, each.files, each.folders) for each in top.folders] == [("Plans", 1, 1)]
    await cast.engine.mutate(move_files, caller=cast.max, file_ids=[file.id], folder_id=inner.id)
    with pytest.raises(FolderNotEmpty):
        await cast.engine.mutate(remove_folder, caller=cast.cleo, folder_id=plans.id)
    await cast.engine.mutate(bin_files, caller=cast.max, file_ids=[file.id])
    await cast.engine.mutate(remove_folder, caller=cast.cleo, folder_id=inner.id)
    await cast.engine.mutate(remove_folder, caller=cast.cleo, folder_id=plans.id)
    await cast.engine.mutate(restore_files, caller=cast.max, file_ids=[file.id])
    assert await names(cast, cast.ann) == ["Plan.txt"], "what was in a folder that is gone comes back at the top"


async def test_folders_have_names_of_their_own_and_end_somewhere(cast: Cast, library: Library) -> None:
    first = await cast.engine.mutate(create_folder, caller=cast.ann, name="Plans")
    with pytest.raises(BadFileName):
        await cast.engine.mutate(create_folder, caller=cast.ann, name="pLANS ")
    other = await cast.engine.mutate(create_folder, caller=cast.ann, name="Photos")
    with pytest.raises(BadFileName):
        await cast.engine.mutate(rename_folder, caller=cast.ann, folder_id=other.id, name="plans")
    await cast.engine.mutate(rename_folder, caller=cast.ann, folder_id=first.id, name="PLANS")
    for caller, error in ((cast.max, Forbidden), (cast.otto, FolderNotFound)):
        with pytest.raises(error):
            await cast.engine.mutate(remove_folder, caller=caller, folder_id=first.id)
    parent = None
    for depth in range(5):
        made = await cast.engine.mutate(create_folder, caller=cast.ann, name=f"D{depth}", parent_id=parent)
        parent = made.id
    with pytest.raises(BadFileName):
        await cast.engine.mutate(create_folder, caller=cast.ann, name="Too deep", parent_id=parent)


async def test_the_bin_gives_back_for_thirty_days(cast: Cast, library: Library) -> None:
    file = await library.upload(cast.max, "Plan.png", contents.picture())
    used = await library.use()
    await cast.engine.mutate(bin_files, caller=cast.max, file_ids=[file.id])
    assert await names(cast, cast.ann) == []
    assert await library.use() == used, "what is in the bin takes room"
    assert [row.name for row in (await cast.engine.query(list_binned, caller=cast.abe)).rows] == ["Plan.png"]
    assert (await cast.engine.query(list_binned, caller=cast.cleo)).rows == [], "not hers to bring back"
    await library.upload(cast.cleo, "Plan.png", contents.picture())
    await cast.engine.mutate(restore_files, caller=cast.max, file_ids=[file.id])
    assert sorted(await names(cast, cast.ann)) == ["Plan (2).png", "Plan.png"]
    with pytest.raises(NothingToRestore):
        await cast.engine.mutate(restore_files, caller=cast.max, file_ids=[file.id])

    await cast.engine.mutate(bin_files, caller=cast.max, file_ids=[file.id])
    with time_machine.travel(utc_now() + timedelta(days=29), tick=True):
        await cast.write(lambda ctx: empty_bins(ctx))
    assert len((await cast.engine.query(list_binned, caller=cast.max)).rows) == 1
    with time_machine.travel(utc_now() + timedelta(days=30, minutes=1), tick=True):
        await cast.write(lambda ctx: empty_bins(ctx))
        await cast.engine.mutate(remove_doomed, caller=system())
    assert (await cast.engine.query(list_binned, caller=cast.max)).rows == []
    assert (await library.use())[0] == await library.kept() == used[0]
    assert len(await library.objects()) == 2


async def test_deleting_for_good_takes_the_bin_first_and_frees_room(cast: Cast, library: Library) -> None:
    file = await library.upload(cast.max, "Plan.txt", b"text")
    with pytest.raises(FileNotFound):
        await cast.engine.mutate(delete_files, caller=cast.max, file_ids=[file.id])
    await cast.engine.mutate(bin_files, caller=cast.max, file_ids=[file.id])
    with pytest.raises(NotYourFile):
        await cast.engine.mutate(delete_files, caller=cast.cleo, file_ids=[file.id])
    await cast.engine.mutate(delete_files, caller=cast.abe, file_ids=[file.id])
    assert await library.use() == (0, 0)
    await cast.engine.mutate(remove_doomed, caller=system())
    assert await library.objects() == {}


async def test_of_several_all_or_none_are_deleted(cast: Cast, library: Library) -> None:
    mine = await library.upload(cast.max, "Mine.txt", b"text")
    hers = await library.upload(cast.cleo, "Hers.txt", b"text")
    with pytest.raises(NotYourFile):
        await cast.engine.mutate(bin_files, caller=cast.max, file_ids=[mine.id, hers.id])
    assert len(await names(cast, cast.max)) == 2
    done = await cast.engine.mutate(bin_files, caller=cast.abe, file_ids=[mine.id, hers.id, mine.id])
    assert done.words == "2 files"
    for wrong in ([], [mine.id] * 101):
        with pytest.raises(BadArguments):
            await cast.engine.mutate(bin_files, caller=cast.abe, file_ids=wrong)


async def test_a_long_library_comes_page_by_page(cast: Cast, library: Library) -> None:
    def many(ctx):
        for number in range(30):
            ctx.db.add(
                StoredFile(
                    organization_id=ctx.organization_id,
                    name=f"{number}.txt",
                    name_key=f"{number}.txt",
                    kind="text",
                    media_type="text/plain",
                    size_bytes=1,
                    sha256="0" * 64,
                    object_name=f"x{number}",
                    uploaded_at=ctx.now - timedelta(minutes=number % 3),
                )
            )

    await cast.write(many)
    first = await cast.engine.query(list_files, caller=cast.max)
    second = await cast.engine.query(list_files, caller=cast.max, cursor=first.next_cursor)
    assert (len(first.rows), len(second.rows), second.next_cursor) == (24, 6, None)
    assert len({row.id for row in [*first.rows, *second.rows]}) == 30
    with pytest.raises(BadArguments):
        await cast.engine.query(list_files, caller=cast.max, cursor="nonsense")


async def test_other_domains_attach_files_to_their_records(cast: Cast, library: Library) -> None:
    first = await library.upload(cast.max, "Cover.png", contents.picture())
    second = await library.upload(cast.max, "Other.png", contents.picture())
    private = await library.upload(cast.max, "Mine.txt", b"text", audience=Audience.ONLY_ME)
    record = uuid7()
    at = {"entity_type": "event", "entity_id": record}

    async def attached(caller: Caller) -> list[str]:
        return [each.file.name for each in await cast.engine.query(list_attachments, caller=caller, **at)]

    async def attach(caller: Caller, file_id: object, *, replace: bool = False) -> None:
        """As a mutation of another domain would, joining its transaction."""
        await cast.engine.transact_async(
            lambda ctx: attach_file(ctx, **at, file_id=file_id, replace=replace),  # type: ignore[arg-type]
            caller,
        )

    await attach(cast.ann, first.id)
    await attach(cast.ann, first.id)
    await attach(cast.ann, second.id)
    assert await attached(cast.cleo) == ["Cover.png", "Other.png"]
    assert await attached(cast.otto) == []
    with pytest.raises(FileNotFound):
        await attach(cast.ann, private.id)
    with pytest.raises(FileNotFound):
        await attach(cast.otto, first.id)
    await attach(cast.max, private.id)
    assert await attached(cast.cleo) == ["Cover.png", "Other.png"], "who may not see a file does not see it here"
    await attach(cast.ann, second.id, replace=True)
    assert await attached(cast.max) == ["Other.png"]
    await cast.engine.mutate(bin_files, caller=cast.max, file_ids=[second.id])
    assert await attached(cast.max) == []
    await cast.engine.mutate(restore_files, caller=cast.max, file_ids=[second.id])
    await cast.write(lambda ctx: detach_file(ctx, **at, file_id=second.id))
    await attach(cast.ann, first.id)
    await cast.write(lambda ctx: detach_all(ctx, **at))
    assert await attached(cast.max) == []


async def test_private_files_of_who_leaves_go_to_the_bin(cast: Cast, library: Library) -> None:
    private = await library.upload(cast.max, "Mine.txt", b"text", audience=Audience.ONLY_ME)
    await library.upload(cast.max, "Ours.txt", b"text")
    assert cast.max.user_id is not None
    await cast.engine.mutate(end_membership, caller=system(cast.here), user_id=cast.max.user_id)
    binned = await cast.write(lambda ctx: ctx.db.get_one(StoredFile, private.id).binned_at)
    assert binned is not None
    assert await names(cast, cast.ann) == ["Ours.txt"]


async def test_an_erased_person_leaves_what_was_shared_and_nothing_private(cast: Cast, library: Library) -> None:
    from memberpulse.domains.files.personal import forget_private_files

    await library.upload(cast.max, "Mine.txt", b"secret", audience=Audience.ONLY_ME)
    await library.upload(cast.max, "Ours.txt", b"text")
    await library.reserve(cast.max, "Later.txt", 500)
    assert cast.max.user_id is not None
    fact = AccountErased(entity_id=cast.max.user_id, user_id=cast.max.user_id, email_hash="0" * 64)
    await cast.engine.transact_async(lambda ctx: forget_private_files(ctx, fact), system())
    left = await cast.write(lambda ctx: [each.name for each in ctx.db.scalars(select(StoredFile))])
    assert left == ["Ours.txt"]
    assert await library.use() == (4, 0)
    await cast.engine.mutate(remove_doomed, caller=system())
    assert len(await library.objects()) == 1


async def test_the_use_is_said_to_everybody(cast: Cast, library: Library) -> None:
    file = await library.upload(cast.max, "Plan.txt", b"x" * 2048)
    await cast.engine.mutate(bin_files, caller=cast.max, file_ids=[file.id])
    storage = await cast.engine.query(get_storage, caller=cast.cleo)
    assert (storage.used, storage.files, storage.binned, storage.binned_size) == ("2 KB", 0, 1, "2 KB")
    assert (storage.state, storage.largest, storage.percent) == ("calm", "20 MB", 0)
