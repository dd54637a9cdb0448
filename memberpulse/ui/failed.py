"""What stands in place of a page that could not be drawn: a fault of ours, told calmly, with ways on."""

from typing import Any

import reflex as rx
from reflex_components_core.base.error_boundary import ErrorBoundary

from memberpulse.ui.address import load_again
from memberpulse.ui.calm import calm_head, calm_page
from memberpulse.ui.components import button, link_button
from memberpulse.ui.expressions import expression


def failure_boundary(stateful: bool) -> rx.Component:
    """For `rx.App.app_wraps`, in place of Reflex's own, which shows the fault's trace to everybody.

    stateful: whether the application has a server to tell of the fault.
    """
    told: dict[str, Any] = {} if stateful else {"on_error": rx.noop()}
    return ErrorBoundary.create(fallback_render=rx.Var.create(_page()), **told)


def _page() -> rx.Component:
    return calm_page(
        calm_head(
            "This page has failed",
            "That is a fault of ours. What you have saved is safe; what you were typing may be gone.",
        ),
        rx.el.div(
            button("Load the page again", kind="ink", size="large", on_click=load_again()),
            link_button("Go to the dashboard", href="/dashboard", size="large"),
            class_name="row wrap",
        ),
        rx.el.details(
            rx.el.summary("What went wrong", class_name="meta"),
            rx.el.pre(expression("(event_args.error?.stack ?? String(event_args.error))"), class_name="failed-trace"),
        ),
    )
