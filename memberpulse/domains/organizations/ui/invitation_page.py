"""What the link of an invitation opens, and the page on which one asks to join."""

from typing import Any

import reflex as rx

from memberpulse.domains.organizations.invitations.accepting import accept_invitation, join_by_link
from memberpulse.domains.organizations.invitations.queries import get_invitation
from memberpulse.domains.organizations.invitations.schemas import InvitationView
from memberpulse.domains.organizations.requests.mutations import ask_to_join, withdraw_request
from memberpulse.domains.organizations.requests.queries import get_join_page
from memberpulse.domains.organizations.requests.rules import MAX_NOTE_CHARACTERS
from memberpulse.domains.organizations.requests.schemas import JoinPage
from memberpulse.domains.organizations.ui.doorstep import doorstep, enter, role_noun, step_head, way_in
from memberpulse.ui.components import (
    Child,
    button,
    error_state,
    icon_tile,
    link_button,
    note,
    relative_time,
    rows_skeleton,
    text_area,
)
from memberpulse.ui.expressions import expression
from memberpulse.ui.live import busy, live, live_form, problem, query_arg, route_arg, run
from memberpulse.ui.page import PUBLIC, page


@page("/invitation", "Invitation", requires=PUBLIC, description="An invitation to an organization on MemberPulse.")
def invitation_page() -> rx.Component:
    found = live(get_invitation, token=_token())
    shown = found.view(
        _invitation,
        rows_skeleton(3, avatars=False, label="Loading the invitation"),
        failed=error_state(found, what="The invitation"),
    )
    return doorstep(shown)


@page("/join/[slug]", "Join", requires=PUBLIC, description="Ask to join an organization on MemberPulse.")
def join_page() -> rx.Component:
    found = live(get_join_page, slug=route_arg("slug"), code=query_arg("code", ""))
    nothing = _plain(
        "search_x",
        "There is nothing here",
        "No organization has this address. Ask for the right one, or start your own.",
    )
    shown = found.view(
        _join,
        rows_skeleton(3, avatars=False, label="Loading the page"),
        failed=error_state(found, what="The page"),
        forbidden=nothing,
    )
    return doorstep(shown)


def _token() -> Any:
    return query_arg("token", "")


def _invitation(seen: InvitationView) -> rx.Component:
    over = _plain(
        "mail_x",
        "This invitation is over",
        "It was accepted, revoked, or is too old. Ask the person who invited you to send it again.",
    )
    organization: Any = seen.organization
    member = rx.fragment(
        step_head(organization, rx.fragment("You belong to ", organization.name)),
        rx.el.p("There is nothing to accept: you are a member already.", class_name="soft"),
        rx.el.div(enter(organization, rx.fragment("Open ", organization.name)), class_name="row"),
    )
    return rx.fragment(rx.match(seen.state, ("open", _open(seen)), ("member", member), over))


def _open(seen: InvitationView) -> rx.Component:
    organization: Any = seen.organization
    said = rx.el.blockquote(rx.el.p(seen.message, dir="auto"), class_name="step-said")
    here = expression("`/invitation?token=${encodeURIComponent({0})}`", _token())
    facts = rx.el.dl(
        _fact("Role", expression("{0}.charAt(0).toUpperCase() + {0}.slice(1)", seen.role)),
        _fact("For", rx.el.bdi(seen.email)),
        _fact("Open until", relative_time(seen.expires_at, form="date")),
        class_name="step-facts",
    )
    you: Any = seen.you
    fits: Any = seen.fits
    verified: Any = seen.verified
    return rx.fragment(
        step_head(organization, rx.fragment("Join ", organization.name)),
        rx.el.p(
            rx.cond(seen.inviter, rx.fragment(rx.el.b(rx.el.bdi(seen.inviter)), " invites you"), "You are invited"),
            " to be ",
            role_noun(seen.role),
            ".",
            class_name="soft",
        ),
        rx.cond(seen.message, said, rx.fragment()),
        facts,
        rx.cond(
            you == "",
            rx.el.div(
                rx.el.p("Use this e-mail address: the invitation is for it alone.", class_name="soft"),
                way_in(here, email=seen.email, name=seen.name),
                class_name="col g4",
            ),
            rx.cond(fits, rx.cond(verified, _accept(), _unverified()), _other_address(seen, here)),
        ),
    )


def _fact(name: str, value: Child) -> rx.Component:
    return rx.el.div(rx.el.dt(name), rx.el.dd(value))


def _accept() -> rx.Component:
    accept = run(accept_invitation, token=_token(), go="/dashboard")
    return rx.el.div(
        button("Accept", kind="ink", on_click=accept, busy=busy(accept_invitation)),
        link_button("Not now", href="/welcome"),
        class_name="row",
    )


def _unverified() -> rx.Component:
    return note(
        rx.el.b("Confirm your e-mail address first. "),
        "Open the letter that we sent you when you signed up; this page goes on by itself.",
        kind="warn",
    )


def _other_address(seen: InvitationView, here: Any) -> rx.Component:
    other = expression("`/sign-in?next=${encodeURIComponent({0})}&email=${encodeURIComponent({1})}`", here, seen.email)
    return rx.el.div(
        note(
            "You are signed in as ",
            rx.el.b(rx.el.bdi(seen.you)),
            ". This invitation is for ",
            rx.el.b(rx.el.bdi(seen.email)),
            ".",
            kind="warn",
        ),
        rx.el.div(link_button("Sign in with the other address", href=other, kind="ink"), class_name="row"),
        class_name="col g4",
    )


def _join(seen: JoinPage) -> rx.Component:
    organization: Any = seen.organization
    here = expression(
        "`/join/${{0}}${{1} ? '?code=' + encodeURIComponent({1}) : ''}`", route_arg("slug"), query_arg("code", "")
    )
    stranger = rx.match(
        seen.way,
        ("link", _by_link()),
        ("over", _closed("This link is used up, revoked or too old. Ask for a new one.")),
        ("ask", rx.cond(seen.verified, _ask(seen), _unverified())),
        _closed("New members come by invitation only. Ask somebody there to invite you."),
    )
    nobody = rx.cond(
        (seen.way == "closed") | (seen.way == "over"),
        stranger,
        rx.el.div(
            rx.el.p("To join you need an account. You come back to this page.", class_name="soft"),
            way_in(here),
            class_name="col g4",
        ),
    )
    return rx.fragment(
        step_head(organization, rx.fragment("Join ", organization.name)),
        rx.match(
            seen.mine,
            ("nobody", nobody),
            ("member", _belongs(organization)),
            ("asked", _asked(seen)),
            ("declined", rx.el.div(_declined(seen), stranger, class_name="col g4")),
            stranger,
        ),
    )


def _belongs(organization: Any) -> rx.Component:
    return rx.el.div(
        rx.el.p("You are a member.", class_name="soft", role="status"),
        rx.el.div(enter(organization, rx.fragment("Open ", organization.name)), class_name="row"),
        class_name="col g4",
    )


def _by_link() -> rx.Component:
    join = run(join_by_link, code=query_arg("code", ""), go="/dashboard")
    return rx.el.div(
        rx.el.p("With this link you join at once, as a member.", class_name="soft"),
        rx.el.div(button("Join", kind="ink", on_click=join, busy=busy(join_by_link)), class_name="row"),
        class_name="col g4",
    )


def _ask(seen: JoinPage) -> rx.Component:
    refused = problem(ask_to_join)
    return live_form(
        ask_to_join,
        rx.el.p("Somebody there decides. You are told by e-mail, and this page shows it.", class_name="soft"),
        rx.cond(
            (refused.message != "") & ~refused.field("note").bool(),
            note(refused.message, kind="danger", role="alert"),
            rx.fragment(),
        ),
        text_area(
            "A few words about you",
            name="note",
            hint=f"Optional, at most {MAX_NOTE_CHARACTERS} characters.",
            error=refused.field("note"),
            rows=4,
            custom_attrs={"dir": "auto"},
        ),
        rx.el.div(
            button("Ask to join", kind="ink", submit=True, busy=busy(ask_to_join)),
            rx.el.span("As ", rx.el.bdi(seen.you), class_name="meta"),
            class_name="row g3",
        ),
        arguments={"slug": route_arg("slug")},
        class_name="col g4",
    )


def _asked(seen: JoinPage) -> rx.Component:
    withdraw = run(
        withdraw_request,
        request_id=expression("({0} ?? '')", seen.request_id),
        done="Your request is withdrawn",
    )
    return rx.el.div(
        note(
            rx.el.b("You have asked to join. "),
            "Somebody there decides about it. This page changes by itself, and you get an e-mail.",
            role="status",
        ),
        rx.el.div(button("Withdraw the request", on_click=withdraw, busy=busy(withdraw_request)), class_name="row"),
        class_name="col g4",
    )


def _declined(seen: JoinPage) -> rx.Component:
    reason = rx.cond(seen.reason, rx.fragment(" They wrote: “", rx.el.bdi(seen.reason), "”"), rx.fragment())
    return note(rx.el.b("Your last request was declined."), reason, kind="warn", role="status")


def _closed(text: str) -> rx.Component:
    return note(text, icon="lock")


def _plain(sign: str, title: str, text: str) -> rx.Component:
    return rx.el.div(
        icon_tile(sign),
        rx.el.h1(title, class_name="t20", tab_index=-1),
        rx.el.p(text, class_name="soft"),
        rx.el.div(link_button("Go to your organizations", href="/welcome"), class_name="row"),
        class_name="col g4",
    )
