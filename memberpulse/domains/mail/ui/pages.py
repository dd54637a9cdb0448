"""The local mailbox: every letter that this server would have sent, at once, without leaving the machine."""

from typing import Any, cast

import reflex as rx

from memberpulse.domains.mail.queries import get_letter, get_mailbox_state, list_letters
from memberpulse.domains.mail.schemas import LetterRow, LetterRows, LetterView
from memberpulse.ui.components import (
    badge,
    bone,
    button,
    copyable,
    empty_state,
    error_state,
    icon,
    icon_tile,
    link_button,
    live_dot,
    mark,
    note,
    relative_time,
    row_keys,
    rows_skeleton,
    tabs,
)
from memberpulse.ui.components.actions import button_class
from memberpulse.ui.components.kinds import plain_link, skip_link
from memberpulse.ui.components.marks import Rows
from memberpulse.ui.expressions import expression, size_of, text_of
from memberpulse.ui.live import Live, live, live_list, query_arg
from memberpulse.ui.page import PUBLIC, page

_SANDBOX = "allow-popups allow-popups-to-escape-sandbox"


@page("/mailbox", "Mailbox", requires=PUBLIC, description="The letters of this server that were not sent anywhere.")
def mailbox_page() -> rx.Component:
    chosen = query_arg("letter", "")
    return rx.el.div(
        skip_link("Skip to the letters", to="main"),
        _top(),
        rx.el.main(_letters(chosen), id="main", tab_index=-1, class_name="mbx-room"),
        _KeepCurrent.create(),
        class_name=rx.cond(cast(Any, chosen) != "", "mbx is-open", "mbx"),
    )


def _top() -> rx.Component:
    return rx.el.header(
        rx.el.a(
            mark(),
            rx.el.b("MemberPulse", class_name="t14 only-l"),
            href="/",
            class_name="row g3 brand",
            aria_label="MemberPulse",
        ),
        rx.el.h1("Local mailbox", class_name="t14", tab_index=-1),
        rx.el.p("Letters stay on this server. Whoever reaches it can read them.", class_name="meta only-l"),
        rx.el.span(_examples(), class_name="push row g3"),
        link_button("Sign in", href="/sign-in"),
        class_name="mbx-top",
    )


@rx.memo
def letter_examples() -> rx.Component:
    """The way to examples of all letters, where they are shown."""
    state = live(get_mailbox_state)
    there = plain_link("Examples of all letters", href="/mail/preview", class_name="link only-l")
    return rx.cond((state.status == "ready") & state.value.has_examples, there, rx.fragment())


def _examples() -> rx.Component:
    return letter_examples()


def _letters(chosen: Any) -> rx.Component:
    found = live_list(list_letters)

    def ready(letters: LetterRows) -> rx.Component:
        shown = expression("({0} || {1}?.[0]?.id || '')", chosen, letters.rows)
        more = button("Show more", on_click=found.more, busy=found.loading_more)
        return rx.fragment(
            rx.el.section(
                _head(size_of(letters.rows)),
                Rows.create(
                    rx.foreach(letters.rows, lambda row: _row(row, shown)),
                    as_="ul",
                    class_name="mbx-list",
                    label="Letters",
                    scope=found.pages,
                ),
                rx.cond(found.has_more, rx.el.div(more, class_name="more-row"), rx.fragment()),
                row_keys(".mbx-list > li > a", arrows=True),
                class_name="mbx-side",
            ),
            rx.el.section(letter_pane(message_id=shown), class_name="mbx-pane", aria_label="The letter", key=shown),
        )

    return found.view(
        ready,
        rx.el.section(_head(None), rows_skeleton(8, label="Loading letters"), class_name="mbx-side"),
        empty=(size_of(found.value.rows) == 0, rx.el.section(_none(), class_name="mbx-all")),
        failed=rx.el.section(error_state(found, what="The letters"), class_name="mbx-all"),
        forbidden=rx.el.section(_closed(), class_name="mbx-all"),
    )


def _head(total: Any) -> rx.Component:
    return rx.el.header(
        rx.el.h2("Letters", class_name="t14"),
        *([live_dot(beat=total)] if total is not None else []),
        class_name="row g3 mbx-head",
    )


def _none() -> rx.Component:
    return empty_state(
        "No letters yet",
        "What this server writes to people lands here the moment it is written: links to sign in, invitations, "
        "confirmations.",
        link_button("Go to sign in", href="/sign-in", kind="ink"),
    )


def _closed() -> rx.Component:
    return rx.el.div(
        icon_tile("lock"),
        rx.el.h2("The mailbox is closed here"),
        rx.el.p(
            "Letters hold links that let people in, so a server that others reach shows them to nobody. "
            "Look into your own mailbox."
        ),
        rx.el.div(link_button("Go to the front page", href="/", kind="ink"), class_name="row wrap mid"),
        class_name="blank",
    )


def _row(row: LetterRow, shown: Any) -> rx.Component:
    status = rx.match(
        row.status,
        ("queued", badge("On its way", kind="line")),
        ("failed", badge("Failed", kind="danger")),
        ("bounced", badge("Bounced", kind="danger")),
        ("complained", badge("Complained", kind="warn")),
        rx.fragment(),
    )
    return rx.el.li(
        _Link.create(
            rx.el.span(
                rx.el.bdi(row.address, class_name="strong cut grow"),
                relative_time(row.at, form="clock", class_name="meta"),
                class_name="row g2",
            ),
            rx.el.span(rx.el.span(row.subject, class_name="cut grow", dir="auto"), status, class_name="row g2"),
            rx.el.span(row.glance, class_name="meta cut", dir="auto"),
            to=rx.Var.create("/mailbox?letter=") + text_of(row.id),
            custom_attrs={"aria-current": rx.cond(text_of(row.id) == shown, "true", "false")},
        ),
        key=text_of(row.id),
    )


@rx.memo
def letter_pane(message_id: rx.Var[str]) -> rx.Component:
    """One letter, opened."""
    letter = live(get_letter, message_id=cast(Any, message_id))
    gone = rx.el.div(
        _back(), icon_tile("mail"), rx.el.h2("This letter is not here"), rx.el.p(letter.error), class_name="blank"
    )
    return letter.view(_opened, _opening(), forbidden=gone, failed=_failed(letter))


def _failed(letter: Live[LetterView]) -> rx.Component:
    return rx.fragment(_back(), error_state(letter, what="The letter"))


def _back() -> rx.Component:
    return link_button("All letters", href="/mailbox", icon="arrow_left", kind="quiet", size="small")


def _opening() -> rx.Component:
    return rx.el.div(
        rx.el.span("Loading the letter", class_name="vh"),
        bone("14rem", height="1.25rem"),
        bone("22rem"),
        class_name="mbx-letter late col g3",
        role="status",
        aria_busy="true",
    )


def _opened(letter: LetterView) -> rx.Component:
    return rx.el.article(
        rx.el.header(
            rx.el.span(_back(), class_name="mbx-back"),
            rx.el.h2(letter.subject, class_name="t20", dir="auto"),
            rx.el.dl(
                *_line("From", rx.el.bdi(letter.sender)),
                *_line("To", rx.el.bdi(letter.address)),
                *_line("Sent", rx.fragment(relative_time(letter.at, form="clock"), _status(letter))),
                class_name="mbx-lines",
            ),
            _deeds(letter),
            class_name="mbx-letter",
        ),
        rx.cond(letter.readable, _content(letter), _taken()),
        class_name="mbx-open",
    )


def _line(name: str, value: Any) -> tuple[rx.Component, rx.Component]:
    return rx.el.dt(name), rx.el.dd(value, class_name="row g2")


def _status(letter: LetterView) -> rx.Component:
    word = rx.match(
        letter.status,
        ("queued", badge("On its way", kind="line")),
        ("sent", badge("Sent")),
        ("delivered", badge("Delivered")),
        ("bounced", badge("Bounced", kind="danger")),
        ("complained", badge("Complained", kind="warn")),
        badge("Failed", kind="danger"),
    )
    return rx.fragment(word, rx.cond(letter.reason, rx.el.span(letter.reason, class_name="meta"), rx.fragment()))


def _deeds(letter: LetterView) -> rx.Component:
    """What the letter asks for, as a real link: the frame below is sealed off."""
    press = plain_link(
        letter.button_words, icon("arrow_right"), href=letter.button_href, class_name=button_class("ink")
    )
    code = rx.el.span(rx.el.code(letter.code, class_name="mbx-code"), copyable(letter.code, label="Copy the code"))
    leave = plain_link("Unsubscribe", href=letter.unsubscribe_href, class_name="link")
    return rx.el.div(
        rx.cond(letter.button_href, press, rx.fragment()),
        rx.cond(letter.code, code, rx.fragment()),
        rx.cond(letter.unsubscribe_href, leave, rx.fragment()),
        class_name="row wrap g4 mbx-deeds",
    )


def _content(letter: LetterView) -> rx.Component:
    frame = rx.el.iframe(
        src=rx.Var.create("/mail/letters/") + text_of(letter.id),
        title="The letter as it looks",
        class_name="mbx-frame",
        custom_attrs={"sandbox": _SANDBOX},
    )
    text = rx.el.pre(letter.text, class_name="mbx-text", tab_index=0, aria_label="The letter as text")
    return rx.el.div(tabs(("html", "Letter", frame), ("text", "Text", text), label="How to look at it"))


def _taken() -> rx.Component:
    return rx.el.div(
        note("This letter left through a provider and was erased here. What is known of its way stays."),
        class_name="pad",
    )


class _Link(rx.Component):
    """A link that knows nothing of the page shown: the letters are one page."""

    library = "react-router"
    tag = "Link"

    to: rx.Var[str]


class _KeepCurrent(rx.Component):
    library = "$/public/mailbox"
    tag = "KeepCurrent"
