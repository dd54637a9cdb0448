"""Charts: the past in ink, now in pulse, the future an outline. Each says itself in a sentence and as a table."""

from typing import Any

import reflex as rx

from memberpulse.ui.components.kinds import LIBRARY, Child, Text, given, slots
from memberpulse.ui.theme import DARK, LIGHT, plot_layout


def trend_chart(
    points: Any,
    *,
    label: Text,
    field: str = "value",
    low: Any = None,
    high: Any = None,
    title: Child = "Trend",
    legend: tuple[Child, ...] = (),
    unit: str = "Number",
    height: int = 196,
) -> rx.Component:
    """A live line whose last fifteen minutes are in pulse, over the band of what is usual.

    points: a Var of a list of records with `at` and the field named; low, high: the usual range at the same moments.
    label: one sentence that says what the chart shows. legend: `legend_key`s for the section's head. The plotting
    library is its own chunk, fetched when a chart is first shown.
    """
    head = rx.fragment(
        rx.el.h2(title, class_name="t14"),
        rx.el.span(*legend, class_name="push row g4 only-l") if legend else rx.el.span(class_name="push"),
    )
    children, names = slots(head=head)
    return _Trend.create(
        *children,
        slots=names,
        points=points,
        field=field,
        label=label,
        unit=unit,
        height=height,
        themes={"light": LIGHT, "dark": DARK},
        layouts={"light": plot_layout(LIGHT), "dark": plot_layout(DARK)},
        **given(low=low, high=high),
    )


def legend_key(text: Child, kind: str = "past") -> rx.Component:
    """A word of a legend. kind: past, now, band, next or bars."""
    return rx.el.span(text, class_name="key" if kind == "past" else f"key {kind}")


class _Trend(rx.Component):
    library = LIBRARY + "trend"
    tag = "Trend"
    lib_dependencies: list[str] = ["plotly.js-basic-dist-min@3.7.0"]  # noqa: RUF012

    points: rx.Var[Any]
    field: rx.Var[str]
    low: rx.Var[Any]
    high: rx.Var[Any]
    label: rx.Var[str]
    slots: rx.Var[list[str]]
    unit: rx.Var[str]
    height: rx.Var[int]
    themes: rx.Var[dict[str, Any]]
    layouts: rx.Var[dict[str, Any]]
