"""What the clock does to an event and its queue. All of it keeps itself current in the browser."""

from typing import Any, Literal

import reflex as rx

from memberpulse.ui.components.kinds import Child, given
from memberpulse.ui.expressions import expression

_LIBRARY = "$/public/queue/times"
_WORDS = "$/public/queue/words"


def elapsed(
    since: Any, *, form: Literal["clock", "minutes", "words"] = "minutes", class_name: str | None = None
) -> rx.Component:
    """How long since a moment. clock: "6:12"; minutes: "22 min"; words: "48 s", then "3 min"."""
    return _Elapsed.create(since=since, form=form, **given(class_name=class_name))


def countdown(until: Any, *, class_name: str | None = None) -> rx.Component:
    """What is left until a moment: "4:32"."""
    return _Countdown.create(until=until, **given(class_name=class_name))


def before(at: Any, *content: Child) -> rx.Component:
    """Content that goes when the moment has come."""
    return _Before.create(*content, at=at)


def after(at: Any, *content: Child) -> rx.Component:
    """Content that comes with the moment."""
    return _Before.create(*content, at=at, after=True)


def expected_range(starts: Any, ends: Any, *, small: bool = True) -> rx.Component:
    """ "6–12 min" from now. small: the unit beside a large figure."""
    return _Range.create(from_=starts, to=ends, small=small)


def clock_of(at: Any) -> rx.Component:
    """ "14:38", in the viewer's zone."""
    return _Clock.create(at=at)


def event_when(starts: Any, ends: Any, zone: Any) -> rx.Component:
    """The day and times of an event in the viewer's zone and, where it reads otherwise, in the event's own."""
    return _When.create(starts=starts, ends=ends, zone=zone)


def short_when(starts: Any, ends: Any) -> rx.Component:
    """ "Tomorrow, 10:00–16:00"."""
    return _ShortWhen.create(starts=starts, ends=ends)


def day_leaf(at: Any) -> rx.Component:
    """The day as a leaf of a calendar; silent to a screen reader."""
    return _DayLeaf.create(at=at)


def ordinal(value: Any) -> rx.Component:
    """ "4th", the ending raised."""
    return _Ordinal.create(value=value)


def say_ordinal(value: Any) -> Any:
    """ "4th", inside a sentence."""
    return expression("sayOrdinal({0})", value, sayOrdinal=_WORDS)


def say_limit(called_at: Any, no_show_at: Any) -> Any:
    """How long a call may take: "2:00"."""
    return expression("sayLimit({0}, {1})", called_at, no_show_at, sayLimit=_LIBRARY)


def first_name(name: Any) -> Any:
    """The first of somebody's names."""
    return expression("firstName({0})", name, firstName=_WORDS)


def say_count(count: Any, one: str, many: str) -> Any:
    """ "1 party", "11 parties"."""
    return expression("sayCount({0}, {1}, {2})", count, one, many, sayCount=_WORDS)


class _Time(rx.Component):
    library = _LIBRARY


class _Elapsed(_Time):
    tag = "Elapsed"

    since: rx.Var[Any]
    form: rx.Var[str]


class _Countdown(_Time):
    tag = "Countdown"

    until: rx.Var[Any]


class _Before(_Time):
    tag = "Before"

    at: rx.Var[Any]
    after: rx.Var[bool]


class _Range(_Time):
    tag = "Range"
    alias = "ExpectedRange"

    from_: rx.Var[Any]
    to: rx.Var[Any]
    small: rx.Var[bool]

    _rename_props = {"from_": "from"}  # noqa: RUF012


class _Clock(_Time):
    tag = "Clock"
    alias = "ClockOf"

    at: rx.Var[Any]


class _Span(_Time):
    starts: rx.Var[Any]
    ends: rx.Var[Any]


class _When(_Span):
    tag = "When"
    alias = "EventWhen"

    zone: rx.Var[Any]


class _ShortWhen(_Span):
    tag = "ShortWhen"


class _DayLeaf(_Time):
    tag = "DayLeaf"

    at: rx.Var[Any]


class _Ordinal(_Time):
    tag = "Ordinal"

    value: rx.Var[Any]
