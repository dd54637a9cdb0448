"""What the pages before a session have in common: two columns, fields that keep what was typed, parts of links.jsx."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from memberpulse.domains.accounts.password_rules import SENTENCES, SHORTEST
from memberpulse.ui.components import mark, password_field, text_field
from memberpulse.ui.components.kinds import LIBRARY, skip_link, style_sheet
from memberpulse.ui.components.lines import hour


def gate_page(*content: rx.Component, skip: str) -> rx.Component:
    """A page before a session: what MemberPulse is at the left, and what is to be done at the right."""
    return rx.el.div(
        style_sheet("gate"),
        skip_link(skip, to="gate"),
        rx.el.aside(_brand(), _words(), class_name="gate-l", aria_label="About MemberPulse"),
        rx.el.main(rx.el.div(*content, class_name="signin"), class_name="gate-r", id="gate"),
        class_name="gate",
    )


def title(text: str) -> rx.Component:
    return rx.el.h1(text, class_name="t20", tab_index=-1)


def lead(*content: Any) -> rx.Component:
    return rx.el.p(*content, class_name="soft")


def foot(*content: Any) -> rx.Component:
    return rx.el.p(*content, class_name="meta gate-foot")


def email_field(*, error: rx.Component, **props: Any) -> rx.Component:
    """error: what stands under it, with the id error-email."""
    field = text_field(
        "E-mail",
        name="email",
        type="email",
        large=True,
        auto_complete="username",
        required=True,
        max_length=254,
        aria_describedby="error-email",
        custom_attrs={"autoCapitalize": "off", "spellCheck": "false"},
        **props,
    )
    return rx.el.div(field, error, class_name="field")


def new_password_field(label: str = "Password") -> rx.Component:
    """A password that is chosen, with what is wrong with it."""
    field = password_field(
        label,
        large=True,
        auto_complete="new-password",
        required=True,
        aria_describedby="error-password hint-password",
    )
    hint = f"At least {SHORTEST} characters. A few words in a row are easy to keep in mind."
    below = rx.el.p(hint, class_name="hint", id="hint-password")
    return rx.el.div(field, fault("password", SENTENCES), below, class_name="field")


def fault(name: str, words: Mapping[str, str]) -> rx.Component:
    """Under a field: what the page's address says is wrong with it. words: code to sentence."""
    return _Fault.create(name=name, words=dict(words))


def notice(advice: str = "") -> rx.Component:
    return _Notice.create(advice=advice)


def keep(*names: str) -> rx.Component:
    return _Keep.create(names=list(names))


def hidden(*names: str) -> rx.Component:
    return _Hidden.create(names=list(names))


def said(name: str, otherwise: str = "") -> rx.Component:
    return _Said.create(name=name, otherwise=otherwise)


def which(name: str, **cases: rx.Component) -> rx.Component:
    """One of several, by a value of the page's address; the first for any other."""
    return _Which.create(*cases.values(), name=name, values=list(cases))


def link_page(kind: str, good: rx.Component, over: rx.Component) -> rx.Component:
    """What a link leads to, while it may be used and when it may not."""
    return _LinkPage.create(good, over, kind=kind)


def mailed_to(before: str, after: str = "") -> rx.Component:
    return _MailedTo.create(before=before, after=after)


def username() -> rx.Component:
    return _Username.create()


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


class _Part(rx.Component):
    library = LIBRARY + "links"


class _Notice(_Part):
    tag = "Notice"

    advice: rx.Var[str]


class _Fault(_Part):
    tag = "Fault"

    name: rx.Var[str]
    words: rx.Var[dict[str, str]]


class _Keep(_Part):
    tag = "Keep"

    names: rx.Var[list[str]]


class _Hidden(_Part):
    tag = "Hidden"

    names: rx.Var[list[str]]


class _Said(_Part):
    tag = "Said"

    name: rx.Var[str]
    otherwise: rx.Var[str]


class _Which(_Part):
    tag = "Which"

    name: rx.Var[str]
    values: rx.Var[list[str]]


class _LinkPage(_Part):
    tag = "LinkPage"

    kind: rx.Var[str]


class _MailedTo(_Part):
    tag = "MailedTo"

    before: rx.Var[str]
    after: rx.Var[str]


class _Username(_Part):
    tag = "Username"
