"""Records can be tried out: made, changed, put away, removed and brought back."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from memberpulse.domains.audit.queries import list_entries
from memberpulse.domains.organizations.founding import found_organization
from memberpulse.domains.records.errors import (
    BadRecord,
    NothingToRestore,
    NotYourRecord,
    RecordNotFound,
    StaleRecord,
)
from memberpulse.domains.records.models import Status, WorkspaceRecord
from memberpulse.domains.records.mutations import (
    add_samples,
    archive_record,
    create_record,
    edit_record,
    remove_all_records,
    remove_record,
    reset_records,
    restore_records,
    unarchive_record,
)
from memberpulse.domains.records.queries import PAGE_SIZE, count_records, list_owners, list_records
from memberpulse.domains.records.rules import SAMPLES
from memberpulse.domains.records.schemas import RecordView
from memberpulse.engine import Caller, MutationCtx, system
from memberpulse.engine.errors import Forbidden
from tests.domains.conftest import Cast
from tests.engine.conftest import until

pytestmark = pytest.mark.anyio


async def made(cast: Cast, title: str = "Repair the gate", **values: Any) -> RecordView:
    return await cast.engine.mutate(create_record, caller=cast.cleo, title=title, **values)


async def edited(cast: Cast, caller: Caller, record: RecordView, **changes: Any) -> RecordView:
    values = {
        "title": record.title,
        "status": record.status,
        "notes": record.notes,
        "owner_id": record.owner.id if record.owner else None,
        "due_on": record.due_on,
        "version": record.version,
    }
    return await cast.engine.mutate(edit_record, caller=caller, record_id=record.id, **{**values, **changes})


async def titles(cast: Cast, **filters: Any) -> list[str]:
    return [row.title for row in (await cast.engine.query(list_records, caller=cast.max, **filters)).rows]


async def audited(cast: Cast) -> str:
    return (await cast.engine.query(list_entries, caller=cast.ann)).rows[0].sentence


async def test_a_new_record_appears_for_everybody_here_and_nobody_there(cast: Cast) -> None:
    here, there = cast.watch(cast.max, list_records), cast.watch(cast.otto, list_records)
    await until(lambda: here.shown and there.shown)
    record = await made(cast, "  Repair \n the gate ", notes=" By Friday ", owner_id=cast.max.user_id)
    await until(lambda: here.shown[-1]["rows"])
    assert record.title == "Repair the gate"
    assert record.notes == "By Friday"
    assert record.owner
    assert record.owner.name == "Max"
    assert there.shown[-1]["rows"] == []
    assert await audited(cast) == "Cleo added the record Repair the gate"


@pytest.mark.parametrize(
    ("values", "field"),
    [({"title": "  "}, "title"), ({"title": "a" * 121}, "title"), ({"title": "A", "notes": "a" * 4001}, "notes")],
)
async def test_what_cannot_be_kept_is_told_beside_its_field(cast: Cast, values: dict[str, str], field: str) -> None:
    with pytest.raises(BadRecord) as refusal:
        await cast.engine.mutate(create_record, caller=cast.ann, **values)
    assert set(refusal.value.fields) == {field}
    assert await titles(cast) == []


async def test_an_owner_is_a_member_of_this_organization(cast: Cast) -> None:
    with pytest.raises(BadRecord):
        await made(cast, owner_id=cast.otto.user_id)
    names = [each.name for each in await cast.engine.query(list_owners, caller=cast.max)]
    assert names == ["Abe", "Ann", "Cleo", "Max"]


async def test_an_edit_from_an_old_version_is_refused_with_who_and_what_is_newer(cast: Cast) -> None:
    record = await made(cast)
    newer = await edited(cast, cast.ann, record, title="Repair both gates", status=Status.DONE)
    assert newer.version == 2
    with pytest.raises(StaleRecord) as refusal:
        await edited(cast, cast.cleo, record, title="Paint the gate", notes="Green")
    assert refusal.value.message == "Ann changed this record meanwhile. Your version was not saved."
    assert refusal.value.fields == {
        "title": "It is “Repair both gates” now.",
        "status": "It is “Done” now.",
        "notes": "It is “nothing” now.",
    }
    assert await titles(cast) == ["Repair both gates"]
    await edited(cast, cast.cleo, record, title="Paint the gate", version=newer.version)
    assert await titles(cast) == ["Paint the gate"]


async def test_a_change_is_in_the_log_with_what_it_was(cast: Cast) -> None:
    record = await made(cast)
    await edited(cast, cast.ann, record, status=Status.IN_PROGRESS, notes="Secret")
    assert await audited(cast) == "Ann changed the record Repair the gate: status Open → In progress"
    before = len((await cast.engine.query(list_entries, caller=cast.ann)).rows)
    await edited(cast, cast.ann, record, status=Status.IN_PROGRESS, notes="Secret", version=2)
    assert len((await cast.engine.query(list_entries, caller=cast.ann)).rows) == before


async def test_members_change_what_they_own_and_nothing_else(cast: Cast) -> None:
    own, foreign = await made(cast, "Mine", owner_id=cast.max.user_id), await made(cast, "Not mine")
    own = await edited(cast, cast.max, own, status=Status.DONE)
    with pytest.raises(NotYourRecord):
        await edited(cast, cast.max, own, owner_id=cast.ann.user_id)
    with pytest.raises(NotYourRecord):
        await edited(cast, cast.max, foreign, status=Status.DONE)
    with pytest.raises(NotYourRecord):
        await cast.engine.mutate(archive_record, caller=cast.max, record_id=foreign.id)
    await cast.engine.mutate(archive_record, caller=cast.max, record_id=own.id)
    for call, values in ((create_record, {"title": "X"}), (remove_record, {"record_id": own.id})):
        with pytest.raises(Forbidden):
            await cast.engine.mutate(call, caller=cast.max, **values)


@pytest.mark.parametrize("call", [remove_all_records, reset_records, add_samples])
async def test_only_who_manages_records_removes_all(cast: Cast, call: Any) -> None:
    values = {"samples_only": True} if call is remove_all_records else {}
    with pytest.raises(Forbidden):
        await cast.engine.mutate(call, caller=cast.cleo, **values)


async def test_another_organization_finds_no_record_of_ours(cast: Cast) -> None:
    record = await made(cast)
    with pytest.raises(RecordNotFound):
        await edited(cast, cast.otto, record, title="Taken")
    for call in (archive_record, unarchive_record, remove_record):
        with pytest.raises(RecordNotFound):
            await cast.engine.mutate(call, caller=cast.otto, record_id=record.id)
    await cast.engine.mutate(remove_all_records, caller=cast.otto, samples_only=False)
    removal = await cast.engine.mutate(remove_record, caller=cast.ann, record_id=record.id)
    with pytest.raises(NothingToRestore):
        await cast.engine.mutate(restore_records, caller=cast.otto, removal_id=removal.id)


async def test_an_archived_record_comes_back(cast: Cast) -> None:
    record = await made(cast)
    await cast.engine.mutate(archive_record, caller=cast.cleo, record_id=record.id)
    await cast.engine.mutate(archive_record, caller=cast.cleo, record_id=record.id)
    assert await titles(cast) == []
    assert await titles(cast, archived=True) == [record.title]
    await cast.engine.mutate(unarchive_record, caller=cast.cleo, record_id=record.id)
    assert await titles(cast) == [record.title]


async def test_one_record_is_removed_and_brought_back_within_ten_seconds(cast: Cast) -> None:
    record = await made(cast)
    removal = await cast.engine.mutate(remove_record, caller=cast.cleo, record_id=record.id)
    with pytest.raises(RecordNotFound):
        await edited(cast, cast.ann, record, title="Gone")
    assert await cast.engine.mutate(restore_records, caller=cast.cleo, removal_id=removal.id) == 1
    assert await titles(cast) == [record.title]
    with pytest.raises(NothingToRestore):
        await cast.engine.mutate(restore_records, caller=cast.cleo, removal_id=removal.id)


async def make_old(cast: Cast) -> None:
    def older(ctx: MutationCtx) -> None:
        for row in ctx.db.scalars(select(WorkspaceRecord)):
            row.created_at -= timedelta(seconds=30)
            row.removed_at = row.removed_at - timedelta(seconds=30) if row.removed_at else None

    await cast.write(older)


async def test_later_nothing_is_brought_back_and_a_job_deletes_the_rows(cast: Cast) -> None:
    record = await made(cast)
    removal = await cast.engine.mutate(remove_record, caller=cast.cleo, record_id=record.id)
    await make_old(cast)
    with pytest.raises(NothingToRestore):
        await cast.engine.mutate(restore_records, caller=cast.cleo, removal_id=removal.id)
    from memberpulse.domains.records.jobs import forget_removed

    await cast.write(lambda ctx: forget_removed(ctx, removal_id=removal.id))
    assert await cast.write(lambda ctx: ctx.db.scalars(select(func.count()).select_from(WorkspaceRecord)).one()) == 0


async def test_all_samples_are_removed_and_brought_back(cast: Cast) -> None:
    assert await cast.engine.mutate(add_samples, caller=cast.ann) == len(SAMPLES)
    assert await cast.engine.mutate(add_samples, caller=cast.ann) == 0
    await made(cast, "Our own")
    removal = await cast.engine.mutate(remove_all_records, caller=cast.abe, samples_only=True)
    assert removal.words == f"{len(SAMPLES)} sample records"
    assert await titles(cast) == ["Our own"]
    assert await audited(cast) == f"Abe removed {len(SAMPLES)} sample records"
    with pytest.raises(NotYourRecord):
        await cast.engine.mutate(restore_records, caller=cast.cleo, removal_id=removal.id)
    await cast.engine.mutate(restore_records, caller=cast.abe, removal_id=removal.id)
    assert len(await titles(cast)) == len(SAMPLES) + 1
    removal = await cast.engine.mutate(remove_all_records, caller=cast.abe, samples_only=False)
    assert removal.count == len(SAMPLES) + 1
    assert await titles(cast) == []


async def test_a_reset_brings_the_samples_and_can_be_undone(cast: Cast) -> None:
    await made(cast, "Our own")
    removal = await cast.engine.mutate(reset_records, caller=cast.ann)
    assert await titles(cast) == [sample.title for sample in SAMPLES]
    await cast.engine.mutate(restore_records, caller=cast.ann, removal_id=removal.id)
    assert await titles(cast) == ["Our own"]
    counts = await cast.engine.query(count_records, caller=cast.max)
    assert (counts.total, counts.samples, counts.open) == (1, 0, 1)


async def test_a_new_organization_begins_with_the_samples_of_its_founder(cast: Cast) -> None:
    await cast.engine.mutate(found_organization, caller=cast.max, name="Elsewhere")
    founder = await cast.again(cast.max)
    found = (await cast.engine.query(list_records, caller=founder)).rows
    assert [row.title for row in found] == [sample.title for sample in SAMPLES]
    assert all(row.sample and row.owner and row.owner.name == "Max" for row in found)
    told = [row.sentence for row in (await cast.engine.query(list_entries, caller=founder)).rows]
    assert told == ["Max joined as owner", "Max founded the organization"]


async def test_records_are_found_narrowed_and_paged(cast: Cast) -> None:
    for number in range(PAGE_SIZE + 2):
        await made(cast, f"Record {number:02}", status=Status.DONE if number % 2 else Status.OPEN)
    first = await cast.engine.query(list_records, caller=cast.max)
    rest = await cast.engine.query(list_records, caller=cast.max, cursor=first.next_cursor)
    assert [row.title for row in (*first.rows, *rest.rows)] == [
        f"Record {number:02}" for number in range(PAGE_SIZE + 1, -1, -1)
    ]
    assert await titles(cast, search="RECORD 07") == ["Record 07"]
    assert len(await titles(cast, status=Status.DONE)) == (PAGE_SIZE + 2) // 2
    assert await titles(cast, search="100%") == []


async def test_what_is_past_its_day_is_overdue_until_it_is_done(cast: Cast) -> None:
    yesterday = (await cast.write(lambda ctx: ctx.now)).date() - timedelta(days=2)
    record = await made(cast, due_on=yesterday)
    assert record.overdue
    assert not (await edited(cast, cast.cleo, record, status=Status.DONE)).overdue


async def test_a_missing_record_is_not_found(cast: Cast) -> None:
    with pytest.raises(RecordNotFound):
        await cast.engine.mutate(remove_record, caller=system(cast.here), record_id=uuid.uuid4())
