"""Writes of what people show of themselves. Everybody decides for themselves alone."""

import uuid

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.organizations.directory.errors import NotShareable
from memberpulse.domains.organizations.directory.facts import DirectoryChoiceMade
from memberpulse.domains.organizations.directory.models import DirectoryEntry
from memberpulse.domains.organizations.directory.queries import entry_of
from memberpulse.domains.organizations.directory.schemas import Shown
from memberpulse.domains.organizations.errors import MemberNotFound
from memberpulse.domains.organizations.fields.models import Audience
from memberpulse.domains.organizations.fields.reading import find_field
from memberpulse.domains.organizations.models import Membership
from memberpulse.engine import MutationCtx, mutation

_COLUMNS = {Shown.LISTED: "listed", Shown.EMAIL: "shows_email", Shown.CITY: "shows_city", Shown.LEVEL: "shows_level"}


@mutation(requires="directory.view", limit="120/minute")
def show_in_directory(ctx: MutationCtx, *, what: Shown, shown: bool) -> None:
    """Let the other members see that the caller is here, their e-mail address, city or level; or not any more.

    Raises MemberNotFound (404).
    """
    entry = _entry(ctx)
    column = _COLUMNS[what]
    before = bool(getattr(entry, column))
    setattr(entry, column, shown)
    ctx.db.flush()
    _record(ctx, entry, what.value, before, shown)


@mutation(requires="directory.view", limit="120/minute")
def show_field(ctx: MutationCtx, *, field_id: uuid.UUID, shown: bool) -> None:
    """Let the other members see what a field holds of the caller; or not any more.

    Raises FieldNotFound (404), NotShareable (409), MemberNotFound (404).
    """
    field = find_field(ctx, field_id)
    if field.archived_at is not None or field.seen_by is not Audience.MEMBERS:
        raise NotShareable
    entry = _entry(ctx)
    before = str(field_id) in entry.shown_fields
    others = [each for each in entry.shown_fields if each != str(field_id)]
    entry.shown_fields = [*others, str(field_id)] if shown else others
    ctx.db.flush()
    _record(ctx, entry, field.name, before, shown)


def _entry(ctx: MutationCtx) -> DirectoryEntry:
    membership = ctx.db.scalars(select(Membership).where(col(Membership.user_id) == ctx.user_id)).one_or_none()
    if membership is None:
        raise MemberNotFound
    entry = entry_of(ctx, membership.id)
    if entry is None:
        entry = DirectoryEntry(organization_id=ctx.organization_id, membership_id=membership.id, chosen_at=ctx.now)
        ctx.db.add(entry)
        ctx.db.flush()
    return entry


def _record(ctx: MutationCtx, entry: DirectoryEntry, what: str, before: bool, after: bool) -> None:
    if before != after:
        ctx.record(
            DirectoryChoiceMade(entity_id=entry.id, target=what, user_id=ctx.user_id, before=before, after=after)
        )
