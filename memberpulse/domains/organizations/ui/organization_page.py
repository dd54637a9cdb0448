"""The settings of the organization: its name and logo, how people join, leaving and deleting it."""

from typing import Any

import reflex as rx

from memberpulse.domains.organizations.deletion import ask_deletion, cancel_deletion, get_deletion
from memberpulse.domains.organizations.founding import set_join_policy
from memberpulse.domains.organizations.logos import set_logo
from memberpulse.domains.organizations.models import JoinPolicy
from memberpulse.domains.organizations.mutations import leave_organization, rename_organization
from memberpulse.domains.organizations.queries import get_organization, get_viewer
from memberpulse.domains.organizations.rules import MAX_NAME_CHARACTERS
from memberpulse.domains.organizations.schemas import DeletionView, OrganizationSettings
from memberpulse.domains.organizations.ui.doorstep import organization_tile
from memberpulse.ui.components import (
    DialogHandle,
    button,
    confirm_by_name,
    confirm_dialog,
    copyable,
    error_state,
    note,
    number,
    relative_time,
    rows_skeleton,
    text_field,
)
from memberpulse.ui.expressions import expression, may, size_of
from memberpulse.ui.layout import settings_page
from memberpulse.ui.live import busy, live, problem, run
from memberpulse.ui.page import page
from memberpulse.ui.settings import picture_field, setting, settings_form

_POLICIES = (
    (JoinPolicy.CLOSED, "By invitation only", "Nobody can ask, and links let nobody in."),
    (JoinPolicy.REQUEST, "By request", "Anybody may ask on the join page; an admin decides."),
    (JoinPolicy.LINK, "By link", "Whoever has an invitation link joins at once. Others may ask."),
)

_leave = DialogHandle("leave-organization")
_delete = DialogHandle("delete-organization")


@page("/settings/organization", "Organization", requires="members.view")
def organization_page() -> rx.Component:
    found = live(get_organization)
    return settings_page(
        "Organization",
        found.view(
            _settings,
            rows_skeleton(5, avatars=False, label="Loading the organization"),
            failed=error_state(found, what="The organization"),
        ),
        requires="members.view",
        lede="What it is called, and how people come to it and leave it.",
    )


def deletion_banner() -> rx.Component:
    """Above every page while the organization waits to be deleted."""
    viewer = live(get_viewer).value
    organization: Any = viewer.organization
    keep = button(
        "Keep it",
        size="small",
        on_click=run(cancel_deletion, done="The organization stays"),
        busy=busy(cancel_deletion),
    )
    shown = rx.el.div(
        note(
            rx.el.b(
                rx.el.bdi(organization.name),
                " will be deleted on ",
                relative_time(organization.deletes_at, form="date"),
                ". ",
            ),
            rx.cond(
                may(viewer, "organization.delete"),
                "Everything in it goes. Any owner can still keep it.",
                "Everything in it goes. Ask an owner if you think that this is a mistake.",
            ),
            kind="danger",
            action=rx.cond(may(viewer, "organization.delete"), keep, rx.fragment()),
            role="status",
        ),
        class_name="ending",
    )
    ends: Any = expression("({0}?.deletes_at ?? '')", organization)
    return rx.cond(ends, shown, rx.fragment())


def _settings(found: OrganizationSettings) -> rx.Component:
    viewer = live(get_viewer).value
    manages = may(viewer, "organization.manage")
    return rx.fragment(
        rx.cond(manages, rx.fragment(_logo(viewer), _name(found), _joining(found)), rx.fragment()),
        _leaving(found),
        rx.cond(may(viewer, "organization.delete"), rx.fragment(_deleting()), rx.fragment()),
    )


def _logo(viewer: Any) -> rx.Component:
    organization = viewer.organization
    field = picture_field(
        organization_tile(organization),
        picture=organization.picture,
        upload="/pictures/logo",
        change=set_logo,
        noun="logo",
    )
    return setting(field, title="Logo", hint="Shown beside the name, and to people who are invited.")


def _name(found: OrganizationSettings) -> rx.Component:
    refused = problem(rename_organization)
    return settings_form(
        rename_organization,
        text_field(
            "Name",
            name="name",
            hint="Its addresses stay as they are.",
            error=refused.field("name"),
            max_length=MAX_NAME_CHARACTERS + 20,
            custom_attrs={"dir": "auto"},
        ),
        values={"name": found.name},
        words={"name": "Name"},
        done="Name saved",
    )


def _joining(found: OrganizationSettings) -> rx.Component:
    def choice(policy: JoinPolicy, words: str, hint: str) -> rx.Component:
        choose = run(
            set_join_policy,
            policy=policy.value,
            done=f"People join {words[0].lower()}{words[1:]} now",
            undo=lambda before: run(set_join_policy, policy=before),
        )
        return rx.el.label(
            rx.el.input(
                type="radio",
                name="join-policy",
                value=policy.value,
                checked=found.join_policy == policy.value,
                on_change=choose,
                class_name="radio",
            ),
            rx.el.span(rx.el.span(words, class_name="strong"), rx.el.span(hint, class_name="hint"), class_name="col"),
            class_name="row choice",
        )

    address = rx.el.div(
        rx.el.p("Join page", class_name="label"),
        rx.el.span(
            rx.el.code(found.join_url, class_name="long"),
            copyable(found.join_url, label="Copy the address"),
            class_name="row",
        ),
        class_name="col g1",
    )
    return setting(
        rx.el.fieldset(
            rx.el.legend("How people join", class_name="vh"),
            *[choice(*each) for each in _POLICIES],
            class_name="col g4 choices",
        ),
        rx.cond(found.join_policy == JoinPolicy.CLOSED.value, rx.fragment(), address),
        title="Joining",
        hint="Invitations by e-mail work in any case.",
    )


def _leaving(found: OrganizationSettings) -> rx.Component:
    reason = rx.cond(found.last_owner, "You are the last owner. Make somebody else an owner first.", "")
    return rx.fragment(
        setting(
            rx.el.div(button("Leave…", on_click=_leave.open(), off=reason), class_name="row"),
            title="Leave",
            hint=rx.cond(
                found.last_owner,
                "The last owner cannot leave. Make somebody else an owner, or delete the organization.",
                "You lose access at once. To come back you have to be invited or ask anew.",
            ),
        ),
        confirm_dialog(
            _leave,
            title=rx.fragment("Leave ", rx.el.bdi(found.name)),
            lead="You lose access at once. What you wrote stays. To come back you have to be invited or ask anew.",
            verb="Leave",
            on_confirm=run(leave_organization, done=expression("`You have left ${{0}}`", found.name), go="/welcome"),
            busy=busy(leave_organization),
        ),
    )


@rx.memo
def _deleting() -> rx.Component:
    found = live(get_deletion)
    return rx.fragment(found.view(_deletion, rx.fragment(), failed=error_state(found, what="This part", small=True)))


def _deletion(found: DeletionView) -> rx.Component:
    blocked: Any = size_of(found.blockers) > 0
    ask = rx.el.div(
        rx.cond(
            blocked,
            note(rx.foreach(found.blockers, lambda each: rx.el.p(each)), kind="warn"),
            rx.fragment(),
        ),
        rx.el.div(
            button(
                "Delete…",
                on_click=_delete.open(),
                off=rx.cond(blocked, "Settle what stands above first.", ""),
            ),
            class_name="row",
        ),
        class_name="col g4",
    )
    keep = rx.el.div(
        rx.el.p("It will be deleted on ", relative_time(found.deletes_at, form="date"), ".", class_name="soft"),
        button("Keep it", on_click=run(cancel_deletion, done="The organization stays"), busy=busy(cancel_deletion)),
        class_name="row g3",
    )
    return rx.fragment(
        setting(
            rx.cond(found.deletes_at, keep, ask),
            title="Delete",
            hint="After seven days, in which any owner can still keep it.",
        ),
        confirm_by_name(
            _delete,
            title=rx.fragment("Delete ", rx.el.bdi(found.name)),
            lead=rx.fragment(
                "In seven days all of it goes for all ",
                number(found.members),
                " members: roles, invitations, announcements, records, activity and the audit log. Until then "
                "everybody sees it coming and any owner can keep it. Accounts stay.",
            ),
            word=found.name,
            verb="Delete in seven days",
            on_confirm=run(
                ask_deletion, name=found.name, done="It will be deleted in seven days", then=_delete.close()
            ),
        ),
    )
