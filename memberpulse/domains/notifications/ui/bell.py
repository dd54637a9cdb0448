"""The bell in the application's bar: its unread count, its panel, and toasts for what has just arrived."""

from typing import Any

import reflex as rx

from memberpulse.domains.notifications.mutations import mark_all_read, mark_read, mark_unread
from memberpulse.domains.notifications.queries import LATEST, list_unread
from memberpulse.domains.notifications.schemas import NotificationRow, Unread
from memberpulse.domains.notifications.ui.actions import row_actions
from memberpulse.engine import function_name
from memberpulse.ui.components import (
    avatar,
    button,
    close_button,
    close_link,
    error_state,
    icon,
    icon_button,
    icon_tile,
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
            shown=rx.fragment(icon("bell"), _Count.create(value=count)),
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
    """A handler that empties the bell. Undo is offered while all that was unread is listed, so that it restores all."""
    unread = live(list_unread)
    ids = expression("({0} ?? []).map((row) => row.id)", unread.value.rows, kind=list[str])
    back = run(mark_unread, notification_ids=ids)
    return run(
        mark_all_read,
        done=lambda marked: expression('{0} === 1 ? "1 notification read" : `${{0}} notifications read`', marked),
        undo=expression("{0} <= {1} ? {2} : undefined", unread.value.count, LATEST, back, kind=object),
    )


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
    person: Any = notice.person
    face = rx.cond(person, avatar(person), icon_tile("bell"))
    reading = run(mark_read, notification_id=notice.id)
    title = rx.el.bdi(notice.title, class_name="strong")
    opened = close_link(title, href=text_of(notice.link), on_click=reading, class_name="notice")
    stays = rx.el.button(title, type="button", on_click=reading, class_name="notice")
    by = rx.cond(person, rx.fragment(rx.el.bdi(person.name), ": "), rx.fragment())
    return rx.el.li(
        face,
        rx.el.div(
            rx.el.p(rx.cond(notice.link, opened, stays)),
            rx.el.p(by, rx.el.bdi(notice.message), class_name="meta clamp2"),
            row_actions(notice),
            class_name="grow",
        ),
        rx.el.span(
            relative_time(notice.at),
            icon_button("check", label="Mark as read", size="small", on_click=_with_undo(notice)),
            class_name="when",
        ),
        class_name="notice-row",
        key=text_of(notice.id),
    )


def _with_undo(notice: NotificationRow) -> Any:
    return run(
        mark_read,
        notification_id=notice.id,
        done="1 notification read",
        undo=run(mark_unread, notification_ids=[notice.id]),
    )


def _nothing() -> rx.Component:
    return rx.el.div(
        rx.el.p("Nothing is unread", class_name="strong"),
        rx.el.p("What concerns you arrives here, in every tab at once.", class_name="meta"),
        class_name="bell-none",
        role="status",
    )


def _foot() -> rx.Component:
    keys = rx.el.span(
        kbd("J"), kbd("K"), " move ", kbd("↵"), " open", class_name="meta row g1 only-l", aria_hidden="true"
    )
    return panel_foot(keys, rx.el.span("Read ones are kept for 90 days", class_name="push meta"))


def _open_arrived() -> Any:
    """Called with an id and a link when somebody opens what a toast told."""
    return expression(
        "(id, link) => runMutation({0}, { notification_id: id }, { go: link })",
        function_name(mark_read),
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
