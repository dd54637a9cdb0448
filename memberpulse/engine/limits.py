"""How often somebody may call. Every policy that is not a function's own stands here."""

import ipaddress
import logging
import math
import time
from functools import lru_cache

from limits import RateLimitItem, parse
from limits.aio.storage import Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.storage import storage_from_string

from memberpulse.engine.context import Caller
from memberpulse.engine.errors import TooMany
from memberpulse.engine.functions import Function

log = logging.getLogger("memberpulse.engine")

CALLS_PER_CALLER = "600/minute"
ANONYMOUS_CALLS_PER_ADDRESS = "120/minute"
CALLS_ALTOGETHER = "60000/minute"
SUBSCRIBED_RUNS_PER_PERSON = "3000/minute"
"""Far more than all tabs of a person begin when they come back at once: what is watched already costs no run."""

PEOPLE_OF_A_NETWORK = 10
"""How many times what one person may do all of one network may do together: a club's house has one address."""

SWEEP_SECONDS = 60.0


class Limiter:
    """Counts calls in memory, or in Redis so that all processes count together."""

    def __init__(self, redis_url: str | None = None) -> None:
        self._counts = _Redis(redis_url) if redis_url else LocalCounts()
        self._subscribed = LocalCounts()

    async def check(self, rate: str, *key: str) -> None:
        """Count one use of `key`. Raises TooMany (429) with the seconds to wait when `rate` is exceeded."""
        seconds = await self._counts.hit(rate, *key)
        if seconds is not None:
            raise TooMany(max(1, math.ceil(seconds)))

    async def check_call(self, function: Function, caller: Caller, address: str) -> None:
        """The policies of every door: the caller's, everybody's, and the function's own."""
        if caller.kind == "system":
            return
        who = caller.label if caller.user_id else network_of(address)
        await self.check(CALLS_PER_CALLER if caller.user_id else ANONYMOUS_CALLS_PER_ADDRESS, "calls", who)
        await self.check(CALLS_ALTOGETHER, "all")
        await self.check_own(function, caller, address)

    async def check_own(self, function: Function, caller: Caller, address: str) -> None:
        """The function's own policy, which a subscription is counted by too."""
        if function.limit is None or caller.kind == "system":
            return
        network = network_of(address)
        await self.check(function.limit, function.name, caller.label if caller.user_id else network)
        if caller.user_id and network:
            await self.check(_for_a_network(function.limit), function.name, "network", network)

    def check_subscribed(self, caller: Caller) -> None:
        """Raises TooMany while the subscriptions of this person have begun too many runs in this process."""
        seconds = self._subscribed.wait(SUBSCRIBED_RUNS_PER_PERSON, caller.label)
        if seconds is not None:
            raise TooMany(max(1, math.ceil(seconds)))

    def count_subscribed(self, caller: Caller) -> None:
        """Note that a subscription of this person began a run."""
        self._subscribed.count(SUBSCRIBED_RUNS_PER_PERSON, caller.label)


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """Whom to count as one: an IPv4 address, or the /64 that one customer has of IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return address if parsed.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))


_parsed = lru_cache(maxsize=256)(parse)


@lru_cache(maxsize=256)
def _for_a_network(rate: str) -> str:
    one = _parsed(rate)
    return f"{one.amount * PEOPLE_OF_A_NETWORK}/{one.multiples} {one.GRANULARITY.name}"


class _Redis:
    """Sliding windows in Redis. While it cannot be reached, nothing is counted and everybody may call."""

    def __init__(self, url: str) -> None:
        storage = storage_from_string(f"async+{url}", implementation="redispy")
        assert isinstance(storage, Storage)
        self._storage = storage
        self._windows = SlidingWindowCounterRateLimiter(storage)  # type: ignore[arg-type]

    async def hit(self, rate: str, *key: str) -> float | None:
        item = _parsed(rate)
        try:
            if await self._windows.hit(item, *key):
                return None
            return (await self._windows.get_window_stats(item, *key)).reset_time - time.time()
        except self._storage.base_exceptions:
            log.warning("calls are not counted, since their counter cannot be reached")
            return None


class LocalCounts:
    """Sliding windows in this process: the uses in this window, and those in the last one as far as it still counts.

    That of `limits` looks at the windows of all callers on every call.
    """

    def __init__(self) -> None:
        self._windows: dict[tuple[str, ...], _Window] = {}
        self._swept_at = 0.0

    async def hit(self, *key: str) -> float | None:
        """Count one use under the rate that is the first part of the key; or the seconds until there is room for it."""
        seconds = self.wait(*key)
        if seconds is None:
            self.count(*key)
        return seconds

    def wait(self, *key: str) -> float | None:
        """The seconds until there is room for a use; None when there is."""
        window = self._windows.get(key)
        return window.wait(time.time()) if window is not None else None

    def count(self, *key: str) -> None:
        """Count one use."""
        now = time.time()
        if abs(now - self._swept_at) > SWEEP_SECONDS:
            self._sweep(now)
        window = self._windows.get(key)
        if window is None:
            window = self._windows[key] = _Window(_parsed(key[0]))
        window.count(now)

    def _sweep(self, now: float) -> None:
        self._swept_at = now
        for key, window in list(self._windows.items()):
            if window.is_over(now):
                del self._windows[key]


class _Window:
    __slots__ = ("_before", "_length", "_most", "_number", "_uses")

    def __init__(self, rate: RateLimitItem) -> None:
        self._most, self._length = rate.amount, rate.get_expiry()
        self._number: int = 0
        self._before = self._uses = 0

    def count(self, now: float) -> None:
        self._turn(now)
        self._uses += 1

    def wait(self, now: float) -> float | None:
        self._turn(now)
        gone = now % self._length / self._length
        if math.floor(self._before * (1 - gone) + self._uses) < self._most:
            return None
        if self._uses < self._most:
            return (1 - (self._most - self._uses) / self._before - gone) * self._length
        return (1 - gone) * self._length

    def _turn(self, now: float) -> None:
        number = int(now // self._length)
        if number != self._number:
            self._before = self._uses if number == self._number + 1 else 0
            self._number, self._uses = number, 0

    def is_over(self, now: float) -> bool:
        return abs(int(now // self._length) - self._number) > 1
