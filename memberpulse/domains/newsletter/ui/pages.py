"""Where the newsletter's letters lead: to one button each. Coming here changes nothing, only the button does."""

from typing import Any, cast

import reflex as rx

from memberpulse.domains.newsletter.mutations import confirm_subscription, unsubscribe
from memberpulse.domains.newsletter.queries import get_request, get_subscription
from memberpulse.domains.newsletter.schemas import Subscription, SubscriptionRequest
from memberpulse.ui.calm import calm_head, calm_page
from memberpulse.ui.components import bone, button, error_state, link_button
from memberpulse.ui.live import busy, live, query_arg, run
from memberpulse.ui.page import PUBLIC, page


@page(
    "/confirm-newsletter",
    "Confirm your subscription",
    requires=PUBLIC,
    description="Confirm the newsletter by a press.",
)
def confirm_page() -> rx.Component:
    token = query_arg("token", "")
    found = live(get_request, token=token)
    return calm_page(found.view(lambda request: _request(request, token), _loading(), failed=_failed(found)))


@page("/leave-newsletter", "Leave the newsletter", requires=PUBLIC, description="Leave the newsletter by one press.")
def unsubscribe_page() -> rx.Component:
    who = query_arg("who", "")
    found = live(get_subscription, who=who)
    broken = rx.fragment(calm_head("This link is not complete", "Copy all of it from the letter."), _home())
    return calm_page(
        found.view(lambda mine: _subscription(mine, who), _loading(), failed=_failed(found), forbidden=broken)
    )


def _request(request: SubscriptionRequest, token: str) -> rx.Component:
    waits = rx.fragment(
        calm_head(
            "Confirm your subscription",
            rx.fragment("The newsletter goes to ", rx.el.bdi(request.email, class_name="strong"), " from then on."),
        ),
        button(
            "Confirm subscription",
            kind="ink",
            size="large",
            on_click=run(confirm_subscription, token=token),
            busy=busy(confirm_subscription),
        ),
    )
    done = rx.fragment(
        rx.el.div(
            calm_head(
                "You are on the list",
                rx.fragment("The next letter goes to ", rx.el.bdi(request.email, class_name="strong"), "."),
            ),
            role="status",
        ),
        _home(),
    )
    over = rx.fragment(
        calm_head(
            "This link was used already, or is too old",
            "Ask for another letter on the front page. It takes a moment.",
        ),
        link_button("Go to the front page", href="/#newsletter", kind="ink", size="large"),
    )
    return cast(rx.Component, rx.match(request.state, ("open", waits), ("done", done), over))


def _subscription(mine: Subscription, who: str) -> rx.Component:
    stays: Any = rx.fragment(
        calm_head(
            "Leave the newsletter",
            rx.fragment("No more letters go to ", rx.el.bdi(mine.email, class_name="strong"), " after this press."),
        ),
        button("Unsubscribe", kind="ink", size="large", on_click=run(unsubscribe, who=who), busy=busy(unsubscribe)),
    )
    left = rx.fragment(
        rx.el.div(
            calm_head("You are off the list", "Nothing more is sent. You can come back whenever you want."),
            role="status",
        ),
        link_button("Subscribe again", href="/#newsletter", size="large"),
    )
    return rx.cond(mine.is_subscribed, stays, left)


def _home() -> rx.Component:
    return link_button("Go to the front page", href="/", size="large")


def _loading() -> rx.Component:
    return rx.el.div(
        rx.el.span("Loading", class_name="vh"),
        bone("16rem", height="1.5rem"),
        bone("20rem"),
        class_name="col g3 late",
        role="status",
        aria_busy="true",
    )


def _failed(found: Any) -> rx.Component:
    return error_state(found, what="The page")
