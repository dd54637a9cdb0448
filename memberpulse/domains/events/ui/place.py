"""One's own place in a queue: the position, the estimate with its reason, and what one can do about it."""

from typing import Any

import reflex as rx

from memberpulse.domains.events.lines.joining import edit_place, hold_place, leave_line, release_hold, set_notify_at
from memberpulse.domains.events.lines.messages import give_feedback
from memberpulse.domains.events.lines.undoing import undo_deed
from memberpulse.domains.events.models import PlaceStatus
from memberpulse.domains.events.schemas import EventView
from memberpulse.domains.events.ui.components import (
    clock_of,
    countdown,
    elapsed,
    expected_range,
    gauge,
    line,
    live_select,
    live_stepper,
    ordinal,
    parties_of,
    say_count,
    say_limit,
    tab_title,
    wait_of,
)
from memberpulse.ui.components import (
    DialogHandle,
    badge,
    button,
    close_button,
    dialog,
    fresh,
    icon,
    note,
    text_area,
    text_button,
    text_field,
)
from memberpulse.ui.components.kinds import plain_link
from memberpulse.ui.expressions import expression
from memberpulse.ui.live import busy, live_form, problem, run

NEAR = (
    ("", "Do not tell me"),
    ("1", "next"),
    ("2", "2nd in line"),
    ("3", "3rd in line"),
    ("5", "5th in line"),
    ("10", "10th in line"),
)
_STARS = ((1, "Poor"), (2, "Fair"), (3, "Good"), (4, "Very good"), (5, "Excellent"))
_note = DialogHandle("edit-note")


def own_place(event: EventView, queue: Any, mine: Any) -> rx.Component:
    """The page of somebody who has a place: what matters now, large."""
    spot: Any = expression("({0}?.spots?.[{1}?.ticket])", queue, mine, kind=dict[str, Any])
    title = rx.el.p(rx.el.bdi(event.title), class_name="t14 place-of")
    shown = rx.match(
        mine.status,
        (PlaceStatus.RESERVED.value, _reserved(event, mine)),
        (PlaceStatus.CALLED.value, _called(event, mine)),
        (PlaceStatus.SERVING.value, _serving(event, mine)),
        _waiting(event, queue, mine, spot),
    )
    return rx.el.div(title, shown, _note_dialog(mine), class_name="turn")


# Waiting


def _waiting(event: EventView, queue: Any, mine: Any, spot: Any) -> rx.Component:
    position = spot["position"].to(int)
    title = expression("(`${sayOrdinal({0})} · ${{1}}`)", position, event.title, sayOrdinal="$/public/queue/words")
    return rx.fragment(
        rx.cond(position, tab_title(title), rx.fragment()),
        rx.el.div(
            rx.el.h1(
                rx.el.span("You are ", class_name="vh"),
                rx.el.span(fresh(position, ordinal(position)), class_name="big"),
                rx.el.span(
                    " in line", rx.el.br(), "of ", say_count(queue.waiting, "party", "parties"), class_name="of"
                ),
                tab_index=-1,
                aria_live="polite",
                class_name="turn-head",
            ),
            rx.el.p(line(parties_of(queue, position=position)), class_name="ahead"),
            rx.el.p(expression("sayAhead({0})", spot, sayAhead="$/public/queue/words"), class_name="meta"),
        ),
        _expected(event, queue, spot),
        _deeds(mine, position),
        _settings(mine),
    )


def _expected(event: EventView, queue: Any, spot: Any) -> rx.Component:
    wait = wait_of(queue, spot)
    starts, ends = wait["starts"], wait["ends"]
    why = expression("sayWhy({0}, {1}, {2})", queue, spot, event.station_word, sayWhy="$/public/queue/words")
    back = rx.cond(queue.resumes_at, rx.fragment(" It goes on at ", clock_of(queue.resumes_at), "."), "")
    paused = note(rx.el.b("The queue is paused. "), queue.pause_reason, back, kind="warn", icon="pause", role="status")
    return rx.el.div(
        rx.cond(queue.paused_at, paused, rx.fragment()),
        rx.el.p(expected_range(starts, ends), class_name="fig36 fig"),
        rx.el.p("Called between ", rx.el.b(clock_of(starts)), " and ", rx.el.b(clock_of(ends)), class_name="soft"),
        rx.el.p(why, class_name="meta why"),
        class_name="when-you",
    )


def _deeds(mine: Any, position: Any) -> rx.Component:
    undo = lambda done: run(undo_deed, entry_id=done.entry_id)  # noqa: E731
    leave = button(
        "Leave the queue",
        kind="danger-quiet",
        size="large",
        on_click=run(leave_line, place_id=mine.place_id, done="You left the queue", undo=undo),
        busy=busy(leave_line),
    )
    spent = rx.cond(mine.holds_left > 0, "", "You have held your place as often as this queue allows.")
    hold = button(
        "Hold my place",
        icon="hand",
        size="large",
        on_click=run(hold_place, place_id=mine.place_id),
        busy=busy(hold_place),
        off=spent,
    )
    ready = button(
        "I am ready again",
        kind="ink",
        size="large",
        on_click=run(release_hold, place_id=mine.place_id),
        busy=busy(release_hold),
    )
    kept = rx.fragment("Held until ", rx.el.b(clock_of(mine.held_until)), ": others go first, and your place stays.")
    how = rx.fragment("Holding keeps your place, up to 20 min, while others go first.")
    return rx.el.div(
        rx.el.div(rx.cond(mine.held_until, ready, hold), leave, class_name="acts2"),
        rx.el.p(rx.cond(mine.held_until, kept, how), class_name="meta"),
        class_name="place-acts",
    )


def _settings(mine: Any) -> rx.Component:
    near: Any = expression("(({0} ?? '') + '')", mine.notify_at)
    tell = live_select(
        "Tell me when I am", set_notify_at, "notify_at", value=near, options=NEAR, place_id=mine.place_id
    )
    party = live_stepper(
        "People in your party",
        edit_place,
        "party_size",
        value=mine.party_size,
        place_id=mine.place_id,
        party_size=mine.party_size,
        note=mine.note,
    )
    said = rx.cond(mine.note != "", rx.el.bdi(mine.note, class_name="long"), rx.el.span("No note", class_name="faint"))
    return rx.el.ul(
        rx.el.li(rx.el.span("Tell me when I am", aria_hidden="true"), tell),
        rx.el.li(rx.el.span("People in your party", aria_hidden="true"), party),
        rx.el.li(said, text_button("Edit note", on_click=_note.open())),
        class_name="set",
    )


def _note_dialog(mine: Any) -> rx.Component:
    refused = problem(edit_place)
    form = live_form(
        edit_place,
        text_field(
            "Note for the helpers",
            name="note",
            default_value=mine.note,
            error=refused.field("note"),
            auto_complete="off",
            max_length=200,
        ),
        rx.el.div(
            close_button("Cancel", kind="secondary"),
            button("Save", kind="ink", submit=True, busy=busy(edit_place)),
            class_name="row dialog-acts",
        ),
        arguments={"place_id": mine.place_id, "party_size": mine.party_size},
        then=_note.close(),
        class_name="col g4",
    )
    return dialog(_note, form, title="Your note", lead="The helpers read it; nobody else in the queue does.")


# Called, at the station, not paid yet


def _called(event: EventView, mine: Any) -> rx.Component:
    limit = expression("({0})", event.no_show_seconds, kind=int)
    where = rx.cond(mine.station != "", mine.station, "the desk")
    until = expression(
        "new Date(new Date({0}).getTime() + {1} * 1000).toISOString()", mine.called_at, event.no_show_seconds
    )
    late = rx.fragment(
        "Please come within ", rx.el.b(say_limit(mine.called_at, until)), ", or your place may go to the next."
    )
    return rx.fragment(
        tab_title(expression("`● You are called: ${{0}}`", where)),
        rx.el.div(
            rx.el.p(badge("It is your turn", kind="live"), class_name="row"),
            rx.el.h1(
                rx.el.span("Please come to "),
                rx.el.bdi(where),
                class_name="big word",
                tab_index=-1,
                aria_live="assertive",
            ),
            gauge(mine.called_at, limit=limit),
            rx.el.p("Called ", elapsed(mine.called_at, form="words"), " ago. ", late, class_name="meta"),
            class_name="called-you",
        ),
        rx.el.div(_leave(mine), class_name="acts2"),
    )


def _leave(mine: Any) -> rx.Component:
    return button(
        "I cannot come",
        kind="danger-quiet",
        size="large",
        on_click=run(leave_line, place_id=mine.place_id, done="You left the queue"),
        busy=busy(leave_line),
    )


def _serving(event: EventView, mine: Any) -> rx.Component:
    where = rx.cond(mine.station != "", mine.station, "the desk")
    return rx.fragment(
        tab_title(expression("`At ${{0}} · ${{1}}`", where, event.title)),
        rx.el.h1(rx.el.span("You are at "), rx.el.bdi(where), class_name="big word", tab_index=-1, aria_live="polite"),
        rx.el.p("Since ", clock_of(mine.started_at), ", ", elapsed(mine.started_at), class_name="soft"),
    )


def _reserved(event: EventView, mine: Any) -> rx.Component:
    """A priced place that waits for its payment."""
    pay = plain_link("Pay ", event.price_words, href=mine.pay_path, class_name="btn ink lg")
    give_up = button(
        "Give up the place",
        kind="quiet",
        size="large",
        on_click=run(leave_line, place_id=mine.place_id, done="Your place is free again"),
        busy=busy(leave_line),
    )
    return rx.fragment(
        rx.el.h1("Your place is kept", class_name="event-title", tab_index=-1),
        rx.el.div(
            rx.el.p(rx.el.span(countdown(mine.reserved_until), class_name="fig36"), class_name="row"),
            rx.el.p("until it goes to somebody else. You join the queue as soon as the payment is through."),
            rx.el.div(pay, give_up, class_name="row wrap"),
            class_name="reserved",
            role="status",
        ),
    )


# Afterwards


def feedback(mine: Any) -> rx.Component:
    """How was it? Asked once, and what was said can be changed."""
    refused = problem(give_feedback)
    stars = [
        rx.el.label(
            rx.el.input(
                type="radio",
                name="rating",
                value=str(value),
                default_checked=mine.rating == value,
                aria_label=f"{value}, {words}",
            ),
            icon("star"),
            title=words,
        )
        for value, words in _STARS
    ]
    given = expression("Boolean({0}?.rating)", mine, kind=bool)
    return rx.el.section(
        rx.el.h2(
            rx.cond(given, "Thank you. You can change what you said.", "You were served. How was it?"), class_name="t14"
        ),
        live_form(
            give_feedback,
            rx.el.fieldset(rx.el.legend("How was it?", class_name="vh"), *stars, class_name="stars"),
            rx.cond(refused.message != "", note(refused.message, kind="danger", role="alert"), rx.fragment()),
            text_area(
                "What should the helpers know?", name="comment", rows=2, default_value=mine.comment, max_length=1000
            ),
            rx.el.div(button("Send", submit=True, busy=busy(give_feedback)), class_name="row"),
            arguments={"place_id": mine.place_id},
            reset=False,
            done="Thank you, the helpers will read it",
            class_name="col g4",
        ),
        class_name="event-join",
        aria_label="Feedback",
    )
