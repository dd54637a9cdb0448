"""Now serving: a lane for each station, with who is there, how long, and what comes next."""

from typing import Any

import reflex as rx

from memberpulse.domains.events.lines.stations import close_station, staff_station
from memberpulse.domains.events.lines.working import call_next, complete_service, mark_no_show, start_service
from memberpulse.domains.events.models import PlaceStatus
from memberpulse.domains.events.schemas import BoardView
from memberpulse.domains.events.ui.board.dialogs import returning
from memberpulse.domains.events.ui.components import after, before, clock_of, elapsed, first_name, gauge, say_limit
from memberpulse.domains.organizations.queries import get_viewer
from memberpulse.domains.presence.ui.components import seen_marks, seen_of
from memberpulse.ui.components import avatar, button, kbd, live_dot, menu, menu_item, menu_rule
from memberpulse.ui.components.kinds import Child, Handler, classes
from memberpulse.ui.expressions import expression, text_of
from memberpulse.ui.live import busy, live, run


def lanes(board: BoardView) -> rx.Component:
    """Every open station, one's own among them; the first that is free has the one ink button."""
    first_free = expression(
        "(({0}.find((lane) => !lane.place && lane.mine) ?? {0}.find((lane) => !lane.place))?.station_id)", board.lanes
    )
    shown = rx.foreach(board.lanes, lambda lane: _lane(lane, board, first_free))
    return rx.el.section(shown, class_name="lanes", aria_label="Now serving")


def deed(name: str, text: Child, on_click: Handler, *, key: str | None = None, **props: Any) -> rx.Component:
    """A button that the board's keys find by its name."""
    shown = rx.fragment(text, kbd(key)) if key else text
    return button(shown, on_click=on_click, size="small", custom_attrs={"data-deed": name}, **props)


def hidden_deed(name: str, label: str, on_click: Handler) -> rx.Component:
    """What only a key presses here; the same stands in the menu beside it."""
    return rx.el.button(label, type="button", hidden=True, custom_attrs={"data-deed": name}, on_click=on_click)


def _lane(lane: Any, board: BoardView, first_free: Any) -> rx.Component:
    place = lane.place
    called: Any = place & (place.status == PlaceStatus.CALLED.value)
    kind = rx.cond(called, "called", rx.cond(place, "", "free"))
    look = classes("lane", kind, rx.cond(lane.mine, "mine", ""))
    return rx.el.article(
        rx.el.header(_helper(lane), _lane_end(lane)),
        rx.cond(place, rx.cond(called, _called(lane), _serving(lane)), _free(lane, board, first_free)),
        class_name=look,
        key=text_of(lane.station_id),
        tab_index=-1,
        aria_label=lane.label,
        custom_attrs={"data-lane": lane.number, "data-mine": rx.cond(lane.mine, "", rx.Var("undefined"))},
    )


def _helper(lane: Any) -> rx.Component:
    face = avatar(lane.helper, seen=seen_of(seen_marks(), lane.helper.id), size="small")
    named = rx.fragment(
        face, rx.el.span(lane.label, ", ", rx.el.bdi(first_name(lane.helper.name)), class_name="soft cut")
    )
    nobody = rx.fragment(
        rx.el.span(class_name="av sm none", aria_hidden="true"), rx.el.span(lane.label, class_name="soft cut")
    )
    return rx.cond(lane.helper, named, nobody)


def _lane_end(lane: Any) -> rx.Component:
    since = rx.el.span("free ", elapsed(lane.free_since, form="words"), class_name="meta nowrap only-l")
    free = rx.cond(lane.place, rx.fragment(), rx.cond(lane.free_since, since, rx.fragment()))
    return rx.el.span(free, _lane_menu(lane), class_name="row g1 push")


def _lane_menu(lane: Any) -> rx.Component:
    place, me = lane.place, live(get_viewer).value.person
    back = returning.open(place_id=place.id, name=place.name)
    called = rx.fragment(
        menu_item("Complete", icon="check", on_select=run(complete_service, place_id=place.id)),
        menu_item("No-show", icon="user_x", key="X", on_select=run(mark_no_show, place_id=place.id)),
    )
    occupied = rx.fragment(
        rx.cond(place.status == PlaceStatus.CALLED.value, called, rx.fragment()),
        menu_item("Return to the queue…", icon="undo_2", key="R", on_select=back),
        menu_rule(),
    )
    mine = rx.cond(
        lane.mine,
        menu_item(
            "Leave this station",
            icon="user_minus",
            on_select=run(staff_station, station_id=lane.station_id, helper_id=None),
        ),
        menu_item(
            "I am here now",
            icon="user_check",
            on_select=run(staff_station, station_id=lane.station_id, helper_id=me.id),
        ),
    )
    close = menu_item("Close this station", icon="x", on_select=run(close_station, station_id=lane.station_id))
    return menu(
        rx.cond(place, occupied, rx.fragment()),
        mine,
        rx.cond(place, rx.fragment(), close),
        icon="ellipsis",
        size="small",
        label=expression("`More for ${{0}}`", lane.label),
        title=lane.label,
        width="13rem",
    )


def _name(lane: Any) -> rx.Component:
    return rx.el.h3(rx.el.bdi(lane.place.name), class_name="cut")


def _note(place: Any) -> Any:
    """What they come for, and how many they are."""
    party = rx.cond(place.party_size > 1, rx.fragment("Party of ", place.party_size), "")
    gap = rx.cond((place.note != "") & (place.party_size > 1), ". ", "")
    return rx.fragment(rx.el.bdi(place.note), gap, party)


def _serving(lane: Any) -> rx.Component:
    place = lane.place
    usual = rx.el.span("usual ", lane.usual_low, "–", lane.usual_high, class_name="meta")
    return rx.fragment(
        _name(lane),
        rx.el.p(_note(place), class_name="meta cut"),
        gauge(lane.started_at, low=lane.usual_low * 60, high=lane.usual_high * 60),
        rx.el.footer(
            elapsed(lane.started_at, form="clock", class_name="tn strong"),
            usual,
            rx.el.span(class_name="push"),
            deed("complete", "Complete", run(complete_service, place_id=place.id), key="C"),
            _return_by_key(place),
        ),
    )


def _called(lane: Any) -> rx.Component:
    place = lane.place
    limit = expression("((new Date({0}) - new Date({1})) / 1000)", lane.no_show_at, lane.called_at, kind=float)
    late = rx.el.span("not here after ", say_limit(lane.called_at, lane.no_show_at), class_name="meta wary")
    due = rx.el.span("late at ", say_limit(lane.called_at, lane.no_show_at), class_name="meta")
    return rx.fragment(
        _name(lane),
        rx.el.p(
            live_dot(),
            rx.el.span("Called ", elapsed(lane.called_at, form="words"), " ago", class_name="cut"),
            class_name="row meta",
        ),
        gauge(lane.called_at, limit=limit),
        rx.el.footer(
            before(lane.no_show_at, due),
            after(lane.no_show_at, late),
            rx.el.span(class_name="push"),
            rx.el.span(
                deed("no-show", "No-show", run(mark_no_show, place_id=place.id), kind="quiet"), class_name="second"
            ),
            deed("start", "Start", run(start_service, place_id=place.id), key="S"),
            hidden_deed("complete", "Complete", run(complete_service, place_id=place.id)),
            _return_by_key(place),
        ),
    )


def _return_by_key(place: Any) -> rx.Component:
    return hidden_deed("return", "Return to the queue", returning.open(place_id=place.id, name=place.name))


def _free(lane: Any, board: BoardView, first_free: Any) -> rx.Component:
    first, queue = board.next, board.line
    name = first.name  # pyright: ignore[reportOptionalMemberAccess]
    call: dict[str, Any] = {
        "on_click": run(call_next, event_id=board.event.id, station_id=lane.station_id),
        "size": "large",
        "full": True,
        "busy": busy(call_next),
        "custom_attrs": {"data-deed": "call-next"},
    }
    back_at = rx.cond(queue.resumes_at, rx.fragment("Paused until ", clock_of(queue.resumes_at)), "Paused")
    paused = rx.el.button(back_at, type="button", class_name="btn lg full", disabled=True)
    buttons = rx.cond(
        lane.station_id == first_free,
        button(rx.fragment("Call next", kbd("N")), kind="ink", **call),
        button("Call next", **call),
    )
    somebody = rx.fragment(
        rx.el.h3(rx.el.span("Next ", class_name="faint"), rx.el.bdi(name), class_name="cut"),
        rx.el.p(_note(first), class_name="meta cut"),
        rx.cond(queue.paused_at, paused, buttons),
    )
    nobody = rx.fragment(
        rx.el.h3(rx.el.span("Nobody is waiting", class_name="faint"), class_name="cut"),
        rx.el.p("The next who joins can be called at once.", class_name="meta cut"),
    )
    return rx.cond(first, somebody, nobody)
