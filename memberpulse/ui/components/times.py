"""Moments, in the viewer's zone; they keep themselves current in the browser."""

from typing import Any, Literal

import reflex as rx

from memberpulse.ui.components.kinds import LIBRARY, Child, given


def relative_time(
    at: Any, *, form: Literal["short", "ago", "clock", "date", "stamp", "full"] = "short", class_name: str | None = None
) -> rx.Component:
    """A moment (datetime or ISO text, or a Var of one) as a <time>; the full date is in its title.

    short: "now", "40 s", "6 min", "2 h", then "14 Mar". ago: "6 min ago". clock: "14:32", a date when not today.
    """
    return _Moment.create(value=at, form=form, **given(class_name=class_name))


def clock(*, class_name: str | None = None) -> rx.Component:
    """The time of day, now."""
    return _Now.create(form="clock", **given(class_name=class_name))


def today() -> rx.Component:
    """The day in words: "Saturday 14 March"."""
    return _Now.create(form="day")


def until(at: Any, *content: Child, seconds: int) -> rx.Component:
    """Content that goes away so many seconds after a moment: what can be undone for a while."""
    return _Until.create(*content, value=at, seconds=seconds)


class _Time(rx.Component):
    library = LIBRARY + "time"


class _Moment(_Time):
    tag = "Moment"

    value: rx.Var[Any]
    form: rx.Var[str]


class _Until(_Time):
    tag = "Until"

    value: rx.Var[Any]
    seconds: rx.Var[int]


class _Now(_Time):
    tag = "Now"

    form: rx.Var[str]


class Zone(_Time):
    """Writes every time on the page in the given zone and locale."""

    tag = "Zone"

    name: rx.Var[str]
    locale: rx.Var[str]
