"""What screens and doors are given of mail."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from memberpulse.domains.mail.models import Status


@dataclass(frozen=True, slots=True)
class MailboxState:
    """Whether letters land in the local mailbox, where whoever looks may read them.

    has_examples: whether examples of all letters are shown at /mail/preview.
    """

    is_open: bool
    has_examples: bool


@dataclass(frozen=True, slots=True)
class LetterRow:
    """One line of the mailbox."""

    id: uuid.UUID
    address: str
    kind: str
    subject: str
    glance: str
    status: Status
    at: datetime


@dataclass(frozen=True, slots=True)
class LetterRows:
    """A page of the mailbox, newest first."""

    rows: list[LetterRow]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class LetterView:
    """A letter in the mailbox, opened. readable: whether it is still here; a provider may have taken it.

    button_href: where its button goes, as a path when it is this site.
    """

    id: uuid.UUID
    address: str
    sender: str
    kind: str
    subject: str
    status: Status
    reason: str
    at: datetime
    readable: bool
    text: str
    code: str
    button_words: str
    button_href: str
    unsubscribe_href: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that has still to be handed over. Never leaves the server."""

    to: str
    sealed_letter: str


@dataclass(frozen=True, slots=True)
class DeliveryEvent:
    """What a provider says happened to a message.

    message_id: ours, when the event carries it; else provider_id finds it.
    """

    type: str
    provider_id: str
    message_id: uuid.UUID | None
    reason: str
