"""Handing letters over, after the commit that caused them.

A job hands a message to the provider and notes the answer. If the process dies in between, the job runs again with the
same idempotency key: the provider recognises it, and the letter neither leaves twice nor is forgotten.
"""

import random
import uuid
from datetime import timedelta

from pydantic import TypeAdapter

from memberpulse.domains.mail.letters import Letter
from memberpulse.domains.mail.models import Message, Status
from memberpulse.domains.mail.moving import move
from memberpulse.domains.mail.providers import NotNow, Parcel, Receipt, Refused, provider_of
from memberpulse.domains.mail.rendering import render
from memberpulse.domains.mail.rules import gives_up, wait_before_retry
from memberpulse.domains.mail.schemas import Waiting
from memberpulse.engine import INTERNAL, ActionCtx, MutationCtx, QueryCtx, action, job, mutation, query
from memberpulse.sealing import Unreadable, seal, unseal
from memberpulse.settings import get_settings

_SEALED_FOR = "mail"
_LETTER = TypeAdapter(Letter)
RUNS = 6
"""How often a run may fail by a fault of ours before the message is given up."""


@job(max_attempts=RUNS)
async def deliver(ctx: ActionCtx, *, message_id: uuid.UUID) -> None:
    """Send a message; the last run only says that it could not be sent."""
    if ctx.attempt < RUNS:
        await send(ctx, message_id=message_id)
    else:
        await ctx.mutate(note_refused, message_id=message_id, reason="This server could not write the letter.")


@action(requires=INTERNAL)
async def send(ctx: ActionCtx, *, message_id: uuid.UUID) -> None:
    """Hand a waiting message to the provider and note what came of it. Safe to repeat at any point."""
    waiting: Waiting | None = await ctx.query(find_waiting, message_id=message_id)
    if waiting is None:
        return
    try:
        parcel = Parcel(message_id, waiting.to, render(open_letter(waiting.sealed_letter)))
        receipt = await provider_of(get_settings()).take(parcel)
    except Refused as refusal:
        await ctx.mutate(note_refused, message_id=message_id, reason=str(refusal))
    except Unreadable:
        await ctx.mutate(note_refused, message_id=message_id, reason="The letter was sealed under another secret.")
    except NotNow as delay:
        await ctx.mutate(note_delayed, message_id=message_id, reason=str(delay), asked=delay.after)
    else:
        await _note_taken(ctx, message_id, receipt)


async def _note_taken(ctx: ActionCtx, message_id: uuid.UUID, receipt: Receipt) -> None:
    await ctx.mutate(
        note_taken,
        message_id=message_id,
        status=receipt.status,
        provider_id=receipt.provider_id,
        keep_letter=receipt.keep,
    )


def close_letter(letter: Letter) -> str:
    """The letter sealed: it holds links that let people in."""
    return seal(_LETTER.dump_json(letter).decode(), _SEALED_FOR)


def open_letter(sealed: str) -> Letter:
    """The letter inside. Raises Unreadable."""
    return _LETTER.validate_json(unseal(sealed, _SEALED_FOR))


@query(requires=INTERNAL)
def find_waiting(ctx: QueryCtx, *, message_id: uuid.UUID) -> Waiting | None:
    """A message that has still to be handed over, with its letter; None when it was, or is gone."""
    message = ctx.db.get(Message, message_id)
    if message is None or message.status != Status.QUEUED or message.sealed_letter is None:
        return None
    return Waiting(message.to_email, message.sealed_letter)


@mutation(requires=INTERNAL)
def note_taken(
    ctx: MutationCtx,
    *,
    message_id: uuid.UUID,
    status: Status,
    provider_id: str | None = None,
    keep_letter: bool = False,
) -> None:
    """A provider has the letter. It is erased here, since its links let people in."""
    message = ctx.db.get(Message, message_id, with_for_update=True)
    if message is None:
        return
    if not keep_letter:
        message.sealed_letter = None
    message.provider_id = message.provider_id or provider_id
    ctx.db.flush()
    move(ctx, message, status)


@mutation(requires=INTERNAL)
def note_refused(ctx: MutationCtx, *, message_id: uuid.UUID, reason: str) -> None:
    """No provider will ever take it. The letter is erased with that."""
    message = ctx.db.get(Message, message_id, with_for_update=True)
    if message is not None and message.status == Status.QUEUED:
        message.sealed_letter = None
        move(ctx, message, Status.FAILED, reason)


@mutation(requires=INTERNAL)
def note_delayed(ctx: MutationCtx, *, message_id: uuid.UUID, reason: str, asked: timedelta | None = None) -> None:
    """It could not be taken now: try again later, or give up after twelve hours."""
    message = ctx.db.get(Message, message_id, with_for_update=True)
    if message is None or message.status != Status.QUEUED:
        return
    message.attempts += 1
    if gives_up(message.attempts, ctx.now - message.created_at):
        message.sealed_letter = None
        move(ctx, message, Status.FAILED, reason)
        return
    message.reason, message.changed_at = reason[:300], ctx.now
    ctx.db.flush()
    wait = wait_before_retry(message.attempts, asked) * random.uniform(1.0, 1.5)
    ctx.schedule(deliver, message_id=message.id, after=wait, key=f"mail:{message.id}:{message.attempts}")
