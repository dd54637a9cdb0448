"""Reads of fields as they are set up. What they hold is read with the member or the directory."""

import uuid
from collections import Counter

from sqlalchemy import func, select
from sqlmodel import col

from memberpulse.domains.organizations.fields.models import MemberField, MemberFieldValue
from memberpulse.domains.organizations.fields.reading import ordered_fields
from memberpulse.domains.organizations.fields.schemas import FieldRow
from memberpulse.engine import QueryCtx, query


@query(requires="fields.manage")
def list_fields(ctx: QueryCtx) -> list[FieldRow]:
    """All fields in their order, archived ones last."""
    filled = _filled(ctx)
    return [_row(field, filled[field.id]) for field in ordered_fields(ctx, archived=True)]


def _filled(ctx: QueryCtx) -> Counter[uuid.UUID]:
    statement = select(col(MemberFieldValue.field_id), func.count()).group_by(col(MemberFieldValue.field_id))
    return Counter({each[0]: each[1] for each in ctx.db.execute(statement)})


def _row(field: MemberField, filled: int) -> FieldRow:
    return FieldRow(
        id=field.id,
        name=field.name,
        hint=field.hint,
        kind=field.kind,
        options=list(field.options),
        required=field.required,
        seen_by=field.seen_by,
        edited_by=field.edited_by,
        archived=field.archived_at is not None,
        filled=filled,
    )
