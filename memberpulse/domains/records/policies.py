"""The rules about one record."""

import uuid

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.organizations.decisions import Decision
from memberpulse.domains.organizations.policies import THINGS_SHOWN, Policy, Subject, Thing
from memberpulse.domains.records.errors import RecordNotFound
from memberpulse.domains.records.models import WorkspaceRecord
from memberpulse.domains.records.rules import decide_edit
from memberpulse.engine import QueryCtx


def _may_edit(ctx: QueryCtx, subject: Subject, record_id: uuid.UUID) -> Decision:
    record = ctx.db.get(WorkspaceRecord, record_id)
    if record is None or record.removed_at is not None:
        raise RecordNotFound
    edits = "records.edit" in subject.capabilities
    return decide_edit(edits=edits, owner_id=record.owner_id, user_id=subject.user_id)


def _latest(ctx: QueryCtx) -> list[Thing]:
    there = select(WorkspaceRecord).where(col(WorkspaceRecord.removed_at).is_(None))
    newest_first = there.order_by(col(WorkspaceRecord.created_at).desc(), col(WorkspaceRecord.id)).limit(THINGS_SHOWN)
    return [Thing(each.id, each.title) for each in ctx.db.scalars(newest_first)]


EDIT = Policy(
    name="records.edit",
    question="May this person change this record?",
    thing="record",
    requires="records.view",
    sees="records.view",
    decide=_may_edit,
    things=_latest,
)
