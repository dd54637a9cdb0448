"""The queues that are open now, for the dashboard."""

from typing import Any

import reflex as rx

from memberpulse.domains.events.lines.queries import get_line, list_open_lines
from memberpulse.domains.events.schemas import OpenLine
from memberpulse.domains.events.ui.components import expected_range, line, parties_of, say_count
from memberpulse.ui.components import anchor, badge, link, live_dot, section
from memberpulse.ui.components.marks import Rows
from memberpulse.ui.expressions import expression, size_of, text_of
from memberpulse.ui.live import live


def open_queues() -> rx.Component:
    """Each open queue as a line of parties, with what somebody who joined now would wait. Nothing when none is open."""
    found = live(list_open_lines)
    rows = Rows.create(rx.foreach(found.value, _queue), as_="ul", class_name="list queue-tile", label="Open queues")
    shown = section(rows, title="Open queues", end=link("Events", href="/events"))
    return rx.cond((found.status == "ready") & (size_of(found.value) > 0), shown, rx.fragment())


def open_count() -> Any:
    """How many queues are open, for the navigation; 0 while it is not known."""
    return size_of(live(list_open_lines).value)


def _queue(queue: OpenLine) -> rx.Component:
    wait, event_id = queue.join_now, text_of(queue.event_id)
    state = rx.cond(
        queue.is_paused,
        badge("Paused", kind="warn", icon="pause"),
        rx.el.span(
            rx.el.b(expected_range(wait.starts, wait.ends, small=False), class_name="tn"),
            rx.el.span(" if you join now", class_name="meta only-l2"),
        ),
    )
    return rx.el.li(
        live_dot(beat=queue.waiting),
        rx.el.span(
            anchor(
                queue.title, href=expression("`/events/${{0}}`", text_of(queue.event_id)), class_name="strong cut block"
            ),
            class_name="what",
        ),
        _parties(event_id=event_id),
        rx.el.span(say_count(queue.waiting, "party", "parties"), class_name="meta tn nowrap"),
        state,
        key=event_id,
    )


@rx.memo
def _parties(event_id: rx.Var[str]) -> rx.Component:
    given: Any = event_id
    return rx.el.span(
        line(parties_of(live(get_line, event_id=given).value), bar=7, gap=5, height=28, most=20), class_name="only-l"
    )
