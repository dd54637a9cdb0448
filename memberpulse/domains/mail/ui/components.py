"""What other pages show of mail."""

import reflex as rx

from memberpulse.domains.mail.queries import get_mailbox_state
from memberpulse.ui.components import icon, link
from memberpulse.ui.live import live


def mailbox_hint() -> rx.Component:
    """A quiet line for pages that say "check your mail": where it lands when this server sends none. Else nothing."""
    return mailbox_line()


@rx.memo
def mailbox_line() -> rx.Component:
    state = live(get_mailbox_state)
    line = rx.el.p(
        icon("mail"),
        rx.el.span("Mail lands in the ", link("local mailbox", href="/mailbox"), " of this server."),
        class_name="meta row g2 mailbox-hint",
    )
    return rx.cond((state.status == "ready") & state.value.is_open, line, rx.fragment())
