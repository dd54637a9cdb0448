"""A page outside of the application's frame that has one thing on it: where a link from a letter leads."""

import reflex as rx

from memberpulse.ui.components import mark
from memberpulse.ui.components.kinds import Child, skip_link


def calm_page(*content: Child) -> rx.Component:
    """The mark, and what is to be said or done, beginning with an h1 (`calm_head`)."""
    home = rx.el.a(mark(), rx.el.b("MemberPulse", class_name="t14"), href="/", class_name="row g3 brand")
    return rx.el.div(
        skip_link("Skip to content", to="main"),
        rx.el.header(home),
        rx.el.main(*content, id="main", tab_index=-1),
        class_name="calm",
    )


def calm_head(title: Child, *said: Child) -> rx.Component:
    """What this page is, and a sentence on it."""
    return rx.el.div(
        rx.el.h1(title, class_name="calm-title", tab_index=-1),
        *[rx.el.p(each, class_name="soft") for each in said],
        class_name="calm-head",
    )
