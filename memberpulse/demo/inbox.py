"""What else is in the visitors' inboxes at first: a group, something snoozed, and some that were put away."""

import uuid
from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col

from memberpulse.demo.people import SIGN_INS, id_of
from memberpulse.domains.accounts.models import User
from memberpulse.domains.notifications.mutations import import_notices
from memberpulse.domains.notifications.rules import SnoozeFor, snooze_times, zone_named
from memberpulse.domains.notifications.schemas import Notice, NoticeImport
from memberpulse.domains.organizations.models import Role
from memberpulse.domains.organizations.requests.models import JoinRequest
from memberpulse.engine import MutationCtx

_PUT_AWAY = (
    ("membership", "Your membership was renewed", "It is good for another year.", 41),
    ("announcement", "Closed over the holidays", "We are back on the second Saturday of January.", 52),
    ("announcement", "The new band saw is here", "Book an introduction at the desk before you use it.", 63),
)


def seed_inbox(ctx: MutationCtx) -> None:
    """Fill the inboxes of those whom a visitor may be. After the people, and those who ask to join."""
    people = [each for each in SIGN_INS if each.key != "outsider"]
    for person in people:
        user_id = id_of(person.email)
        import_notices(
            ctx, notices=[*_put_away(ctx, user_id), _snoozed(ctx, user_id), *_asking(ctx, user_id, person.role)]
        )


def _put_away(ctx: MutationCtx, user_id: uuid.UUID) -> list[NoticeImport]:
    found: list[NoticeImport] = []
    for type_, title, message, days in _PUT_AWAY:
        at = ctx.now - timedelta(days=days)
        notice = Notice(type=type_, title=title, message=message, link="/announcements")
        found.append(NoticeImport(user_id, notice, at, at + timedelta(hours=3), archived=True))
    return found


def _snoozed(ctx: MutationCtx, user_id: uuid.UUID) -> NoticeImport:
    zone = zone_named(ctx.db.get_one(User, user_id).time_zone)
    notice = Notice(
        type="membership",
        title="Your membership ends soon",
        message="It ends in 19 days. Renew it at the desk, or ask an admin.",
        link="/directory/me",
    )
    until = snooze_times(zone, ctx.now)[SnoozeFor.TOMORROW]
    return NoticeImport(user_id, notice, ctx.now - timedelta(hours=30), None, snoozed_until=until)


def _asking(ctx: MutationCtx, user_id: uuid.UUID, role: Role) -> list[NoticeImport]:
    """Who decides has those who ask to join as one row."""
    if role not in (Role.OWNER, Role.ADMIN):
        return []
    waiting = select(JoinRequest, User).join(User, col(User.id) == col(JoinRequest.user_id))
    return [
        NoticeImport(
            user_id,
            Notice(
                type="join_request",
                title=f"{user.name} asks to join",
                message=asked.note,
                link="/members/requests",
                person_id=user.id,
                source_id=asked.id,
                group="join_request.asked",
                why="you may approve or reject requests to join",
            ),
            asked.created_at,
            None,
        )
        for asked, user in ctx.db.execute(waiting)
    ]
