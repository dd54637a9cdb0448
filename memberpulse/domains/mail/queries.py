"""Reads of mail."""

from memberpulse.domains.mail.schemas import MailboxState
from memberpulse.engine import PUBLIC, QueryCtx, query
from memberpulse.settings import get_settings


@query(requires=PUBLIC)
def get_mailbox_state(ctx: QueryCtx) -> MailboxState:
    """Whether the local mailbox is open here, so that pages may point to it."""
    return MailboxState(is_open=get_settings().mailbox_is_open)
