"""Beside an event: what the helpers wrote, what just happened, when and where, and how it was."""

from typing import Any

import reflex as rx

from memberpulse.domains.events.lines.messages import list_feedback, list_messages
from memberpulse.domains.events.schemas import EventView, FeedbackList, FeedbackRow, MessageView
from memberpulse.domains.events.ui.components import (
    event_when,
    say_count,
)
from memberpulse.domains.events.ui.components.address import this_event
from memberpulse.ui.components import (
    icon,
    relative_time,
)
from memberpulse.ui.components.kinds import Child, plain_link
from memberpulse.ui.components.marks import Rows
from memberpulse.ui.expressions import expression, number, size_of, text_of
from memberpulse.ui.live import live, live_list


def event_side(event: EventView, queue: Any, mine: Any, has_place: Any) -> rx.Component:
    return rx.fragment(
        _messages(),
        _happened(queue, mine, has_place),
        rx.cond(event.rights.work, _opinions(), rx.fragment()),
        rx.el.h2("When and where", class_name="t14"),
        _fact("calendar", event_when(event.starts_at, event.ends_at, event.time_zone)),
        rx.cond(event.place != "", _fact("map_pin", rx.el.bdi(event.place)), rx.fragment()),
        rx.cond(
            event.link != "",
            _fact("link", plain_link(event.link, href=event.link, target="_blank", rel="noreferrer")),
            rx.fragment(),
        ),
        _fact("ticket", rx.cond(event.price_words != "", rx.fragment(event.price_words, " for each party"), "Free")),
        rx.cond(
            expression("({0} !== null && {1})", event.capacity, queue, kind=bool),
            _fact("users", rx.fragment(number(queue.taken), " of ", number(event.capacity), " places taken")),
            rx.fragment(),
        ),
        _helpers(event),
        rx.el.p(
            plain_link("Add to calendar", href=event.calendar_path, class_name="link"),
            rx.cond(
                event.place != "",
                plain_link("Show on map", href=_map(event), target="_blank", rel="noreferrer", class_name="link"),
                rx.fragment(),
            ),
            class_name="row g4",
        ),
    )


def _messages() -> rx.Component:
    """What the helpers wrote to the queue; the newest three."""
    found = live(list_messages, event_id=this_event())
    latest: Any = expression("(({0} ?? []).slice(0, 3))", found.value, kind=list[MessageView])

    def message(each: Any) -> rx.Component:
        by = rx.cond(each.author, rx.fragment(rx.el.bdi(each.author.name), ", "), "")
        return rx.el.div(
            icon("message_square"),
            rx.el.span(
                rx.el.b(by, relative_time(each.at, form="clock")),
                rx.el.br(),
                rx.el.span(each.body, class_name="long"),
                class_name="grow",
            ),
            class_name="note",
            key=text_of(each.id),
        )

    shown = rx.fragment(
        rx.el.h2("From the helpers", class_name="t14"),
        rx.el.div(rx.foreach(latest, message), class_name="col g2", role="log", aria_label="From the helpers"),
    )
    return rx.cond(size_of(latest), shown, rx.fragment())


def _happened(queue: Any, mine: Any, has_place: Any) -> rx.Component:
    """What happened to this queue lately, one's own in bold."""
    happened: Any = expression("(({0}?.happened ?? []).slice(0, 6))", queue, kind=list[Any])

    def item(one: Any) -> rx.Component:
        each: Any = one.to(dict[str, Any])
        own = expression("({0} !== '' && {0} === {1}?.place_id)", each["place_id"], mine, kind=bool)
        return rx.el.li(
            relative_time(each["at"], form="clock"),
            rx.el.p(rx.cond(own, rx.el.b(each["words"]), each["words"])),
            key=each["id"],
        )

    shown = rx.fragment(
        rx.el.h2("As it happens", class_name="t14"),
        Rows.create(rx.foreach(happened, item), as_="ol", class_name="happens", label="As it happens"),
    )
    return rx.cond(has_place & (size_of(happened) > 0), shown, rx.fragment())


def _opinions() -> rx.Component:
    """What people said afterwards, for who works the queue."""
    found = live_list(list_feedback, event_id=this_event())

    def said(each: FeedbackRow) -> rx.Component:
        words = rx.cond(
            each.comment != "",
            rx.el.span(each.comment, class_name="long"),
            rx.el.span("no comment", class_name="faint"),
        )
        return rx.el.li(rx.el.b(each.rating, " of 5", class_name="nowrap"), rx.el.p(words), key=text_of(each.id))

    def ready(given: FeedbackList) -> rx.Component:
        mean = expression("({0} ?? 0).toFixed(1)", given.average)
        count = say_count(given.count, "answer", "answers")
        return rx.fragment(
            rx.el.h2("How it was", class_name="t14"),
            rx.el.p(rx.el.b(mean), " of 5 from ", count, class_name="soft"),
            rx.el.ul(rx.foreach(given.rows[:3], said), class_name="happens"),
        )

    return found.view(
        ready,
        rx.fragment(),
        empty=(size_of(found.value.rows) == 0, rx.fragment()),
        forbidden=rx.fragment(),
        failed=rx.fragment(),
    )


def _helpers(event: EventView) -> rx.Component:
    by = event.created_by
    names = expression("sayNames({0}.map((each) => each.person))", event.helpers, sayNames="$/public/kit/words")
    return rx.fragment(
        rx.cond(by, _fact("user", rx.fragment("Organized by ", rx.el.bdi(by.name))), rx.fragment()),  # pyright: ignore[reportOptionalMemberAccess]
        rx.cond(size_of(event.helpers), _fact("hand_helping", rx.fragment("Helping: ", names)), rx.fragment()),
    )


def _map(event: EventView) -> Any:
    return expression("`https://www.openstreetmap.org/search?query=${encodeURIComponent({0})}`", event.place)


def _fact(name: str, *content: Child) -> rx.Component:
    return rx.el.div(icon(name), rx.el.div(*content), class_name="event-fact")
