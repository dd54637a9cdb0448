"""The bell in the application's bar: its unread count, its panel, and toasts for what has just arrived."""

from typing import Any

import reflex as rx

from memberpulse.domains.notifications.moves import mark_all_read, read_notices
from memberpulse.domains.notifications.queries import LATEST, list_unread
from memberpulse.domains.notifications.rhythm import get_my_rhythm
from memberpulse.domains.notifications.schemas import NotificationRow, Unread
from memberpulse.domains.notifications.ui.actions import row_actions
from memberpulse.domains.notifications.ui.rows import counted, face, reading, said, undo
from memberpulse.engine import function_name
from memberpulse.ui.components import (
    button,
    close_button,
    close_link,
    error_state,
    icon,
    icon_button,
    kbd,
    panel_foot,
    panel_head,
    panel_list,
    popover,
    relative_time,
    row_keys,
    rows_skeleton,
    stat,
    stat_skeleton,
)
from memberpulse.ui.expressions import expression, number, text_of
from memberpulse.ui.live import busy, live, run

KEY = "b"


def bell() -> rx.Component:
    """The button with the unread count. In every tab the same, at the same moment."""
    unread = live(list_unread)
    count: Any = expression("({0} ?? 0)", unread.value.count, kind=int)
    said = expression('{0} === 0 ? "Notifications" : `Notifications, ${{0}} unread`', count)
    return rx.fragment(
        popover(
            _panel(),
            title="Notifications",
            label=said,
            shown=rx.fragment(icon("bell"), _Count.create(value=unread.value.count)),
            class_name="btn quiet sq bell",
            panel_class="bellpop",
            key=KEY,
        ),
        _Arrivals.create(
            rows=unread.value.rows,
            known=unread.status == "ready",
            on_open=_open_arrived(),
        ),
    )


def unread_stat() -> rx.Component:
    """How much waits in the bell, and since when."""
    unread = live(list_unread)

    def ready(found: Unread) -> rx.Component:
        newest = rx.fragment("newest ", relative_time(found.rows[0].at, form="ago"))
        return stat("Unread", number(found.count), why=rx.cond(found.count > 0, newest, "nothing waits for you"))

    return unread.view(ready, stat_skeleton(), forbidden=rx.fragment())


def mark_everything_read() -> Any:
    """A handler that empties the bell."""
    return run(mark_all_read, done=lambda change: counted(change, "read"), undo=undo)


def _panel() -> rx.Component:
    unread = live(list_unread)

    def ready(found: Unread) -> rx.Component:
        older = rx.el.p(f"The latest {LATEST}. Read some to see the older ones.", class_name="meta notices-more")
        return rx.fragment(
            panel_list(rx.foreach(found.rows, _row)),
            rx.cond(found.count > LATEST, older, rx.fragment()),
        )

    body = unread.view(
        ready,
        rows_skeleton(4, label="Loading notifications"),
        empty=(unread.value.count == 0, _nothing()),
        failed=error_state(unread, what="Notifications", small=True),
    )
    return rx.fragment(_head(unread), body, _foot(), row_keys(".bellpop .notice", arrows=True))


def _head(unread: Any) -> rx.Component:
    count = rx.el.span(number(unread.value.count), " unread", class_name="meta tn")
    everything = button(
        "Mark all read", kind="quiet", size="small", on_click=mark_everything_read(), busy=busy(mark_all_read)
    )
    some = unread.value.count > 0
    close = rx.el.span(close_button(icon("x", label="Close"), size="small"), class_name="only-s")
    return panel_head(
        "Notifications",
        rx.cond(some, count, rx.fragment()),
        end=rx.fragment(rx.cond(some, everything, rx.fragment()), close),
    )


def _row(notice: NotificationRow) -> rx.Component:
    title = rx.el.bdi(notice.title, class_name="strong")
    opened = close_link(title, href=text_of(notice.link), on_click=reading(notice), class_name="notice")
    stays = rx.el.button(title, type="button", on_click=reading(notice), class_name="notice")
    return rx.el.li(
        face(notice),
        rx.el.div(
            rx.el.p(rx.cond(notice.link, opened, stays)),
            said(notice),
            rx.cond(notice.count > 1, rx.fragment(), row_actions(notice)),
            class_name="grow",
        ),
        rx.el.span(
            relative_time(notice.at),
            icon_button("check", label="Mark as read", size="small", on_click=_with_undo(notice)),
            class_name="when",
        ),
        class_name="notice-row",
        key=text_of(notice.thread),
    )


def _with_undo(notice: NotificationRow) -> Any:
    return run(
        read_notices,
        notification_ids=[notice.id],
        whole=True,
        done=lambda change: counted(change, "read"),
        undo=undo,
    )


def _nothing() -> rx.Component:
    return rx.el.div(
        rx.el.p("Nothing is unread", class_name="strong"),
        rx.el.p("What concerns you arrives here, in every tab at once.", class_name="meta"),
        class_name="bell-none",
        role="status",
    )


def _foot() -> rx.Component:
    keys = rx.el.span(kbd("G"), kbd("I"), class_name="row g1 only-l", aria_hidden="true")
    settings = close_link(
        icon("sliders_horizontal", label="Choose what you are told of"),
        href="/settings/notifications",
        class_name="btn quiet sm sq",
    )
    return panel_foot(
        close_link("Open inbox", href="/notifications", class_name="link"),
        keys,
        rx.el.span(_quiet(), settings, class_name="push row g2"),
    )


def _quiet() -> Any:
    """Whether it is quiet, or when it will be."""
    rhythm = live(get_my_rhythm).value
    now, on = rx.Var.create(rhythm.quiet_now), rx.Var.create(rhythm.quiet)
    words = rx.cond(
        now,
        rx.fragment("Quiet until ", rhythm.quiet_until),
        rx.cond(on, rx.fragment("Quiet from ", rhythm.quiet_from), ""),
    )
    return rx.el.span(words, class_name="meta tn")


def _open_arrived() -> Any:
    """Called with an id and a link when somebody opens what a toast told."""
    return expression(
        "(id, link) => runMutation({0}, { notification_ids: [id], whole: true }, { go: link })",
        function_name(read_notices),
        kind=Any,
        runMutation="$/public/live",
    )


class _Notifications(rx.Component):
    library = "$/public/notifications"


class _Count(_Notifications):
    tag = "Count"

    value: rx.Var[int]


class _Arrivals(_Notifications):
    tag = "Arrivals"

    rows: rx.Var[list[Any]]
    known: rx.Var[bool]
    on_open: rx.Var[Any]
