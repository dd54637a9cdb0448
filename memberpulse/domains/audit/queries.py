"""Reads of the audit log."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import ColumnElement, func, or_, select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.rules import describe_device, fold, tint_of
from memberpulse.domains.audit.models import AuditEntry, AuditHead, AuditPersonal
from memberpulse.domains.audit.rules import Link, Walk, canonical, root_of, walk
from memberpulse.domains.audit.schemas import (
    ChainHead,
    ChainView,
    EntryList,
    EntryView,
    ExportRow,
    Filters,
    KindView,
    Line,
)
from memberpulse.domains.audit.sentences import ERASED, Telling, humanised, parts_of, plain_sentence, say
from memberpulse.domains.audit.words import kind_of
from memberpulse.domains.organizations.cursors import read_cursor, write_cursor
from memberpulse.domains.organizations.schemas import PersonView, person_view
from memberpulse.engine import INTERNAL, QueryCtx, query
from memberpulse.engine.errors import BadArguments

PAGE_SIZE = 40
SYSTEM, DELETED = "The system", "Deleted person"
MOST_PEOPLE = 300
EXPORTED_AT_ONCE = 500
MAX_IN = 50
"""As many ids as a read is narrowed by."""
MOST_DIGITS = 15
_OF_ORIGIN = ("ip", "device")

Personal = dict[uuid.UUID, dict[str, AuditPersonal]]
"""The personal values of entries that are still there, by entry and name."""


@query(requires="audit.view")
def list_entries(
    ctx: QueryCtx,
    *,
    search: str = "",
    kind: str = "",
    person: uuid.UUID | None = None,
    since: date | None = None,
    until: date | None = None,
    cursor: str | None = None,
) -> EntryList:
    """Acts, newest first, 40 at a time.

    search: part of a name, a value, an address or a request id. kind: an entity type. person: who did it or to whom it
    was done. since, until: the first and the last day, in the caller's time zone.
    """
    wanted = _narrowed(search, kind, person, *day_span(ctx, since, until))
    if cursor:
        wanted.append(col(AuditEntry.sequence) < _read_cursor(cursor))
    newest_first = select(AuditEntry).where(*wanted).order_by(col(AuditEntry.sequence).desc())
    found = list(ctx.db.scalars(newest_first.limit(PAGE_SIZE + 1)))
    page = found[:PAGE_SIZE]
    following = write_cursor(str(page[-1].sequence), page[-1].id) if len(found) > PAGE_SIZE else None
    return EntryList(rows=_views(ctx, page), next_cursor=following)


@query(requires="audit.view")
def list_filters(ctx: QueryCtx) -> Filters:
    """What the log of this organization can be narrowed to."""
    kinds = sorted(ctx.db.scalars(select(col(AuditEntry.entity_type)).distinct()))
    actors = list(ctx.db.scalars(select(col(AuditEntry.actor_id)).distinct().limit(MOST_PEOPLE)))
    people = _people(ctx, actors)
    names = [KindView(str(each), people[each].name) for each in actors if each is not None]
    return Filters(
        kinds=[KindView(each, kind_of(each)) for each in kinds],
        people=sorted(names, key=lambda each: fold(each.label)),
    )


@query(requires="audit.view")
def get_chain(ctx: QueryCtx) -> ChainView:
    """How long the chain is, where it ends, and what the last check said."""
    head = ctx.db.scalars(select(AuditHead)).one_or_none()
    if head is None:
        return ChainView(0, "", None, "", None, "")
    checker = _people(ctx, [head.verified_by])
    return ChainView(
        total=head.sequence - head.pruned_sequence,
        hash=head.hash,
        intact=head.intact,
        verdict=head.verdict,
        verified_at=head.verified_at,
        verified_by=checker[head.verified_by].name if head.verified_by else SYSTEM,
    )


@query(requires=INTERNAL)
def get_head(ctx: QueryCtx) -> ChainHead:
    """Between which entries the chain is kept, and which entries there are."""
    head = ctx.db.scalars(select(AuditHead)).one_or_none()
    ends = select(func.min(col(AuditEntry.sequence)), func.max(col(AuditEntry.sequence))).select_from(AuditEntry)
    lowest, highest = ctx.db.execute(ends).one()
    if head is None:
        root = root_of(ctx.organization_id)
        return ChainHead(0, root, 0, root, lowest, highest)
    return ChainHead(head.pruned_sequence, head.pruned_hash, head.sequence, head.hash, lowest, highest)


@query(requires=INTERNAL)
def check_entries(ctx: QueryCtx, *, so_far: Walk, until_sequence: int, count: int) -> Walk:
    """Go on with a check over the next entries, at most `count`."""
    following = (
        select(AuditEntry)
        .where(col(AuditEntry.sequence) > so_far.sequence, col(AuditEntry.sequence) <= until_sequence)
        .order_by(col(AuditEntry.sequence), col(AuditEntry.id))
        .limit(count)
    )
    entries = list(ctx.db.scalars(following))
    return walk(so_far, _links(entries, _personal_between(ctx, entries)))


def count_entries(
    ctx: QueryCtx, *, search: str, kind: str, person: uuid.UUID | None, since: date | None, until: date | None
) -> int:
    """How many entries fit."""
    wanted = _narrowed(search, kind, person, *day_span(ctx, since, until))
    return ctx.db.scalars(select(func.count()).select_from(AuditEntry).where(*wanted)).one()


@query(requires=INTERNAL)
def list_export(
    ctx: QueryCtx,
    *,
    after: int,
    until_sequence: int,
    search: str = "",
    kind: str = "",
    person: uuid.UUID | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> list[ExportRow]:
    """The next entries of an export, the oldest first; none after the last."""
    wanted = _narrowed(search, kind, person, start, end)
    span = (col(AuditEntry.sequence) > after, col(AuditEntry.sequence) <= until_sequence)
    oldest_first = select(AuditEntry).where(*wanted, *span).order_by(col(AuditEntry.sequence)).limit(EXPORTED_AT_ONCE)
    entries = list(ctx.db.scalars(oldest_first))
    told = zip(_views(ctx, entries), _links(entries, _personal_of(ctx, entries)), strict=True)
    return [_export_row(view, link) for view, link in told]


def day_span(ctx: QueryCtx, since: date | None, until: date | None) -> tuple[datetime | None, datetime | None]:
    """The first and the last day as instants, in the caller's time zone. The end is the beginning of the day after."""
    if since is None and until is None:
        return None, None
    zone = _zone(ctx)
    start = datetime.combine(since, time(), zone) if since else None
    end = datetime.combine(until + timedelta(days=1), time(), zone) if until and until < date.max else None
    return start, end


def _zone(ctx: QueryCtx) -> tzinfo:
    user = ctx.db.get(User, ctx.caller.user_id) if ctx.caller.user_id else None
    try:
        return ZoneInfo(user.time_zone) if user else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def _narrowed(
    search: str, kind: str, person: uuid.UUID | None, start: datetime | None, end: datetime | None
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if kind:
        found.append(col(AuditEntry.entity_type) == kind)
    if person is not None:
        found.append(or_(col(AuditEntry.actor_id) == person, col(AuditEntry.subject_id) == person))
    if start is not None:
        found.append(col(AuditEntry.at) >= start)
    if end is not None:
        found.append(col(AuditEntry.at) < end)
    term = fold(search)[:100]
    if term:
        found.append(_mentions(term))
    return found


def _mentions(term: str) -> ColumnElement[bool]:
    personal = select(col(AuditPersonal.entry_id)).where(col(AuditPersonal.folded).contains(term, autoescape=True))
    people = select(col(User.id)).where(col(User.name_key).contains(term, autoescape=True))
    return or_(
        col(AuditEntry.folded).contains(term, autoescape=True),
        col(AuditEntry.id).in_(personal),
        col(AuditEntry.actor_id).in_(people),
        col(AuditEntry.subject_id).in_(people),
    )


def _read_cursor(cursor: str) -> int:
    key, _ = read_cursor(cursor)
    if not key.isdecimal() or len(key) > MOST_DIGITS:
        raise BadArguments(fields={"cursor": "This is not a cursor from an earlier page."})
    return int(key)


def _views(ctx: QueryCtx, entries: Sequence[AuditEntry]) -> list[EntryView]:
    personal = _personal_of(ctx, entries)
    people = _people(ctx, [entry.actor_id for entry in entries]) | _people(ctx, [entry.subject_id for entry in entries])
    return [_view(entry, personal.get(entry.id, {}), people) for entry in entries]


def _view(entry: AuditEntry, personal: dict[str, AuditPersonal], people: dict[uuid.UUID, PersonView]) -> EntryView:
    kept = {name: row.value for name, row in personal.items()}
    values = {**entry.details, **{name: kept.get(name, ERASED) for name in entry.commitments}}
    actor = people[entry.actor_id] if entry.actor_id else None
    person = people[entry.subject_id].name if entry.subject_id else None
    parts = parts_of(Telling(entry.entity_type, entry.action, person, values))
    return EntryView(
        id=entry.id,
        sequence=entry.sequence,
        at=entry.at,
        actor=actor,
        parts=parts,
        sentence=plain_sentence(actor.name if actor else SYSTEM, parts),
        kind=kind_of(entry.entity_type),
        origin=_origin(kept, values),
        lines=[Line(humanised(name), say(value)) for name, value in values.items() if name not in _OF_ORIGIN],
        request_id=entry.request_id,
        hash=entry.hash,
        previous_hash=entry.previous_hash,
    )


def _origin(kept: dict[str, str], values: dict[str, Any]) -> str:
    if not any(name in values for name in _OF_ORIGIN):
        return ""
    device = describe_device(kept["device"]) if "device" in kept else ""
    return ", ".join(part for part in (device, kept.get("ip", "")) if part) or ERASED


def _personal_of(ctx: QueryCtx, entries: Sequence[AuditEntry]) -> Personal:
    found: Personal = {}
    ids = [entry.id for entry in entries]
    for some in _chunks(ids):
        for row in ctx.db.scalars(select(AuditPersonal).where(col(AuditPersonal.entry_id).in_(some))):
            found.setdefault(row.entry_id, {})[row.name] = row
    return found


def _people(ctx: QueryCtx, ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, PersonView]:
    """Everybody by id, as they are called now; who is not there any more is a deleted person."""
    wanted = sorted({each for each in ids if each is not None})
    found = {each: PersonView(id=each, name=DELETED, initials="–", tint=tint_of(each)) for each in wanted}
    for some in _chunks(wanted):
        for user in ctx.db.scalars(select(User).where(col(User.id).in_(some))):
            found[user.id] = person_view(user)
    return found


def _chunks(ids: Sequence[uuid.UUID]) -> Iterable[Sequence[uuid.UUID]]:
    return (ids[start : start + MAX_IN] for start in range(0, len(ids), MAX_IN))


def _personal_between(ctx: QueryCtx, entries: Sequence[AuditEntry]) -> Personal:
    """Those of a whole run of entries, in one read."""
    if not entries:
        return {}
    run = col(AuditEntry.sequence).between(entries[0].sequence, entries[-1].sequence)
    of_run = select(AuditPersonal).join(AuditEntry, col(AuditEntry.id) == col(AuditPersonal.entry_id)).where(run)
    found: Personal = {}
    for row in ctx.db.scalars(of_run):
        found.setdefault(row.entry_id, {})[row.name] = row
    return found


def _links(entries: Sequence[AuditEntry], personal: Personal) -> list[Link]:
    return [
        Link(
            organization_id=entry.organization_id,
            sequence=entry.sequence,
            at=entry.at,
            actor_id=entry.actor_id,
            subject_id=entry.subject_id,
            entity_type=entry.entity_type,
            action=entry.action,
            entity_id=entry.entity_id,
            details=entry.details,
            commitments=entry.commitments,
            request_id=entry.request_id,
            previous_hash=entry.previous_hash,
            hash=entry.hash,
            personal={name: (row.salt, row.value) for name, row in personal.get(entry.id, {}).items()},
        )
        for entry in entries
    ]


def _export_row(view: EntryView, link: Link) -> ExportRow:
    return ExportRow(
        sequence=view.sequence,
        at=view.at,
        actor=view.actor.name if view.actor else SYSTEM,
        sentence=view.sentence,
        kind=view.kind,
        origin=view.origin,
        canonical=canonical(link),
        personal=dict(link.personal),
        hash=link.hash,
    )
