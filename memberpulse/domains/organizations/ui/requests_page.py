"""The page of requests to join."""

from typing import Any

import reflex as rx

from memberpulse.domains.organizations.queries import get_organization
from memberpulse.domains.organizations.requests.mutations import approve_request, decline_request, undo_decision
from memberpulse.domains.organizations.requests.queries import list_requests
from memberpulse.domains.organizations.requests.schemas import RequestList, RequestRow
from memberpulse.domains.organizations.ui.components import role_words
from memberpulse.domains.organizations.ui.invite import invite_button, invite_dialogs, role_options
from memberpulse.domains.organizations.ui.places import members_nav
from memberpulse.ui.address import address_value, set_address
from memberpulse.ui.components import (
    DialogHandle,
    avatar,
    badge,
    button,
    close_button,
    copyable,
    dialog,
    empty_state,
    error_state,
    head,
    link_button,
    note,
    relative_time,
    rows,
    rows_skeleton,
    segmented,
    select_field,
    text_area,
)
from memberpulse.ui.expressions import expression, size_of, text_of
from memberpulse.ui.layout import app_page
from memberpulse.ui.live import LiveList, busy, live, live_form, live_list, problem, run
from memberpulse.ui.page import page

_SHOWN = (("", "Waiting"), ("decided", "Decided"))

_approve = DialogHandle("approve-request")
_decline = DialogHandle("decline-request")


@page("/members/requests", "Requests", requires="requests.decide")
def requests_page() -> rx.Component:
    found = _found()
    return app_page(
        "Requests",
        members_nav(),
        found.view(
            _list,
            rows_skeleton(5, label="Loading requests"),
            empty=(size_of(found.value.rows) == 0, rx.cond(address_value("show"), _none_decided(), _none())),
            failed=error_state(found, what="The requests"),
        ),
        _approve_dialog(),
        _decline_dialog(),
        invite_dialogs(),
        heading=head(
            title="Requests to join",
            actions=(segmented(_SHOWN, value=address_value("show"), on_change=set_address("show"), label="Shown"),),
        ),
        action=invite_button(),
    )


def _found() -> LiveList[RequestList]:
    decided: Any = expression("{0} === 'decided'", address_value("show"), kind=bool)
    return live_list(list_requests, decided=decided)


def _list(found: RequestList) -> rx.Component:
    requests = _found()
    more = button("Show more", on_click=requests.more, busy=requests.loading_more)
    scope = expression("`${{0}}:${{1}}`", address_value("show"), requests.pages)
    return rx.fragment(
        rows(rx.foreach(found.rows, _request), label="Requests to join", scope=scope),
        rx.cond(requests.has_more, rx.el.div(more, class_name="more-row"), rx.fragment()),
    )


def _request(request: RequestRow) -> rx.Component:
    said = rx.cond(request.note, rx.el.p(request.note, class_name="said", dir="auto"), rx.fragment())
    words = rx.el.div(
        rx.el.bdi(request.person.name, class_name="strong"),
        rx.el.span(request.email, ", ", relative_time(request.created_at, form="ago"), class_name="meta"),
        said,
        class_name="col g1 grow",
    )
    shown = rx.match(
        request.state,
        ("pending", _choices(request)),
        ("approved", badge(rx.fragment("Approved as ", role_words(request.role)), icon="check")),
        badge("Declined", kind="line"),
    )
    return rx.el.li(
        avatar(request.person), words, rx.el.div(shown, class_name="row"), class_name="request", key=text_of(request.id)
    )


def _choices(request: RequestRow) -> rx.Component:
    about = {"id": request.id, "name": request.person.name}
    return rx.fragment(
        button(
            "Decline…",
            kind="quiet",
            size="small",
            on_click=_decline.open(**about),
            label=expression("`Decline ${{0}}`", request.person.name),
        ),
        button(
            "Approve…",
            size="small",
            on_click=_approve.open(**about),
            label=expression("`Approve ${{0}}`", request.person.name),
        ),
    )


def _approve_dialog() -> rx.Component:
    refused, name = problem(approve_request), _approve.subject("name")
    return dialog(
        _approve,
        live_form(
            approve_request,
            rx.cond(refused.message, note(refused.message, kind="danger", role="alert"), rx.fragment()),
            select_field("Role", name="role", options=role_options(), default_value="member"),
            rx.el.div(
                close_button("Cancel", kind="secondary"),
                button("Approve", kind="ink", submit=True, busy=busy(approve_request)),
                class_name="row dialog-acts",
            ),
            arguments={"request_id": _approve.subject("id")},
            done=expression("`${{0}} is a member now`", name),
            undo=lambda request_id: run(undo_decision, request_id=request_id),
            then=_approve.close(),
            class_name="col g4",
        ),
        title=rx.fragment("Let ", rx.el.bdi(name), " join"),
        lead="They are a member at once. A letter tells them ten seconds later.",
    )


def _decline_dialog() -> rx.Component:
    refused, name = problem(decline_request), _decline.subject("name")
    return dialog(
        _decline,
        live_form(
            decline_request,
            rx.cond(
                (refused.message != "") & ~refused.field("reason").bool(),
                note(refused.message, kind="danger", role="alert"),
                rx.fragment(),
            ),
            text_area(
                "Reason",
                name="reason",
                hint="Optional. They read it as you write it.",
                error=refused.field("reason"),
                rows=3,
                custom_attrs={"dir": "auto"},
            ),
            rx.el.div(
                close_button("Cancel", kind="secondary"),
                button("Decline", kind="ink", submit=True, busy=busy(decline_request)),
                class_name="row dialog-acts",
            ),
            arguments={"request_id": _decline.subject("id")},
            done=expression("`The request of ${{0}} is declined`", name),
            undo=lambda request_id: run(undo_decision, request_id=request_id),
            then=_decline.close(),
            class_name="col g4",
        ),
        title=rx.fragment("Decline the request of ", rx.el.bdi(name)),
        lead="They may ask again later. A letter tells them ten seconds from now.",
    )


def _none() -> rx.Component:
    organization = live(get_organization).value
    closed: Any = organization.join_policy == "closed"
    return rx.cond(
        closed,
        empty_state(
            "Nobody can ask to join",
            "The organization takes new members by invitation only. Its settings change that.",
            link_button("Open the settings", href="/settings/organization"),
        ),
        empty_state(
            "No request waits",
            "Pass the address of your join page on. Whoever asks there appears here at the same moment.",
            after=rx.el.span(
                rx.el.code(organization.join_url),
                copyable(organization.join_url, label="Copy the address"),
                class_name="row mid",
            ),
        ),
    )


def _none_decided() -> rx.Component:
    return empty_state("Nothing was decided yet", "Approved and declined requests stand here afterwards.")
