"""What stands where content would: nothing yet, not found, not loaded, not allowed."""

from typing import Any, Literal

import reflex as rx

from memberpulse.ui.components.actions import button, link_button
from memberpulse.ui.components.fields import copyable
from memberpulse.ui.components.icons import icon as icon_of
from memberpulse.ui.components.icons import icon_tile
from memberpulse.ui.components.kinds import Child, Handler, Text, given

_LINE = ((13.4, 34.6), (24.0, 24.0), (6.7, 41.3), (24.0, 24.0), (13.4, 34.6), (24.0, 24.0))


def note(
    *content: Child,
    kind: Literal["neutral", "warn", "danger"] = "neutral",
    icon: str | None = None,
    action: Child = None,
    **props: Any,
) -> rx.Component:
    """A remark in its place. action: a small button at its end."""
    sign = icon or {"neutral": "info", "warn": "triangle_alert", "danger": "circle_alert"}[kind]
    look = "note" if kind == "neutral" else f"note {kind}"
    return rx.el.div(
        icon_of(sign),
        rx.el.span(*content, class_name="grow"),
        *([action] if action is not None else []),
        class_name=look,
        **props,
    )


def empty_state(title: Child, text: Child, *actions: Child, after: Child = None) -> rx.Component:
    """Nothing here yet: the line with you as its first, one sentence, one ink action and up to two others."""
    return rx.el.div(
        _line(),
        rx.el.h2(title),
        rx.el.p(text),
        *([rx.el.div(*actions, class_name="row wrap mid")] if actions else []),
        *([rx.el.p(after, class_name="meta")] if after is not None else []),
        class_name="blank",
    )


def filtered_empty(text: Child, *, drop: str, on_drop: Handler) -> rx.Component:
    """Nothing matches. text: what was asked for; drop: which filter to let go ("Clear the search")."""
    return rx.el.div(
        icon_tile("search_x"),
        rx.el.p(text, role="status"),
        rx.el.div(button(drop, on_click=on_drop), class_name="row mid"),
        class_name="blank small",
    )


def error_state(result: Any, *, what: str, small: bool = False) -> rx.Component:
    """A query that failed, in its place: pass it to `Live.view` as `failed`.

    what: "The list", "Activity": the sentence says that it could not be loaded and that nothing was changed.
    """
    id_line = rx.cond(
        result.request_id,
        rx.el.p(
            "Quote ",
            rx.el.code(result.request_id),
            " when you ask for help",
            copyable(result.request_id, label="Copy the request id"),
            class_name="meta",
        ),
        rx.fragment(),
    )
    if small:
        return note(
            rx.el.b(f"{what} could not be loaded. "),
            result.error,
            rx.cond(
                result.request_id, rx.el.span(" ", rx.el.code(result.request_id), class_name="meta"), rx.fragment()
            ),
            kind="danger",
            icon="cloud_off",
            action=button("Try now", size="small", on_click=result.retry),
            role="alert",
        )
    return rx.el.div(
        icon_tile("cloud_off"),
        rx.el.h2(f"{what} could not be loaded"),
        rx.el.p(result.error, " Nothing was changed."),
        rx.el.div(button("Try now", kind="ink", on_click=result.retry), class_name="row mid"),
        id_line,
        class_name="blank",
        role="alert",
    )


def not_allowed(
    *,
    title: str = "This page is not open to you",
    text: Text | None = None,
    href: str = "/dashboard",
    action: Child = None,
) -> rx.Component:
    """Replaces a page that one has no right to, or whose right was taken away while it was open."""
    changed = "Your role in this organization does not include it, or not any more. An admin can change that."
    said = changed if text is None else text
    leave = link_button("Go to the dashboard", href=href, kind="ink") if action is None else action
    return rx.el.div(
        icon_tile("lock"),
        rx.el.h1(title, tab_index=-1),
        rx.el.p(said),
        rx.el.div(leave, class_name="row wrap mid"),
        class_name="blank",
        role="status",
    )


def bone(width: str = "100%", *, height: str | None = None, round: bool = False) -> rx.Component:  # noqa: A002
    """A still grey shape where a text (or round: a face) will stand."""
    return rx.el.span(
        class_name="bone c" if round else "bone", style=given(width=None if round else width, height=height)
    )


def rows_skeleton(count: int = 5, *, avatars: bool = True, label: str = "Loading") -> rx.Component:
    """Where rows will stand: same heights, fading downwards, still, and only after 150 ms."""
    widths = ("62%", "48%", "56%", "40%", "52%", "44%", "60%", "50%")
    items = [
        rx.el.li(
            *([bone(round=True)] if avatars else []),
            bone(widths[index % len(widths)]),
            style={"opacity": max(0.15, 1 - index * 0.14)},
        )
        for index in range(count)
    ]
    return rx.el.div(
        rx.el.span(label, class_name="vh"),
        rx.el.ul(*items, class_name="list open tight", aria_hidden="true"),
        class_name="late",
        role="status",
        aria_busy="true",
    )


def table_skeleton(columns: int = 4, rows: int = 8, *, label: str = "Loading") -> rx.Component:
    """Where a table of people will stand."""
    widths = ("9rem", "4.5rem", "6rem", "5rem", "5.5rem")

    def cells(index: int) -> list[rx.Component]:
        first = rx.el.td(
            rx.el.div(
                bone(round=True),
                rx.el.span(bone("8rem"), bone("11rem", height=".5rem"), class_name="col g2"),
                class_name="who",
            )
        )
        return [first, *[rx.el.td(bone(widths[(index + column) % 5])) for column in range(1, columns)]]

    body = [rx.el.tr(*cells(index), style={"opacity": max(0.12, 1 - index * 0.11)}) for index in range(rows)]
    return rx.el.div(
        rx.el.span(label, class_name="vh"),
        rx.el.table(rx.el.tbody(*body), class_name="table people", aria_hidden="true"),
        class_name="late",
        role="status",
        aria_busy="true",
    )


def _line() -> rx.Component:
    bars = [
        rx.el.svg.rect(
            x=f"{25.6 + index * 19:.1f}", y=str(y), width="11", height=str(height), rx="5.5", class_name="p-behind"
        )
        for index, (y, height) in enumerate(_LINE)
    ]
    you = rx.el.svg.circle(cx="8.8", cy="39.2", r="8.8", class_name="p-you")
    return rx.el.svg(you, *bars, class_name="people", width=132, height=48, view_box="0 0 131.6 48", aria_hidden="true")
