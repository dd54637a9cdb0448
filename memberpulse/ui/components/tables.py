"""Tables: a head that stays, rows that can be sorted there, two lines a row on a phone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import reflex as rx

from memberpulse.ui.components.icons import icon
from memberpulse.ui.components.kinds import Child, Handler, Text, given
from memberpulse.ui.components.marks import Rows


@dataclass(frozen=True, slots=True)
class Column:
    """One column's head. phone: shown below 640px too. shown: a condition under which it is shown at all.

    sorted: "ascending", "descending" or "none", with on_sort.
    """

    title: Child
    number: bool = False
    phone: bool = True
    shown: Any = True
    hidden_title: bool = False
    width: str | None = None
    sorted: Text | None = None
    on_sort: Handler = None


def table(
    *rows: Child,
    columns: Sequence[Column],
    label: str,
    scope: Any = None,
    size: Literal["normal", "people"] = "normal",
) -> rx.Component:
    """A table of `table_row`. size "people": rows of 48px. scope: as in `rows`; give foreach items a key."""
    heads = [_head(column) for column in columns]
    hidden = "".join(f" no-{index}" for index, column in enumerate(columns, 1) if not column.phone)
    return rx.el.table(
        rx.el.caption(label, class_name="vh"),
        rx.el.thead(rx.el.tr(*heads)),
        Rows.create(*rows, as_="tbody", **given(scope=scope)),
        class_name=["table people" if size == "people" else "table", hidden, *_absent(columns)],
    )


def _absent(columns: Sequence[Column]) -> list[Any]:
    return [
        rx.cond(column.shown, "", f"off-{index}") for index, column in enumerate(columns, 1) if column.shown is not True
    ]


def table_row(*cells: Child, **props: Any) -> rx.Component:
    """A row; each child that is no `cell` becomes one."""
    return rx.el.tr(*cells, **props)


def cell(*content: Child, number: bool = False, actions: bool = False, **props: Any) -> rx.Component:
    """A cell. actions: quiet buttons at the right end of the row."""
    if actions:
        return rx.el.td(rx.el.div(*content, class_name="acts"), class_name="td-acts", **props)
    look: dict[str, Any] = {"class_name": "num"} if number else {}
    return rx.el.td(*content, **look, **props)


def _head(column: Column) -> rx.Component:
    look: dict[str, Any] = {"class_name": "num"} if column.number else {}
    wide: dict[str, Any] = {"style": {"width": column.width}} if column.width else {}
    if column.hidden_title:
        return rx.el.th(rx.el.span(column.title, class_name="vh"), scope="col", **look, **wide)
    if column.sorted is None:
        return rx.el.th(column.title, scope="col", **look, **wide)
    arrow = rx.match(column.sorted, ("ascending", icon("arrow_up")), ("descending", icon("arrow_down")), rx.fragment())
    sort = rx.el.button(column.title, arrow, type="button", class_name="sort", on_click=column.on_sort)
    return rx.el.th(sort, scope="col", aria_sort=column.sorted, **look, **wide)
