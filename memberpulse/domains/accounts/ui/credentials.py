"""The sections of the security settings about the address, the password, and what happened to the account."""

from typing import Any

import reflex as rx

from memberpulse.domains.accounts.links.actions import change_password
from memberpulse.domains.accounts.links.mutations import change_email
from memberpulse.domains.accounts.profiles import get_my_profile
from memberpulse.domains.accounts.security_log import SecurityEventView, list_my_security_events
from memberpulse.ui.components import (
    badge,
    button,
    error_state,
    note,
    password_field,
    relative_time,
    rows_skeleton,
    text_field,
)
from memberpulse.ui.components.marks import Rows
from memberpulse.ui.expressions import expression, size_of, text_of
from memberpulse.ui.layout import post
from memberpulse.ui.live import Problem, busy, live, live_form, problem
from memberpulse.ui.settings import setting


def email_section() -> rx.Component:
    """The address by which one signs in. It changes when the link in the letter to the new one is opened."""
    refused = problem(change_email)
    form = live_form(
        change_email,
        text_field(
            "New e-mail address",
            name="email",
            type="email",
            error=refused.field("email"),
            auto_complete="email",
            max_length=254,
            custom_attrs={"autoCapitalize": "off", "spellCheck": "false"},
        ),
        _general(refused, "email"),
        button("Send the link", submit=True, busy=busy(change_email)),
        done="A letter is on its way to the new address. Your address changes when its link is opened",
        class_name="credential",
        aria_label="Change your e-mail address",
    )
    known = live(get_my_profile).value.email
    return setting(
        rx.el.p(rx.el.span(known, class_name="strong"), class_name="cut"),
        form,
        title="E-mail address",
        hint="You sign in with it. A link goes to the new one, and a note to the old one.",
    )


def password_section() -> rx.Component:
    """Another password, or a first one. This device stays, under a new token; every other one is signed out."""
    refused = problem(change_password)
    form = live_form(
        change_password,
        password_field("New password", error=refused.field("password"), auto_complete="new-password", required=True),
        _general(refused, "password"),
        button("Change the password", submit=True, busy=busy(change_password)),
        then=post("/auth/renew", next="/settings/security"),
        class_name="credential",
        aria_label="Change your password",
    )
    return setting(form, title="Password", hint="Every other device is signed out when it changes.")


def security_log() -> rx.Component:
    """What happened to the account lately, as the third column of a page."""
    events = live(list_my_security_events)
    return rx.fragment(
        rx.el.h2("What happened lately", class_name="t14"),
        events.view(
            lambda rows: Rows.create(rx.foreach(rows, _event), as_="ul", class_name="aside-log", label="Security log"),
            rows_skeleton(6, label="Loading what happened"),
            empty=(size_of(events.value) == 0, rx.el.p("Nothing yet.", class_name="meta")),
            failed=error_state(events, what="The log", small=True),
        ),
    )


def _event(event: SecurityEventView) -> rx.Component:
    origin = expression("[{0}, {1}].filter(Boolean).join(', ')", event.device, event.ip)
    often: Any = rx.cond(event.count > 1, badge(expression("`${{0}} times`", event.count), kind="warn"), rx.fragment())
    return rx.el.li(
        rx.el.p(rx.el.span(event.text, class_name="grow"), relative_time(event.happened_at, class_name="meta")),
        rx.cond(origin, rx.el.p(origin, class_name="meta"), rx.fragment()),
        often,
        key=text_of(event.id),
    )


def _general(refused: Problem, field: str) -> rx.Component:
    """What is wrong with none of the fields."""
    shown = (refused.message != "") & (refused.field(field) == "")
    return rx.cond(shown, note(refused.message, kind="danger", role="alert"), rx.fragment())
