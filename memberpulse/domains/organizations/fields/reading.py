"""What fields hold of somebody, as far as the asker may see it."""

import uuid

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.organizations.fields.errors import FieldNotFound
from memberpulse.domains.organizations.fields.models import MemberField, MemberFieldValue
from memberpulse.domains.organizations.fields.rules import decide_field_edit, may_see, words_of
from memberpulse.domains.organizations.fields.schemas import FilledField
from memberpulse.engine import QueryCtx


def ordered_fields(ctx: QueryCtx, *, archived: bool = False) -> list[MemberField]:
    """In their order, archived ones last."""
    every = list(ctx.db.scalars(select(MemberField).order_by(col(MemberField.position), col(MemberField.id))))
    gone = [field for field in every if field.archived_at is not None]
    return [field for field in every if field.archived_at is None] + (gone if archived else [])


def find_field(ctx: QueryCtx, field_id: uuid.UUID) -> MemberField:
    """Raises FieldNotFound (404)."""
    field = ctx.db.get(MemberField, field_id)
    if field is None:
        raise FieldNotFound
    return field


def values_of(ctx: QueryCtx, membership_id: uuid.UUID) -> dict[uuid.UUID, str]:
    """What a member's fields hold, by field."""
    found = ctx.db.scalars(select(MemberFieldValue).where(col(MemberFieldValue.membership_id) == membership_id))
    return {each.field_id: each.value for each in found}


def filled_fields(ctx: QueryCtx, membership_id: uuid.UUID, *, manages: bool, own: bool) -> list[FilledField]:
    """The fields of a member that the asker may see, in their order."""
    values = values_of(ctx, membership_id)
    seen = [each for each in ordered_fields(ctx) if may_see(seen_by=each.seen_by, manages=manages, own=own)]
    return [_filled(field, values.get(field.id, ""), manages=manages, own=own) for field in seen]


def _filled(field: MemberField, value: str, *, manages: bool, own: bool) -> FilledField:
    decision = decide_field_edit(archived=False, editor=field.edited_by, manages=manages, own=own)
    return FilledField(
        id=field.id,
        name=field.name,
        hint=field.hint,
        kind=field.kind,
        options=list(field.options),
        required=field.required,
        value=value,
        words=words_of(field.kind, value),
        editable=decision.allowed,
        seen_by=field.seen_by,
    )
