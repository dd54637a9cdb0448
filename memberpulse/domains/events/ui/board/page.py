"""The board's page: head, figures, lanes and queue, and what stands at its foot."""

from typing import Any

import reflex as rx

from memberpulse.domains.events.lines.board import get_board
from memberpulse.domains.events.lines.undoing import undo_deed
from memberpulse.domains.events.lines.working import call_next, move_place, resume_line
from memberpulse.domains.events.models import EventStatus
from memberpulse.domains.events.mutations import reopen_event
from memberpulse.domains.events.schemas import BoardView, EventCard, LineView
from memberpulse.domains.events.ui.board.dialogs import board_dialogs, closing, messaging, pausing, walking_in
from memberpulse.domains.events.ui.board.lanes import lanes
from memberpulse.domains.events.ui.board.rows import queue_table
from memberpulse.domains.events.ui.board.side import side
from memberpulse.domains.events.ui.components import (
    board_keys,
    clock_of,
    drag_rows,
    draining,
    first_name,
    say_count,
)
from memberpulse.domains.events.ui.components.address import this_event
from memberpulse.ui.components import (
    DialogHandle,
    badge,
    bone,
    button,
    error_state,
    fresh,
    icon,
    kbd,
    link_button,
    live_dot,
    menu,
    menu_item,
    menu_rule,
    rows_skeleton,
    split,
    strip,
    strip_skeleton,
    text_button,
)
from memberpulse.ui.components.kinds import Child
from memberpulse.ui.expressions import expression, number
from memberpulse.ui.layout import KeyHelp, app_page
from memberpulse.ui.live import busy, live, run
from memberpulse.ui.page import page
from memberpulse.ui.trail import Trail

_KEYS = (
    KeyHelp("N", "Call next"),
    KeyHelp("J K", "Move along the queue"),
    KeyHelp("↵", "Call this one"),
    KeyHelp("S", "Start with who was called"),
    KeyHelp("C", "Complete"),
    KeyHelp("X", "No-show"),
    KeyHelp("R", "Return to the queue"),
    KeyHelp("H", "Hold this place, or let it go on"),
    KeyHelp("E", "Edit this party"),
    KeyHelp("⇧ J", "Move this party down"),
    KeyHelp("⇧ K", "Move this party up"),
    KeyHelp("1 9", "Go to a bench"),
    KeyHelp("W", "Add a walk-in"),
    KeyHelp("M", "Message the queue"),
    KeyHelp("P", "Pause or resume"),
    KeyHelp("U", "Undo"),
)
_DOCK = (
    ("N", "Call next"),
    ("J K", "Move"),
    ("↵", "Call this one"),
    ("S", "Start"),
    ("C", "Complete"),
    ("X", "No-show"),
    ("R", "Return"),
    ("H", "Hold"),
)
_all_keys = DialogHandle("keys")


@page("/events/[event_id]/queue", "Queue", requires="events.view", sheets=("queue",))
def queue_page() -> rx.Component:
    board = live(get_board, event_id=this_event())
    return app_page(
        "Queue",
        rx.el.div(
            board.view(
                _board, _skeleton(), failed=error_state(board, what="The queue"), forbidden=_refused(board.error)
            ),
            class_name="board-page",
        ),
        heading=rx.fragment(),
        crumb=_trail(board.value.event),
        keys=_KEYS,
    )


def _trail(event: EventCard) -> Trail:
    return Trail((("Events", "/events"), (event.title, _path(event.id))))


def _path(event_id: Any, part: str = "") -> Any:
    return expression(f"`/events/${{{{0}}}}{part}`", event_id)


def _refused(why: Any) -> rx.Component:
    return rx.el.div(
        rx.el.h1("This queue is not yours to work", class_name="t20", tab_index=-1),
        rx.el.p(why),
        rx.el.div(link_button("See all events", href="/events", kind="ink"), class_name="row mid"),
        class_name="blank",
        role="status",
    )


def _skeleton() -> rx.Component:
    head = rx.el.div(rx.el.span(bone("14rem", height="1.25rem")), class_name="head")
    return rx.el.div(head, strip_skeleton(5), rx.el.div(rows_skeleton(8, label="Loading the queue")), class_name="late")


def _board(board: BoardView) -> rx.Component:
    work = rx.fragment(lanes(board), queue_table(board))
    return rx.fragment(
        rx.el.div(
            _head(board),
            _pause_bar(board),
            _figures(board),
            rx.el.div(split(work, side(board)), class_name="board"),
            class_name="board-scroll",
        ),
        _dock(board),
        _dock_on_phones(board),
        board_dialogs(board),
        board_keys(),
        drag_rows(move_place),
    )


# The head


def _head(board: BoardView) -> rx.Component:
    event = board.event
    where = rx.cond(event.place != "", rx.fragment(event.place, ", "), "")
    return rx.el.div(
        rx.el.h1(event.title, class_name="t20", tab_index=-1),
        rx.el.span(_state(board), class_name="below"),
        rx.el.span(where, "until ", clock_of(event.ends_at), class_name="meta only-l nowrap cut"),
        rx.el.div(_deeds(board), class_name="row push acts-head"),
        class_name="head board-head",
    )


def _state(board: BoardView) -> rx.Component:
    queue = board.line
    paused = rx.el.span(icon("pause"), rx.el.span("Paused at ", clock_of(queue.paused_at)), class_name="badge warn")
    over = rx.match(
        board.event.status,
        (EventStatus.DRAFT.value, badge("Draft", kind="line")),
        (EventStatus.CANCELLED.value, badge("Cancelled")),
        badge("Closed"),
    )
    return rx.cond(queue.paused_at, paused, rx.cond(queue.is_open, badge("Open", kind="live"), over))


def _deeds(board: BoardView) -> rx.Component:
    queue = board.line
    pause = button("Pause", icon="pause", key="P", on_click=pausing.open())
    return rx.fragment(
        rx.el.span(
            link_button("Wall display", icon="monitor", href=_path(board.event.id, "/display"), target="_blank"),
            button("Message", icon="message_square", key="M", on_click=messaging.open()),
            button("Walk-in", icon="user_plus", key="W", on_click=walking_in.open()),
            rx.cond(queue.is_open & ~queue.paused_at.bool(), pause, rx.fragment()),  # pyright: ignore
            class_name="row only-l",
        ),
        _more(board, on_phones=False),
    )


def _more(board: BoardView, *, on_phones: bool) -> rx.Component:
    """What is seldom wanted; on phones, everything but the one big action."""
    queue = board.line
    own = [
        menu_item("Add a walk-in…", icon="user_plus", on_select=walking_in.open()),
        menu_item("Message the queue…", icon="message_square", on_select=messaging.open()),
        rx.cond(
            queue.paused_at,
            menu_item("Resume", icon="play", on_select=run(resume_line, event_id=board.event.id)),
            menu_item("Pause…", icon="pause", on_select=pausing.open()),
        ),
        menu_rule(),
    ]
    close = menu_item("Close the queue…", icon="lock", hint="Nobody joins any more", on_select=closing.open())
    reopen = menu_item("Open the queue again", icon="lock_open", on_select=run(reopen_event, event_id=board.event.id))
    return menu(
        *(own if on_phones else []),
        menu_item("The event’s page", icon="calendar", href=_path(board.event.id)),
        menu_item("Wall display", icon="monitor", href=_path(board.event.id, "/display")),
        menu_item("Edit the event", icon="pencil", href=_path(board.event.id, "/edit")),
        menu_rule(),
        rx.cond(board.event.status == EventStatus.CLOSED.value, reopen, close),
        icon="ellipsis",
        kind="secondary",
        size="large" if on_phones else "normal",
        label="More actions",
        title="The queue",
        width="15rem",
        side="top" if on_phones else "bottom",
    )


def _pause_bar(board: BoardView) -> rx.Component:
    queue = board.line
    until = rx.cond(queue.resumes_at, rx.fragment(" Back at ", clock_of(queue.resumes_at), "."), "")
    why = rx.cond(queue.pause_reason != "", rx.fragment(queue.pause_reason, ". "), "")
    kept = rx.match(
        queue.waiting,
        (0, rx.fragment("Nobody is waiting.")),
        (1, rx.fragment("The one who waits keeps the place.")),
        rx.fragment("All ", number(queue.waiting), " keep their places."),
    )
    resume = run(resume_line, event_id=board.event.id)
    bar = rx.el.div(
        icon("pause"),
        rx.el.p(rx.el.b("The queue is paused.", until), " ", why, kept, class_name="grow"),
        rx.el.span(
            button("Change", on_click=pausing.open()),
            button("Resume", kind="ink", icon="play", key="P", on_click=resume, busy=busy(resume_line)),
            class_name="row",
        ),
        class_name="pausebar",
        role="status",
    )
    return rx.cond(queue.paused_at, bar, rx.fragment())


# The figures


def _figures(board: BoardView) -> rx.Component:
    queue = board.line
    return rx.el.div(
        strip(
            _figure("Waiting", queue.waiting, beside=_people(queue), live=True),
            _figure(
                "Average wait",
                expression("({0} ?? '–')", queue.average_wait),
                unit="min",
                beside=rx.fragment(number(queue.longest_wait), " longest"),
            ),
            _figure(
                "Service takes",
                queue.usual,
                unit="min",
                beside=rx.fragment(queue.usual_low, "–", queue.usual_high, " mostly"),
            ),
            _figure("Served", queue.served, beside=_missed(queue)),
            _figure(
                "Estimates held",
                expression("({0} ?? '–')", board.accuracy),
                unit="%",
                beside=rx.cond(
                    board.accuracy_of, rx.fragment("of ", number(board.accuracy_of), " calls"), "no calls yet"
                ),
            ),
            label="This queue today",
        ),
        class_name="figures",
    )


def _people(queue: LineView) -> Any:
    return rx.fragment(say_count(queue.people, "person", "people"))


def _missed(queue: LineView) -> Any:
    return rx.cond(queue.no_shows, rx.fragment(number(queue.no_shows), " did not show"), "all came")


def _figure(name: str, value: Any, *, beside: Child, unit: str | None = None, live: bool = False) -> rx.Component:
    known: Any = expression("({0} !== '–')", value, kind=bool)
    small = [rx.cond(known, rx.el.small(unit), rx.fragment())] if unit else []
    return rx.el.div(
        rx.el.h2(*([live_dot(beat=value)] if live else []), name, class_name="name"),
        rx.el.div(
            rx.el.span(fresh(value), *small, class_name="fig"),
            rx.el.span(beside, class_name="meta"),
            class_name="line",
        ),
        class_name="stat",
    )


# The foot


def _dock(board: BoardView) -> rx.Component:
    keys = [rx.el.span(*[kbd(key) for key in keys.split()], words) for keys, words in _DOCK]
    return rx.el.footer(
        *keys,
        rx.el.span(_undo(board), class_name="push"),
        text_button(rx.fragment("All keys ", kbd("?")), on_click=_all_keys.open()),
        class_name="dock",
        aria_label="Keys",
    )


def _undo(board: BoardView) -> rx.Component:
    last = board.undoable
    back = button(
        rx.fragment("Undo", kbd("U")),
        size="small",
        on_click=run(undo_deed, entry_id=last.entry_id),  # pyright: ignore[reportOptionalMemberAccess]
        busy=busy(undo_deed),
        custom_attrs={"data-key": "u"},
    )
    words = rx.el.span(last.words, class_name="cut")  # pyright: ignore[reportOptionalMemberAccess]
    return rx.cond(last, draining(last.until, words, back), rx.fragment())  # pyright: ignore[reportOptionalMemberAccess]


def _dock_on_phones(board: BoardView) -> rx.Component:
    """One big action, and the rest behind a button."""
    queue, first = board.line, board.next
    name = first_name(first.name)  # pyright: ignore[reportOptionalMemberAccess]
    size = first.party_size  # pyright: ignore[reportOptionalMemberAccess]
    words = rx.cond(size > 1, rx.fragment("Call ", name, ", party of ", size), rx.fragment("Call ", name))
    call = button(
        words, kind="ink", size="large", on_click=run(call_next, event_id=board.event.id), busy=busy(call_next)
    )
    resume = button(
        "Resume the queue",
        kind="ink",
        size="large",
        icon="play",
        on_click=run(resume_line, event_id=board.event.id),
        busy=busy(resume_line),
    )
    walk_in = button("Add a walk-in", size="large", icon="user_plus", on_click=walking_in.open())
    main = rx.cond(queue.paused_at, resume, rx.cond(first, call, walk_in))
    return rx.el.div(_undo(board), main, _more(board, on_phones=True), class_name="dock-s")
