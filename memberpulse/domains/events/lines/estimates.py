"""How long people will wait. No database, no clock.

The method, which the screens state in a sentence:

1. A service takes what the line's last 40 took, newer ones counting more (each 5 per cent less than the one after it),
   together with the minutes that the organizer expected, which count as three services: a line that has served nobody
   is estimated by those minutes alone, and after a dozen they hardly count. A party of more than one takes a quarter
   longer per further person, at most twice as long. What took more than four times the middle was forgotten at a
   station, and counts as four times.
2. The line is played forward: the first who is not held goes to the station that is free first. Each service adds its
   spread, so that the range widens along the line: it is meant to hold in four of five cases.
3. A pause, or a start that is yet to come, comes before all that. A place that is held is not called before its end.
"""

import heapq
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

MOST_OBSERVED = 40
FADING = 0.95
PRIOR_COUNT = 3.0
PRIOR_SPREAD = 0.35
PER_FURTHER_PERSON, MOST_FACTOR = 0.25, 2.0
OUTLIER = 4.0
FOUR_OF_FIVE = 1.28
HALF = 0.67
WALK_SECONDS = 45.0
"""From being called to being there."""
LEAST_REMAINING = 0.15
"""Of a service that takes longer than usual, as a part of the usual."""
LEAST_WIDTH_SECONDS = 120.0
SLOWER, FASTER = 1.15, 0.85
RECENT = 5


@dataclass(frozen=True, slots=True)
class Served:
    """One service that was observed, in seconds."""

    seconds: float
    party_size: int = 1


@dataclass(frozen=True, slots=True)
class Pace:
    """What a service for one person takes, in seconds. low, high: half of them take between. observed: how many count.

    trend: how the last five went against all, 1.0 as ever.
    """

    mean: float
    spread: float
    low: float
    high: float
    observed: int
    trend: float


@dataclass(frozen=True, slots=True)
class AtWork:
    """A station. party_size: 0 when it is free. elapsed: seconds since the service began, None when they are called."""

    party_size: int = 0
    elapsed: float | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody in line. held: for how many seconds more."""

    party_size: int = 1
    held: float = 0.0


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds until somebody is called."""

    expected: float
    low: float
    high: float

    @property
    def minutes(self) -> tuple[int, int]:
        """Whole minutes that hold the range."""
        low = int(self.low // 60)
        return low, max(low + 1, math.ceil(self.high / 60))


def factor(party_size: int) -> float:
    """How much longer a party takes than one person."""
    return min(MOST_FACTOR, 1.0 + PER_FURTHER_PERSON * (max(1, party_size) - 1))


def pace_of(observed: Sequence[Served], service_minutes: int) -> Pace:
    """What a service takes. observed: the newest first."""
    prior = service_minutes * 60.0
    times = _tamed([each.seconds / factor(each.party_size) for each in observed[:MOST_OBSERVED]])
    weights = [FADING**age for age in range(len(times))]
    total = PRIOR_COUNT + sum(weights)
    mean = (PRIOR_COUNT * prior + sum(w * t for w, t in zip(weights, times, strict=True))) / total
    prior_part = PRIOR_COUNT * ((PRIOR_SPREAD * prior) ** 2 + (prior - mean) ** 2)
    variance = (prior_part + sum(w * (t - mean) ** 2 for w, t in zip(weights, times, strict=True))) / total
    spread = math.sqrt(variance)
    trend = statistics.fmean(times[:RECENT]) / statistics.fmean(times) if len(times) > RECENT else 1.0
    return Pace(mean, spread, max(0.2 * mean, mean - HALF * spread), mean + HALF * spread, len(times), trend)


def _tamed(times: list[float]) -> list[float]:
    if not times:
        return times
    middle = statistics.median(times)
    return [min(each, OUTLIER * middle) for each in times]


def waits(pace: Pace, stations: Sequence[AtWork], parties: Sequence[Party], *, begins_in: float = 0.0) -> list[Wait]:
    """When each of the parties is called, in their order. begins_in: seconds until the line goes on at all.

    Without a station it is played as if there were one.
    """
    free = [(max(begins_in, at), variance, number) for number, (at, variance) in enumerate(_free_at(pace, stations))]
    heapq.heapify(free)
    found: list[Wait | None] = [None] * len(parties)
    held: list[tuple[float, int]] = []
    position = 0
    for _ in parties:
        at, variance, number = heapq.heappop(free)
        while position < len(parties) and parties[position].held > at:
            heapq.heappush(held, (parties[position].held, position))
            position += 1
        chosen, at = _next(parties, held, position, at)
        if chosen == position:
            position += 1
        found[chosen] = _wait(at, variance, begins_in, parties[chosen].held)
        longer = factor(parties[chosen].party_size)
        takes = pace.mean * longer + WALK_SECONDS
        heapq.heappush(free, (at + takes, variance + (pace.spread * longer) ** 2, number))
    return [each for each in found if each is not None]


def _next(parties: Sequence[Party], held: list[tuple[float, int]], position: int, at: float) -> tuple[int, float]:
    """Who is called when a station is free at `at`: the earliest in line who is not held then, and when."""
    over = [place for until, place in held if until <= at]
    if over and (position >= len(parties) or min(over) < position):
        chosen = min(over)
        held.remove((parties[chosen].held, chosen))
        heapq.heapify(held)
        return chosen, at
    if position < len(parties):
        return position, at
    until, chosen = heapq.heappop(held)
    return chosen, max(at, until)


def _free_at(pace: Pace, stations: Sequence[AtWork]) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for each in stations or [AtWork()]:
        if not each.party_size:
            found.append((0.0, 0.0))
            continue
        usual, spread = pace.mean * factor(each.party_size), pace.spread * factor(each.party_size)
        if each.elapsed is None:
            found.append((usual + WALK_SECONDS / 2, spread**2))
        else:
            left = max(usual - each.elapsed, LEAST_REMAINING * usual)
            found.append((left, (spread * min(1.0, max(0.3, left / usual))) ** 2))
    return found


def _wait(at: float, variance: float, begins_in: float, held: float) -> Wait:
    half = FOUR_OF_FIVE * math.sqrt(variance)
    low = max(begins_in, held, at - half)
    return Wait(at, low, max(at + half, low + LEAST_WIDTH_SECONDS))


def why(pace: Pace, *, ahead: int, stations: int, station_word: str, service_minutes: int, begins: str = "") -> str:
    """The reason for a range, in a sentence. begins: what comes first, such as "after the pause"."""
    word = station_word.lower()
    desks = f"no {word} is open yet" if not stations else f"{stations} {word}{_plural(word, stations)}"
    low, high = round(pace.low / 60), max(round(pace.low / 60) + 1, round(pace.high / 60))
    if pace.observed:
        source = f"{low}–{high} min each: from the last {pace.observed}."
    else:
        source = f"about {service_minutes} min each: what was expected, since nobody has been served yet."
    first = f"{ahead} ahead, {desks}, {source}"
    trend = ""
    if pace.trend > SLOWER:
        trend = " The last five ran slower, so the range is wide."
    elif pace.trend < FASTER:
        trend = " The last five went faster."
    return first + trend + (f" It goes on {begins}." if begins else "")


def _plural(word: str, count: int) -> str:
    if count == 1:
        return ""
    return "es" if word.endswith(("ch", "sh", "s", "x")) else "s"
