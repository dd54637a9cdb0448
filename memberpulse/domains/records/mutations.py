"""Writes of workspace records. What removes leaves the rows for a moment, so that it can be undone."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta

from sqlalchemy import select, update
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.organizations.facts import OrganizationFounded
from memberpulse.domains.organizations.models import Membership
from memberpulse.domains.records.errors import (
    BadRecord,
    NothingToRestore,
    NotYourRecord,
    RecordNotFound,
    StaleRecord,
)
from memberpulse.domains.records.facts import (
    RecordAdded,
    RecordArchived,
    RecordChanged,
    RecordRemoved,
    RecordsRemoved,
    RecordsReset,
    RecordsRestored,
    RecordUnarchived,
    SamplesAdded,
)
from memberpulse.domains.records.jobs import forget_removed
from memberpulse.domains.records.models import Status, WorkspaceRecord
from memberpulse.domains.records.queries import get_record
from memberpulse.domains.records.rules import (
    FORGOTTEN_AFTER,
    SAMPLES,
    STATUS_WORDS,
    Values,
    clean,
    count_words,
    decide_edit,
    may_still_undo,
)
from memberpulse.domains.records.schemas import RecordView, Removal
from memberpulse.engine import INTERNAL, MutationCtx, mutation, uuid7

SAMPLE_OWNERS = 4


@mutation(requires="records.edit", limit="60/minute")
def create_record(
    ctx: MutationCtx,
    *,
    title: str,
    status: Status = Status.OPEN,
    notes: str = "",
    owner_id: uuid.UUID | None = None,
    due_on: date | None = None,
) -> RecordView:
    """Add a record of the organization's own. Raises BadRecord (422) with a message per field."""
    values = clean(Values(title, status, notes, owner_id, due_on))
    _check_owner(ctx, owner_id)
    record = WorkspaceRecord(
        organization_id=ctx.organization_id,
        **asdict(values),
        created_at=ctx.now,
        changed_at=ctx.now,
        changed_by=ctx.caller.user_id,
    )
    ctx.db.add(record)
    ctx.db.flush()
    ctx.record(RecordAdded(entity_id=record.id, target=record.title))
    return get_record(ctx, record_id=record.id)


@mutation(requires="records.view", limit="60/minute")
def edit_record(
    ctx: MutationCtx,
    *,
    record_id: uuid.UUID,
    version: int,
    title: str,
    status: Status,
    notes: str = "",
    owner_id: uuid.UUID | None = None,
    due_on: date | None = None,
) -> RecordView:
    """Change a record: any with records.edit, else those that the caller owns, but for their owner.

    version: the one that the edit started from.
    Raises RecordNotFound (404), NotYourRecord (403), StaleRecord (409) when somebody changed it since, BadRecord (422).
    """
    record = _editable(ctx, record_id)
    values = clean(Values(title, status, notes, owner_id, due_on))
    if version != record.version:
        raise _stale(ctx, record, values)
    before = _values_of(record)
    if before == values:
        return get_record(ctx, record_id=record_id)
    if values.owner_id != before.owner_id:
        _check_handover(ctx, values.owner_id)
    for name, value in asdict(values).items():
        setattr(record, name, value)
    _touch(ctx, record)
    ctx.record(_change(ctx, record, before, values))
    return get_record(ctx, record_id=record_id)


@mutation(requires="records.view", limit="60/minute")
def archive_record(ctx: MutationCtx, *, record_id: uuid.UUID) -> None:
    """Put a record away; `unarchive_record` undoes it. Raises RecordNotFound (404), NotYourRecord (403)."""
    record = _editable(ctx, record_id)
    if record.archived_at is None:
        record.archived_at = ctx.now
        _touch(ctx, record)
        ctx.record(RecordArchived(entity_id=record.id, target=record.title))


@mutation(requires="records.view", limit="60/minute")
def unarchive_record(ctx: MutationCtx, *, record_id: uuid.UUID) -> None:
    """Bring a record back among the others. Raises RecordNotFound (404), NotYourRecord (403)."""
    record = _editable(ctx, record_id)
    if record.archived_at is not None:
        record.archived_at = None
        _touch(ctx, record)
        ctx.record(RecordUnarchived(entity_id=record.id, target=record.title))


@mutation(requires="records.edit", limit="60/minute")
def remove_record(ctx: MutationCtx, *, record_id: uuid.UUID) -> Removal:
    """Remove one record; `restore_records` undoes it for 10 seconds. Raises RecordNotFound (404)."""
    record = _found(ctx, record_id)
    removal = _remove(ctx, [record.id])
    ctx.record(RecordRemoved(entity_id=record.id, target=record.title))
    return removal


@mutation(requires="records.manage", limit="20/minute")
def remove_all_records(ctx: MutationCtx, *, samples_only: bool) -> Removal:
    """Remove the samples, or everything, archived ones too; `restore_records` undoes it for 10 seconds."""
    removal = _remove(ctx, _present(ctx, samples_only=samples_only), samples_only=samples_only)
    if removal.count:
        fact = RecordsRemoved(
            entity_id=removal.id, target=removal.words, count=removal.count, samples_only=samples_only
        )
        ctx.record(fact)
    return removal


@mutation(requires="records.manage", limit="20/minute")
def reset_records(ctx: MutationCtx) -> Removal:
    """Remove everything and bring the samples back as at first; `restore_records` undoes it for 10 seconds."""
    removal = _remove(ctx, _present(ctx))
    _add_samples(ctx, batch_id=removal.id, owners=_first_members(ctx))
    ctx.record(RecordsReset(entity_id=removal.id, count=removal.count))
    return removal


@mutation(requires="records.edit", limit="60/minute")
def restore_records(ctx: MutationCtx, *, removal_id: uuid.UUID) -> int:
    """Undo a removal or reset within 10 seconds; who undoes one of many must be allowed to remove many.

    Raises NothingToRestore (409).
    """
    rows = list(ctx.db.scalars(select(WorkspaceRecord).where(col(WorkspaceRecord.removal_id) == removal_id)))
    added = list(ctx.db.scalars(select(WorkspaceRecord).where(col(WorkspaceRecord.batch_id) == removal_id)))
    begun = [row.removed_at for row in rows if row.removed_at] or [row.created_at for row in added]
    if not begun or not may_still_undo(begun[0], ctx.now):
        raise NothingToRestore
    if (len(rows) > 1 or added) and not ctx.can("records.manage"):
        raise NotYourRecord("Only who may remove many records can bring them back.")
    for row in rows:
        row.removed_at, row.removal_id = None, None
    for row in added:
        ctx.db.delete(row)
    ctx.db.flush()
    ctx.record(RecordsRestored(entity_id=removal_id, target=count_words(len(rows)), count=len(rows)))
    return len(rows)


@mutation(requires="records.manage", limit="20/minute")
def add_samples(ctx: MutationCtx) -> int:
    """Add the samples to a workspace that has none; how many were added."""
    if _count(ctx, samples_only=True):
        return 0
    seed_samples(ctx, owner_ids=_first_members(ctx))
    ctx.record(SamplesAdded(entity_id=ctx.organization_id, count=len(SAMPLES)))
    return len(SAMPLES)


@mutation(requires=INTERNAL)
def seed_samples(ctx: MutationCtx, *, owner_ids: list[uuid.UUID] | None = None) -> None:
    """Give a new organization its samples, without telling anybody. owner_ids: to whom they go in turn."""
    _add_samples(ctx, owners=owner_ids or [])


def begin_with_samples(ctx: MutationCtx, fact: OrganizationFounded) -> None:
    """A new organization has something to try things on."""
    seed_samples(ctx, owner_ids=[fact.by] if fact.by else [])


def _add_samples(ctx: MutationCtx, *, batch_id: uuid.UUID | None = None, owners: Sequence[uuid.UUID] = ()) -> None:
    """The first of them shall stand first in a list of the newest."""
    for position, sample in enumerate(SAMPLES):
        at = ctx.now - timedelta(seconds=position)
        ctx.db.add(
            WorkspaceRecord(
                organization_id=ctx.organization_id,
                title=sample.title,
                status=sample.status,
                notes=sample.notes,
                owner_id=owners[position % len(owners)] if owners else None,
                due_on=None if sample.due is None else (ctx.now + timedelta(days=sample.due)).date(),
                sample=True,
                created_at=at,
                changed_at=at,
                batch_id=batch_id,
            )
        )
    ctx.db.flush()


def _first_members(ctx: MutationCtx) -> list[uuid.UUID]:
    """Those who own the samples in turn."""
    by_age = select(col(Membership.user_id)).order_by(col(Membership.joined_at), col(Membership.id))
    return list(ctx.db.scalars(by_age.limit(SAMPLE_OWNERS)))


def _found(ctx: MutationCtx, record_id: uuid.UUID) -> WorkspaceRecord:
    record = ctx.db.get(WorkspaceRecord, record_id)
    if record is None or record.removed_at is not None:
        raise RecordNotFound
    return record


def _editable(ctx: MutationCtx, record_id: uuid.UUID) -> WorkspaceRecord:
    record = _found(ctx, record_id)
    edits = ctx.can("records.edit")
    decide_edit(edits=edits, owner_id=record.owner_id, user_id=ctx.caller.user_id).enforce()
    return record


def _check_owner(ctx: MutationCtx, owner_id: uuid.UUID | None) -> None:
    if owner_id is None:
        return
    member = select(col(Membership.id)).where(col(Membership.user_id) == owner_id)
    if ctx.db.scalars(member).first() is None:
        raise BadRecord(fields={"owner_id": "Choose somebody who is a member."})


def _check_handover(ctx: MutationCtx, owner_id: uuid.UUID | None) -> None:
    if not ctx.can("records.edit"):
        raise NotYourRecord("You can change what stands in your record, not whose it is.")
    _check_owner(ctx, owner_id)


def _touch(ctx: MutationCtx, record: WorkspaceRecord) -> None:
    record.version += 1
    record.changed_at, record.changed_by = ctx.now, ctx.caller.user_id
    ctx.db.flush()


def _values_of(record: WorkspaceRecord) -> Values:
    return Values(record.title, record.status, record.notes, record.owner_id, record.due_on)


def _stale(ctx: MutationCtx, record: WorkspaceRecord, wanted: Values) -> StaleRecord:
    """Who changed it, and for each field that differs from what is wanted what it is now."""
    changer = ctx.db.get(User, record.changed_by) if record.changed_by else None
    now, mine = _words(ctx, _values_of(record)), _words(ctx, wanted)
    name = changer.name if changer else "Somebody"
    fields = {field: f"It is “{text or 'nothing'}” now." for field, text in now.items() if text != mine[field]}
    return StaleRecord(f"{name} changed this record meanwhile. Your version was not saved.", fields=fields)


def _words(ctx: MutationCtx, values: Values) -> dict[str, str]:
    owner = ctx.db.get(User, values.owner_id) if values.owner_id else None
    return {
        "title": values.title,
        "status": STATUS_WORDS[values.status],
        "notes": values.notes if len(values.notes) <= 200 else f"{values.notes[:199]}…",
        "owner_id": owner.name if owner else "",
        "due_on": f"{values.due_on.day} {values.due_on:%b %Y}" if values.due_on else "",
    }


def _change(ctx: MutationCtx, record: WorkspaceRecord, before: Values, after: Values) -> RecordChanged:
    was, now = _words(ctx, before), _words(ctx, after)
    open_fields = [name for name in ("title", "status", "due_on") if was[name] != now[name]]
    return RecordChanged(
        entity_id=record.id,
        target=record.title,
        before={name: was[name] for name in open_fields},
        after={name: now[name] for name in open_fields},
        notes_before=before.notes if before.notes != after.notes else None,
        owner_before=was["owner_id"] if before.owner_id != after.owner_id else None,
        owner_after=now["owner_id"] if before.owner_id != after.owner_id else None,
    )


def _present(ctx: MutationCtx, *, samples_only: bool = False) -> list[uuid.UUID]:
    rows = select(col(WorkspaceRecord.id)).where(col(WorkspaceRecord.removed_at).is_(None))
    if samples_only:
        rows = rows.where(col(WorkspaceRecord.sample).is_(True))
    return list(ctx.db.scalars(rows))


def _remove(ctx: MutationCtx, ids: Sequence[uuid.UUID], *, samples_only: bool = False) -> Removal:
    removal_id = uuid7()
    for start in range(0, len(ids), 500):
        ctx.db.execute(
            update(WorkspaceRecord)
            .where(col(WorkspaceRecord.id).in_(ids[start : start + 500]))
            .values(removed_at=ctx.now, removal_id=removal_id)
            .execution_options(synchronize_session=False)
        )
    if ids:
        ctx.schedule(forget_removed, after=FORGOTTEN_AFTER, removal_id=removal_id)
    return Removal(removal_id, len(ids), count_words(len(ids), samples_only=samples_only))


def _count(ctx: MutationCtx, *, samples_only: bool) -> int:
    return len(_present(ctx, samples_only=samples_only))
