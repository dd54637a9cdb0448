"""How often somebody may call. Every policy that is not a function's own stands here."""

import logging
import math
import time

from limits import parse
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


class Limiter:
    """Counts calls in memory, or in Redis so that all processes count together."""

    def __init__(self, redis_url: str | None = None) -> None:
        uri = f"async+{redis_url}" if redis_url else "async+memory://"
        options = {"implementation": "redispy"} if redis_url else {}
        storage = storage_from_string(uri, **options)
        assert isinstance(storage, Storage)
        self._storage = storage
        self._windows = SlidingWindowCounterRateLimiter(storage)  # type: ignore[arg-type]

    async def check(self, rate: str, *key: str) -> None:
        """Count one use of `key`. Raises TooMany (429) with the seconds to wait when `rate` is exceeded."""
        item = parse(rate)
        try:
            if await self._windows.hit(item, *key):
                return
            reset = (await self._windows.get_window_stats(item, *key)).reset_time
        except self._storage.base_exceptions:
            log.warning("calls are not counted, since their counter cannot be reached")
            return
        raise TooMany(_seconds_until(reset))

    async def check_call(self, function: Function, caller: Caller, address: str) -> None:
        """The policies of every door: the caller's, everybody's, and the function's own."""
        if caller.kind == "system":
            return
        who = caller.label if caller.user_id else address
        await self.check(CALLS_PER_CALLER if caller.user_id else ANONYMOUS_CALLS_PER_ADDRESS, "calls", who)
        await self.check(CALLS_ALTOGETHER, "all")
        if function.limit is not None:
            await self.check(function.limit, function.name, who)


def _seconds_until(reset: float) -> int:
    return max(1, math.ceil(reset - time.time()))
