"""What other pages show of the newsletter."""

import reflex as rx
from reflex.vars import VarData
from reflex.vars.function import FunctionVar
from reflex_base.utils.imports import ImportVar

from memberpulse.domains.mail.ui.components import mailbox_hint
from memberpulse.domains.newsletter.mutations import subscribe
from memberpulse.ui.components import button, note, text_field
from memberpulse.ui.live import busy, live_form, problem

_LIBRARY = "$/public/newsletter"


def newsletter_form() -> rx.Component:
    """One field. What it answers is the same for every address, known or not."""
    refused = problem(subscribe)
    form = live_form(
        subscribe,
        rx.cond(
            (refused.message != "") & ~refused.field("email"),
            note(refused.message, kind="danger", role="alert"),
            rx.fragment(),
        ),
        rx.el.div(
            text_field(
                "E-mail",
                name="email",
                type="email",
                large=True,
                error=refused.field("email"),
                auto_complete="email",
                max_length=254,
                placeholder="you@example.org",
                custom_attrs={"autoCapitalize": "off", "spellCheck": "false"},
            ),
            button("Subscribe", size="large", submit=True, busy=busy(subscribe)),
            class_name="news-ask",
        ),
        rx.el.p("We send one letter to confirm, then one for each release. One press ends it.", class_name="meta"),
        then=rx.Var("asked", _var_data=VarData(imports={_LIBRARY: [ImportVar(tag="asked")]})).to(FunctionVar),
        class_name="col",
        aria_label="Newsletter",
    )
    thanks = rx.el.div(
        rx.el.p(rx.el.b("Look into your mail."), class_name="t14"),
        rx.el.p(
            "There is a letter with a button. Press it within two days and you are on the list.", class_name="soft"
        ),
        mailbox_hint(),
        class_name="col g2",
    )
    return _Asking.create(form, thanks, class_name="news-form")


class _Asking(rx.Component):
    library = _LIBRARY
    tag = "Asking"
