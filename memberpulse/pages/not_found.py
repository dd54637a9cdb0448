"""What an address leads to at which there is nothing."""

import reflex as rx

from memberpulse.ui.calm import calm_head, calm_page
from memberpulse.ui.components import link_button
from memberpulse.ui.page import PUBLIC, page


@page("/404", "Nothing here", requires=PUBLIC, description="There is nothing at this address.")
def not_found_page() -> rx.Component:
    return calm_page(
        calm_head("There is nothing here", "The address may be cut off, or the page has moved."),
        rx.el.div(
            link_button("Go to the dashboard", href="/dashboard", kind="ink", size="large"),
            link_button("Front page", href="/", size="large"),
            class_name="row wrap",
        ),
    )
