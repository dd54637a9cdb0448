"""For people without an organization, and for starting another: found one, or accept an invitation."""

from typing import Any

import reflex as rx

from memberpulse.domains.accounts.ui.data import parting_bar
from memberpulse.domains.organizations.founding import found_organization
from memberpulse.domains.organizations.invitations.accepting import accept_my_invitation
from memberpulse.domains.organizations.invitations.queries import list_my_invitations
from memberpulse.domains.organizations.invitations.schemas import PendingInvitation
from memberpulse.domains.organizations.queries import get_viewer, list_my_organizations
from memberpulse.domains.organizations.requests.mutations import withdraw_request
from memberpulse.domains.organizations.requests.queries import list_my_requests
from memberpulse.domains.organizations.requests.schemas import MyRequest
from memberpulse.domains.organizations.rules import MAX_NAME_CHARACTERS
from memberpulse.domains.organizations.schemas import OrganizationView
from memberpulse.domains.organizations.ui.doorstep import doorstep, role_noun, sign_out_button
from memberpulse.ui.components import button, icon, note, relative_time, text_field
from memberpulse.ui.components.marks import with_picture
from memberpulse.ui.expressions import expression, size_of, text_of
from memberpulse.ui.layout import post
from memberpulse.ui.live import busy, live, live_form, problem, run
from memberpulse.ui.page import SIGNED_IN, page


@page("/welcome", "Welcome", requires=SIGNED_IN)
def welcome_page() -> rx.Component:
    viewer = live(get_viewer).value
    name = expression("({0}?.name ?? '').split(' ')[0]", viewer.person)
    return doorstep(
        parting_bar(viewer.erase_at),
        rx.el.div(
            rx.el.h1("Welcome", rx.cond(name, rx.fragment(", ", rx.el.bdi(name)), ""), class_name="t20", tab_index=-1),
            rx.el.p("Accept an invitation, or start an organization of your own.", class_name="soft"),
            class_name="step-head",
        ),
        _invitations(),
        _requests(),
        _found(),
        _mine(),
        end=sign_out_button(),
    )


def _invitations() -> rx.Component:
    mine = live(list_my_invitations)
    rows: Any = expression("({0}?.rows ?? [])", mine.value, kind=list[PendingInvitation])
    unverified = note(
        rx.el.b("Confirm your e-mail address. "),
        "Then invitations to it appear here. Open the letter that we sent you.",
        kind="warn",
    )
    listed = rx.el.section(
        rx.el.h2("Invitations to you", class_name="t14"),
        rx.el.ul(rx.foreach(rows.to(list[PendingInvitation]), _invitation), class_name="step-list"),
        class_name="col g2",
    )
    known: Any = mine.status == "ready"
    verified: Any = expression("({0}?.verified ?? true)", mine.value, kind=bool)
    return rx.cond(
        known & ~verified,
        unverified,
        rx.cond(size_of(rows) > 0, listed, rx.fragment()),  # type: ignore[operator]
    )


def _invitation(invitation: PendingInvitation) -> rx.Component:
    accept = run(accept_my_invitation, invitation_id=invitation.id, go="/dashboard")
    by = rx.cond(invitation.inviter, rx.fragment(", by ", rx.el.bdi(invitation.inviter)), "")
    return rx.el.li(
        _tile(invitation.organization),
        rx.el.span(
            rx.el.span(invitation.organization.name, class_name="strong cut"),
            rx.el.span("As ", role_noun(invitation.role), by, class_name="meta cut"),
            class_name="col grow",
        ),
        button(
            "Accept",
            kind="ink",
            size="small",
            on_click=accept,
            busy=busy(accept_my_invitation),
            label=expression("`Accept the invitation to ${{0}}`", invitation.organization.name),
        ),
        key=text_of(invitation.id),
    )


def _requests() -> rx.Component:
    mine: Any = expression("({0} ?? [])", live(list_my_requests).value, kind=list[MyRequest])
    listed = rx.el.section(
        rx.el.h2("You have asked to join", class_name="t14"),
        rx.el.ul(rx.foreach(mine.to(list[MyRequest]), _request), class_name="step-list"),
        class_name="col g2",
    )
    return rx.cond(size_of(mine) > 0, listed, rx.fragment())


def _request(request: MyRequest) -> rx.Component:
    withdraw = run(withdraw_request, request_id=request.id, done="Your request is withdrawn")
    return rx.el.li(
        _tile(request.organization),
        rx.el.span(
            rx.el.span(request.organization.name, class_name="strong cut"),
            rx.el.span("Asked ", relative_time(request.created_at, form="ago"), class_name="meta cut"),
            class_name="col grow",
        ),
        button(
            "Withdraw",
            size="small",
            on_click=withdraw,
            label=expression("`Withdraw the request to ${{0}}`", request.organization.name),
        ),
        key=text_of(request.id),
    )


def _found() -> rx.Component:
    refused = problem(found_organization)
    return rx.el.section(
        rx.el.h2("Start an organization", class_name="t14"),
        live_form(
            found_organization,
            rx.cond(
                (refused.message != "") & ~refused.field("name").bool(),
                note(refused.message, kind="danger", role="alert"),
                rx.fragment(),
            ),
            text_field(
                "Its name",
                name="name",
                hint="A club, a choir, a library of things. You are its owner and can rename it at any time.",
                error=refused.field("name"),
                auto_complete="organization",
                max_length=MAX_NAME_CHARACTERS + 20,
                custom_attrs={"dir": "auto"},
            ),
            rx.el.div(button("Start it", kind="ink", submit=True, busy=busy(found_organization)), class_name="row"),
            go="/dashboard",
            class_name="col g4",
            aria_label="Start an organization",
        ),
        class_name="col g2 step-part",
    )


def _mine() -> rx.Component:
    mine: Any = expression("({0} ?? [])", live(list_my_organizations).value, kind=list[OrganizationView])
    listed = rx.el.section(
        rx.el.h2("Your organizations", class_name="t14"),
        rx.el.ul(rx.foreach(mine.to(list[OrganizationView]), _organization), class_name="step-list"),
        class_name="col g2 step-part",
    )
    return rx.cond(size_of(mine) > 0, listed, rx.fragment())


def _organization(organization: OrganizationView) -> rx.Component:
    go = post("/auth/switch-organization", organization_id=organization.id, next="/dashboard")
    return rx.el.li(
        _tile(organization),
        rx.el.span(organization.name, class_name="strong cut grow"),
        button(
            rx.fragment("Open", icon("arrow_right")),
            size="small",
            on_click=go,
            label=expression("`Open ${{0}}`", organization.name),
        ),
        key=text_of(organization.id),
    )


def _tile(organization: Any) -> rx.Component:
    face = with_picture(organization.initial, organization.picture)
    return rx.el.span(face, class_name="tile", aria_hidden="true")
