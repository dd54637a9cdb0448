"""What had to wait, once it is due: quiet hours that end, and digests. One round every five minutes, one job a person.

A person's job is one transaction that sends and forgets, so that nothing leaves twice however often it runs. A digest
slot that is over is remembered: what comes late for it waits for the next one.
"""

import uuid
from collections.abc import Sequence
from itertools import groupby

from sqlalchemy import Select, select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.mail.mutations import send_letter
from memberpulse.domains.notifications.kinds import Channel
from memberpulse.domains.notifications.letters import digest_letter, notice_letter
from memberpulse.domains.notifications.models import Letters, Notification, Outgoing, Rhythm
from memberpulse.domains.notifications.preferences import wanted_by
from memberpulse.domains.notifications.push.queueing import Content, queue_push
from memberpulse.domains.notifications.rhythm import USUAL, quiet_end_of, rhythms
from memberpulse.domains.notifications.rules import next_digest, zone_named
from memberpulse.domains.notifications.schemas import Notice
from memberpulse.domains.organizations.models import Organization
from memberpulse.engine import MutationCtx, job

PEOPLE_AT_ONCE = 200
TOLD_AT_ONCE = 500
PUSHES_ONE_BY_ONE = 3
"""More than these that waited through the night come as one."""


@job()
def release_due(ctx: MutationCtx, *, beyond: uuid.UUID | None = None) -> None:
    """Let everybody for whom something is due be told it, in batches while there are more people."""
    due = select(col(Outgoing.user_id)).where(col(Outgoing.due_at) <= ctx.now).group_by(col(Outgoing.user_id))
    if beyond is not None:
        due = due.where(col(Outgoing.user_id) > beyond)
    with ctx.across_organizations():
        people = list(ctx.db.scalars(due.order_by(col(Outgoing.user_id)).limit(PEOPLE_AT_ONCE)))
    for user_id in people:
        ctx.schedule(tell_waiting, user_id=user_id)
    if len(people) == PEOPLE_AT_ONCE:
        ctx.schedule(release_due, beyond=people[-1])


@job()
def tell_waiting(ctx: MutationCtx, *, user_id: uuid.UUID) -> None:
    """Tell one person what is due, as far as they have not read or muted it meanwhile. Twice is harmless."""
    user = ctx.db.get(User, user_id, with_for_update=True)
    if user is None:
        return
    with ctx.across_organizations():
        due = list(ctx.db.scalars(_due(ctx, user_id)))
        is_full = len(due) == TOLD_AT_ONCE
        due = _without_quiet(ctx, user, due)
        read = _read_meanwhile(ctx, due)
    is_reachable = user.deactivated_at is None and user.erase_at is None
    wanted = {type_: wanted_by(ctx, [user.id], type_)[user.id] for type_ in {each.type for each in due}}
    told = [
        each
        for each in due
        if is_reachable and each.notification_id not in read and Channel(each.channel) in wanted[each.type]
    ]
    digest = _close_slot(ctx, user, [each for each in due if each.digest])
    _send_digest(ctx, user, [each for each in told if each in digest])
    for organization_id, some in groupby(told, lambda each: each.organization_id):
        with ctx.within(organization_id):
            _send_single(ctx, user, [each for each in some if not each.digest])
    with ctx.across_organizations():
        for each in due:
            if not each.digest or each in digest:
                ctx.db.delete(each)
    if is_full:
        ctx.schedule(tell_waiting, user_id=user_id)


def _due(ctx: MutationCtx, user_id: uuid.UUID) -> Select[Outgoing]:
    return (
        select(Outgoing)
        .where(col(Outgoing.user_id) == user_id, col(Outgoing.due_at) <= ctx.now)
        .order_by(col(Outgoing.organization_id), col(Outgoing.created_at), col(Outgoing.id))
        .limit(TOLD_AT_ONCE)
    )


def _without_quiet(ctx: MutationCtx, user: User, due: list[Outgoing]) -> list[Outgoing]:
    """What leaves now. Where it is quiet again by now, all but digests waits on."""
    quiet_end = quiet_end_of(ctx, user)
    if quiet_end is None:
        return due
    for each in due:
        if not each.digest:
            each.due_at = quiet_end
    ctx.db.flush()
    return [each for each in due if each.digest]


def _read_meanwhile(ctx: MutationCtx, due: Sequence[Outgoing]) -> set[uuid.UUID]:
    ids = [each.notification_id for each in due if each.notification_id is not None]
    found: set[uuid.UUID] = set()
    for start in range(0, len(ids), 100):
        read = select(col(Notification.id)).where(
            col(Notification.id).in_(ids[start : start + 100]), col(Notification.read_at).is_not(None)
        )
        found.update(ctx.db.scalars(read))
    return found


def _close_slot(ctx: MutationCtx, user: User, due: list[Outgoing]) -> list[Outgoing]:
    """What belongs into the digest that is due now. What is late for one that has left waits for the next."""
    if not due:
        return []
    row = ctx.db.scalars(select(Rhythm).where(col(Rhythm.user_id) == user.id).with_for_update()).one_or_none()
    rhythm, slot = rhythms(row) if row else USUAL, max(each.due_at for each in due)
    if rhythm.digested_until is None or slot > rhythm.digested_until:
        if row is not None:
            row.digested_until = slot
        return due
    with ctx.across_organizations():
        for each in due:
            each.due_at = next_digest(rhythm, zone_named(user.time_zone), ctx.now)
    return []


def _send_digest(ctx: MutationCtx, user: User, due: Sequence[Outgoing]) -> None:
    if not due:
        return
    parts = [
        (_name_of(ctx, organization_id), list(some))
        for organization_id, some in groupby(due, lambda each: each.organization_id)
    ]
    row = ctx.db.scalars(select(Rhythm).where(col(Rhythm.user_id) == user.id)).one_or_none()
    is_weekly = row is not None and row.letters is Letters.WEEKLY
    letter = digest_letter(parts, user_id=user.id, is_weekly=is_weekly)
    send_letter(ctx, to=user.email, letter=letter, about_type="notification")


def _send_single(ctx: MutationCtx, user: User, due: Sequence[Outgoing]) -> None:
    name = _name_of(ctx, ctx.organization_id)
    for each in due:
        if each.channel == Channel.EMAIL.value:
            letter = notice_letter(_notice_of(each), organization=name, user_id=user.id)
            send_letter(ctx, to=user.email, letter=letter, about_type="notification")
    pushes = [each for each in due if each.channel == Channel.PUSH.value]
    if len(pushes) > PUSHES_ONE_BY_ONE:
        words = ", ".join(dict.fromkeys(each.title for each in pushes[-3:]))
        title = f"{len(pushes)} notifications while it was quiet"
        queue_push(ctx, {user.id: Content(title, f"{words} …", "/notifications")})
        return
    for each in pushes:
        content = Content(each.title, each.message, each.link or "/notifications", each.source_id, each.notification_id)
        queue_push(ctx, {user.id: content})


def _name_of(ctx: MutationCtx, organization_id: uuid.UUID) -> str:
    return ctx.db.get_one(Organization, organization_id).name


def _notice_of(waiting: Outgoing) -> Notice:
    return Notice(waiting.type, waiting.title, waiting.message, waiting.link)
