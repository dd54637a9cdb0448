"""A queue as it is drawn: the line of parties, the cascade of expected windows, a gauge, the day in bars."""

from typing import Any, Literal

import reflex as rx

from memberpulse.ui.components.kinds import Text, given
from memberpulse.ui.expressions import expression

_LIBRARY = "$/public/queue/line"


def line(parties: Any, *, bar: int = 12, gap: int = 9, height: int = 52, most: int = 40) -> rx.Component:
    """Each party a bar, its height by size; serving in pulse, held hollow, behind you grey, you the dot.

    parties: a list of {size, state} in order, or what `parties_of` returns. Silent to a screen reader: say it beside.
    """
    return _Line.create(parties=parties, bar=bar, gap=gap, height=height, most=most)


def parties_of(queue: Any, *, position: Any = 0, joins: bool = False) -> Any:
    """The parties of a LineView for `line`: those at the stations, then those who wait.

    position: one's own. joins: the dot stands at the end, where somebody who joins now would.
    """
    return expression("partiesOf({0}, {1}, {2})", queue, position, joins, kind=list[Any], partiesOf=_LIBRARY)


def wait_of(queue: Any, spot: Any) -> Any:
    """When a Spot of a LineView is expected to be called: {starts, ends} as moments, or null."""
    return expression("waitOf({0}, {1})", queue, spot, kind=dict[str, Any], waitOf=_LIBRARY)


def cascade_head(*, horizon: Any, resumes: Any, paused: Any) -> rx.Component:
    """The axis that `cascade_window`s stand under: now, then round times.

    horizon: the latest moment to show. resumes: when a pause ends. Give all rows the same.
    """
    return _Ticks.create(horizon=horizon, resumes=resumes, paused=paused)


def cascade_window(
    starts: Any, ends: Any, *, horizon: Any, resumes: Any, paused: Any, kind: Text = "waiting"
) -> rx.Component:
    """One party's expected window on the shared axis. kind: first, held or waiting."""
    props = {"from_": starts, "to": ends, "horizon": horizon, "resumes": resumes, "paused": paused, "kind": kind}
    return _Window.create(**props)


def gauge(since: Any, *, low: Any = None, high: Any = None, limit: Any = None) -> rx.Component:
    """How long a service takes against its usual range, or a call against its limit. All in seconds."""
    return _Gauge.create(since=since, **given(low=low, high=high, limit=limit))


def day_bars(buckets: Any, *, label: Text) -> rx.Component:
    """Served by stretch of the day: the past in ink, now in pulse, what is expected an outline.

    buckets: the buckets of a DayChart. label: one sentence that says what it shows.
    """
    return _DayBars.create(slots=buckets, label=label)


class _Line(rx.Component):
    library = _LIBRARY
    tag = "Line"

    parties: rx.Var[Any]
    bar: rx.Var[int]
    gap: rx.Var[int]
    height: rx.Var[int]
    most: rx.Var[int]


class _Drawing(rx.Component):
    library = "$/public/queue/cascade"


class _Axis(_Drawing):
    horizon: rx.Var[Any]
    resumes: rx.Var[Any]
    paused: rx.Var[Any]


class _Ticks(_Axis):
    tag = "Ticks"


class _Window(_Axis):
    tag = "Window"
    alias = "CascadeWindow"

    from_: rx.Var[Any]
    to: rx.Var[Any]
    kind: rx.Var[Literal["first", "held", "waiting"]]

    _rename_props = {"from_": "from"}  # noqa: RUF012


class _Gauge(_Drawing):
    tag = "Gauge"

    since: rx.Var[Any]
    low: rx.Var[Any]
    high: rx.Var[Any]
    limit: rx.Var[Any]


class _DayBars(_Drawing):
    tag = "DayBars"

    slots: rx.Var[Any]
    label: rx.Var[str]
