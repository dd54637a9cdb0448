"""Beside the queue: the estimate with its reason, the day, who helps, what just happened."""

from typing import Any

import reflex as rx

from memberpulse.domains.events.lines.board import get_day
from memberpulse.domains.events.lines.stations import open_station
from memberpulse.domains.events.models import PlaceStatus
from memberpulse.domains.events.schemas import BoardPlace, BoardView, DayChart, LineView
from memberpulse.domains.events.ui.board.dialogs import returning
from memberpulse.domains.events.ui.components import clock_of, day_bars, expected_range
from memberpulse.domains.events.ui.components.address import this_event
from memberpulse.domains.organizations.queries import get_viewer
from memberpulse.domains.presence.ui.components import seen_marks, seen_of
from memberpulse.ui.charts import legend_key
from memberpulse.ui.components import (
    avatar,
    bone,
    button,
    error_state,
    feed,
    feed_item,
    link,
    relative_time,
    row,
    rows,
    section,
)
from memberpulse.ui.expressions import expression, may, number, size_of, text_of
from memberpulse.ui.live import busy, live, run


def side(board: BoardView) -> rx.Component:
    return rx.fragment(_joining(board), _day(), _helping(board), _ended(board), _happening(board.line))


def _joining(board: BoardView) -> rx.Component:
    queue = board.line
    wait, faster = queue.join_now, queue.one_more
    more = rx.el.div(
        rx.el.span(
            "One more station makes it ",
            rx.el.b(expected_range(faster.starts, faster.ends, small=False)),  # pyright: ignore[reportOptionalMemberAccess]
            ".",
            class_name="grow",
        ),
        button("Open", size="small", on_click=_open(board), busy=busy(open_station)),
        class_name="note",
    )
    around = rx.fragment(
        "Around ",
        clock_of(wait.starts),
        " to ",
        clock_of(wait.ends),
        rx.cond(queue.paused_at, ", after the pause.", "."),
    )
    return section(
        rx.el.div(
            rx.el.p(rx.el.span(expected_range(wait.starts, wait.ends), class_name="fig36")),
            rx.el.p(around, class_name="soft"),
            rx.el.p(queue.why, class_name="meta why"),
            rx.cond(faster, more, rx.fragment()),
            class_name="pad col g2",
        ),
        title="If someone joins now",
    )


def _open(board: BoardView) -> Any:
    return run(open_station, event_id=board.event.id)


def _day() -> rx.Component:
    day = live(get_day, event_id=this_event())

    def ready(found: DayChart) -> rx.Component:
        sentence = expression(
            "`Served ${{0}} so far, ${{1}} more expected`",
            found.served,
            expression("({0}.reduce((sum, each) => sum + each.expected, 0))", found.buckets),
        )
        return rx.el.div(day_bars(found.buckets, label=sentence), _day_table(found), class_name="pad")

    legend = rx.fragment(legend_key("served", "bars"), legend_key("expected", "next"))
    return section(
        day.view(
            ready,
            rx.el.div(bone(height="7rem"), class_name="pad late"),
            failed=error_state(day, what="The chart", small=True),
        ),
        title="Today",
        end=legend,
    )


def _day_table(day: DayChart) -> rx.Component:
    """The same numbers, for who cannot see the bars."""
    lines = rx.foreach(
        day.buckets,
        lambda bucket: rx.el.tr(
            rx.el.th(bucket.label, scope="row"), rx.el.td(bucket.served), rx.el.td(bucket.expected), key=bucket.label
        ),
    )
    heads = rx.el.tr(*[rx.el.th(words, scope="col") for words in ("From", "Served", "Expected")])
    return rx.el.table(
        rx.el.caption("Served and expected by time of day"), rx.el.thead(heads), rx.el.tbody(lines), class_name="vh"
    )


def _helping(board: BoardView) -> rx.Component:
    def helper(each: Any) -> rx.Component:
        where = rx.cond(each.station != "", rx.fragment(each.station, ", "), "")
        return row(
            rx.el.bdi(each.person.name, class_name="strong cut block"),
            lead=avatar(each.person, seen=seen_of(seen_marks(), each.person.id), size="small"),
            note=rx.fragment(where, number(each.served), " served"),
            key=text_of(each.person.id),
        )

    edit = link("Change", href=expression("`/events/${{0}}/edit#helpers`", text_of(board.event.id)))
    return section(
        rows(rx.foreach(board.helpers, helper), label="Helping", tight=True, open=True),
        title="Helping",
        beside=rx.el.span(size_of(board.helpers), class_name="meta tn"),
        end=rx.cond(may(live(get_viewer).value, "events.create"), edit, rx.fragment()),
    )


def _ended(board: BoardView) -> rx.Component:
    """Who has just left the queue; a no-show who came after all goes back from here."""

    def ended(place: Any) -> rx.Component:
        how = rx.match(
            place.status,
            (PlaceStatus.COMPLETED.value, "served"),
            (PlaceStatus.NO_SHOW.value, "did not show"),
            "left",
        )
        back = button(
            "Return",
            size="small",
            label=expression("`Return ${{0}} to the queue`", place.name),
            on_click=returning.open(place_id=place.id, name=place.name),
        )
        return row(
            rx.el.bdi(place.name, class_name="cut block"),
            note=how,
            end=rx.cond(place.status == PlaceStatus.NO_SHOW.value, back, rx.fragment()),
            key=text_of(place.id),
        )

    latest: Any = expression("{0}.slice(0, 5)", board.ended, kind=list[BoardPlace])
    shown = section(rows(rx.foreach(latest, ended), label="Just ended", tight=True, open=True), title="Just ended")
    return rx.cond(size_of(board.ended), shown, rx.fragment())


def _happening(queue: LineView) -> rx.Component:
    nothing = rx.el.p("Nothing has happened yet.", class_name="meta pad")
    told = feed(
        rx.foreach(
            queue.happened,
            lambda each: feed_item(each.words, time=relative_time(each.at, form="clock"), key=text_of(each.id)),
        ),
        label="As it happens",
    )
    return section(rx.cond(size_of(queue.happened), told, nothing), title="As it happens")
