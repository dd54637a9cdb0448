"""What happens to levels and to the memberships that have them."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from memberpulse.domains.organizations.facts import Act
from memberpulse.engine import Fact


@dataclass(frozen=True, kw_only=True)
class LevelCreated(Act):
    """`target` is the level's name, as for all facts about levels."""

    entity_type = "level"
    action = "created"
    after: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class LevelEdited(Act):
    """before and after hold what changed."""

    entity_type = "level"
    action = "edited"
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class LevelArchived(Act):
    entity_type = "level"
    action = "archived"


@dataclass(frozen=True, kw_only=True)
class LevelRestored(Act):
    entity_type = "level"
    action = "restored"


@dataclass(frozen=True, kw_only=True)
class MemberLevelChanged(Act):
    """Somebody has another level or another end. `target` is the person's name; before and after name level and end."""

    entity_type = "member"
    action = "changed_level"
    user_id: uuid.UUID
    before: dict[str, str]
    after: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class MembershipRenewed(Act):
    """`target` is the person's name; before and after are the last days that are paid for."""

    entity_type = "member"
    action = "renewed"
    user_id: uuid.UUID
    before: date
    after: date


@dataclass(frozen=True, kw_only=True)
class RenewalDue(Fact):
    """A member is to be told that the membership ends, or has ended. `target` is the organization's name.

    notice: "14", "3" or "lapsed". words: the sentence. ends_on: the last day that is paid for.
    """

    entity_type = "member"
    action = "renewal_due"
    user_id: uuid.UUID
    notice: str
    words: str
    ends_on: date


@dataclass(frozen=True, kw_only=True)
class TimeZoneChanged(Act):
    """The organization's days begin at another moment. `target` is the new zone."""

    entity_type = "organization"
    action = "changed_time_zone"
    before: str
    after: str
