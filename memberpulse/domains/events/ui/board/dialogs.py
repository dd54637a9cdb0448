"""What the board asks before it does something: a reason, a name, how long."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from memberpulse.domains.events.lines.joining import edit_place
from memberpulse.domains.events.lines.messages import message_line
from memberpulse.domains.events.lines.working import add_walk_in, call_place, pause_line, remove_place, return_to_line
from memberpulse.domains.events.mutations import close_event
from memberpulse.domains.events.schemas import BoardView
from memberpulse.domains.events.ui.components import say_count, stepper, suggestions
from memberpulse.ui.components import (
    DialogHandle,
    button,
    checkbox,
    close_button,
    dialog,
    kbd,
    note,
    select_field,
    text_area,
    text_field,
)
from memberpulse.ui.components.kinds import Child
from memberpulse.ui.expressions import expression
from memberpulse.ui.live import busy, live_form, problem

calling = DialogHandle("call-out-of-turn")
returning = DialogHandle("return-to-queue")
editing = DialogHandle("edit-place")
removing = DialogHandle("remove-place")
walking_in = DialogHandle("walk-in")
messaging = DialogHandle("message-queue")
pausing = DialogHandle("pause-queue")
closing = DialogHandle("close-queue")

_BEHIND = (
    ("0", "First in the queue"),
    ("1", "After the next one"),
    ("2", "After two"),
    ("3", "After three"),
    ("999", "At the end"),
)
_MINUTES = (
    ("5", "5 minutes"),
    ("10", "10 minutes"),
    ("15", "15 minutes"),
    ("30", "30 minutes"),
    ("60", "1 hour"),
    ("", "Until I resume it"),
)


def board_dialogs(board: BoardView) -> rx.Component:
    """All of them, closed. Mount once on the board."""
    event_id = board.event.id
    told = rx.fragment(
        say_count(board.line.waiting, "party", "parties"), " will read it at once, and find it in the bell."
    )
    return rx.fragment(
        dialog(
            calling,
            _call_form(),
            title=rx.fragment("Call ", _named(calling), " out of turn"),
            lead="Those who wait see that somebody was called; the reason is kept in the history.",
        ),
        dialog(returning, _return_form(), title=rx.fragment("Return ", _named(returning), " to the queue")),
        dialog(editing, _edit_form(), title=rx.fragment("Edit ", _named(editing))),
        dialog(
            removing,
            _remove_form(),
            title=rx.fragment("Remove ", _named(removing), " from the queue"),
            lead="They are told, with the reason. A payment goes back.",
        ),
        dialog(
            walking_in,
            _walk_in_form(event_id),
            title="Add a walk-in",
            lead="Somebody without an account, or without a phone at hand.",
        ),
        dialog(messaging, _message_form(event_id), title="Message the queue", lead=told),
        dialog(
            pausing, _pause_form(event_id), title="Pause the queue", lead="All keep their places and see the new times."
        ),
        dialog(
            closing,
            _close_form(event_id),
            title="Close the queue",
            lead="Nobody joins any more. It can be opened again.",
        ),
    )


def _named(handle: DialogHandle) -> rx.Component:
    return rx.el.bdi(handle.subject("name"))


def _foot(verb: str, mutation: Callable[..., Any], *, danger: bool = False) -> rx.Component:
    send = rx.fragment(verb, rx.el.span(kbd("⌘"), kbd("↵"), class_name="row g1 only-l"))
    go = button(send, kind="danger" if danger else "ink", submit=True, busy=busy(mutation))
    return rx.el.div(close_button("Cancel", kind="secondary"), go, class_name="row dialog-acts")


def _form(
    mutation: Callable[..., Any],
    handle: DialogHandle,
    *fields: Child,
    verb: str,
    danger: bool = False,
    names: tuple[str, ...] = (),
    done: Any = None,
    **arguments: Any,
) -> rx.Component:
    """A form in a dialog. names: the fields that show their own problems; any other is said above them."""
    refused = problem(mutation)
    beside: Any = refused.field(names[0]) if names else ""
    for name in names[1:]:
        beside = beside | refused.field(name)
    said = note(refused.message, kind="danger", role="alert")
    general = rx.cond(refused.message != "", rx.cond(beside, rx.fragment(), said) if names else said, rx.fragment())
    extra = {"done": done} if done is not None else {}
    return live_form(
        mutation,
        general,
        *fields,
        _foot(verb, mutation, danger=danger),
        arguments=arguments,
        then=handle.close(),
        class_name="col g4",
        **extra,
    )


def _call_form() -> rx.Component:
    refused = problem(call_place)
    reason = text_field(
        "Reason", name="reason", error=refused.field("reason"), auto_complete="off", max_length=200, auto_focus=True
    )
    usual = suggestions(
        "reason",
        ("Short job", "Needs to leave soon", "Wrong station before", "Helper asked for them"),
        label="Usual reasons",
    )
    return _form(
        call_place, calling, reason, usual, verb="Call", names=("reason",), place_id=calling.subject("place_id")
    )


def _return_form() -> rx.Component:
    refused = problem(return_to_line)
    where = select_field("Where", name="behind", options=_BEHIND, error=refused.field("behind"))
    remark = text_field(
        "Remark",
        name="remark",
        error=refused.field("remark"),
        hint="Stands in their row, such as “Wrong bench”. You may leave it out.",
        auto_complete="off",
        max_length=200,
    )
    return _form(
        return_to_line,
        returning,
        where,
        remark,
        verb="Return",
        names=("behind", "remark"),
        place_id=returning.subject("place_id"),
    )


def _party(value: Any = 1) -> rx.Component:
    return rx.el.div(
        rx.el.span("People", class_name="label"),
        stepper("People", name="party_size", value=value),
        class_name="row party-row",
    )


def _edit_form() -> rx.Component:
    refused = problem(edit_place)
    begin = editing.subject("note")
    about = text_field(
        "Note", name="note", error=refused.field("note"), default_value=begin, auto_complete="off", max_length=200
    )
    size = editing.subject("party_size").to(int)
    return _form(
        edit_place,
        editing,
        _party(size),
        about,
        verb="Save",
        names=("note", "party_size"),
        place_id=editing.subject("place_id"),
    )


def _remove_form() -> rx.Component:
    refused = problem(remove_place)
    reason = text_field(
        "Reason", name="reason", error=refused.field("reason"), auto_complete="off", max_length=200, auto_focus=True
    )
    return _form(
        remove_place,
        removing,
        reason,
        verb="Remove",
        danger=True,
        names=("reason",),
        place_id=removing.subject("place_id"),
    )


def _walk_in_form(event_id: Any) -> rx.Component:
    refused = problem(add_walk_in)
    name = text_field(
        "Name",
        name="name",
        error=refused.field("name"),
        hint="A first name will do.",
        auto_complete="off",
        max_length=80,
        auto_focus=True,
    )
    about = text_field(
        "Note",
        name="note",
        error=refused.field("note"),
        placeholder="What they come for",
        auto_complete="off",
        max_length=200,
    )
    return _form(
        add_walk_in,
        walking_in,
        name,
        _party(),
        about,
        verb="Add",
        names=("name", "note", "party_size"),
        event_id=event_id,
    )


def _message_form(event_id: Any) -> rx.Component:
    refused = problem(message_line)
    body = text_area(
        "Message",
        name="body",
        error=refused.field("body"),
        rows=4,
        max_length=500,
        auto_focus=True,
        placeholder="Please have your ticket at hand.",
    )
    done = lambda told: expression("`Sent to ${{0}} ${{0} === 1 ? 'person' : 'people'}`", told)  # noqa: E731
    return _form(message_line, messaging, body, verb="Send", names=("body",), done=done, event_id=event_id)


def _pause_form(event_id: Any) -> rx.Component:
    refused = problem(pause_line)
    minutes = select_field(
        "Back in", name="minutes", options=_MINUTES, default_value="15", error=refused.field("minutes")
    )
    reason = text_field(
        "Reason",
        name="reason",
        error=refused.field("reason"),
        placeholder="Tea break",
        auto_complete="off",
        max_length=120,
    )
    return _form(pause_line, pausing, minutes, reason, verb="Pause", names=("minutes", "reason"), event_id=event_id)


def _close_form(event_id: Any) -> rx.Component:
    home = checkbox("Send home everybody who still waits", name="send_home", value="true")
    after = rx.el.p(
        "They are told, and payments go back. Left out, those in the queue are still served.", class_name="meta"
    )
    return _form(
        close_event, closing, rx.el.div(home, after, class_name="col g1"), verb="Close the queue", event_id=event_id
    )
