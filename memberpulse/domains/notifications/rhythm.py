"""Quiet hours and digests: when a person is told by what leaves the app."""

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.notifications.errors import BadRhythm
from memberpulse.domains.notifications.models import Letters, Outgoing, Rhythm
from memberpulse.domains.notifications.rules import (
    Rhythms,
    clock_words,
    next_digest,
    quiet_until,
    zone_named,
)
from memberpulse.domains.notifications.schemas import RhythmView
from memberpulse.engine import INTERNAL, SIGNED_IN, MutationCtx, QueryCtx, mutation, query

USUAL = Rhythms()


@query(requires=SIGNED_IN)
def get_my_rhythm(ctx: QueryCtx) -> RhythmView:
    """The caller's quiet hours and digest, and what they mean now."""
    user = ctx.db.get_one(User, ctx.user_id)
    rhythm, zone = rhythms_of(ctx, [user.id]).get(user.id, USUAL), zone_named(user.time_zone)
    quiet_now = quiet_until(rhythm, zone, ctx.now)
    in_digest = rhythm.letters in (Letters.DAILY, Letters.WEEKLY)
    digest = next_digest(rhythm, zone, ctx.now) if in_digest else None
    ctx.stale_at(quiet_now or _quiet_from(rhythm, zone, ctx.now))
    ctx.stale_at(digest)
    return RhythmView(
        quiet=rhythm.quiet,
        quiet_from=clock_words(rhythm.quiet_from),
        quiet_until=clock_words(rhythm.quiet_until),
        letters=rhythm.letters,
        digest_at=clock_words(rhythm.digest_at),
        digest_weekday=rhythm.digest_weekday,
        zone=user.time_zone,
        quiet_now=quiet_now,
        next_digest=digest,
    )


@mutation(requires=SIGNED_IN, limit="60/minute")
def set_quiet_hours(ctx: MutationCtx, *, quiet: bool, quiet_from: str = "", quiet_until: str = "") -> None:
    """Turn quiet hours on or off. Times such as "22:00" in the caller's zone; empty ones stay as they are.

    What waits for the end of the old ones leaves at the end of the new ones. Raises BadRhythm (422).
    """
    begin, end = _minutes(quiet_from=quiet_from, quiet_until=quiet_until)
    mine = _my_row(ctx)
    mine.quiet = quiet
    mine.quiet_from = mine.quiet_from if begin is None else begin
    mine.quiet_until = mine.quiet_until if end is None else end
    if quiet and mine.quiet_from == mine.quiet_until:
        raise BadRhythm(fields={"quiet_until": "Choose another time than the one at which they begin."})
    ctx.db.flush()
    _plan_anew(ctx, mine)


@mutation(requires=SIGNED_IN, limit="60/minute")
def set_letters(ctx: MutationCtx, *, letters: Letters, digest_at: str = "", digest_weekday: int | None = None) -> None:
    """Say whether letters leave at once, in a digest, or never.

    digest_at: such as "08:00", in the caller's zone; digest_weekday: 0 is Monday. What waits for the old digest waits
    for the new one, or leaves with the next round. Raises BadRhythm (422).
    """
    (at,) = _minutes(digest_at=digest_at)
    if digest_weekday is not None and not 0 <= digest_weekday <= 6:
        raise BadRhythm(fields={"digest_weekday": "Choose a day of the week."})
    mine = _my_row(ctx)
    mine.letters = letters
    mine.digest_at = mine.digest_at if at is None else at
    mine.digest_weekday = mine.digest_weekday if digest_weekday is None else digest_weekday
    ctx.db.flush()
    _plan_anew(ctx, mine)


@mutation(requires=INTERNAL)
def stop_letters(ctx: MutationCtx, *, user_id: uuid.UUID) -> None:
    """No more letters of notifications to a person: from the link in their digest. Twice is harmless."""
    if ctx.db.get(User, user_id) is None:
        return
    row = _row_of(ctx, user_id)
    row.letters = Letters.NEVER
    ctx.db.flush()
    _plan_anew(ctx, row)


def rhythms_of(ctx: QueryCtx, user_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Rhythms]:
    """What each of at most 100 people chose; who chose nothing is missing."""
    rows = ctx.db.scalars(select(Rhythm).where(col(Rhythm.user_id).in_(list(user_ids))))
    return {row.user_id: rhythms(row) for row in rows}


def quiet_end_of(ctx: QueryCtx, user: User) -> datetime | None:
    """When the quiet hours end that a person is in now, where they are now; None when it is not quiet."""
    return quiet_until(rhythms_of(ctx, [user.id]).get(user.id, USUAL), zone_named(user.time_zone), ctx.now)


def rhythms(row: Rhythm) -> Rhythms:
    return Rhythms(
        quiet=row.quiet,
        quiet_from=row.quiet_from,
        quiet_until=row.quiet_until,
        letters=row.letters,
        digest_at=row.digest_at,
        digest_weekday=row.digest_weekday,
        digested_until=row.digested_until,
    )


def _my_row(ctx: MutationCtx) -> Rhythm:
    return _row_of(ctx, ctx.user_id)


def _row_of(ctx: MutationCtx, user_id: uuid.UUID) -> Rhythm:
    found = ctx.db.scalars(select(Rhythm).where(col(Rhythm.user_id) == user_id).with_for_update()).one_or_none()
    if found is None:
        found = Rhythm(user_id=user_id)
        ctx.db.add(found)
    return found


def _plan_anew(ctx: MutationCtx, row: Rhythm) -> None:
    """Move what waits to where it would be put now. A digest that is due leaves as it is."""
    zone, now = zone_named(ctx.db.get_one(User, row.user_id).time_zone), ctx.now
    quiet_end = quiet_until(rhythms(row), zone, now) or now
    with ctx.across_organizations():
        for waiting in ctx.db.scalars(select(Outgoing).where(col(Outgoing.user_id) == row.user_id)):
            if waiting.channel == "email" and row.letters is Letters.NEVER:
                ctx.db.delete(waiting)
                continue
            was_digest = waiting.digest
            waiting.digest = waiting.channel == "email" and row.letters is not Letters.AT_ONCE
            if not (was_digest and waiting.digest and waiting.due_at <= now):
                waiting.due_at = next_digest(rhythms(row), zone, now) if waiting.digest else quiet_end
        ctx.db.flush()


def _quiet_from(rhythm: Rhythms, zone: tzinfo, now: datetime) -> datetime | None:
    """When quiet hours begin next, by looking for the minute at which they do."""
    if not rhythm.quiet:
        return None
    local = now.astimezone(zone)
    begin = local.replace(hour=rhythm.quiet_from // 60, minute=rhythm.quiet_from % 60, second=0, microsecond=0)
    return (begin if begin > local else begin + timedelta(days=1)).astimezone(UTC)


def _minutes(**clocks: str) -> list[int | None]:
    """Minutes of the day; None for an empty text. Raises BadRhythm (422)."""
    found: dict[str, Any] = {name: _minute(text) for name, text in clocks.items()}
    wrong = {name: "Write a time such as 22:00." for name, minute in found.items() if minute == -1}
    if wrong:
        raise BadRhythm(fields=wrong)
    return list(found.values())


def _minute(text: str) -> int | None:
    if not text:
        return None
    hours, _, minutes = text.partition(":")
    if len(text) != 5 or not (hours.isascii() and hours.isdigit() and minutes.isascii() and minutes.isdigit()):
        return -1
    return int(hours) * 60 + int(minutes) if int(hours) < 24 and int(minutes) < 60 else -1
