"""How a page is divided, and things in rows."""

from typing import Any

import reflex as rx

from memberpulse.ui.components.kinds import LIBRARY, Child, Text, classes, given
from memberpulse.ui.components.marks import Rows


def head(*beside: Child, title: Child, actions: tuple[Child, ...] = ()) -> rx.Component:
    """The head of a page: its one h1, what stands beside it, and actions at the right."""
    return rx.el.div(
        rx.el.h1(title, class_name="t20", tab_index=-1),
        *beside,
        rx.el.div(*actions, class_name="row push acts-head") if actions else rx.fragment(),
        class_name="head",
    )


def split(left: Child, right: Child) -> rx.Component:
    """A wide part and one of 360px, divided by a hairline; below each other on narrow screens."""
    return rx.el.div(rx.el.div(left, class_name="split-l"), rx.el.div(right, class_name="split-r"), class_name="split")


def section(
    *content: Child, title: Child, beside: Child = None, end: Child = None, padded: bool = False
) -> rx.Component:
    """A part of a page under its own heading. beside: next to the title; end: at the right; padded: not a list."""
    shown: list[Child] = [rx.el.h2(title, class_name="t14")]
    if beside is not None:
        shown.append(beside)
    if end is not None:
        shown.append(rx.el.span(end, class_name="push row g4"))
    inner = [rx.el.div(*content, class_name="pad")] if padded else list(content)
    return rx.el.section(rx.el.header(*shown), *inner, class_name="sec")


def toolbar(*content: Child) -> rx.Component:
    """Search and filters above a table."""
    return rx.el.div(*content, class_name="toolbar")


def rows(
    *items: Child,
    label: Text | None = None,
    tight: bool = False,
    open: bool = False,  # noqa: A002  the look's word
    scope: Any = None,
) -> rx.Component:
    """A list of `row`. Rows that appear later arrive warm, neighbours slide, rows that go fade to the right.

    tight: 36px; open: no hairlines between. scope: what the list depends on (a search, a filter): when it changes,
    nothing warms. Give foreach items a key.
    """
    look = classes("list", "tight" if tight else "", "open" if open else "")
    return Rows.create(*items, class_name=look, as_="ul", **given(label=label, scope=scope))


def row(*content: Child, lead: Child = None, end: Child = None, note: Child = None, **props: Any) -> rx.Component:
    """One thing in a row: lead (an avatar), its words, a note in grey, and what stands at the right."""
    parts: list[Child] = [] if lead is None else [lead]
    parts.append(rx.el.div(*content, class_name="what"))
    if note is not None:
        parts.append(rx.el.span(note, class_name="meta cut"))
    if end is not None:
        parts.append(rx.el.span(end, class_name="acts"))
    return rx.el.li(*parts, **props)


def feed(*items: Child, label: Text | None = None, scope: Any = None) -> rx.Component:
    """A list of `feed_item`: what happened, newest first."""
    return Rows.create(*items, class_name="feed", as_="ul", **given(label=label, scope=scope))


def feed_item(*content: Child, time: Child, **props: Any) -> rx.Component:
    """A time and a sentence."""
    return rx.el.li(time, rx.el.p(*content), **props)


def row_keys(
    rows: str, *, opens: str | None = None, arrows: bool = False, acts: dict[str, str] | None = None
) -> rx.Component:
    """J and K move the focus among what the selector `rows` finds; Enter presses what `opens` finds in the row.

    acts: further keys, and what each presses in the row: {"a": "[data-approve]"}.
    """
    return _RowKeys.create(rows=rows, arrows=arrows, **given(opens=opens, acts=acts))


def who(avatar: Child, name: Child, *, detail: Child = None) -> rx.Component:
    """A face, a name, and a second line."""
    lines = [rx.el.span(name, class_name="strong cut")]
    if detail is not None:
        lines.append(rx.el.span(detail, class_name="meta cut"))
    return rx.el.div(avatar, rx.el.span(*lines, class_name="col"), class_name="who")


class _RowKeys(rx.Component):
    library = LIBRARY + "row_keys"
    tag = "RowKeys"

    rows: rx.Var[str]
    opens: rx.Var[str]
    arrows: rx.Var[bool]
    acts: rx.Var[dict[str, str]]
