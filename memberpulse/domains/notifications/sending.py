"""Giving a notice to people by the ways that they want. Used by mutations and jobs alike.

`add_notifications` is the one place where all that people chose is honoured: types and channels, quiet hours, digests.
In the app it is there with the commit. Letters and pushes are jobs that run after it; what has to wait is a row of
`Outgoing` until it is due, see `waiting`.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.mail.mutations import send_letter
from memberpulse.domains.notifications.kinds import Channel
from memberpulse.domains.notifications.letters import notice_letter
from memberpulse.domains.notifications.models import Notification, Outgoing
from memberpulse.domains.notifications.preferences import ASKED_AT_ONCE, wanted_by
from memberpulse.domains.notifications.push.queueing import Content, queue_push
from memberpulse.domains.notifications.rhythm import USUAL, rhythms_of
from memberpulse.domains.notifications.rules import Plan, make_plan, zone_named
from memberpulse.domains.notifications.schemas import Notice
from memberpulse.domains.organizations.models import Membership, Organization
from memberpulse.engine import MutationCtx, uuid7

AT_ONCE = 500
"""How many people one transaction tells."""
NOBODY: Mapping[uuid.UUID, uuid.UUID] = {}


def next_recipients(ctx: MutationCtx, *, after: uuid.UUID | None, without: uuid.UUID | None) -> list[uuid.UUID]:
    """The next members to tell, in the order of their ids."""
    statement = select(col(Membership.user_id)).order_by(col(Membership.user_id)).limit(AT_ONCE)
    if after is not None:
        statement = statement.where(col(Membership.user_id) > after)
    if without is not None:
        statement = statement.where(col(Membership.user_id) != without)
    return list(ctx.db.scalars(statement))


def add_notifications(
    ctx: MutationCtx,
    user_ids: Iterable[uuid.UUID],
    notice: Notice,
    created_at: datetime,
    *,
    in_app_only: bool = False,
) -> None:
    """Tell members of a notice, by the ways and at the times that each of them chose. Others are passed over."""
    people = list(dict.fromkeys(user_ids))
    for start in range(0, len(people), ASKED_AT_ONCE):
        members = _members_of(ctx, people[start : start + ASKED_AT_ONCE])
        plans = _plans(ctx, members, notice.type, in_app_only=in_app_only)
        _tell(ctx, members, plans, notice, created_at)


def import_notifications(
    ctx: MutationCtx,
    user_ids: Iterable[uuid.UUID],
    notice: Notice,
    created_at: datetime,
    *,
    read_at: datetime | None = None,
    threads: Mapping[uuid.UUID, uuid.UUID] = NOBODY,
) -> dict[uuid.UUID, Notification]:
    """Add notifications as they are, whatever people chose. threads: which group's row each person already has."""
    added: dict[uuid.UUID, Notification] = {}
    for user_id in user_ids:
        own = uuid7()
        added[user_id] = Notification(
            id=own,
            organization_id=ctx.organization_id,
            user_id=user_id,
            type=notice.type,
            title=notice.title[:200],
            message=notice.message[:500],
            link=notice.link,
            person_id=notice.person_id,
            source_id=notice.source_id,
            why=notice.why[:200],
            group_key=notice.group[:80],
            thread=threads.get(user_id, own),
            read_at=read_at,
            shown_at=created_at,
            created_at=created_at,
        )
    ctx.db.add_all(added.values())
    ctx.db.flush()
    return added


def _members_of(ctx: MutationCtx, people: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    belong = set(ctx.db.scalars(select(col(Membership.user_id)).where(col(Membership.user_id).in_(people))))
    return [each for each in people if each in belong]


def _plans(ctx: MutationCtx, people: Sequence[uuid.UUID], type_: str, *, in_app_only: bool) -> dict[uuid.UUID, Plan]:
    """What becomes of a notice for each; who is leaving for good is only told in the app."""
    wanted, rhythms = wanted_by(ctx, people, type_), rhythms_of(ctx, people)
    found: dict[uuid.UUID, Plan] = {}
    for user in ctx.db.scalars(select(User).where(col(User.id).in_(people))):
        is_reachable = user.deactivated_at is None and user.erase_at is None and not in_app_only
        channels = wanted[user.id] if is_reachable else wanted[user.id] & {Channel.IN_APP}
        found[user.id] = make_plan(channels, rhythms.get(user.id, USUAL), zone_named(user.time_zone), ctx.now)
    return found


def _tell(
    ctx: MutationCtx,
    people: Sequence[uuid.UUID],
    plans: Mapping[uuid.UUID, Plan],
    notice: Notice,
    created_at: datetime,
) -> None:
    in_app = [each for each in people if plans[each].in_app]
    threads = _open_threads(ctx, in_app, notice.group) if notice.group else NOBODY
    added = import_notifications(ctx, in_app, notice, created_at, threads=threads)
    _hold_back(ctx, plans, notice, added)
    _send_letters(ctx, [each for each in people if plans[each].email == ctx.now], notice)
    pushed = [each for each in people if plans[each].push == ctx.now]
    queue_push(ctx, {each: _content(notice, added.get(each)) for each in pushed})


def _open_threads(ctx: MutationCtx, people: Sequence[uuid.UUID], group: str) -> dict[uuid.UUID, uuid.UUID]:
    """The group's row that people have unread in their inbox; what they have read or put away takes no more."""
    unread = select(col(Notification.user_id), col(Notification.thread)).where(
        col(Notification.user_id).in_(people),
        col(Notification.group_key) == group,
        col(Notification.read_at).is_(None),
        col(Notification.archived_at).is_(None),
        col(Notification.shown_at) <= ctx.now,
    )
    return {row[0]: row[1] for row in ctx.db.execute(unread.order_by(col(Notification.created_at)))}


def _hold_back(
    ctx: MutationCtx, plans: Mapping[uuid.UUID, Plan], notice: Notice, added: Mapping[uuid.UUID, Notification]
) -> None:
    for user_id, plan in plans.items():
        for channel, due_at in ((Channel.EMAIL, plan.email), (Channel.PUSH, plan.push)):
            if due_at is not None and due_at > ctx.now:
                ctx.db.add(_outgoing(ctx, user_id, channel, due_at, plan.digest, notice, added.get(user_id)))
    ctx.db.flush()


def _outgoing(
    ctx: MutationCtx,
    user_id: uuid.UUID,
    channel: Channel,
    due_at: datetime,
    digest: bool,
    notice: Notice,
    shown: Notification | None,
) -> Outgoing:
    return Outgoing(
        organization_id=ctx.organization_id,
        user_id=user_id,
        channel=channel.value,
        digest=digest and channel is Channel.EMAIL,
        due_at=due_at,
        type=notice.type,
        title=notice.title[:200],
        message=notice.message[:500],
        link=notice.link,
        person_id=notice.person_id,
        source_id=notice.source_id,
        notification_id=shown.id if shown else None,
        created_at=ctx.now,
    )


def _content(notice: Notice, shown: Notification | None) -> Content:
    return Content(
        title=notice.title,
        body=notice.message,
        link=notice.link or "/notifications",
        source_id=notice.source_id,
        notification_id=shown.id if shown else None,
        thread=shown.thread if shown else None,
    )


def _send_letters(ctx: MutationCtx, user_ids: list[uuid.UUID], notice: Notice) -> None:
    if not user_ids:
        return
    organization = ctx.db.get_one(Organization, ctx.organization_id).name
    for user in ctx.db.scalars(select(User).where(col(User.id).in_(user_ids))):
        letter = notice_letter(notice, organization=organization, user_id=user.id)
        send_letter(ctx, to=user.email, letter=letter, about_type="notification")
