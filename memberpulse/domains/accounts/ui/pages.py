"""The sign-in page. It is posted natively, so that signing in ends in a full navigation with a new cookie."""

import reflex as rx

from memberpulse.ui.components import button, mark, native_form, password_field, text_field
from memberpulse.ui.components.kinds import LIBRARY, skip_link
from memberpulse.ui.components.lines import hour
from memberpulse.ui.page import PUBLIC, page


@page("/sign-in", "Sign in", requires=PUBLIC, description="Sign in to MemberPulse.")
def sign_in_page() -> rx.Component:
    return rx.el.div(
        skip_link("Skip to sign in", to="sign-in"),
        rx.el.aside(_brand(), _words(), class_name="gate-l", aria_label="About MemberPulse"),
        rx.el.main(_form(), class_name="gate-r", id="sign-in"),
        class_name="gate",
    )


def _brand() -> rx.Component:
    home = rx.el.a(mark(), rx.el.b("MemberPulse", class_name="t14"), href="/", class_name="row g3 brand")
    return rx.el.header(home, class_name="row g3")


def _words() -> rx.Component:
    return rx.el.div(
        rx.el.p("Your club, as it happens", rx.el.span(class_name="stop", aria_hidden="true"), class_name="hero-words"),
        rx.el.p(
            "Members, presence, announcements and activity on one screen that keeps itself current.", class_name="lede"
        ),
        hour(),
        class_name="hero",
    )


def _form() -> rx.Component:
    return rx.el.div(
        rx.el.h1("Sign in to MemberPulse", class_name="t20", tab_index=-1),
        _Notice.create(),
        native_form(
            _Next.create(),
            text_field(
                "E-mail",
                name="email",
                type="email",
                large=True,
                auto_complete="username",
                required=True,
                max_length=254,
                custom_attrs={"autoCapitalize": "off", "spellCheck": "false"},
            ),
            rx.el.div(
                password_field(
                    "Password",
                    large=True,
                    auto_complete="current-password",
                    required=True,
                    aria_describedby="error-password",
                ),
                _WrongPassword.create(),
                class_name="field",
            ),
            button("Sign in", kind="ink", size="large", submit=True, full=True),
            action="/auth/sign-in",
            class_name="col g4",
        ),
        rx.el.p("You stay signed in on this device for 30 days, or until you sign out.", class_name="meta"),
        _DemoPeople.create(),
        class_name="signin",
    )


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
