"""The wall display: who is called, who is next, and how to join. Open to everybody, so it shows nothing private."""

from typing import Any

import reflex as rx

from memberpulse.domains.events.lines.wall import get_wall
from memberpulse.domains.events.schemas import WallView
from memberpulse.domains.events.ui.components import (
    clock_of,
    expected_range,
    full_screen,
    line,
    say_count,
    wall_keeper,
    wall_lost,
)
from memberpulse.domains.events.ui.components.address import this_event
from memberpulse.ui.components import clock, live_dot, mark
from memberpulse.ui.components.marks import Rows
from memberpulse.ui.expressions import expression
from memberpulse.ui.live import live
from memberpulse.ui.page import PUBLIC, page

_MANY = 4
"""With more at the stations the names are smaller."""


@page("/events/[event_id]/display", "Wall display", requires=PUBLIC)
def wall_page() -> rx.Component:
    wall = live(get_wall, event_id=this_event())
    return rx.fragment(
        wall_keeper(),
        wall.view(_wall, rx.el.main(class_name="wall"), forbidden=_closed(wall.error), failed=_closed(wall.error)),
    )


def _closed(why: Any) -> rx.Component:
    return rx.el.main(
        rx.el.div(mark(size=32), rx.el.h1(why, class_name="t20"), class_name="blank"), class_name="wall-closed"
    )


def _wall(wall: WallView) -> rx.Component:
    return rx.el.div(
        _top(wall),
        rx.el.main(
            rx.el.section(_serving(wall), _next(wall), class_name="w-list", aria_label="The queue"),
            rx.el.aside(_join(wall), class_name="w-side", aria_label="Join this queue"),
            class_name="w-main",
        ),
        _foot(wall),
        full_screen(),
        wall_lost(),
        class_name="wall",
    )


def _top(wall: WallView) -> rx.Component:
    beat = expression(
        "`${{0}}${{1}}`", wall.waiting, expression("({0}.map((each) => each.label).join())", wall.serving)
    )
    return rx.el.header(
        rx.el.span(wall.initial, class_name="tile", aria_hidden="true"),
        rx.el.h1(wall.title),
        rx.el.span(wall.organization, class_name="soft"),
        rx.el.span(live_dot(beat=beat), clock(), class_name="w-clock"),
        class_name="w-top",
    )


def _serving(wall: WallView) -> rx.Component:
    many = expression(f"({{0}}.length + {{1}}.length > {_MANY} ? 'w-now many' : 'w-now')", wall.serving, wall.free)
    shown = Rows.create(
        rx.foreach(wall.serving, lambda each: _station(each, wall)),
        rx.cond(wall.is_paused, rx.fragment(), rx.foreach(wall.free, lambda station: _free(station, wall))),
        as_="ul",
        class_name=many,
        live="polite",
    )
    return rx.fragment(
        rx.cond(wall.is_paused, _paused(wall), rx.fragment()),
        rx.el.h2("Now serving"),
        rx.cond(
            expression("({0}.length + ({2} ? 0 : {1}.length) > 0)", wall.serving, wall.free, wall.is_paused, kind=bool),
            shown,
            rx.el.p("Nobody is at a station just now.", class_name="soft w-idle"),
        ),
    )


def _paused(wall: WallView) -> rx.Component:
    back = rx.fragment("Back at ", clock_of(wall.resumes_at))
    return rx.el.p(
        rx.el.b("The queue is paused."),
        rx.el.span(rx.cond(wall.resumes_at, back, "All keep their places."), class_name="soft"),
        class_name="w-pause",
        role="status",
    )


def _bench(station: Any, word: Any) -> rx.Component:
    """ "Bench 2" as a large 2; a station of another name as it is."""
    short = expression("stationNumber({0}, {1})", station, word, stationNumber="$/public/queue/words")
    return rx.cond(short, rx.el.span(short, class_name="bench"), rx.el.span(station, class_name="bench word"))


def _word(wall: WallView) -> Any:
    return expression("{0}.toLowerCase()", wall.station_word)


def _station(each: Any, wall: WallView) -> rx.Component:
    word = _word(wall)
    go = rx.cond(
        each.is_called,
        rx.el.span("Please come to ", word, class_name="go"),
        rx.el.span("at ", word, class_name="go soft"),
    )
    return rx.el.li(
        rx.el.b(rx.el.bdi(each.label)),
        go,
        _bench(each.station, wall.station_word),
        class_name=rx.cond(each.is_called, "call", ""),
        key=expression("`${{0}}${{1}}`", each.station, each.label),
    )


def _free(station: Any, wall: WallView) -> rx.Component:
    return rx.el.li(
        rx.el.b("Ready for the next"),
        rx.el.span(_word(wall), class_name="go soft"),
        _bench(station, wall.station_word),
        class_name="free",
        key=station,
    )


def _next(wall: WallView) -> rx.Component:
    look = expression("`w-next r${Math.max(1, Math.ceil({0}.length / 2))}`", wall.next)

    def party(each: Any) -> rx.Component:
        return rx.el.li(
            rx.el.span(each.position, class_name="p"),
            rx.el.b(rx.el.bdi(each.label)),
            rx.el.span(each.low, "–", each.high, " min", class_name="soft"),
            key=expression("`${{0}}${{1}}`", each.position, each.label),
        )

    waiting = Rows.create(rx.foreach(wall.next, party), as_="ol", class_name=look)
    shown = rx.fragment(rx.el.h2("Next"), waiting)
    return rx.cond(expression("{0}.length > 0", wall.next, kind=bool), shown, rx.fragment())


def _join(wall: WallView) -> rx.Component:
    wait = wall.join_now
    host = expression("{0}.split('/')[0]", wall.join_address)
    joining = rx.fragment(
        rx.el.div(
            rx.el.img(src=wall.qr_path, alt=expression("`QR code that opens ${{0}}`", wall.join_address)),
            class_name="w-qr",
        ),
        rx.el.p("Scan to join", class_name="w-join"),
        rx.el.p("or open ", rx.el.b(host), " and choose this event", class_name="soft link-words"),
        rx.el.div(
            rx.el.p("Your turn, if you join now", class_name="soft"),
            rx.el.p(expected_range(wait.starts, wait.ends), class_name="w-range"),
            rx.el.p(wall.why, class_name="soft"),
            class_name="w-est",
        ),
    )
    closed = rx.el.div(
        rx.el.p("The queue is closed", class_name="w-join"),
        rx.el.p("Who is in it will still be called.", class_name="soft"),
    )
    return rx.cond(wall.is_open, joining, closed)


def _foot(wall: WallView) -> rx.Component:
    parties = expression("wallParties({0}, {1})", wall, wall.is_open, kind=list[Any], wallParties="$/public/queue/line")
    words = rx.cond(
        wall.waiting,
        rx.fragment(rx.el.b(say_count(wall.waiting, "party", "parties")), " in line."),
        rx.fragment(rx.el.b("Nobody"), " is in line."),
    )
    you = rx.cond(wall.is_open, " The dot is you, if you join now.", "")
    return rx.el.footer(
        line(parties, bar=14, gap=12, height=56, most=34),
        rx.el.span(words, you, class_name="soft"),
        rx.el.span(mark(size=28), "MemberPulse", class_name="push soft row g3"),
        class_name="w-line",
    )
