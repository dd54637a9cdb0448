"""Queueing pushes within a transaction: one message for each of a person's browsers, handed over after the commit."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlmodel import col

from memberpulse.domains.accounts.models import Session
from memberpulse.domains.notifications.push.models import PushDevice, PushMessage
from memberpulse.domains.notifications.push.posting import post_push
from memberpulse.engine import MutationCtx

LONGEST_BODY = 300
ASKED_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Content:
    """What a push says. link: where a click leads. notification_id: the same in the app; who has read it is not told.
    thread: pushes of one thread take each other's place on the screen.
    """

    title: str
    body: str
    link: str
    source_id: uuid.UUID | None = None
    notification_id: uuid.UUID | None = None
    thread: uuid.UUID | None = None


def queue_push(ctx: MutationCtx, contents: Mapping[uuid.UUID, Content]) -> int:
    """Tell people in all their browsers; returns how many messages that made."""
    people, queued = list(contents), 0
    for start in range(0, len(people), ASKED_AT_ONCE):
        for device in list(ctx.db.scalars(_live_devices(ctx, people[start : start + ASKED_AT_ONCE]))):
            queue_for(ctx, device, contents[device.user_id])
            queued += 1
    return queued


def queue_for(ctx: MutationCtx, device: PushDevice, content: Content) -> None:
    """Tell one browser."""
    message = PushMessage(
        organization_id=ctx.organization_id,
        user_id=device.user_id,
        device_id=device.id,
        title=content.title[:200],
        body=content.body[:LONGEST_BODY],
        link=content.link[:300],
        source_id=content.source_id,
        notification_id=content.notification_id,
        thread=content.thread,
        created_at=ctx.now,
        changed_at=ctx.now,
    )
    ctx.db.add(message)
    ctx.db.flush()
    ctx.schedule(post_push, message_id=message.id)


def _live_devices(ctx: MutationCtx, people: Iterable[uuid.UUID]) -> Select[PushDevice]:
    return (
        select(PushDevice)
        .join(Session, col(Session.id) == col(PushDevice.session_id))
        .where(
            col(PushDevice.user_id).in_(list(people)),
            col(Session.revoked_at).is_(None),
            col(Session.expires_at) > ctx.now,
        )
        .order_by(col(PushDevice.added_at))
    )
