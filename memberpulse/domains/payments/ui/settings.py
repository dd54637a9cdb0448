"""The settings page on which somebody becomes able to be paid: a checklist that follows Stripe by itself."""

from typing import Any

import reflex as rx

from memberpulse.domains.payments.connecting import disconnect_account, prepare_onboarding
from memberpulse.domains.payments.models import AccountStatus
from memberpulse.domains.payments.queries import get_my_account
from memberpulse.domains.payments.schemas import AccountView, CheckItem
from memberpulse.domains.payments.ui.components import stand_in_note
from memberpulse.ui.components import (
    DialogHandle,
    badge,
    button,
    confirm_dialog,
    empty_state,
    error_state,
    icon,
    link_button,
    note,
    rows,
    rows_skeleton,
)
from memberpulse.ui.expressions import size_of, text_of
from memberpulse.ui.layout import settings_page
from memberpulse.ui.live import busy, live, run
from memberpulse.ui.page import page
from memberpulse.ui.settings import setting

_disconnect = DialogHandle("disconnect-stripe")


@page("/settings/payments", "Being paid", requires="payments.connect", sheets=("work",))
def payment_settings_page() -> rx.Component:
    account = live(get_my_account)
    offered: Any = account.value.offered
    none = empty_state(
        "This server takes no payments yet",
        "Whoever runs it sets the keys of Stripe; then you can connect an account of your own here.",
    )
    return settings_page(
        "Being paid",
        account.view(
            _account,
            rows_skeleton(4, avatars=False, label="Loading your Stripe account"),
            empty=(~offered.bool(), none),
            failed=error_state(account, what="Your Stripe account"),
        ),
        confirm_dialog(
            _disconnect,
            title="Disconnect your Stripe account?",
            lead="Nobody can pay you any more. What was paid stays yours and can still be refunded. Connecting again "
            "takes the same account up.",
            verb="Disconnect",
            on_confirm=run(disconnect_account, done="Your Stripe account is disconnected"),
        ),
        requires="payments.connect",
        lede="Members pay you through a Stripe account of your own. The money is yours from the first moment; this "
        "organization takes nothing of it.",
    )


def _account(account: AccountView) -> rx.Component:
    fake: Any = account.is_fake
    return rx.fragment(
        rx.cond(fake, rx.el.div(stand_in_note(), class_name="pay-note"), rx.fragment()),
        setting(
            rows(rx.foreach(account.steps, _item), label="What is done and what comes next"),
            title="Your Stripe account",
            hint=rx.fragment(rx.el.span(account.done, class_name="tn"), " of 4 steps done. This list follows Stripe."),
            end=_state(account),
        ),
        rx.cond(size_of(account.wanted) > 0, _wanted(account), rx.fragment()),
        setting(_deeds(account), title=rx.cond(account.is_ready, "Change it", "Connect it")),
        rx.cond(account.provider_id, _about(account), rx.fragment()),
    )


def _state(account: AccountView) -> rx.Component:
    shown = rx.match(
        account.status,
        (AccountStatus.ACTIVE.value, badge("Active", kind="live")),
        (AccountStatus.RESTRICTED.value, badge("Needs attention", kind="warn")),
        (AccountStatus.DISCONNECTED.value, badge("Disconnected", kind="line")),
        (AccountStatus.ONBOARDING.value, badge("Not finished")),
        badge("Not connected", kind="line"),
    )
    return rx.el.p(shown, role="status")


def _item(item: CheckItem) -> rx.Component:
    done: Any = item.state == "done"
    sign = rx.match(
        item.state,
        ("done", rx.el.span(icon("check"), class_name="pay-step done")),
        ("next", rx.el.span(class_name="pay-step next")),
        rx.el.span(class_name="pay-step"),
    )
    said = rx.match(item.state, ("done", "done"), ("next", "next"), "not yet")
    return rx.el.li(
        sign,
        rx.el.div(
            rx.el.span(item.title, rx.el.span(", ", said, class_name="vh"), class_name=rx.cond(done, "strong", "soft")),
            rx.el.span(item.hint, class_name="meta block"),
            class_name="what",
        ),
        key=item.key + item.state,
        class_name="pay-item",
    )


def _wanted(account: AccountView) -> rx.Component:
    return setting(
        rx.el.ul(rx.foreach(account.wanted, lambda each: rx.el.li(each, key=text_of(each))), class_name="pay-wanted"),
        rx.cond(
            account.disabled_reason, note("Stripe’s reason: ", account.disabled_reason, kind="warn"), rx.fragment()
        ),
        title="What Stripe asks for",
        hint="You give it to Stripe, not to us.",
    )


def _deeds(account: AccountView) -> rx.Component:
    begin = run(prepare_onboarding, go=lambda path: path)
    waiting = busy(prepare_onboarding)
    words = rx.match(
        account.status,
        (AccountStatus.ONBOARDING.value, "Continue at Stripe"),
        (AccountStatus.RESTRICTED.value, "Continue at Stripe"),
        (AccountStatus.DISCONNECTED.value, "Connect again"),
        "Connect with Stripe",
    )
    away = rx.cond(
        account.open_payments > 0,
        rx.el.p("You can disconnect once the open payments have ended.", class_name="meta"),
        button("Disconnect…", kind="quiet", on_click=_disconnect.open()),
    )
    status: Any = account.status
    connected = status.bool() & (status != AccountStatus.DISCONNECTED.value)
    return rx.el.div(
        rx.cond(
            account.is_ready,
            button("Change details at Stripe", icon="external_link", on_click=begin, busy=waiting),
            button(words, kind="ink", icon="external_link", on_click=begin, busy=waiting),
        ),
        rx.cond(account.is_ready, link_button("See your payments", href="/payments"), rx.fragment()),
        rx.cond(account.provider_id & connected, away, rx.fragment()),
        class_name="row wrap",
    )


def _about(account: AccountView) -> rx.Component:
    currency: Any = account.currency
    return setting(
        rx.el.p(rx.el.code(account.provider_id), rx.cond(currency, rx.fragment(", ", currency), ""), class_name="soft"),
        title="Account",
        hint="Stripe’s own number for it, when you ask them something.",
    )
