"""The page of one's own data: a copy of it, and the end of the account."""

from typing import Any

import reflex as rx

from memberpulse.domains.accounts.erasure import GRACE_DAYS, Deletion, get_deletion, keep_account, request_deletion
from memberpulse.domains.accounts.exporting import EXPORTS_PER_DAY, prepare_my_export
from memberpulse.domains.accounts.personal import Consequence
from memberpulse.ui.components import (
    DialogHandle,
    button,
    confirm_by_name,
    error_state,
    icon,
    note,
    relative_time,
    rows_skeleton,
)
from memberpulse.ui.layout import settings_page
from memberpulse.ui.live import busy, live, run
from memberpulse.ui.page import SIGNED_IN, page
from memberpulse.ui.settings import setting

_deletion = DialogHandle("delete-account")


@page("/settings/data", "My data", requires=SIGNED_IN)
def data_page() -> rx.Component:
    deletion = live(get_deletion)
    return settings_page(
        "My data",
        _copy(),
        deletion.view(
            _delete,
            rows_skeleton(3, label="Loading what it would mean"),
            failed=error_state(deletion, what="This part"),
        ),
        _dialog(deletion.value),
        requires=SIGNED_IN,
        lede="What this server holds of you, in all your organizations. Take a copy, or leave for good.",
    )


def parting_bar(erase_at: Any) -> rx.Component:
    """A line over every page while the account is about to be deleted. erase_at: a Var, None when it is not."""
    words = rx.el.span(rx.el.b("Your account is deleted on ", relative_time(erase_at, form="date"), "."))
    keep = button("Keep my account", size="small", on_click=_keep(), busy=busy(keep_account))
    bar = rx.el.div(icon("triangle_alert"), words, keep, class_name="partingbar", role="status")
    return rx.cond(erase_at, bar, rx.fragment())


def _copy() -> rx.Component:
    return setting(
        rx.el.p(
            "A zip with a table for each kind of thing, for any spreadsheet, and all of it once more as JSON: your "
            "profile, devices, memberships, notifications, what you wrote and what the logs say of you.",
            class_name="soft",
        ),
        button(
            "Download my data",
            icon="download",
            on_click=run(prepare_my_export, go=lambda path: path),
            busy=busy(prepare_my_export),
        ),
        title="A copy of your data",
        hint=f"Up to {EXPORTS_PER_DAY} times a day. You confirm that it is you.",
    )


def _delete(deletion: Deletion) -> rx.Component:
    due = rx.fragment(
        note(
            rx.fragment(
                rx.el.b("Your account is deleted on ", relative_time(deletion.erase_at, form="date"), ". "),
                "Until then nothing is lost.",
            ),
            kind="warn",
        ),
        button("Keep my account", kind="ink", on_click=_keep(), busy=busy(keep_account)),
    )
    ask = rx.fragment(
        rx.el.p("This is what it means, as things are now:", class_name="soft"),
        rx.el.ul(
            rx.foreach(deletion.consequences, _consequence),
            _line("circle_minus", "Your profile, picture, devices, sign-in methods and notifications are removed."),
            _line("history", "What the logs say you did stays, by “Deleted person”."),
            class_name="consequences",
        ),
        button(
            "Delete my account…",
            off=rx.cond(deletion.blocked, "See to what is marked first", ""),
            on_click=_deletion.open(),
        ),
    )
    return setting(
        rx.cond(deletion.erase_at, due, ask),
        title="Delete your account",
        hint=f"You are signed out at once. For {GRACE_DAYS} days you can come back and keep it.",
    )


def _consequence(each: Consequence) -> rx.Component:
    return rx.cond(each.blocks, _line("triangle_alert", each.text, blocks=True), _line("circle_minus", each.text))


def _line(sign: str, text: Any, *, blocks: bool = False) -> rx.Component:
    return rx.el.li(icon(sign), rx.el.span(text), class_name="blocks" if blocks else "")


def _dialog(deletion: Deletion) -> rx.Component:
    return confirm_by_name(
        _deletion,
        title="Delete your account",
        lead=f"All your devices are signed out now. After {GRACE_DAYS} days you are erased for good.",
        word=deletion.word,
        verb="Delete my account",
        on_confirm=run(
            request_deletion,
            confirmation=deletion.word,
            then=_deletion.close(),
            ends=f"/sign-in?parting={GRACE_DAYS}",
        ),
    )


def _keep() -> Any:
    return run(keep_account, done="Your account stays")
