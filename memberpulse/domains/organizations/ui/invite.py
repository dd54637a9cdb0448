"""The dialog that invites people, and the one that says what became of each address."""

from typing import Any

import reflex as rx

from memberpulse.domains.organizations.invitations.rules import MAX_MESSAGE_CHARACTERS
from memberpulse.domains.organizations.invitations.schemas import AddressFate, Fate
from memberpulse.domains.organizations.invitations.sending import invite_people
from memberpulse.domains.organizations.queries import get_viewer
from memberpulse.ui.components import (
    DialogHandle,
    badge,
    button,
    close_button,
    dialog,
    note,
    select_field,
    text_area,
)
from memberpulse.ui.components.kinds import LIBRARY
from memberpulse.ui.expressions import expression
from memberpulse.ui.live import busy, live, live_form, problem

invite = DialogHandle("invite-people")
_fates = DialogHandle("invited-people")

_ROLES = '[["member", "Member"], ["creator", "Creator"], ["admin", "Admin"]]'


def invite_button() -> rx.Component:
    """The one action of the pages about members. Mount `invite_dialogs` on the same page."""
    return button("Invite people", kind="ink", icon="user_plus", on_click=invite.open(), key="I")


def role_options() -> Any:
    """The roles that the viewer may give: an owner's own only by an owner."""
    return expression(
        f"{{0}} === 'owner' ? [...{_ROLES}, ['owner', 'Owner']] : {_ROLES}",
        live(get_viewer).value.role,
        kind=list[tuple[str, str]],
    )


def invite_dialogs() -> rx.Component:
    return rx.fragment(_invite_dialog(), _fates_dialog())


def _invite_dialog() -> rx.Component:
    refused = problem(invite_people)
    told = expression(
        "(result) => result.invited === 1 ? 'Invitation sent' : result.invited > 1 "
        "? `${result.invited} invitations sent` : ''"
    )
    rest = expression(
        "(result) => result.rows.length > result.invited && openDialog('invited-people', {rows: result.rows})",
        openDialog=LIBRARY + "overlay",
    )
    return dialog(
        invite,
        live_form(
            invite_people,
            rx.cond(
                (refused.message != "") & ~(refused.field("addresses") | refused.field("message")).bool(),
                note(refused.message, kind="danger", role="alert"),
                rx.fragment(),
            ),
            text_area(
                "E-mail addresses",
                name="addresses",
                hint="One or many, separated by commas or lines.",
                error=refused.field("addresses"),
                rows=3,
                custom_attrs={"autoCapitalize": "off", "spellCheck": "false"},
            ),
            select_field("Role", name="role", options=role_options(), error=refused.field("role")),
            text_area(
                "A message",
                name="message",
                hint=f"Optional, at most {MAX_MESSAGE_CHARACTERS} characters. It stands in the letter.",
                error=refused.field("message"),
                rows=2,
                custom_attrs={"dir": "auto"},
            ),
            rx.el.div(
                close_button("Cancel", kind="secondary"),
                button("Send", kind="ink", submit=True, busy=busy(invite_people)),
                class_name="row dialog-acts",
            ),
            done=told,
            then=[invite.close(), rest],
            class_name="col g4",
        ),
        title="Invite people",
        lead="Each gets a letter with a link that works for 14 days. They join when they accept.",
    )


def _fates_dialog() -> rx.Component:
    rows: Any = expression("({0} ?? [])", _fates.subject("rows"), kind=list[AddressFate])
    return dialog(
        _fates,
        rx.el.ul(rx.foreach(rows.to(list[AddressFate]), _fate), class_name="fates"),
        title="Not everybody was invited",
        lead="What became of each address.",
        actions=(close_button("Close", kind="secondary"),),
    )


def _fate(row: AddressFate) -> rx.Component:
    words = rx.match(
        row.fate,
        (Fate.INVITED.value, badge("Invited")),
        (Fate.MEMBER.value, badge("A member already", kind="line")),
        (Fate.ALREADY_INVITED.value, badge("Invited already", kind="line")),
        (Fate.REPEATED.value, badge("Twice in the list", kind="line")),
        badge("Not an address", kind="danger"),
    )
    reason = rx.cond(row.reason, rx.el.span(row.reason, class_name="meta"), rx.fragment())
    return rx.el.li(rx.el.span(rx.el.bdi(row.address), reason, class_name="col grow"), words)
