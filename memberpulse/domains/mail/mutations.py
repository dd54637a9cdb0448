"""Writes of mail."""

import json
import uuid
from dataclasses import asdict

from memberpulse.domains.mail.letters import Letter
from memberpulse.domains.mail.models import Message
from memberpulse.engine import INTERNAL, MutationCtx, mutation
from memberpulse.sealing import seal

SEALED_FOR = "mail"


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
        sealed_letter=seal(json.dumps(asdict(letter)), SEALED_FOR),
        about_type=about_type,
        about_id=about_id,
        created_at=ctx.now,
        changed_at=ctx.now,
    )
    ctx.db.add(message)
    ctx.db.flush()
    return message.id
