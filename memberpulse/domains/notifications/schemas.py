"""What screens and doors are given of notifications."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from memberpulse.domains.notifications.models import Letters
from memberpulse.domains.notifications.rules import SnoozeFor
from memberpulse.domains.organizations.schemas import PersonView


@dataclass(frozen=True, slots=True)
class NotificationRow:
    """One notification, or several of a group as one.

    id: of the latest. thread: what the group is called. link: a path on this site. person: who caused it; people: up
    to three of those who did, of a group. count: how many it stands for; unread: how many of them were not read.
    at: when it came, or came back from being snoozed. returned: whether it did. snoozed_until: until when it is away.
    kind: the type in words.
    """

    id: uuid.UUID
    thread: uuid.UUID
    type: str
    kind: str
    title: str
    message: str
    link: str | None
    source_id: uuid.UUID | None
    at: datetime
    person: PersonView | None
    people: list[PersonView]
    count: int
    unread: int
    archived: bool
    returned: bool
    snoozed_until: datetime | None


@dataclass(frozen=True, slots=True)
class Unread:
    """count: all that are unread; rows: the latest 50 of them, newest first, groups as one."""

    count: int
    rows: list[NotificationRow]


@dataclass(frozen=True, slots=True)
class Inbox:
    """One page of the inbox; next_cursor: where the next one begins."""

    rows: list[NotificationRow]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class InboxCounts:
    """How many notifications there are in each part of the inbox."""

    unread: int
    snoozed: int


@dataclass(frozen=True, slots=True)
class Change:
    """What was just done, by which it can be undone; count: to how many notifications."""

    id: uuid.UUID
    count: int


@dataclass(frozen=True, slots=True)
class SnoozeTime:
    """What a choice means now."""

    choice: SnoozeFor
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody got a notification, in one sentence. muted: whether its type is turned off by now."""

    sentence: str
    muted: bool


@dataclass(frozen=True, slots=True)
class RhythmView:
    """When the caller is told by what leaves the app. Times as "22:00" in `zone`.

    quiet_now: when the quiet hours end that it is in. next_digest: when the next one leaves.
    """

    quiet: bool
    quiet_from: str
    quiet_until: str
    letters: Letters
    digest_at: str
    digest_weekday: int
    zone: str
    quiet_now: datetime | None
    next_digest: datetime | None


@dataclass(frozen=True)
class Notice:
    """What to tell people.

    person_id: who caused it, and is not told. source_id: the entity that it is about. group: a key of `kinds.GROUPS`,
    where several unread ones are shown as one. why: what people are to it, as the end of "because …".
    """

    type: str
    title: str
    message: str = ""
    link: str | None = None
    person_id: uuid.UUID | None = None
    source_id: uuid.UUID | None = None
    group: str = ""
    why: str = ""


@dataclass(frozen=True)
class NoticeImport:
    """A notice that one person was given before.

    archived: whether they put it away. snoozed_until: until when it is out of their sight.
    """

    user_id: uuid.UUID
    notice: Notice
    created_at: datetime
    read_at: datetime | None
    archived: bool = False
    snoozed_until: datetime | None = None
