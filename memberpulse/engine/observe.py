"""What every call leaves behind: a log entry and a place in the latency histograms."""

import logging
import uuid
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from sqlalchemy import insert

from memberpulse.engine.context import Caller
from memberpulse.engine.functions import Function
from memberpulse.engine.session import LiveSession
from memberpulse.engine.tables import EngineLogEntry
from memberpulse.engine.types import uuid7

log = logging.getLogger("memberpulse.engine")

BUCKETS_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)
MOST_UNWRITTEN = 10_000


def new_request_id() -> str:
    """The id under which the log and the caller know one call."""
    return f"req_{uuid.uuid4().hex[:16]}"


@dataclass(frozen=True, slots=True)
class CallRecord:
    at: datetime
    function: Function
    caller: Caller
    seconds: float
    outcome: str
    request_id: str


class Observer:
    """Counts every call at once, and keeps its log entry until the next `flush`."""

    def __init__(self) -> None:
        self.metrics = CollectorRegistry()
        self._seconds = Histogram(
            "memberpulse_call_seconds",
            "Duration of calls",
            ["function", "kind"],
            buckets=BUCKETS_SECONDS,
            registry=self.metrics,
        )
        self._failures = Counter(
            "memberpulse_call_failures", "Calls that did not succeed", ["function", "code"], registry=self.metrics
        )
        self.connections = Gauge("memberpulse_connections", "Open live sockets", registry=self.metrics)
        self.live_queries = Gauge("memberpulse_live_queries", "Distinct queries being watched", registry=self.metrics)
        self.executions = Counter(
            "memberpulse_live_executions", "Runs of live queries", ["function"], registry=self.metrics
        )
        self._unwritten: deque[CallRecord] = deque(maxlen=MOST_UNWRITTEN)

    def record(self, call: CallRecord) -> None:
        function = call.function
        self._seconds.labels(function.name, function.kind).observe(call.seconds)
        if call.outcome != "ok":
            self._failures.labels(function.name, call.outcome).inc()
        self._unwritten.append(call)

    def take(self) -> list[CallRecord]:
        """The calls not yet in the log; they are the taker's to write."""
        taken = list(self._unwritten)
        self._unwritten.clear()
        return taken

    def put_back(self, calls: list[CallRecord]) -> None:
        """They could not be written. What there is no room for is lost, the oldest first."""
        self._unwritten = deque([*calls, *self._unwritten], MOST_UNWRITTEN)


def write_log(db: LiveSession, calls: list[CallRecord]) -> None:
    if calls:
        db.execute(insert(EngineLogEntry), [_row(call) for call in calls])


def _row(call: CallRecord) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "at": call.at,
        "function": call.function.name,
        "kind": call.function.kind,
        "caller": call.caller.label,
        "organization_id": call.caller.organization_id,
        "duration_us": round(call.seconds * 1_000_000),
        "outcome": call.outcome,
        "request_id": call.request_id,
    }
