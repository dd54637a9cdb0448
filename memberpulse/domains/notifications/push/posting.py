"""Handing a push to the browser's push service, after the commit that caused it.

A push service knows no idempotency keys, so a message is claimed in a transaction of its own before it is posted. What
certainly was not taken is tried again. Of what may have been taken, since the process died or the answer got lost,
nobody is told twice: it stays claimed. The same is in the app in any case.
"""

import random
import uuid
from dataclasses import dataclass
from datetime import timedelta

from memberpulse.domains.accounts.models import Session, User
from memberpulse.domains.notifications.models import Notification
from memberpulse.domains.notifications.push.models import PushDevice, PushMessage, PushState
from memberpulse.domains.notifications.push.services import Answer, Outcome, Parcel, deliver
from memberpulse.domains.notifications.rhythm import quiet_end_of
from memberpulse.engine import INTERNAL, ActionCtx, MutationCtx, job, mutation
from memberpulse.sealing import Unreadable, unseal

SEALED_FOR = "push"
MOST_ATTEMPTS = 6
GIVEN_UP_AFTER = timedelta(hours=12)
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that is now ours to post. sealed: where to, and the browser's keys."""

    sealed: str
    parcel: Parcel


@job()
async def post_push(ctx: ActionCtx, *, message_id: uuid.UUID) -> None:
    """Post a message that waits, once."""
    claimed: Claimed | None = await ctx.mutate(claim_push, message_id=message_id)
    if claimed is None:
        return
    try:
        answer = await deliver(unseal(claimed.sealed, SEALED_FOR), claimed.parcel)
    except Unreadable:
        answer = Answer(Outcome.GONE, "The browser was sealed under another secret.")
    await ctx.mutate(
        note_push, message_id=message_id, outcome=answer.outcome, reason=answer.reason, asked=answer.retry_after
    )


@mutation(requires=INTERNAL)
def claim_push(ctx: MutationCtx, *, message_id: uuid.UUID) -> Claimed | None:
    """Take a message that waits, for this one attempt; None when there is nothing to post by now."""
    message = ctx.db.get(PushMessage, message_id, with_for_update=True)
    if message is None or message.state is not PushState.QUEUED:
        return None
    device = ctx.db.get_one(PushDevice, message.device_id)
    if not _still_wanted(ctx, message, device):
        ctx.db.delete(message)
        return None
    if message.attempts and (quiet_end := quiet_end_of(ctx, ctx.db.get_one(User, message.user_id))):
        key = f"push:{message.id}:{quiet_end.isoformat()}"
        ctx.schedule(post_push, message_id=message.id, after=quiet_end - ctx.now, key=key)
        return None
    message.state, message.changed_at = PushState.SENDING, ctx.now
    message.attempts += 1
    shown = message.thread or message.notification_id or message.id
    parcel = Parcel(message.id, shown, message.title, message.body, message.link, message.notification_id)
    return Claimed(device.sealed, parcel)


@mutation(requires=INTERNAL)
def note_push(
    ctx: MutationCtx, *, message_id: uuid.UUID, outcome: Outcome, reason: str = "", asked: timedelta | None = None
) -> None:
    """Keep what the push service said. A browser that is gone is taken off the list, with all that waits for it."""
    message = ctx.db.get(PushMessage, message_id, with_for_update=True)
    if message is None or message.state is not PushState.SENDING:
        return
    message.reason, message.changed_at = reason[:200], ctx.now
    device = ctx.db.get_one(PushDevice, message.device_id)
    if outcome is Outcome.TAKEN:
        message.state, device.told_at = PushState.SENT, ctx.now
    elif outcome is Outcome.GONE:
        ctx.db.delete(message)
        ctx.db.flush()
        ctx.db.delete(device)
    elif outcome is Outcome.REFUSED:
        message.state = PushState.FAILED
    elif outcome is Outcome.LATER:
        _try_again(ctx, message, asked)


def _try_again(ctx: MutationCtx, message: PushMessage, asked: timedelta | None) -> None:
    if message.attempts >= MOST_ATTEMPTS or ctx.now - message.created_at > GIVEN_UP_AFTER:
        message.state = PushState.FAILED
        return
    message.state = PushState.QUEUED
    wait = min(LONGEST_WAIT, max(asked or FIRST_WAIT, FIRST_WAIT * 4 ** (message.attempts - 1)))
    key = f"push:{message.id}:{message.attempts}"
    ctx.schedule(post_push, message_id=message.id, after=wait * random.uniform(1.0, 1.3), key=key)


def _still_wanted(ctx: MutationCtx, message: PushMessage, device: PushDevice) -> bool:
    """Whether the browser is still signed in, its person still here, and what it tells not read yet."""
    session, user = ctx.db.get(Session, device.session_id), ctx.db.get(User, device.user_id)
    if session is None or session.revoked_at is not None or session.expires_at <= ctx.now:
        return False
    if user is None or user.deactivated_at is not None or user.erase_at is not None:
        return False
    if message.notification_id is None:
        return True
    shown = ctx.db.get(Notification, message.notification_id)
    return shown is not None and shown.read_at is None
