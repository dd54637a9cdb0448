"""Decisions of the script: who comes, goes and does what. No database, no clock; chance comes from a seeded source."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

STEP = timedelta(seconds=6)
INTERRUPTED = timedelta(seconds=60)
"""After a longer pause everybody has left."""
ANNOUNCE_EVERY = timedelta(minutes=2)
SEEN_EVERY_STEPS = 3
MOST_PENDING, FEWEST_PENDING = 11, 4
MOST_NEWCOMERS = 6

_BY_HOUR = [3, 2, 2, 2, 3, 4, 6, 8, 10, 12, 13, 13, 12, 11, 11, 12, 12, 13, 15, 16, 14, 11, 8, 5]
_BY_WEEKDAY = [0.85, 0.9, 0.95, 1.0, 0.95, 1.15, 0.8]
FEWEST_ONLINE = 6.0


@dataclass(frozen=True, slots=True)
class Deeds:
    """What happens in a step besides coming and going."""

    announce: bool = False
    read: bool = False
    request: bool = False
    decide: bool = False
    join: bool = False
    leave: bool = False


def usual_online(at: datetime) -> float:
    """How many people are online at that time of a usual week, in UTC."""
    hour = at.hour + at.minute / 60
    before, part = int(hour), hour - int(hour)
    between = _BY_HOUR[before] * (1 - part) + _BY_HOUR[(before + 1) % 24] * part
    return max(FEWEST_ONLINE, between * _BY_WEEKDAY[at.weekday()])


def online_in_the_past(at: datetime, chance: Random) -> int:
    """A believable count for the history of the trend."""
    swing = 1.2 * math.sin(at.timestamp() / 4000) + chance.gauss(0, 0.7)
    return max(0, round(usual_online(at) + swing))


def cast_change(there: int, at: datetime, chance: Random) -> int:
    """How many people come (positive) or go (negative) in a step."""
    missing = round(usual_online(at)) - there
    if there == 0:  # the play begins: as full as the history says, and two may still be seen to come
        return missing - 2
    if missing > 3:
        return 1 + missing // 4
    if missing > 0 and chance.random() < 0.5:
        return 1
    if missing < 0 and chance.random() < 0.5:
        return -1
    drawn = chance.random()
    return 1 if drawn < 0.04 else -1 if drawn > 0.96 else 0


def is_seen(position: int, step: int) -> bool:
    """Whether a person's presence is written in this step: everybody's is every 18 seconds."""
    return (position + step) % SEEN_EVERY_STEPS == 0


def choose_deeds(*, chance: Random, since_announcement: timedelta, pending: int, newcomers: int) -> Deeds:
    """A gentle pace: an announcement in two to three minutes, an approval a minute, a new member in eight."""
    joins = chance.random() < 0.012
    return Deeds(
        announce=since_announcement > ANNOUNCE_EVERY and chance.random() < 0.2,
        read=chance.random() < 0.2,
        request=pending < MOST_PENDING and chance.random() < 0.05,
        decide=pending > FEWEST_PENDING and chance.random() < 0.05,
        join=joins,
        leave=joins and newcomers >= MOST_NEWCOMERS,
    )


def pick(chance: Random, people: Sequence[str], count: int) -> list[str]:
    """That many of them, or all."""
    return chance.sample(list(people), min(count, len(people)))


LINE_HOURS = 7.0
FEWEST_WAITING, MOST_WAITING = 6, 12


def line_deeds(*, chance: Random, waiting: int) -> str:
    """Whether somebody joins a line, comes in from the street, leaves, or nobody does anything, in a step."""
    drawn = chance.random()
    if waiting < FEWEST_WAITING:
        return "join" if drawn < 0.5 else "walk_in" if drawn < 0.55 else ""
    if waiting < MOST_WAITING and drawn < 0.09:
        return "walk_in" if drawn < 0.015 else "join"
    return "leave" if waiting > FEWEST_WAITING and drawn > 0.985 else ""


def service_seconds(of: str) -> float:
    """How long a repair takes, the same whenever it is asked: three to five minutes, some longer."""
    chance = Random(of)
    return chance.gauss(215, 45) + (150 if chance.random() < 0.08 else 0)
