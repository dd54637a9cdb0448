"""What happens to mail."""

import uuid
from dataclasses import dataclass

from memberpulse.domains.mail.models import Status
from memberpulse.engine import Fact


@dataclass(frozen=True, kw_only=True)
class MailMoved(Fact):
    """A message reached another status; entity_id is the message. reason: why it bounced or failed."""

    entity_type = "mail"
    action = "moved"
    about_type: str
    about_id: uuid.UUID | None
    status: Status
    reason: str = ""
