"""The page of the second step of signing in. Posted natively, as signing in is."""

import reflex as rx

from memberpulse.ui.components import button, mark, native_form
from memberpulse.ui.components.kinds import LIBRARY, skip_link
from memberpulse.ui.page import PUBLIC, page


@page(
    "/sign-in/code",
    "Second step",
    requires=PUBLIC,
    description="The second step of signing in to MemberPulse.",
    sheets=("gate",),
)
def second_step_page() -> rx.Component:
    home = rx.el.a(mark(), rx.el.b("MemberPulse", class_name="t14"), href="/", class_name="row g3 brand")
    return rx.el.div(
        skip_link("Skip to the code", to="second-step"),
        rx.el.header(home, class_name="lone-head"),
        rx.el.main(_form(), class_name="lone-box", id="second-step"),
        class_name="lone-page",
    )


def _form() -> rx.Component:
    return rx.el.div(
        rx.el.h1("One more step", class_name="t20", tab_index=-1),
        _Notice.create(),
        native_form(
            _Code.create(),
            button("Go on", kind="ink", size="large", submit=True, full=True),
            action="/auth/second-step",
            class_name="col g4",
        ),
        _Others.create(),
        rx.el.a("Back to sign in", href="/sign-in", class_name="meta"),
        class_name="signin",
    )


class _Part(rx.Component):
    library = LIBRARY + "second_step"


class _Notice(_Part):
    tag = "Notice"


class _Code(_Part):
    tag = "Code"


class _Others(_Part):
    tag = "Others"
