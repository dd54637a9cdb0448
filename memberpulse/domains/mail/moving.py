"""The one place where a message changes its status."""

from memberpulse.domains.mail.facts import MailMoved
from memberpulse.domains.mail.models import Message, Status
from memberpulse.domains.mail.rules import moves_on
from memberpulse.engine import MutationCtx


def move(ctx: MutationCtx, message: Message, status: Status, reason: str = "") -> bool:
    """Let a message reach a status and tell whoever listens; False when it is there already, or further."""
    if not moves_on(message.status, status):
        return False
    message.status, message.reason, message.changed_at = status, reason[:300], ctx.now
    ctx.db.flush()
    ctx.record(
        MailMoved(
            entity_id=message.id,
            target=message.subject,
            about_type=message.about_type,
            about_id=message.about_id,
            status=status,
            reason=message.reason,
        )
    )
    return True
