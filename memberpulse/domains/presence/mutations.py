"""Writes of presence: by the sockets, and by imports."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlmodel import col

from memberpulse.domains.presence.models import Presence, PresenceSample
from memberpulse.domains.presence.rules import HERE, HOUR, bucket_of
from memberpulse.domains.presence.schemas import PresenceMark, SampleImport
from memberpulse.engine import INTERNAL, MutationCtx, mutation, uuid7

AT_ONCE = 50
UNKNOWN_PAGE = "/"


@mutation(requires=INTERNAL)
def saw_people(ctx: MutationCtx, *, marks: list[PresenceMark]) -> None:
    """Take note of people of the caller's organization who are there.

    Who stays on a page is only seen later; who comes to another one since the last mark moves. Marks may come from
    several processes and in any order.
    """
    known = _presences(ctx, [mark.user_id for mark in marks])
    staying: list[Presence] = []
    for mark in marks:
        presence = known.get(mark.user_id)
        if presence is None:
            known[mark.user_id] = _arrive(ctx, mark)
        elif _moves(presence, mark):
            _move(presence, mark)
        elif presence.last_seen_at < mark.seen_at:
            staying.append(presence)
    ctx.db.flush()
    _see_later(ctx, staying, max((mark.seen_at for mark in marks), default=ctx.now))


@mutation(requires=INTERNAL)
def left(ctx: MutationCtx, *, marks: list[PresenceMark]) -> None:
    """Take note of the instant at which people's last socket closed. They stay online for the rest of a minute, so
    that a reload or a lost link is not seen as leaving."""
    known = _presences(ctx, [mark.user_id for mark in marks])
    for mark in marks:
        presence = known.get(mark.user_id)
        if presence is not None and presence.last_seen_at < mark.seen_at:
            presence.last_seen_at = mark.seen_at
    ctx.db.flush()


@mutation(requires=INTERNAL)
def import_samples(ctx: MutationCtx, *, samples: list[SampleImport]) -> None:
    """Add counts of the past."""
    organization_id = ctx.organization_id
    rows = [
        {
            "id": uuid7(),
            "organization_id": organization_id,
            "at": each.at,
            "hour": bucket_of(each.at, HOUR),
            "online": each.online,
        }
        for each in samples
    ]
    if rows:
        ctx.db.execute(insert(PresenceSample), rows)


def _presences(ctx: MutationCtx, user_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Presence]:
    found: dict[uuid.UUID, Presence] = {}
    for start in range(0, len(user_ids), AT_ONCE):
        some = select(Presence).where(col(Presence.user_id).in_(user_ids[start : start + AT_ONCE]))
        found.update((presence.user_id, presence) for presence in ctx.db.scalars(some))
    return found


def _arrive(ctx: MutationCtx, mark: PresenceMark) -> Presence:
    presence = Presence(
        organization_id=ctx.organization_id,
        user_id=mark.user_id,
        page=mark.page or UNKNOWN_PAGE,
        thing=mark.thing,
        since=mark.active_at,
        active_at=mark.active_at,
        last_seen_at=mark.seen_at,
    )
    ctx.db.add(presence)
    return presence


def _moves(presence: Presence, mark: PresenceMark) -> bool:
    returns = mark.seen_at - presence.last_seen_at >= HERE
    elsewhere = (mark.page, mark.thing) != (presence.page, presence.thing)
    return returns or (elsewhere and mark.page is not None and mark.active_at > presence.active_at)


def _move(presence: Presence, mark: PresenceMark) -> None:
    """Who opens something on the page where they are has been on that page all the time."""
    stays = mark.page == presence.page and mark.seen_at - presence.last_seen_at < HERE
    if not stays:
        presence.page, presence.since = mark.page or presence.page, mark.active_at
    if mark.page is not None:
        presence.thing = mark.thing
    presence.active_at = max(presence.active_at, mark.active_at)
    presence.last_seen_at = max(presence.last_seen_at, mark.seen_at)


def _see_later(ctx: MutationCtx, presences: Sequence[Presence], seen_at: datetime) -> None:
    """One statement for many people, since each beat sees nearly everybody where they were."""
    for start in range(0, len(presences), AT_ONCE):
        ids = [presence.id for presence in presences[start : start + AT_ONCE]]
        ctx.db.execute(
            update(Presence)
            .where(col(Presence.id).in_(ids), col(Presence.last_seen_at) < seen_at)
            .values(last_seen_at=seen_at)
            .execution_options(synchronize_session=False)
        )
