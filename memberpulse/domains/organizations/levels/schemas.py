"""What screens and doors are given of levels and renewals."""

import uuid
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class LevelRow:
    """lasts: its length in words. members: how many have it; active, grace and lapsed: how many of them are."""

    id: uuid.UUID
    name: str
    description: str
    months: int | None
    grace_days: int
    lasts: str
    members: int
    active: int
    grace: int
    lapsed: int
    archived: bool


@dataclass(frozen=True, slots=True)
class Levels:
    """rows: in their order, archived ones last. time_zone: where the organization's days begin."""

    rows: list[LevelRow]
    time_zone: str
    today: date


@dataclass(frozen=True, slots=True)
class LevelChoice:
    id: uuid.UUID
    name: str
    about: str


@dataclass(frozen=True, slots=True)
class MembershipState:
    """A member's level and how it stands.

    level: empty for none. standing: active, grace or lapsed; empty without a level. words: "Grace until 1 Apr".
    """

    level_id: uuid.UUID | None
    level: str
    standing: str
    words: str
    renews_on: date | None
