"""An event as members see it: what, when and where, the way into its queue, and one's own place in it."""

from typing import Any

import reflex as rx

from memberpulse.domains.events.lines.joining import join_line
from memberpulse.domains.events.lines.queries import get_line, get_my_place
from memberpulse.domains.events.models import EventStatus, PlaceStatus
from memberpulse.domains.events.mutations import cancel_event, duplicate_event, publish_event, remove_event
from memberpulse.domains.events.queries import get_event
from memberpulse.domains.events.schemas import EventView, LineView
from memberpulse.domains.events.ui.components import (
    clock_of,
    event_when,
    expected_range,
    line,
    parties_of,
    stepper,
)
from memberpulse.domains.events.ui.components.address import this_event
from memberpulse.domains.events.ui.event_side import event_side
from memberpulse.domains.events.ui.place import NEAR, feedback, own_place
from memberpulse.ui.components import (
    DialogHandle,
    badge,
    bone,
    button,
    close_button,
    confirm_dialog,
    dialog,
    error_state,
    link_button,
    menu,
    menu_item,
    menu_rule,
    note,
    select_field,
    text_field,
)
from memberpulse.ui.expressions import expression, number, text_of
from memberpulse.ui.layout import app_page
from memberpulse.ui.live import Live, busy, live, live_form, problem, query_arg, run
from memberpulse.ui.page import page
from memberpulse.ui.trail import Trail

_cancelling = DialogHandle("cancel-event")
_removing = DialogHandle("remove-event")

_OPEN = (PlaceStatus.RESERVED, PlaceStatus.WAITING, PlaceStatus.CALLED, PlaceStatus.SERVING)


@page("/events/[event_id]", "Event", requires="events.view", sheets=("queue",))
def event_page() -> rx.Component:
    event_id = this_event()
    event = live(get_event, event_id=event_id)
    queue, mine = live(get_line, event_id=event_id), live(get_my_place, event_id=event_id)
    return app_page(
        "Event",
        event.view(
            lambda found: _page(found, queue, mine),
            _skeleton(),
            failed=error_state(event, what="The event"),
            forbidden=_not_there(event.error),
        ),
        heading=rx.fragment(),
        crumb=Trail((("Events", "/events"),), event.value.title),
        action=_work(event.value),
    )


def _work(event: Any) -> rx.Component:
    board = link_button(
        "Open the board", href=expression("`/events/${{0}}/queue`", event.id), icon="list_ordered", key="Q"
    )
    works = expression("({0}?.rights?.work && {0}.status !== 'draft' && {0}.status !== 'cancelled')", event, kind=bool)
    return rx.cond(works, board, rx.fragment())


def _not_there(why: Any) -> rx.Component:
    return rx.el.div(
        rx.el.h1("There is no such event", class_name="t20", tab_index=-1),
        rx.el.p(why),
        rx.el.div(link_button("See all events", href="/events", kind="ink"), class_name="row mid"),
        class_name="blank",
        role="status",
    )


def _skeleton() -> rx.Component:
    left = rx.el.div(
        bone("60%", height="2rem"), bone("40%"), bone("80%"), bone("100%", height="8rem"), class_name="event-main"
    )
    right = rx.el.div(bone("50%"), bone("80%"), bone("70%"), class_name="event-side")
    return rx.el.div(left, right, class_name="event-page late", aria_busy="true")


def _page(event: EventView, queue: Live[LineView], mine: Live[Any]) -> rx.Component:
    has_place: Any = expression(f"({[each.value for each in _OPEN]}.includes({{0}}?.status))", mine.value, kind=bool)
    waiting = rx.el.div(
        bone("30%"), bone("40%", height="6rem"), bone("60%"), class_name="col g4 late", aria_busy="true"
    )
    own = rx.cond(queue.status == "ready", own_place(event, queue.value, mine.value), waiting)
    main = rx.cond(has_place, own, _before_joining(event, queue, mine.value))
    return rx.fragment(
        rx.el.div(
            rx.el.div(main, class_name="event-main"),
            rx.el.aside(
                event_side(event, queue.value, mine.value, has_place),
                class_name="event-side",
                aria_label="About this event",
            ),
            class_name="event-page",
        ),
        _cancel_dialog(event),
        _remove_dialog(event),
    )


# Before one has a place


def _before_joining(event: EventView, queue: Live[LineView], mine: Any) -> rx.Component:
    scanned: Any = expression("({0} === '1')", query_arg("join", ""), kind=bool)
    cover = rx.cond(
        expression("({0} && !{1})", event.cover_file_id, scanned, kind=bool),
        rx.el.img(src=expression("`/content/${{0}}`", event.cover_file_id), alt="", class_name="event-cover"),
        rx.fragment(),
    )
    said = rx.cond(event.description != "", rx.el.p(event.description, class_name="event-said"), rx.fragment())
    return rx.fragment(
        cover,
        rx.el.header(
            rx.el.div(_state(event), _owner_menu(event), class_name="row event-state"),
            rx.el.h1(rx.el.bdi(event.title), class_name="event-title", tab_index=-1),
            rx.el.p(event_when(event.starts_at, event.ends_at, event.time_zone), class_name="soft t-lead"),
            class_name="col g2",
        ),
        _draft_bar(event),
        _cancelled(event),
        _afterwards(mine),
        rx.cond(queue.status == "ready", _way_in(event, queue.value, scanned), rx.fragment()),
        said,
    )


def _state(event: EventView) -> Any:
    return rx.match(
        event.status,
        (EventStatus.DRAFT.value, badge("Draft", kind="line")),
        (EventStatus.CANCELLED.value, badge("Cancelled", kind="danger")),
        (EventStatus.CLOSED.value, badge("Closed")),
        rx.fragment(),
    )


def _owner_menu(event: EventView) -> rx.Component:
    rights = event.rights
    later = expression("new Date(new Date({0}).getTime() + 7 * 86400000).toISOString()", event.starts_at)
    again = run(
        duplicate_event,
        event_id=event.id,
        starts_at=later,
        go=lambda made: expression("`/events/${{0}}/edit`", made),
    )
    shown = menu(
        menu_item("Edit…", icon="pencil", href=_path(event, "/edit")),
        menu_item("Wall display", icon="monitor", href=_path(event, "/display")),
        menu_item("Make it again in a week", icon="copy", hint="A draft like this one", on_select=again),
        menu_rule(),
        rx.cond(
            rights.cancel,
            menu_item("Cancel the event…", icon="calendar_x", danger=True, on_select=_cancelling.open()),
            rx.fragment(),
        ),
        rx.cond(
            rights.remove,
            menu_item("Remove the draft…", icon="trash_2", danger=True, on_select=_removing.open()),
            rx.fragment(),
        ),
        text="Organize",
        icon="sliders_horizontal",
        kind="secondary",
        size="small",
        title="Organize",
        width="14rem",
        align="start",
    )
    return rx.cond(rights.edit, shown, rx.fragment())


def _path(event: EventView, part: str = "") -> Any:
    return expression(f"`/events/${{{{0}}}}{part}`", text_of(event.id))


def _draft_bar(event: EventView) -> rx.Component:
    go = button("Publish", kind="ink", on_click=run(publish_event, event_id=event.id), busy=busy(publish_event))
    bar = note(
        rx.el.b("This is a draft. "),
        "Only you and those who manage events see it.",
        icon="eye_off",
        action=rx.cond(event.rights.publish, go, rx.fragment()),
    )
    return rx.cond(event.status == EventStatus.DRAFT.value, bar, rx.fragment())


def _cancelled(event: EventView) -> rx.Component:
    said = note(
        rx.el.b("This event is cancelled. "), event.cancel_reason, kind="warn", icon="calendar_x", role="status"
    )
    return rx.cond(event.status == EventStatus.CANCELLED.value, said, rx.fragment())


def _afterwards(mine: Any) -> Any:
    """How one's last place ended, and what one thinks of it."""
    gone: Any = expression("{0}?.end_reason", mine)
    return rx.match(
        expression("({0}?.status ?? '')", mine),
        (PlaceStatus.COMPLETED.value, feedback(mine)),
        (
            PlaceStatus.NO_SHOW.value,
            note(
                "You were called and did not come, so your place has gone. You may join again.",
                kind="warn",
                icon="user_x",
            ),
        ),
        (PlaceStatus.CANCELLED.value, rx.cond(gone, note("Your place ended: ", gone, icon="log_out"), rx.fragment())),
        rx.fragment(),
    )


# The way into the queue


def _way_in(event: EventView, queue: LineView, scanned: Any) -> rx.Component:
    shown = rx.el.section(
        _now(event, queue),
        rx.cond(event.rights.join, _join_form(event, scanned), _why_not(event, queue)),
        class_name="event-join",
        aria_label="The queue",
    )
    return rx.cond(expression("['published', 'closed'].includes({0})", event.status, kind=bool), shown, rx.fragment())


def _now(event: EventView, queue: LineView) -> rx.Component:
    wait = queue.join_now
    paused = rx.fragment(
        "The queue is paused", rx.cond(queue.resumes_at, rx.fragment(" until ", clock_of(queue.resumes_at)), ""), ". "
    )
    figures = rx.el.div(
        rx.el.div(
            rx.el.span("Your turn, if you join now", class_name="meta"),
            rx.el.span(expected_range(wait.starts, wait.ends), class_name="fig36"),
            class_name="col",
        ),
        line(parties_of(queue, joins=True), bar=9, gap=6, height=40, most=28),
        class_name="join-now",
    )
    return rx.cond(
        queue.is_open,
        rx.el.div(
            figures,
            rx.el.p(rx.cond(queue.paused_at, paused, ""), queue.why, class_name="meta why"),
            class_name="col g2",
        ),
        rx.fragment(),
    )


def _why_not(event: EventView, queue: LineView) -> rx.Component:
    words = rx.cond(
        queue.is_open,
        rx.cond(
            queue.is_full,
            rx.fragment("All ", number(event.capacity), " places are taken."),
            "You cannot join this queue.",
        ),
        rx.cond(
            event.status == EventStatus.CLOSED.value,
            "The queue is closed: nobody joins any more.",
            "The queue is not open now.",
        ),
    )
    return note(words, icon="lock", role="status")


def _join_form(event: EventView, scanned: Any) -> rx.Component:
    refused = problem(join_line)
    beside = refused.field("party_size") | refused.field("note") | refused.field("notify_at")
    priced: Any = event.price_words != ""
    words = rx.cond(priced, rx.fragment("Join and pay ", event.price_words), "Join the queue")
    go = button(words, kind="ink", size="large", submit=True, busy=busy(join_line))
    held = rx.el.p("Your place is kept for 15 minutes while you pay.", class_name="meta")
    return live_form(
        join_line,
        rx.cond((refused.message != "") & ~beside, note(refused.message, kind="danger", role="alert"), rx.fragment()),
        rx.el.div(
            rx.el.span("People in your party", class_name="label"),
            stepper("People in your party", name="party_size"),
            class_name="row party-row",
        ),
        rx.el.div(
            text_field(
                "What is it about?",
                name="note",
                error=refused.field("note"),
                placeholder="You may leave this out",
                auto_complete="off",
                max_length=200,
            ),
            select_field(
                "Tell me when I am", name="notify_at", options=NEAR, default_value="2", error=refused.field("notify_at")
            ),
            class_name="pair",
        ),
        rx.el.div(go, rx.cond(priced, held, rx.fragment()), class_name="join-foot"),
        arguments={"event_id": event.id},
        go=lambda joined: joined.pay_path,
        class_name=rx.cond(scanned, "scanned", ""),
        aria_label="Join the queue",
    )


# What the creator may do


def _cancel_dialog(event: EventView) -> rx.Component:
    refused = problem(cancel_event)
    form = live_form(
        cancel_event,
        text_field(
            "Reason",
            name="reason",
            error=refused.field("reason"),
            hint="Everybody who has a place reads it.",
            auto_complete="off",
            max_length=300,
        ),
        rx.cond(
            (refused.message != "") & ~refused.field("reason").bool(),
            note(refused.message, kind="danger", role="alert"),
            rx.fragment(),
        ),
        rx.el.div(
            close_button("Keep it", kind="secondary"),
            button("Cancel the event", kind="danger", submit=True, busy=busy(cancel_event)),
            class_name="row dialog-acts",
        ),
        arguments={"event_id": event.id},
        then=_cancelling.close(),
        class_name="col g4",
    )
    lead = "Everybody who has a place is told, and payments go back. This cannot be undone."
    return dialog(_cancelling, form, title=rx.fragment("Cancel ", rx.el.bdi(event.title)), lead=lead)


def _remove_dialog(event: EventView) -> rx.Component:
    return confirm_dialog(
        _removing,
        title=rx.fragment("Remove the draft ", rx.el.bdi(event.title)),
        lead="It goes for good. Nobody has seen it yet.",
        verb="Remove",
        on_confirm=run(remove_event, event_id=event.id, go="/events"),
        busy=busy(remove_event),
    )
