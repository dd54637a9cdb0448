"""The places around the list of members, side by side above each of them."""

import reflex as rx

from memberpulse.domains.organizations.invitations.queries import list_invitations
from memberpulse.domains.organizations.queries import get_viewer
from memberpulse.domains.organizations.requests.queries import list_requests
from memberpulse.ui.components import anchor, count
from memberpulse.ui.expressions import expression, may
from memberpulse.ui.live import live


def members_nav() -> rx.Component:
    """Members, invitations, requests and import; alone, the list of members needs no row of places."""
    viewer = live(get_viewer).value
    invites, decides, imports = (
        may(viewer, each) for each in ("invitations.manage", "requests.decide", "members.import")
    )
    row = rx.el.nav(
        anchor("Members", href="/members", end=True),
        rx.cond(
            invites,
            rx.fragment(anchor("Invitations", open_invitations(), href="/members/invitations")),
            rx.fragment(),
        ),
        rx.cond(decides, rx.fragment(anchor("Requests", pending_requests(), href="/members/requests")), rx.fragment()),
        rx.cond(imports, rx.fragment(anchor("Import", href="/members/import")), rx.fragment()),
        class_name="tabs places",
        aria_label="Members",
    )
    return rx.cond(invites | decides | imports, row, rx.fragment())


@rx.memo
def open_invitations() -> rx.Component:
    """How many invitations wait for an answer; subscribed only by those who may see them."""
    waiting = expression("({0}?.open ?? 0)", live(list_invitations).value, kind=int)
    return rx.fragment(rx.cond(waiting > 0, count(waiting, soft=True), rx.fragment()))


@rx.memo
def pending_requests() -> rx.Component:
    waiting = expression("({0}?.pending ?? 0)", live(list_requests).value, kind=int)
    return rx.fragment(rx.cond(waiting > 0, count(waiting), rx.fragment()))
