"""The list of payments: who paid whom for what, how it stands, and what that comes to."""

from typing import Any

import reflex as rx

from memberpulse.domains.organizations.queries import get_viewer
from memberpulse.domains.payments.models import PaymentsShown
from memberpulse.domains.payments.queries import get_totals, list_payments
from memberpulse.domains.payments.schemas import PaymentList, PaymentRow, PaymentTotals, Total
from memberpulse.domains.payments.ui.components import leave_to, status_badge
from memberpulse.ui.address import address_value, set_address
from memberpulse.ui.components import (
    Column,
    anchor,
    avatar,
    button,
    cell,
    empty_state,
    error_state,
    filtered_empty,
    head,
    link_button,
    relative_time,
    row_keys,
    search_field,
    segmented,
    stat,
    strip,
    strip_skeleton,
    table,
    table_row,
    table_skeleton,
    toolbar,
)
from memberpulse.ui.expressions import expression, may, number, size_of, text_of
from memberpulse.ui.layout import KeyHelp, app_page
from memberpulse.ui.live import LiveList, live, live_list
from memberpulse.ui.page import page

_SHOWN = (
    ("", "All"),
    (PaymentsShown.WAITING.value, "Waiting"),
    (PaymentsShown.PAID.value, "Paid"),
    (PaymentsShown.REFUNDED.value, "Refunded"),
    (PaymentsShown.UNPAID.value, "Unpaid"),
)
_COLUMNS = (
    Column("For"),
    Column("State", width="9rem"),
    Column("Payer", phone=False, width="12rem"),
    Column("When", phone=False, width="8rem"),
    Column("Amount", number=True, width="7rem"),
)
_KEYS = (KeyHelp("/", "Search payments"), KeyHelp("J K", "Move"), KeyHelp("↵", "Open the payment"))


@page("/payments", "Payments", requires="payments.view", sheets=("work",))
def payments_page() -> rx.Component:
    shown = expression("({0} || 'all')", address_value("shown"), kind=str)
    payments = live_list(list_payments, shown=shown, search=address_value("q"))
    return app_page(
        "Payments",
        _figures(),
        _tools(),
        payments.view(
            lambda found: _table(found, payments),
            table_skeleton(5, 8, label="Loading payments"),
            empty=(size_of(payments.value.rows) == 0, _none()),
            failed=error_state(payments, what="The payments"),
        ),
        row_keys("tr[data-row]", opens="a"),
        heading=_head(),
        keys=_KEYS,
    )


def _head() -> rx.Component:
    href = expression(
        "`/export/payments?shown=${{0} || 'all'}&search=${encodeURIComponent({1} || '')}`",
        address_value("shown"),
        address_value("q"),
    )
    file = button("Export CSV", icon="download", on_click=leave_to(href))
    connect = rx.cond(
        may(live(get_viewer).value, "payments.connect"),
        link_button("Being paid", href="/settings/payments", kind="quiet"),
        rx.fragment(),
    )
    return head(title="Payments", actions=(connect, file))


def _figures() -> rx.Component:
    totals = live(get_totals)

    def ready(found: PaymentTotals) -> rx.Component:
        waiting = stat("Waiting", number(found.waiting), why="May still be paid", live=True)
        return strip(rx.foreach(found.totals, _total), waiting, label="Totals")

    return totals.view(ready, strip_skeleton(2), failed=error_state(totals, what="The totals", small=True))


def _total(total: Total) -> rx.Component:
    count = expression(
        "({0} === 1 ? '1 payment' : `${sayNumber({0})} payments`)", total.count, sayNumber="$/public/kit/words"
    )
    why = rx.fragment(total.received, " received, ", total.refunded, " refunded, ", count)
    return stat(rx.fragment("Kept, ", total.currency), total.kept, why=why, live=True)


def _tools() -> rx.Component:
    return toolbar(
        search_field(
            label="Search payments",
            placeholder="What for, or who paid",
            value=address_value("q"),
            on_search=set_address("q"),
        ),
        segmented(_SHOWN, value=address_value("shown"), on_change=set_address("shown"), label="State"),
    )


def _table(found: PaymentList, payments: LiveList[PaymentList]) -> rx.Component:
    scope = expression("`${{0}}:${{1}}:${{2}}`", address_value("q"), address_value("shown"), payments.pages)
    more = button("Show more", on_click=payments.more, busy=payments.loading_more)
    return rx.fragment(
        table(rx.foreach(found.rows, _row), columns=_COLUMNS, label="Payments", size="people", scope=scope),
        rx.cond(payments.has_more, rx.el.div(more, class_name="more-row"), rx.fragment()),
    )


def _row(payment: PaymentRow) -> rx.Component:
    payer: Any = payment.payer
    payee: Any = payment.payee
    back = rx.cond(payment.refunded, rx.el.span("−", payment.refunded, class_name="meta block tn"), rx.fragment())
    on_phone = rx.el.span(rx.el.bdi(payer.name), ", ", relative_time(payment.created_at), class_name="only-s2")
    to = rx.el.span("To ", rx.el.bdi(payee.name), class_name="only-l2")
    words = rx.el.span(
        anchor(
            rx.el.bdi(payment.description),
            href=expression("`/payments/${{0}}`", payment.id),
            class_name="strong cut pay-open",
        ),
        rx.el.span(on_phone, to, class_name="meta cut block"),
        class_name="col",
    )
    return table_row(
        cell(words, class_name="record-what"),
        cell(status_badge(payment.status, payment.words)),
        cell(
            rx.el.span(avatar(payer, size="small"), rx.el.bdi(payer.name, class_name="cut"), class_name="row"),
        ),
        cell(relative_time(payment.created_at)),
        cell(rx.el.span(payment.amount, class_name="tn strong"), back, number=True),
        key=text_of(payment.id),
        tab_index=-1,
        custom_attrs={"data-row": ""},
        class_name="pay-row",
    )


def _none() -> rx.Component:
    by_search = filtered_empty(
        rx.fragment("No payment is for or by ", rx.el.b("“", rx.el.bdi(address_value("q")), "”"), "."),
        drop="Clear the search",
        on_drop=set_address("q").partial(""),
    )
    by_state = filtered_empty(
        "No payment is in this state.", drop="Show all payments", on_drop=set_address("shown").partial("")
    )
    first = empty_state(
        "Nobody has paid yet",
        "Connect a Stripe account, then give an event a price: what members pay for it stands here.",
        link_button("Connect an account", href="/settings/payments", kind="ink"),
    )
    return rx.cond(address_value("q"), by_search, rx.cond(address_value("shown"), by_state, first))
