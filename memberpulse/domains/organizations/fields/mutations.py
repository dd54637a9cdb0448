"""Writes of fields, and of what they hold of a member."""

import uuid
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from memberpulse.domains.organizations.errors import MemberNotFound
from memberpulse.domains.organizations.fields.errors import FieldFilled, FieldNotFound, TooManyFields
from memberpulse.domains.organizations.fields.facts import (
    FieldArchived,
    FieldCreated,
    FieldEdited,
    FieldFilledIn,
    FieldRestored,
)
from memberpulse.domains.organizations.fields.models import (
    Audience,
    Editor,
    FieldKind,
    MemberField,
    MemberFieldValue,
)
from memberpulse.domains.organizations.fields.reading import find_field, ordered_fields
from memberpulse.domains.organizations.fields.rules import (
    MAX_FIELDS,
    check_audience,
    clean_field,
    clean_value,
    decide_field_edit,
    may_see,
)
from memberpulse.domains.organizations.models import Membership
from memberpulse.engine import MutationCtx, mutation


@mutation(requires="fields.manage", limit="30/minute")
def create_field(
    ctx: MutationCtx,
    *,
    name: str,
    kind: FieldKind,
    hint: str = "",
    options: str = "",
    required: bool = False,
    seen_by: Audience = Audience.ADMINS,
    edited_by: Editor = Editor.ADMINS,
) -> uuid.UUID:
    """Add a field after the others. options: what can be chosen, one a line.

    Raises BadField (422), TooManyFields (409).
    """
    others = ordered_fields(ctx, archived=True)
    if len([each for each in others if each.archived_at is None]) >= MAX_FIELDS:
        raise TooManyFields
    taken = [each.name for each in others]
    name, hint, chosen = clean_field(name=name, hint=hint, kind=kind, options=options.split("\n"), taken=taken)
    check_audience(seen_by, edited_by)
    field = MemberField(
        organization_id=ctx.organization_id,
        name=name,
        hint=hint,
        kind=kind,
        options=chosen,
        required=required,
        seen_by=seen_by,
        edited_by=edited_by,
        position=max((each.position for each in others), default=-1) + 1,
        created_at=ctx.now,
    )
    ctx.db.add(field)
    ctx.db.flush()
    ctx.record(FieldCreated(entity_id=field.id, target=name, after=_facts_of(field)))
    return field.id


@mutation(requires="fields.manage", limit="60/minute")
def edit_field(
    ctx: MutationCtx,
    *,
    field_id: uuid.UUID,
    name: str,
    kind: FieldKind,
    hint: str = "",
    options: str = "",
    required: bool = False,
    seen_by: Audience = Audience.ADMINS,
    edited_by: Editor = Editor.ADMINS,
) -> None:
    """Change a field; its kind only while nobody has filled it in. What it holds stays, whatever can be chosen now.

    Raises FieldNotFound (404), FieldFilled (409), BadField (422).
    """
    field = find_field(ctx, field_id)
    taken = [each.name for each in ordered_fields(ctx, archived=True) if each.id != field_id]
    name, hint, chosen = clean_field(name=name, hint=hint, kind=kind, options=options.split("\n"), taken=taken)
    check_audience(seen_by, edited_by)
    if kind is not field.kind and _count_values(ctx, field_id):
        raise FieldFilled
    before = _facts_of(field)
    field.name, field.hint, field.kind, field.options = name, hint, kind, chosen
    field.required, field.seen_by, field.edited_by = required, seen_by, edited_by
    ctx.db.flush()
    _record_edit(ctx, field, before)


@mutation(requires="fields.manage", limit="60/minute")
def move_field(ctx: MutationCtx, *, field_id: uuid.UUID, up: bool) -> None:
    """Change places with the field above or below; at the end nothing happens. Raises FieldNotFound (404)."""
    fields = ordered_fields(ctx)
    place = next((index for index, each in enumerate(fields) if each.id == field_id), None)
    if place is None:
        raise FieldNotFound
    other = place - 1 if up else place + 1
    if not 0 <= other < len(fields):
        return
    fields[place], fields[other] = fields[other], fields[place]
    for position, field in enumerate(fields):
        field.position = position
    ctx.db.flush()


@mutation(requires="fields.manage", limit="30/minute")
def archive_field(ctx: MutationCtx, *, field_id: uuid.UUID) -> None:
    """Ask for a field no more; what it holds is kept and shown to nobody. Raises FieldNotFound (404)."""
    field = find_field(ctx, field_id)
    if field.archived_at is None:
        field.archived_at = ctx.now
        ctx.db.flush()
        ctx.record(FieldArchived(entity_id=field.id, target=field.name))


@mutation(requires="fields.manage", limit="30/minute")
def restore_field(ctx: MutationCtx, *, field_id: uuid.UUID) -> None:
    """Ask for a field again, with what it held. Raises FieldNotFound (404), TooManyFields (409)."""
    field = find_field(ctx, field_id)
    if field.archived_at is None:
        return
    if len(ordered_fields(ctx)) >= MAX_FIELDS:
        raise TooManyFields
    field.archived_at = None
    ctx.db.flush()
    ctx.record(FieldRestored(entity_id=field.id, target=field.name))


@mutation(requires="directory.view", limit="120/minute")
def fill_in(ctx: MutationCtx, *, field_id: uuid.UUID, value: str, membership_id: uuid.UUID | None = None) -> str:
    """Set what a field holds of a member; returns what it held.

    membership_id: whose; None: the caller's own. value: as text in the form of the field's kind; empty for none.
    Raises FieldNotFound (404), MemberNotFound (404), FilledByAdmins (403), FieldArchived (409), BadValue (422).
    """
    field = find_field(ctx, field_id)
    membership = _membership(ctx, membership_id)
    manages = ctx.can("members.manage")
    own = membership.user_id == ctx.caller.user_id
    if not own and not manages:
        raise MemberNotFound
    if not may_see(seen_by=field.seen_by, manages=manages, own=own):
        raise FieldNotFound
    archived = field.archived_at is not None
    decide_field_edit(archived=archived, editor=field.edited_by, manages=manages, own=own).enforce()
    cleaned = clean_value(field.kind, field.options, field.required, value)
    before = _write(ctx, membership.id, field.id, cleaned)
    if before != cleaned:
        ctx.record(
            FieldFilledIn(
                entity_id=membership.id, target=field.name, user_id=membership.user_id, before=before, after=cleaned
            )
        )
    return before


def _membership(ctx: MutationCtx, membership_id: uuid.UUID | None) -> Membership:
    wanted = col(Membership.id) == membership_id if membership_id else col(Membership.user_id) == ctx.user_id
    found = ctx.db.scalars(select(Membership).where(wanted)).one_or_none()
    if found is None:
        raise MemberNotFound
    return found


def _write(ctx: MutationCtx, membership_id: uuid.UUID, field_id: uuid.UUID, value: str) -> str:
    statement = select(MemberFieldValue).where(
        col(MemberFieldValue.membership_id) == membership_id, col(MemberFieldValue.field_id) == field_id
    )
    row = ctx.db.scalars(statement).one_or_none()
    before = row.value if row else ""
    if row is not None and not value:
        ctx.db.delete(row)
    elif row is not None:
        row.value, row.changed_at = value, ctx.now
    elif value:
        ctx.db.add(
            MemberFieldValue(
                organization_id=ctx.organization_id,
                membership_id=membership_id,
                field_id=field_id,
                value=value,
                changed_at=ctx.now,
            )
        )
    ctx.db.flush()
    return before


def _count_values(ctx: MutationCtx, field_id: uuid.UUID) -> int:
    statement = select(func.count()).select_from(MemberFieldValue).where(col(MemberFieldValue.field_id) == field_id)
    return ctx.db.scalars(statement).one()


def _facts_of(field: MemberField) -> dict[str, Any]:
    return {
        "name": field.name,
        "hint": field.hint,
        "kind": field.kind.value,
        "options": list(field.options),
        "required": field.required,
        "seen_by": field.seen_by.value,
        "edited_by": field.edited_by.value,
    }


def _record_edit(ctx: MutationCtx, field: MemberField, before: dict[str, Any]) -> None:
    after = _facts_of(field)
    changed = [key for key in after if before[key] != after[key]]
    if changed:
        ctx.record(
            FieldEdited(
                entity_id=field.id,
                target=field.name,
                before={key: before[key] for key in changed},
                after={key: after[key] for key in changed},
            )
        )
