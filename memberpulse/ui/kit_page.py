"""Every component and its states on one page, in development only. Nothing here is true of anyone."""

from collections.abc import Callable
from dataclasses import dataclass

import reflex as rx

from memberpulse.ui.charts import legend_key, trend_chart
from memberpulse.ui.components import (
    Column,
    DialogHandle,
    avatar,
    avatar_stack,
    badge,
    button,
    cell,
    checkbox,
    clock,
    close_button,
    confirm_by_name,
    confirm_dialog,
    count,
    dialog,
    empty_state,
    feed,
    feed_item,
    filtered_empty,
    fresh,
    icon,
    icon_button,
    kbd,
    link,
    link_button,
    live_dot,
    mark,
    menu,
    menu_choice,
    menu_item,
    menu_rule,
    note,
    notify,
    panel_head,
    password_field,
    popover,
    relative_time,
    row,
    rows,
    rows_skeleton,
    search_field,
    segmented,
    select_field,
    stat,
    stat_skeleton,
    switch,
    table,
    table_row,
    tabs,
    text_area,
    text_button,
    text_field,
    today,
    who,
)
from memberpulse.ui.page import PUBLIC, page
from memberpulse.ui.theme import set_theme


@dataclass(frozen=True)
class _Someone:
    name: str
    initials: str
    tint: int
    picture: str | None = None


_PRIYA = _Someone("Priya Raman", "PR", 2)
_JONAS = _Someone("Jonas Lindqvist", "JL", 5)
_ELIF = _Someone("Elif Yıldız", "EY", 6)
_LONG = _Someone("Maximiliane Oberhuber-Schwarzenegger", "MO", 3)
_ARABIC = _Someone("عبد الرحمن الفارسي", "عا", 4)
_PEOPLE = (_PRIYA, _JONAS, _ELIF, _LONG, _ARABIC)

_question = DialogHandle("kit-question")
_plain = DialogHandle("kit-plain")
_removal = DialogHandle("kit-removal")


_more: list[tuple[str, Callable[[], rx.Component]]] = []


def show_in_kit(title: str, make: Callable[[], rx.Component]) -> None:
    """Add a part of a domain, which the kit does not know. Call at import, before the pages are compiled."""
    _more.append((title, make))


@page("/kit", "Components and their states", requires=PUBLIC, sheets=("queue", "work"))
def kit_page() -> rx.Component:
    columns = rx.el.div(
        _buttons(),
        _fields(),
        _live(),
        _marks(),
        _toasts(),
        _rows(),
        _table(),
        _floating(),
        _tiles(),
        _places(),
        _chart(),
        *[_part(title, make()) for title, make in _more],
        class_name="k3",
    )
    top = rx.el.header(
        mark(size=28),
        rx.el.h1("Components and their states", class_name="t20"),
        rx.el.span(
            button("Light", size="small", kind="quiet", on_click=set_theme("light")),
            button("Dark", size="small", kind="quiet", on_click=set_theme("dark")),
            class_name="push row",
        ),
        class_name="row g3",
    )
    sheet = rx.el.link(rel="stylesheet", href="/kit_page.css", precedence="page")
    return rx.el.div(sheet, rx.el.main(top, columns), class_name="kit")


def _part(title: str, *content: rx.Component) -> rx.Component:
    return rx.el.section(rx.el.h2(title), *content)


def _line(*content: rx.Component) -> rx.Component:
    return rx.el.div(*content, class_name="kr")


def _buttons() -> rx.Component:
    return _part(
        "Button",
        _line(
            button("Call next", kind="ink", key="N"),
            button("Busy", kind="ink", busy=True),
            button("Call next", kind="ink", off="Nobody is waiting."),
            button("Save", size="large", kind="ink"),
        ),
        _line(
            button("Pause", icon="pause"),
            button("Small", size="small"),
            button("Busy", busy=True),
            button("Quiet", kind="quiet"),
            icon_button("ellipsis", label="More", kind="secondary"),
        ),
        _line(
            button("Delete organization", kind="danger"),
            button("Leave the queue", kind="danger-quiet"),
            link_button("A link", href="/kit", icon="arrow_right"),
            text_button("Link button", on_click=rx.console_log("pressed")),
            link("Link", href="/kit"),
        ),
    )


def _fields() -> rx.Component:
    return _part(
        "Field",
        rx.el.div(
            text_field("Name", name="name", placeholder="Saturday repair clinic"),
            text_field("Service time", name="minutes", default_value="0", suffix="min", error="Use 1 to 480 minutes."),
            password_field("Password", name="kit-password", default_value="correct horse"),
            select_field(
                "Role", name="role", options=(("creator", "Creator"), ("member", "Member")), hint="What they may do."
            ),
            class_name="kf",
        ),
        text_area("What is new?", name="body", hint="Everyone is told.", rows=3),
        rx.el.div(
            checkbox("Checked", default_checked=True),
            checkbox("Not"),
            checkbox("Some", mixed=True),
            switch("On", default_checked=True),
            switch("Off"),
            class_name="kr kf-after",
        ),
        _line(
            segmented(
                (("day", "Today"), ("week", "7 days"), ("month", "30 days")),
                value="day",
                on_change=lambda value: rx.console_log(value),
                label="Period",
            ),
            search_field(
                label="Search members", placeholder="Name or e-mail", on_search=lambda text: rx.console_log(text)
            ),
        ),
    )


def _state(sign: rx.Component, name: str, text: str) -> rx.Component:
    return rx.el.li(sign, rx.el.b(name), rx.el.span(text, class_name="meta"))


def _live() -> rx.Component:
    return _part(
        "Live, and how it is lost",
        rx.el.ul(
            _state(live_dot(), "Live", "at rest: still, soft halo"),
            _state(live_dot(state="warn"), "Reconnecting", "hollow; values stay, with “as of 14:31”"),
            _state(live_dot(state="off"), "Every 30 s", "no socket: asked again at the sync interval"),
            _state(mark(size=18), "Live, 4 ms", "the mark’s own dot is the connection"),
            class_name="kl",
        ),
        rx.el.p(
            rx.el.span(
                rx.el.span("11", class_name="fig kfresh0"), rx.el.span("0 ms", class_name="meta"), class_name="col"
            ),
            rx.el.span(
                rx.el.span("11", class_name="fig kfresh1"), rx.el.span("800 ms", class_name="meta"), class_name="col"
            ),
            rx.el.span(
                rx.el.span(fresh(11), class_name="fig"), rx.el.span("1,600 ms", class_name="meta"), class_name="col"
            ),
            rx.el.span("The new value is green with a rule under it, and cools to ink.", class_name="meta"),
            class_name="row g4 kv",
        ),
    )


def _marks() -> rx.Component:
    return _part(
        "Badge, count, key, presence, time",
        _line(
            badge("Member"),
            badge("Walk-in", kind="line"),
            badge("Open", kind="live"),
            badge("Grace until 1 Apr", kind="warn", icon="clock"),
            badge("Bounced", kind="danger", icon="mail_x"),
            count(5),
            count(12, soft=True),
            kbd("⌘"),
            kbd("K"),
        ),
        _line(
            avatar(_PRIYA, seen="here", size="large"),
            rx.el.span("here", class_name="meta"),
            avatar(_JONAS, seen="recent", size="large"),
            rx.el.span("just left", class_name="meta"),
            avatar(_ELIF, seen="away", size="large"),
            rx.el.span("away", class_name="meta"),
            avatar_stack(_PEOPLE, label="On this page: Priya Raman, Jonas Lindqvist, Elif Yıldız and 2 more"),
        ),
        _line(
            today(),
            badge(clock(), kind="live"),
            relative_time("2026-03-14T14:32:00Z"),
            relative_time("2024-03-14T14:32:00Z"),
        ),
    )


def _toasts() -> rx.Component:
    return _part(
        "Toast",
        _line(
            button("Done", size="small", on_click=notify("Posted to 1,284 members")),
            button(
                "Undo",
                size="small",
                on_click=notify("Tomás Herrera called to bench 3", undo=notify("Tomás Herrera is back in the queue")),
            ),
            button(
                "Live",
                size="small",
                on_click=notify("Priya Raman joined.", kind="live", detail="She is new this week."),
            ),
            button(
                "Error",
                size="small",
                on_click=notify("Someone else called Tomás first.", kind="error", request_id="req_01J8Z4"),
            ),
        ),
    )


def _rows() -> rx.Component:
    return _part(
        "Rows and feed",
        rows(
            *[
                row(
                    rx.el.b(person.name, class_name="cut"),
                    lead=avatar(person, seen=seen),
                    note="Members, 2 min",
                    end=button("Approve", size="small", label=f"Approve {person.name}"),
                )
                for person, seen in ((_PRIYA, "here"), (_JONAS, "recent"), (_LONG, "away"), (_ARABIC, "away"))
            ],
            tight=True,
        ),
        feed(
            feed_item(
                rx.el.b("Priya"),
                " posted ",
                rx.el.b("Open day"),
                time=relative_time("2026-03-14T14:32:00Z", form="clock"),
            ),
            feed_item(rx.el.b("Elif Yıldız"), " joined", time=relative_time("2026-03-14T13:10:00Z", form="clock")),
        ),
        rows_skeleton(3),
    )


def _table() -> rx.Component:
    return _part(
        "Table",
        table(
            *[
                table_row(
                    cell(who(avatar(person, seen="here"), person.name, detail="member@fernhill.example")),
                    cell("12 Apr"),
                    cell(number, number=True),
                )
                for person, number in ((_PRIYA, "1,204"), (_LONG, "38"))
            ],
            columns=(
                Column("Member", sorted="ascending", on_sort=rx.console_log("sort")),
                Column("Renews", phone=False),
                Column("Visits", number=True),
            ),
            label="Members and their visits",
            size="people",
        ),
    )


def _floating() -> rx.Component:
    return _part(
        "Menu, popover, dialog, tabs",
        _line(
            menu(
                menu_choice("Creator", checked=True, on_select=rx.console_log("creator"), hint="Posts and runs events"),
                menu_choice("Member", checked=False, on_select=rx.console_log("member"), hint="Takes part"),
                menu_rule(),
                menu_item("Message", icon="mail", key="M"),
                menu_item("Remove…", icon="user_x", danger=True, on_select=_removal.open(name="Elif Yıldız")),
                menu_item("Make owner", icon="crown", off=True, hint="Only an owner may do this."),
                text="Role",
                kind="secondary",
                title="Role of Elif Yıldız",
                align="start",
                width="18rem",
            ),
            popover(
                panel_head("Notifications"),
                rx.el.div(note("Nothing waits for you."), class_name="pad"),
                title="Notifications",
                icon="bell",
                label="Notifications",
                panel_class="bellpop",
            ),
            button("Dialog", on_click=_plain.open()),
            button("Question", on_click=_question.open()),
            button("By name", on_click=_removal.open(name="Elif Yıldız")),
        ),
        tabs(
            ("one", "Everyone", rx.el.p("All members", class_name="pad")),
            ("two", "Invited", rx.el.p("Who has not answered yet", class_name="pad")),
            label="Members",
        ),
        dialog(
            _plain,
            text_field("Name", name="dialog-name"),
            title="Rename the organization",
            lead="Everyone sees the new name at once.",
            actions=(close_button("Cancel", kind="secondary"), close_button("Rename", kind="ink")),
        ),
        confirm_dialog(
            _question,
            title="Withdraw the announcement?",
            lead="It leaves everyone’s list. Who has read it has read it.",
            verb="Withdraw",
            on_confirm=rx.console_log("withdrawn"),
        ),
        confirm_by_name(
            _removal,
            title=rx.fragment("Remove ", _removal.subject("name")),
            lead="They lose access at once. What they wrote stays.",
            word=_removal.subject("name"),
            verb="Remove",
            on_confirm=rx.console_log("removed"),
        ),
    )


def _tiles() -> rx.Component:
    values = [20, 22, 21, 25, 24, 28, 30, 29, 33, 35, 38]
    return _part(
        "Tile",
        rx.el.div(
            stat("Online", 38, live=True, spark=values, why="4 more than 5 min ago"),
            stat("Members", "1,284", settled=True, why="settled: no dot"),
            stat("Wait", 46, unit="min", why="usually under 20 min", over=True, live=True),
            stat_skeleton(),
            class_name="ktiles",
        ),
    )


def _places() -> rx.Component:
    return _part(
        "Note, empty, not found",
        note(rx.el.b("Nothing waits for you. "), "Requests land here as they come.", icon="inbox"),
        note(rx.el.b("Grace ends on 1 April. "), "Then it lapses.", kind="warn"),
        note(
            rx.el.b("Activity could not be loaded. "),
            "The rest of the page is current.",
            kind="danger",
            icon="cloud_off",
            action=button("Try now", size="small"),
        ),
        empty_state(
            "You are the first one here",
            "Invite people by e-mail, or let them ask to join with a link.",
            button("Invite people", kind="ink", icon="user_plus"),
            button("Copy the link", icon="link"),
        ),
        filtered_empty("Nobody is called “zz”.", drop="Clear the search", on_drop=rx.console_log("cleared")),
    )


def _chart() -> rx.Component:
    points = [
        {"at": f"2026-03-14T{8 + index // 12:02d}:{index % 12 * 5:02d}:00Z", "value": 12 + (index * 7) % 9 + index // 4}
        for index in range(78)
    ]
    return _part(
        "Chart: past in ink, now in pulse",
        trend_chart(
            points,
            low=[8 + index // 5 for index in range(78)],
            high=[22 + index // 4 for index in range(78)],
            title=rx.fragment("People online"),
            label="People online today: 35 now, inside the usual range",
            unit="Online",
            legend=(legend_key("today"), legend_key("last 15 min", "now"), legend_key("usual", "band")),
        ),
        rx.el.p(icon("info"), "A chart is also a table.", class_name="row meta"),
    )
