"""The page of invitations: each with how far its letter came, and the links that can be passed on."""

from typing import Any

import reflex as rx

from memberpulse.domains.organizations.founding import set_join_policy
from memberpulse.domains.organizations.invitations.links import make_link, revoke_link
from memberpulse.domains.organizations.invitations.queries import list_invitations, list_links
from memberpulse.domains.organizations.invitations.schemas import InvitationList, InvitationRow, LinkList, LinkView
from memberpulse.domains.organizations.invitations.sending import (
    readdress_invitation,
    resend_invitation,
    restore_invitation,
    revoke_invitation,
)
from memberpulse.domains.organizations.queries import get_viewer
from memberpulse.domains.organizations.ui.components import role_words
from memberpulse.domains.organizations.ui.invite import invite, invite_button, invite_dialogs
from memberpulse.domains.organizations.ui.places import members_nav
from memberpulse.ui.address import address_value, set_address
from memberpulse.ui.components import (
    Column,
    DialogHandle,
    badge,
    button,
    cell,
    close_button,
    copyable,
    dialog,
    empty_state,
    error_state,
    filtered_empty,
    head,
    menu,
    menu_item,
    menu_rule,
    note,
    number,
    relative_time,
    row,
    row_keys,
    rows,
    rows_skeleton,
    search_field,
    section,
    segmented,
    select_field,
    table,
    table_row,
    table_skeleton,
    text_field,
    toolbar,
)
from memberpulse.ui.expressions import expression, may, size_of, text_of
from memberpulse.ui.layout import KeyHelp, app_page
from memberpulse.ui.live import LiveList, busy, live, live_form, live_list, problem, run
from memberpulse.ui.page import page

_STATES = (("", "All"), ("pending", "Open"), ("accepted", "Accepted"), ("revoked", "Revoked"))
_COLUMNS = (
    Column("Invited"),
    Column("Role", phone=False, width="8rem"),
    Column("Sent", phone=False, width="7rem"),
    Column("State", width="10rem"),
    Column("Actions", hidden_title=True, width="9rem"),
)
_KEYS = (KeyHelp("I", "Invite people"), KeyHelp("/", "Search invitations"), KeyHelp("J K", "Move"))
_BACK = ("bounced", "complained", "failed")

_readdress = DialogHandle("fix-address")


@page("/members/invitations", "Invitations", requires="invitations.manage")
def invitations_page() -> rx.Component:
    found = _found()
    return app_page(
        "Invitations",
        members_nav(),
        toolbar(
            search_field(
                label="Search invitations",
                placeholder="E-mail",
                value=address_value("q"),
                on_search=set_address("q"),
            )
        ),
        found.view(
            _table,
            table_skeleton(5, 6, label="Loading invitations"),
            empty=(size_of(found.value.rows) == 0, _none()),
            failed=error_state(found, what="The invitations"),
        ),
        _links(),
        invite_dialogs(),
        _readdress_dialog(),
        row_keys("tr[data-row]", opens="[aria-haspopup=menu]"),
        heading=head(
            title="Invitations",
            actions=(segmented(_STATES, value=address_value("state"), on_change=set_address("state"), label="State"),),
        ),
        action=invite_button(),
        keys=_KEYS,
    )


def _found() -> LiveList[InvitationList]:
    state: Any = expression("{0} || null", address_value("state"), kind=str)
    return live_list(list_invitations, state=state, search=address_value("q"))


def _table(found: InvitationList) -> rx.Component:
    invitations = _found()
    more = button("Show more", on_click=invitations.more, busy=invitations.loading_more)
    scope = expression("`${{0}}:${{1}}:${{2}}`", address_value("q"), address_value("state"), invitations.pages)
    return rx.fragment(
        table(rx.foreach(found.rows, _row), columns=_COLUMNS, label="Invitations", size="people", scope=scope),
        rx.cond(invitations.has_more, rx.el.div(more, class_name="more-row"), rx.fragment()),
    )


def _row(invitation: InvitationRow) -> rx.Component:
    inviter: Any = invitation.inviter
    by = rx.cond(inviter, rx.fragment("by ", rx.el.bdi(inviter.name)), "by somebody who left")
    named = rx.cond(invitation.name, rx.fragment(rx.el.bdi(invitation.name), ", ", by), by)
    return table_row(
        cell(
            rx.el.div(
                rx.el.span(
                    rx.el.bdi(invitation.email, class_name="strong cut block invited"),
                    rx.el.span(named, class_name="meta cut"),
                    rx.cond(_is_back(invitation), _came_back(invitation), rx.fragment()),
                    class_name="col",
                ),
                class_name="who",
            )
        ),
        cell(role_words(invitation.role)),
        cell(relative_time(invitation.sent_at), class_name="soft tn"),
        cell(_step(invitation)),
        cell(_actions(invitation), actions=True),
        key=text_of(invitation.id),
        tab_index=-1,
        custom_attrs={"data-row": ""},
    )


def _is_back(invitation: InvitationRow) -> Any:
    return expression(f"{list(_BACK)!r}.includes({{0}})", invitation.step, kind=bool)


def _came_back(invitation: InvitationRow) -> rx.Component:
    """Why, and on a phone the way to mend it, which elsewhere stands at the end of the row."""
    fix = rx.el.span(button("Fix address", size="small", on_click=_fix(invitation)), class_name="only-s back-fix")
    return rx.fragment(rx.el.span(invitation.reason, class_name="meta back"), fix)


def _fix(invitation: InvitationRow) -> Any:
    return _readdress.open(id=invitation.id, email=invitation.email)


def _step(invitation: InvitationRow) -> rx.Component:
    return rx.match(  # type: ignore[return-value]
        invitation.step,
        ("queued", badge("Queued", kind="live")),
        ("sent", badge("Sent", kind="live")),
        ("delivered", badge("Delivered", kind="live")),
        ("bounced", badge("Bounced", kind="danger", icon="triangle_alert")),
        ("complained", badge("Marked as spam", kind="danger", icon="triangle_alert")),
        ("failed", badge("Not sent", kind="danger", icon="triangle_alert")),
        ("expired", badge("Expired", kind="warn")),
        ("accepted", badge("Accepted", icon="check")),
        badge("Revoked", kind="line"),
    )


def _actions(invitation: InvitationRow) -> rx.Component:
    resend = run(resend_invitation, invitation_id=invitation.id, done="Sent again, with a new link")
    revoke = run(
        revoke_invitation,
        invitation_id=invitation.id,
        done=expression("`The invitation to ${{0}} is revoked`", invitation.email),
        undo=run(restore_invitation, invitation_id=invitation.id),
    )
    fix = _fix(invitation)
    more = menu(
        menu_item("Send again", icon="send", on_select=resend, hint="The old link works no more"),
        menu_item("Fix address…", icon="pencil", on_select=fix),
        menu_rule(),
        menu_item("Revoke", icon="undo_2", danger=True, on_select=revoke),
        icon="ellipsis",
        size="small",
        label=expression("`More for ${{0}}`", invitation.email),
        title=invitation.email,
        width="15rem",
    )
    open_: Any = expression("!['accepted', 'revoked'].includes({0})", invitation.step, kind=bool)
    fixing = rx.el.span(button("Fix address", size="small", on_click=fix), class_name="only-l")
    return rx.cond(open_, rx.fragment(rx.cond(_is_back(invitation), fixing, rx.fragment()), more), rx.fragment())


def _readdress_dialog() -> rx.Component:
    refused = problem(readdress_invitation)
    return dialog(
        _readdress,
        live_form(
            readdress_invitation,
            rx.cond(
                (refused.message != "") & ~refused.field("email").bool(),
                note(refused.message, kind="danger", role="alert"),
                rx.fragment(),
            ),
            text_field(
                "E-mail",
                name="email",
                type="email",
                error=refused.field("email"),
                default_value=_readdress.subject("email"),
                auto_complete="off",
                custom_attrs={"autoCapitalize": "off", "spellCheck": "false"},
            ),
            rx.el.div(
                close_button("Cancel", kind="secondary"),
                button("Send", kind="ink", submit=True, busy=busy(readdress_invitation)),
                class_name="row dialog-acts",
            ),
            arguments={"invitation_id": _readdress.subject("id")},
            done="Sent to the new address",
            then=_readdress.close(),
            class_name="col g4",
        ),
        title="Fix the address",
        lead="The invitation goes to the new address with a new link. The old link works no more.",
    )


def _none() -> rx.Component:
    searched = filtered_empty(
        "No invitation to such an address.", drop="Clear the search", on_drop=set_address("q").partial("")
    )
    filtered = filtered_empty(
        "No invitation is in this state.", drop="Show all", on_drop=set_address("state").partial("")
    )
    first = empty_state(
        "Nobody is invited yet",
        "Invite people by e-mail, or make a link below that you can pass on.",
        button("Invite people", icon="user_plus", on_click=invite.open()),
    )
    return rx.cond(address_value("q"), searched, rx.cond(address_value("state"), filtered, first))


def _links() -> rx.Component:
    links = live(list_links)
    return section(
        links.view(
            _links_ready,
            rows_skeleton(2, avatars=False, label="Loading links"),
            failed=error_state(links, what="The links", small=True),
        ),
        title="Links to pass on",
    )


def _links_ready(found: LinkList) -> rx.Component:
    allowed = found.policy == "link"
    return rx.fragment(
        rx.cond(allowed, _link_form(), _links_off()),
        rx.cond(
            size_of(found.rows) > 0,
            rows(rx.foreach(found.rows, _link), label="Links to pass on"),
            rx.cond(
                allowed, rx.el.p("No link yet. Whoever has one joins at once, as a member.", class_name="meta pad"), ""
            ),
        ),
    )


def _links_off() -> rx.Component:
    allow = run(
        set_join_policy,
        policy="link",
        done="Links let people in now",
        undo=lambda before: run(set_join_policy, policy=before),
    )
    press = button("Allow links", size="small", on_click=allow, busy=busy(set_join_policy))
    manages = may(live(get_viewer).value, "organization.manage")
    return rx.el.div(
        note(
            "Nobody joins by a link now: the organization’s settings do not allow it.",
            action=rx.cond(manages, press, rx.fragment()),
        ),
        class_name="pad",
    )


def _link_form() -> rx.Component:
    refused = problem(make_link)
    return live_form(
        make_link,
        select_field(
            "Works for",
            name="days",
            options=(("7", "7 days"), ("14", "14 days"), ("30", "30 days"), ("365", "A year"), ("", "Ever")),
            error=refused.field("days"),
            default_value="14",
        ),
        text_field(
            "At most",
            name="max_uses",
            suffix="people",
            placeholder="Any number",
            error=refused.field("max_uses"),
            custom_attrs={"inputMode": "numeric"},
        ),
        button("Make a link", submit=True, busy=busy(make_link)),
        class_name="link-form",
        aria_label="New link",
    )


def _link(each: LinkView) -> rx.Component:
    used: Any = rx.cond(
        each.max_uses,
        rx.fragment(number(each.uses), " of ", number(each.max_uses), " joined"),
        rx.fragment(number(each.uses), " joined"),
    )
    ends = rx.cond(each.expires_at, rx.fragment(", until ", relative_time(each.expires_at, form="date")), "")
    over = rx.cond(each.is_open, rx.fragment(), rx.fragment(" ", badge("Over", kind="line")))
    revoke = button(
        "Revoke",
        size="small",
        on_click=run(revoke_link, link_id=each.id, done="The link is revoked"),
        label=expression("`Revoke the link ${{0}}`", each.url),
    )
    return row(
        rx.el.span(
            rx.el.code(each.url, class_name="cut"), rx.el.span(used, ends, over, class_name="meta"), class_name="col"
        ),
        end=rx.fragment(copyable(each.url, label="Copy the link"), revoke),
        key=text_of(each.id),
    )
