"""Numbers that are looked at: the strip of figures on top of a page."""

from typing import Any

import reflex as rx

from memberpulse.ui.components.kinds import LIBRARY, Child
from memberpulse.ui.components.marks import SparkLine, fresh, live_dot, number


def strip(*tiles: rx.Component, label: str) -> rx.Component:
    """One row of figures with hairlines between; two columns on a phone."""
    return rx.el.section(*tiles, class_name="strip", aria_label=label)


def stat(
    name: Child,
    value: Any,
    *,
    why: Child = None,
    unit: str | None = None,
    live: bool = False,
    spark: Any = None,
    over: Any = None,
    settled: bool = False,
) -> rx.Component:
    """A figure with its name above and its reason below.

    live: it changes by itself: a dot that beats, and the figure glows when it does. spark: its last values, oldest
    first. over: a condition under which the reason warns. settled: never glows. While the link is lost the figure
    says as of when it stands.
    """
    shown = rx.el.span(number(value)) if settled else fresh(value)
    figure = rx.el.span(shown, *([rx.el.small(unit)] if unit else []), class_name="fig")
    line = [figure] if spark is None else [figure, SparkLine.create(values=spark)]
    reason = rx.el.p(
        why if why is not None else "\u00a0",
        class_name=rx.cond(over, "meta wary", "meta") if over is not None else "meta",
    )
    head = [live_dot(beat=value)] if live else []
    return rx.el.div(
        rx.el.h2(*head, name, class_name="name"),
        rx.el.div(*line, class_name="line"),
        rx.el.div(reason, _AsOf.create(), class_name="because"),
        class_name="stat",
    )


def stat_skeleton() -> rx.Component:
    """Where a figure will stand."""
    return rx.el.div(
        rx.el.div(rx.el.span(class_name="bone", style={"width": "3.5rem"}), class_name="name"),
        rx.el.div(rx.el.span(class_name="bone figure"), class_name="line"),
        rx.el.span(class_name="bone thin", style={"width": "7rem"}),
        class_name="stat late",
        aria_hidden="true",
    )


def strip_skeleton(tiles: int = 4) -> rx.Component:
    """Where a strip of figures will stand."""
    return rx.el.div(*[stat_skeleton() for _ in range(tiles)], class_name="strip", aria_busy="true")


def spark(values: Any, *, now: bool = True) -> rx.Component:
    """The last values as a small line; now: its last three are in pulse."""
    return SparkLine.create(values=values, now=now)


class _AsOf(rx.Component):
    library = LIBRARY + "connection"
    tag = "AsOf"
