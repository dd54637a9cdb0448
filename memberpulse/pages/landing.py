"""The public landing page."""

import reflex as rx

from memberpulse.ui.page import PUBLIC, page


@page("/", "MemberPulse", requires=PUBLIC)
def landing_page() -> rx.Component:
    return rx.el.main(rx.el.h1("MemberPulse", tab_index=-1))
