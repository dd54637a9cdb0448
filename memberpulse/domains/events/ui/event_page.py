"""An event as members see it: what, when and where, the way into its queue, and one's own place in it."""

from typing import Any

import reflex as rx

from memberpulse.domains.events.lines.joining import join_line
from memberpulse.domains.events.lines.messages import list_messages
from memberpulse.domains.events.lines.queries import get_line, get_my_place
from memberpulse.domains.events.models import EventStatus, PlaceStatus
from memberpulse.domains.events.mutations import cancel_event, publish_event, remove_event
from memberpulse.domains.events.queries import get_event
from memberpulse.domains.events.schemas import EventView, LineView, MessageView
from memberpulse.domains.events.ui.components import (
    clock_of,
    event_when,
    expected_range,
    line,
    parties_of,
    stepper,
)
from memberpulse.domains.events.ui.components.address import this_event
from memberpulse.domains.events.ui.place import NEAR, feedback, own_place
from memberpulse.ui.components import (
    DialogHandle,
    anchor,
    badge,
    bone,
    button,
    close_button,
    confirm_dialog,
    dialog,
    error_state,
    icon,
    link_button,
    menu,
    menu_item,
    menu_rule,
    note,
    relative_time,
    select_field,
    text_field,
)
from memberpulse.ui.components.kinds import Child, plain_link
from memberpulse.ui.components.marks import Rows
from memberpulse.ui.expressions import expression, number, size_of, text_of
from memberpulse.ui.layout import app_page
from memberpulse.ui.live import Live, busy, live, live_form, problem, query_arg, run
from memberpulse.ui.page import page

_cancelling = DialogHandle("cancel-event")
_removing = DialogHandle("remove-event")

_OPEN = (PlaceStatus.RESERVED, PlaceStatus.WAITING, PlaceStatus.CALLED, PlaceStatus.SERVING)


@page("/events/[event_id]", "Event", requires="events.view")
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
        crumb=_crumb(event.value.title),
        action=_work(event.value),
    )


def _crumb(title: Any) -> rx.Component:
    slash = rx.el.span("/", class_name="faint", aria_hidden="true")
    return rx.el.span(
        anchor("Events", href="/events", class_name="faint"),
        slash,
        rx.el.span(title, class_name="t14 cut"),
        class_name="row crumbs",
    )


def _work(event: Any) -> rx.Component:
    board = link_button(
        "Open the board", href=expression("`/events/${{0}}/queue`", event.id), icon="list_ordered", key="B"
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
                _side(event, queue.value, mine.value, has_place), class_name="event-side", aria_label="About this event"
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
        rx.el.img(src=expression("`/files/${{0}}`", event.cover_file_id), alt="", class_name="event-cover"),
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
    shown = menu(
        menu_item("Edit…", icon="pencil", href=_path(event, "/edit")),
        menu_item("Wall display", icon="monitor", href=_path(event, "/display")),
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
            rx.el.span("Join now and be called in", class_name="meta"),
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


# Beside it


def _side(event: EventView, queue: Any, mine: Any, has_place: Any) -> rx.Component:
    return rx.fragment(
        _messages(),
        _happened(queue, mine, has_place),
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


def _map(event: EventView) -> Any:
    return expression("`https://www.openstreetmap.org/search?query=${encodeURIComponent({0})}`", event.place)


def _fact(name: str, *content: Child) -> rx.Component:
    return rx.el.div(icon(name), rx.el.div(*content), class_name="event-fact")


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


def _helpers(event: EventView) -> rx.Component:
    by = event.created_by
    names = expression("sayNames({0}.map((each) => each.person))", event.helpers, sayNames="$/public/kit/words")
    return rx.fragment(
        rx.cond(by, _fact("user", rx.fragment("Organized by ", rx.el.bdi(by.name))), rx.fragment()),  # pyright: ignore[reportOptionalMemberAccess]
        rx.cond(size_of(event.helpers), _fact("hand_helping", rx.fragment("Helping: ", names)), rx.fragment()),
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
