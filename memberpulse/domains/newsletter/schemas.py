"""What screens and doors are given of the newsletter."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class SubscriptionRequest:
    """What a link in a confirmation letter is worth. open: waits for the button; done: confirmed; over: useless."""

    state: Literal["open", "done", "over"]
    email: str


@dataclass(frozen=True, slots=True)
class Subscription:
    """Whom a link to unsubscribe is for, and whether there is still something to end."""

    email: str
    is_subscribed: bool


@dataclass(frozen=True, slots=True)
class SubscriberView:
    """One line of the export. Put unsubscribe_url into every issue, as List-Unsubscribe and as a link."""

    id: uuid.UUID
    email: str
    since: datetime
    unsubscribe_url: str


@dataclass(frozen=True, slots=True)
class SubscriberList:
    """A part of the export; next_cursor asks for the following one."""

    rows: list[SubscriberView]
    next_cursor: str | None
