"""The sign-in page. It is posted natively, so that signing in ends in a full navigation with a new cookie."""

import reflex as rx

from memberpulse.domains.accounts.ui.gate import email_field, foot, gate_page, title
from memberpulse.domains.accounts.ui.providers import passkey_button, provider_buttons, sign_in_notice
from memberpulse.ui.components import button, link, link_button, native_form, password_field
from memberpulse.ui.components.kinds import LIBRARY
from memberpulse.ui.page import PUBLIC, page


@page("/sign-in", "Sign in", requires=PUBLIC, description="Sign in to MemberPulse.")
def sign_in_page() -> rx.Component:
    return gate_page(
        title("Sign in to MemberPulse"),
        _Notice.create(),
        sign_in_notice(),
        native_form(
            _Next.create(),
            email_field(error=rx.fragment()),
            rx.el.div(
                password_field(
                    "Password",
                    large=True,
                    auto_complete="current-password",
                    required=True,
                    aria_describedby="error-password",
                    aside=link("Forgot password?", href="/forgot-password", push=True),
                ),
                _WrongPassword.create(),
                class_name="field",
            ),
            button("Sign in", kind="ink", size="large", submit=True, full=True),
            action="/auth/sign-in",
            class_name="col g4",
        ),
        *_other_ways(),
        rx.el.p("You stay signed in on this device for 30 days, or until you sign out.", class_name="meta"),
        foot("New here? ", link("Create an account", href="/sign-up")),
        _DemoPeople.create(),
        skip="Skip to sign in",
    )


def _other_ways() -> list[rx.Component]:
    """To sign in without a password. Each is one wide button."""
    by_link = link_button("E-mail me a link", href="/email-link", size="large", icon="mail", full=True)
    return [by_link, passkey_button(), provider_buttons()]


class _SignIn(rx.Component):
    library = LIBRARY + "sign_in"


class _Notice(_SignIn):
    tag = "Notice"


class _Next(_SignIn):
    tag = "Next"


class _WrongPassword(_SignIn):
    tag = "WrongPassword"


class _DemoPeople(_SignIn):
    tag = "DemoPeople"
