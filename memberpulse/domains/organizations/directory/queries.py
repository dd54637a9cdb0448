"""Reads of the directory. What somebody does not show is not read into any result, and nothing is found by it."""

import uuid
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.rules import fold
from memberpulse.domains.organizations.cursors import read_cursor, write_cursor
from memberpulse.domains.organizations.directory.errors import NotListed
from memberpulse.domains.organizations.directory.models import DirectoryEntry
from memberpulse.domains.organizations.directory.schemas import (
    DirectoryList,
    DirectoryPerson,
    DirectoryRow,
    MyMembership,
    ShareChoice,
    ShownField,
)
from memberpulse.domains.organizations.errors import MemberNotFound
from memberpulse.domains.organizations.fields.models import Audience, MemberField
from memberpulse.domains.organizations.fields.reading import filled_fields, ordered_fields, values_of
from memberpulse.domains.organizations.fields.rules import words_of
from memberpulse.domains.organizations.levels.reading import levels_by_id, state_of, today, until_midnight
from memberpulse.domains.organizations.models import Membership
from memberpulse.domains.organizations.roles.holding import custom_role_of, name_of
from memberpulse.domains.organizations.schemas import person_view
from memberpulse.engine import QueryCtx, query

PAGE_SIZE = 50
MAX_CITIES = 200


@query(requires="directory.view")
def list_directory(
    ctx: QueryCtx,
    *,
    search: str = "",
    level_id: uuid.UUID | None = None,
    city: str = "",
    cursor: str | None = None,
) -> DirectoryList:
    """Those who chose to be listed, by name, 50 at a time.

    search: part of a name. level_id, city: only those who show it are found by it.
    """
    matches = _matching(search, level_id, city)
    after = [_after(cursor)] if cursor else []
    statement = (
        _listed(select(Membership, User, DirectoryEntry))
        .where(*matches, *after)
        .order_by(col(User.name_key), col(Membership.id))
        .limit(PAGE_SIZE + 1)
    )
    found: list[tuple[Membership, User, DirectoryEntry]] = [tuple(each) for each in ctx.db.execute(statement)]
    page = found[:PAGE_SIZE]
    levels = {level.id: level.name for level in levels_by_id(ctx).values()}
    total = _count(ctx)
    return DirectoryList(
        rows=[_row(membership, user, entry, levels) for membership, user, entry in page],
        total=total,
        matching=_count(ctx, *matches) if matches else total,
        cities=_cities(ctx),
        next_cursor=write_cursor(page[-1][1].name_key, page[-1][0].id) if len(found) > PAGE_SIZE else None,
    )


@query(requires="directory.view")
def get_listed_person(ctx: QueryCtx, *, membership_id: uuid.UUID) -> DirectoryPerson:
    """One person as the directory shows them. Raises NotListed (404), for whoever is no member as well."""
    membership = ctx.db.scalars(select(Membership).where(col(Membership.id) == membership_id)).one_or_none()
    entry = entry_of(ctx, membership_id) if membership else None
    if membership is None or entry is None or not entry.listed:
        raise NotListed
    user = ctx.db.get_one(User, membership.user_id)
    if user.deactivated_at is not None:
        raise NotListed
    row = _row(membership, user, entry, {level.id: level.name for level in levels_by_id(ctx).values()})
    values = values_of(ctx, membership_id)
    shown = [field for field in shareable(ctx) if str(field.id) in entry.shown_fields and values.get(field.id)]
    return DirectoryPerson(
        id=row.id,
        person=row.person,
        email=row.email,
        city=row.city,
        level=row.level,
        joined_at=membership.joined_at,
        fields=[ShownField(field.name, words_of(field.kind, values[field.id])) for field in shown],
    )


@query(requires="directory.view")
def get_my_membership(ctx: QueryCtx) -> MyMembership:
    """What is kept about the caller here, and what the directory shows of it. Raises MemberNotFound (404)."""
    membership = ctx.db.scalars(select(Membership).where(col(Membership.user_id) == ctx.user_id)).one_or_none()
    if membership is None:
        raise MemberNotFound
    user = ctx.db.get_one(User, ctx.user_id)
    until_midnight(ctx)
    entry = entry_of(ctx, membership.id)
    values = values_of(ctx, membership.id)
    custom = custom_role_of(ctx, membership)
    shown = entry.shown_fields if entry else []
    return MyMembership(
        membership_id=membership.id,
        person=person_view(user),
        email=user.email,
        city=user.city,
        role=name_of(membership.role, custom.name if custom else None),
        joined_at=membership.joined_at,
        state=state_of(membership, levels_by_id(ctx), today(ctx)),
        chosen=entry is not None,
        listed=entry is not None and entry.listed,
        shows_email=entry is not None and entry.shows_email,
        shows_city=entry is not None and entry.shows_city,
        shows_level=entry is not None and entry.shows_level,
        shares=[
            ShareChoice(field.id, field.name, words_of(field.kind, values.get(field.id, "")), str(field.id) in shown)
            for field in shareable(ctx)
        ],
        fields=filled_fields(ctx, membership.id, manages=ctx.can("members.manage"), own=True),
    )


def entry_of(ctx: QueryCtx, membership_id: uuid.UUID) -> DirectoryEntry | None:
    statement = select(DirectoryEntry).where(col(DirectoryEntry.membership_id) == membership_id)
    return ctx.db.scalars(statement).one_or_none()


def shareable(ctx: QueryCtx) -> list[MemberField]:
    """The fields that a person may show in the directory."""
    return [field for field in ordered_fields(ctx) if field.seen_by is Audience.MEMBERS]


def _listed(statement: Any) -> Any:
    return (
        statement.join(User, col(User.id) == col(Membership.user_id))
        .join(DirectoryEntry, col(DirectoryEntry.membership_id) == col(Membership.id))
        .where(col(DirectoryEntry.listed).is_(True), col(User.deactivated_at).is_(None))
    )


def _matching(search: str, level_id: uuid.UUID | None, city: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    term = search.strip()[:100]
    if term:
        found.append(col(User.name_key).contains(fold(term), autoescape=True))
    if level_id is not None:
        found += [col(Membership.level_id) == level_id, col(DirectoryEntry.shows_level).is_(True)]
    if city:
        found += [col(User.city) == city[:100], col(DirectoryEntry.shows_city).is_(True)]
    return found


def _after(cursor: str) -> ColumnElement[bool]:
    key, row_id = read_cursor(cursor)
    same_name = and_(col(User.name_key) == key, col(Membership.id) > row_id)
    return or_(col(User.name_key) > key, same_name)


def _count(ctx: QueryCtx, *matches: ColumnElement[bool]) -> int:
    return ctx.db.scalars(_listed(select(func.count()).select_from(Membership)).where(*matches)).one()


def _cities(ctx: QueryCtx) -> list[str]:
    statement = _listed(select(col(User.city)).select_from(Membership)).where(col(DirectoryEntry.shows_city).is_(True))
    found = {str(each) for each in ctx.db.scalars(statement.distinct().limit(MAX_CITIES)) if each}
    return sorted(found, key=fold)


def _row(membership: Membership, user: User, entry: DirectoryEntry, levels: dict[uuid.UUID, str]) -> DirectoryRow:
    level = levels.get(membership.level_id, "") if membership.level_id else ""
    return DirectoryRow(
        id=membership.id,
        person=person_view(user),
        email=user.email if entry.shows_email else "",
        city=user.city if entry.shows_city else "",
        level=level if entry.shows_level else "",
    )
