"""The queue itself: who waits, since when, and the cascade of when each is expected."""

from typing import Any

import reflex as rx

from memberpulse.domains.events.lines.joining import hold_place, release_hold
from memberpulse.domains.events.lines.working import call_place, move_place
from memberpulse.domains.events.schemas import BoardView
from memberpulse.domains.events.ui.board.dialogs import calling, editing, removing, walking_in
from memberpulse.domains.events.ui.board.lanes import hidden_deed
from memberpulse.domains.events.ui.components import cascade_head, cascade_window, clock_of, elapsed, say_count
from memberpulse.domains.presence.ui.components import seen_marks, seen_of
from memberpulse.ui.components import avatar, badge, button, icon, kbd, link_button, menu, menu_item, menu_rule
from memberpulse.ui.components.marks import Rows
from memberpulse.ui.expressions import expression, size_of, text_of
from memberpulse.ui.live import run


def queue_table(board: BoardView) -> rx.Component:
    """The waiting parties in order; a sentence and the ways to fill it when there are none."""
    queue = board.line
    phone = rx.el.header(
        rx.el.h2("The queue", class_name="t14"),
        rx.el.span(say_count(queue.waiting, "party", "parties"), class_name="meta"),
        rx.el.span("minutes from now", class_name="meta push"),
        class_name="queue-head",
    )
    paying = rx.el.p(
        say_count(size_of(board.reserved), "place is", "places are"),
        " kept for people who pay now.",
        class_name="meta paying",
    )
    return rx.el.section(
        rx.cond(queue.waiting, rx.fragment(phone, _table(board)), _none(board)),
        rx.cond(size_of(board.reserved), paying, rx.fragment()),
        aria_label="The queue",
    )


def _axis(board: BoardView) -> dict[str, Any]:
    horizon = expression(
        "({0}.reduce((last, each) => each.wait && each.wait.ends > last ? each.wait.ends : last, ''))", board.places
    )
    return {
        "horizon": horizon,
        "resumes": board.line.resumes_at,
        "paused": expression("Boolean({0})", board.line.paused_at, kind=bool),
    }


def _table(board: BoardView) -> rx.Component:
    axis = _axis(board)
    heads = rx.el.tr(
        rx.el.th("#", scope="col", class_name="num"),
        rx.el.th("Party", scope="col"),
        rx.el.th("Size", scope="col", class_name="num"),
        rx.el.th("Waited", scope="col", class_name="num"),
        rx.el.th(cascade_head(**axis), scope="col"),
        rx.el.th(rx.el.span("Actions", class_name="vh"), scope="col"),
    )
    return rx.el.table(
        rx.el.caption("Who is waiting", class_name="vh"),
        rx.el.thead(heads),
        Rows.create(rx.foreach(board.places, lambda place: _row(place, axis)), as_="tbody"),
        class_name="table queuet",
    )


def _row(place: Any, axis: dict[str, Any]) -> rx.Component:
    size = rx.cond(place.party_size > 1, place.party_size, rx.el.span(place.party_size, class_name="faint"))
    kind = rx.cond(place.held_until, "held", rx.cond(place.is_next, "first", "waiting"))
    return rx.el.tr(
        rx.el.td(place.position, class_name="num pos"),
        rx.el.td(_who(place)),
        rx.el.td(size, class_name="num"),
        rx.el.td(elapsed(place.joined_at), class_name="num soft nowrap"),
        rx.el.td(cascade_window(place.wait.starts, place.wait.ends, kind=kind, **axis)),
        rx.el.td(rx.el.div(_call(place), _menu(place), *_keys(place), class_name="acts")),
        key=place.id,
        tab_index=-1,
        draggable=True,
        class_name=rx.cond(place.held_until, "is-held", ""),
        custom_attrs={"data-row": place.id, "data-position": place.position, "data-name": place.name},
    )


def _who(place: Any) -> rx.Component:
    member = avatar(place.person, seen=seen_of(seen_marks(), place.person.id))
    walk_in = rx.el.span(
        expression("initialsOf({0})", place.name, initialsOf="$/public/queue/words"),
        class_name="av none",
        aria_hidden="true",
    )
    held = rx.el.span(
        icon("hand"),
        "Held",
        rx.el.span(" to ", clock_of(place.held_until), class_name="only-l2"),
        class_name="badge line",
    )
    second = rx.cond(place.remark != "", place.remark, place.note)
    return rx.el.div(
        rx.cond(place.person, member, walk_in),
        rx.el.span(
            rx.el.span(
                rx.el.b(rx.el.bdi(place.name), class_name="cut"),
                rx.cond(place.held_until, held, rx.fragment()),
                rx.cond(place.is_walk_in & ~place.held_until.bool(), badge("Walk-in", kind="line"), rx.fragment()),
                rx.cond(place.paid, badge("Paid", icon="check"), rx.fragment()),
                class_name="namerow",
            ),
            rx.el.span(rx.el.bdi(second), class_name="cut meta"),
        ),
        class_name="who",
    )


def _call_handler(place: Any) -> tuple[Any, Any]:
    """At once for who is next; with a reason for anybody else."""
    at_once = run(call_place, place_id=place.id, reason="")
    asked = calling.open(place_id=place.id, name=place.name, position=place.position)
    return at_once, asked


def _call(place: Any) -> rx.Component:
    at_once, asked = _call_handler(place)
    label = expression("`Call ${{0}}`", place.name)
    looks: dict[str, Any] = {"size": "small", "label": label, "custom_attrs": {"data-deed": "call"}}
    shown = rx.fragment("Call", kbd("↵"))
    return rx.el.span(
        rx.cond(place.is_next, button(shown, on_click=at_once, **looks), button(shown, on_click=asked, **looks)),
        class_name="on-row",
    )


def _edit(place: Any) -> Any:
    return editing.open(place_id=place.id, name=place.name, party_size=place.party_size, note=place.note)


def _keys(place: Any) -> list[rx.Component]:
    hold = hidden_deed("hold", "Hold", run(hold_place, place_id=place.id))
    release = hidden_deed("hold", "Let it go on", run(release_hold, place_id=place.id))
    return [
        rx.cond(place.held_until, release, hold),
        hidden_deed("edit", "Edit", _edit(place)),
        hidden_deed("up", "Move up", run(move_place, place_id=place.id, position=_before(place))),
        hidden_deed("down", "Move down", run(move_place, place_id=place.id, position=place.position + 1)),
    ]


def _before(place: Any) -> Any:
    return expression("Math.max(1, {0} - 1)", place.position, kind=int)


def _menu(place: Any) -> rx.Component:
    at_once, asked = _call_handler(place)
    hold = menu_item("Hold for 20 min", icon="hand", key="H", on_select=run(hold_place, place_id=place.id))
    release = menu_item("Let it go on", icon="play", key="H", on_select=run(release_hold, place_id=place.id))
    return menu(
        rx.cond(
            place.is_next,
            menu_item("Call", icon="bell_ring", on_select=at_once),
            menu_item("Call now…", icon="bell_ring", hint="Out of turn, with a reason", on_select=asked),
        ),
        rx.cond(place.held_until, release, hold),
        menu_rule(),
        menu_item("Move up", icon="arrow_up", on_select=run(move_place, place_id=place.id, position=_before(place))),
        menu_item(
            "Move down", icon="arrow_down", on_select=run(move_place, place_id=place.id, position=place.position + 1)
        ),
        menu_item("Move to the front", icon="chevrons_up", on_select=run(move_place, place_id=place.id, position=1)),
        menu_rule(),
        menu_item("Edit…", icon="pencil", key="E", on_select=_edit(place)),
        menu_item(
            "Remove…", icon="user_minus", danger=True, on_select=removing.open(place_id=place.id, name=place.name)
        ),
        icon="ellipsis",
        size="small",
        label=expression("`More for ${{0}}`", place.name),
        title=place.name,
        width="14rem",
    )


def _none(board: BoardView) -> rx.Component:
    wall = link_button(
        "Show the QR code", href=expression("`/events/${{0}}/display`", text_of(board.event.id)), icon="qr_code"
    )
    return rx.el.div(
        rx.el.p(
            rx.cond(
                board.line.is_open,
                "Nobody is waiting. Who joins appears here at once.",
                "Nobody is waiting, and the queue is closed.",
            )
        ),
        rx.cond(
            board.line.is_open,
            rx.el.div(
                wall, button("Add a walk-in", icon="user_plus", on_click=walking_in.open()), class_name="row wrap mid"
            ),
            rx.fragment(),
        ),
        class_name="queue-none",
    )
