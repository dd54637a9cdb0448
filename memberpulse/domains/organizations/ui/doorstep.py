"""The frame of pages that stand before an organization: welcome, an invitation, asking to join."""

from typing import Any

import reflex as rx

from memberpulse.domains.organizations.models import Role
from memberpulse.ui.components import Child, button, link_button, mark
from memberpulse.ui.components.kinds import skip_link, style_sheet
from memberpulse.ui.components.marks import with_picture
from memberpulse.ui.expressions import expression
from memberpulse.ui.layout import post

NOUNS = {Role.OWNER: "an owner", Role.ADMIN: "an admin", Role.CREATOR: "a creator", Role.MEMBER: "a member"}


def doorstep(*content: Child, end: Child = None) -> rx.Component:
    """One narrow column under the house's name. end: stands at the right of the head."""
    home = rx.el.a(mark(), rx.el.b("MemberPulse", class_name="t14"), href="/", class_name="row g3 brand")
    return rx.el.div(
        style_sheet("gate"),
        skip_link("Skip to content", to="main"),
        rx.el.header(home, rx.el.span(end or rx.fragment(), class_name="row push"), class_name="step-top"),
        rx.el.main(*content, id="main", class_name="step", tab_index=-1),
        class_name="doorstep",
    )


def organization_tile(organization: Any) -> rx.Component:
    """The logo, or the initial, large."""
    face = with_picture(organization.initial, organization.picture)
    return rx.el.span(face, class_name="tile step-tile", aria_hidden="true")


def role_noun(role: Any) -> Any:
    """ "a member", "an admin"."""
    return rx.match(role, *[(each.value, words) for each, words in NOUNS.items()], "a member")


def sign_out_button() -> rx.Component:
    return button("Sign out", kind="quiet", on_click=post("/auth/sign-out"))


def way_in(here: Any, *, email: Any = "", name: Any = "") -> rx.Component:
    """For somebody who is not signed in: an account, and back to this page. here: its path with what follows it."""
    sign_up = expression(
        "`/sign-up?next=${encodeURIComponent({0})}&email=${encodeURIComponent({1})}&name=${encodeURIComponent({2})}`",
        here,
        email,
        name,
    )
    sign_in = expression("`/sign-in?next=${encodeURIComponent({0})}&email=${encodeURIComponent({1})}`", here, email)
    return rx.el.div(
        link_button("Create an account", href=sign_up, kind="ink"),
        link_button("I have an account", href=sign_in),
        class_name="row wrap",
    )


def step_head(organization: Any, title: Child) -> rx.Component:
    return rx.el.div(
        organization_tile(organization), rx.el.h1(title, class_name="t20", tab_index=-1), class_name="step-head"
    )


def enter(organization: Any, words: Child) -> rx.Component:
    """A button that goes to an organization one belongs to."""
    go = post("/auth/switch-organization", organization_id=organization.id, next="/dashboard")
    return button(words, kind="ink", on_click=go)
