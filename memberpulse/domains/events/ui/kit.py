"""The parts of events on the page of all components, in development only. Nothing here is true of anyone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import reflex as rx

from memberpulse.domains.events.ui.components import (
    cascade_head,
    cascade_window,
    countdown,
    day_bars,
    day_leaf,
    elapsed,
    event_when,
    expected_range,
    gauge,
    line,
    ordinal,
    short_when,
    stepper,
)
from memberpulse.ui.kit_page import show_in_kit

_NOW = datetime.now(UTC)
_SIZES = (2, 1, 1, 4, 1, 2, 1, 3, 1, 2)


def _ago(minutes: float) -> str:
    return (_NOW - timedelta(minutes=minutes)).isoformat()


def _lines() -> rx.Component:
    serving = [{"id": f"s{index}", "size": 1, "state": "serving"} for index in range(2)]
    waiting: list[dict[str, Any]] = [
        {"id": index, "size": size, "state": "held" if index == 1 else "waiting"} for index, size in enumerate(_SIZES)
    ]
    behind = [{**each, "state": "behind"} if index > 3 else each for index, each in enumerate(waiting)]
    mine = [{**each, "state": "you"} if index == 3 else each for index, each in enumerate(behind)]
    return rx.el.div(
        line([*serving, *waiting, {"size": 1, "state": "you"}]),
        line(mine),
        line([{"size": 1, "state": "you"}]),
        class_name="col g4",
    )


def _cascade() -> rx.Component:
    axis: dict[str, Any] = {"horizon": _ago(-68), "resumes": None}
    windows = [(0, 3, "first"), (18, 24, "held"), (6, 12, "waiting"), (27, 41, "waiting"), (50, 68, "waiting")]

    def rows(paused: bool) -> list[rx.Component]:
        return [
            cascade_head(paused=paused, **axis),
            *[cascade_window(_ago(-low), _ago(-high), kind=kind, paused=paused, **axis) for low, high, kind in windows],
        ]

    return rx.el.div(rx.el.div(*rows(False)), rx.el.div(*rows(True)), class_name="col g4 kit-cascade")


def _gauges() -> rx.Component:
    usual = {"low": 540, "high": 780}
    return rx.el.div(
        gauge(_ago(6), **usual),
        gauge(_ago(11), **usual),
        gauge(_ago(16), **usual),
        gauge(_ago(0.8), limit=120),
    )


def _times() -> rx.Component:
    starts, ends = _ago(-60 * 24), _ago(-60 * 30)
    return rx.el.div(
        rx.el.p(rx.el.span(ordinal(4), class_name="big")),
        rx.el.p(rx.el.span(expected_range(_ago(-6), _ago(-12)), class_name="fig36")),
        rx.el.p(elapsed(_ago(6.2), form="clock"), ", ", elapsed(_ago(22)), ", ", elapsed(_ago(0.8), form="words")),
        rx.el.p("Kept for ", countdown(_ago(-14.5)), class_name="tn"),
        rx.el.p(short_when(starts, ends)),
        event_when(starts, ends, "America/New_York"),
        rx.el.div(day_leaf(starts), stepper("People", name="party_size"), class_name="row g4"),
        class_name="col g2",
    )


def _day() -> rx.Component:
    buckets = [
        {"label": f"{10 + index // 2}:{'30' if index % 2 else '00'}", "served": served, "expected": 0, "is_past": True}
        for index, served in enumerate((3, 4, 6, 5, 5, 4, 5, 4, 3))
    ]
    coming = [
        {"label": label, "served": served, "expected": expected, "is_past": False}
        for label, served, expected in (("14:30", 2, 3), ("15:00", 0, 5), ("15:30", 0, 4))
    ]
    return day_bars([*buckets, *coming], label="Served by half hour: 41 so far, 12 more expected")


show_in_kit("Line: serving, waiting, held, behind, you", _lines)
show_in_kit("Cascade: open and paused", _cascade)
show_in_kit("Gauge: within, in, over the usual range; called", _gauges)
show_in_kit("Position, estimate, waits", _times)
show_in_kit("The day", _day)
