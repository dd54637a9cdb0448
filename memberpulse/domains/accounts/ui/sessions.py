"""The page of one's own signed-in devices. It is live: what is signed out goes at once, here and there."""

from typing import Any

import reflex as rx

from memberpulse.domains.accounts.mutations import revoke_other_sessions, revoke_session
from memberpulse.domains.accounts.queries import list_my_sessions
from memberpulse.domains.accounts.rules import SESSION_DAYS
from memberpulse.domains.accounts.schemas import SessionView
from memberpulse.ui.components import (
    DialogHandle,
    badge,
    button,
    confirm_dialog,
    error_state,
    icon,
    relative_time,
    rows_skeleton,
)
from memberpulse.ui.components.marks import Rows
from memberpulse.ui.expressions import expression, size_of, text_of
from memberpulse.ui.layout import settings_page
from memberpulse.ui.live import busy, live, run
from memberpulse.ui.page import SIGNED_IN, page
from memberpulse.ui.settings import setting

_others = DialogHandle("sign-out-others")


@page("/settings/sessions", "Sessions", requires=SIGNED_IN)
def sessions_page() -> rx.Component:
    sessions = live(list_my_sessions)
    return settings_page(
        "Sessions",
        sessions.view(
            _list, rows_skeleton(3, label="Loading your devices"), failed=error_state(sessions, what="Your devices")
        ),
        _rest(sessions.value),
        confirm_dialog(
            _others,
            title="Sign out everywhere else",
            lead="Every other device leaves at once, also in the middle of something. What is typed there and not "
            "saved is lost. To come back one has to sign in again.",
            verb="Sign out the others",
            on_confirm=run(
                revoke_other_sessions,
                done=lambda count: expression(
                    "{0} === 1 ? 'One device signed out' : `${{0}} devices signed out`", count
                ),
            ),
            busy=busy(revoke_other_sessions),
        ),
        requires=SIGNED_IN,
        lede=f"Where you are signed in. Each browser stays so for {SESSION_DAYS} days, or until you sign it out.",
    )


def _list(sessions: Any) -> rx.Component:
    return Rows.create(rx.foreach(sessions, _session), as_="ul", class_name="devices", label="Signed-in devices")


def _session(session: SessionView) -> rx.Component:
    here = badge("This device", kind="line")
    leave = button(
        "Sign out",
        size="small",
        on_click=run(revoke_session, session_id=session.id),
        label=expression("`Sign out ${{0}}`", session.device),
    )
    handheld = expression("/iPhone|iPad|Android/.test({0})", session.device, kind=bool)
    return rx.el.li(
        rx.el.span(rx.cond(handheld, icon("smartphone"), icon("monitor")), class_name="ico"),
        rx.el.div(
            rx.el.p(
                rx.el.span(session.device, class_name="strong"),
                rx.cond(session.is_current, here, ""),
                class_name="row g2",
            ),
            rx.el.p(
                rx.cond(
                    session.is_current,
                    "In use now",
                    rx.fragment("Seen ", relative_time(session.last_seen_at, form="ago")),
                ),
                rx.cond(session.ip, rx.fragment(", from ", rx.el.span(session.ip, class_name="mono")), ""),
                rx.fragment(", since ", relative_time(session.created_at, form="clock")),
                class_name="meta",
            ),
            class_name="grow",
        ),
        rx.cond(session.is_current, rx.fragment(), leave),
        key=text_of(session.id),
    )


def _rest(sessions: Any) -> rx.Component:
    return rx.cond(
        size_of(sessions) > 1,
        setting(
            rx.el.p("Ends all sessions but this one at once.", class_name="soft"),
            button("Sign out everywhere else…", on_click=_others.open()),
            title="All others",
            hint="When a device is lost, or not yours.",
        ),
        rx.fragment(),
    )
