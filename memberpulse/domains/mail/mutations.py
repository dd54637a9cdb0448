"""Writes of mail."""

import uuid

from sqlalchemy import delete, select
from sqlmodel import col

from memberpulse.domains.mail.delivery import close_letter, deliver
from memberpulse.domains.mail.letters import Letter
from memberpulse.domains.mail.models import MailEvent, Message
from memberpulse.domains.mail.moving import move
from memberpulse.domains.mail.rules import STATUS_OF_EVENT
from memberpulse.domains.mail.schemas import DeliveryEvent
from memberpulse.engine import INTERNAL, MutationCtx, mutation


@mutation(requires=INTERNAL)
def send_letter(
    ctx: MutationCtx, *, to: str, letter: Letter, about_type: str = "", about_id: uuid.UUID | None = None
) -> uuid.UUID:
    """Queue a letter within the caller's transaction; it leaves after the commit, and not without it.

    about_type, about_id: what it is about; every later status is told as a MailMoved with both.
    """
    message = Message(
        to_email=to,
        kind=letter.kind,
        subject=letter.subject[:200],
        sealed_letter=close_letter(letter),
        about_type=about_type,
        about_id=about_id,
        created_at=ctx.now,
        changed_at=ctx.now,
    )
    ctx.db.add(message)
    ctx.db.flush()
    ctx.schedule(deliver, message_id=message.id)
    return message.id


@mutation(requires=INTERNAL)
def note_event(ctx: MutationCtx, *, event_id: str, event: DeliveryEvent) -> bool:
    """Keep a delivery event and what it changes, in one transaction; False when it was told before.

    Events of a type that we do not know, and of messages that are not ours, are kept and change nothing.
    """
    if ctx.db.scalars(select(MailEvent).where(col(MailEvent.event_id) == event_id)).first() is not None:
        return False
    message = _message_of(ctx, event)
    kept = MailEvent(
        event_id=event_id,
        type=event.type[:80],
        message_id=message.id if message else None,
        received_at=ctx.now,
    )
    ctx.db.add(kept)
    ctx.db.flush()
    status = STATUS_OF_EVENT.get(event.type)
    if message is not None and status is not None:
        message.sealed_letter = None
        message.provider_id = message.provider_id or event.provider_id or None
        kept.moved = move(ctx, message, status, event.reason)
    return True


@mutation(requires=INTERNAL)
def forget_mail_to(ctx: MutationCtx, *, email: str) -> None:
    """Delete all letters to an address, for somebody who wants to be forgotten."""
    ctx.db.execute(delete(Message).where(col(Message.to_email) == email).execution_options(synchronize_session=False))


def _message_of(ctx: MutationCtx, event: DeliveryEvent) -> Message | None:
    """By our own id, which the provider hands back: the event may come before its answer to the sending was noted."""
    if event.message_id is not None:
        return ctx.db.get(Message, event.message_id, with_for_update=True)
    if not event.provider_id:
        return None
    statement = select(Message).where(col(Message.provider_id) == event.provider_id).with_for_update()
    return ctx.db.scalars(statement).first()
