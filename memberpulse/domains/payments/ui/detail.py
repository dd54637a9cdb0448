"""One payment: how it stands, every movement of its money, and sending some of it back."""

from typing import Any

import reflex as rx

from memberpulse.domains.payments.queries import get_payment
from memberpulse.domains.payments.refunding import refund_typed
from memberpulse.domains.payments.schemas import LedgerRow, PaymentDetail, PaymentRow
from memberpulse.domains.payments.ui.components import refund_rows, status_badge
from memberpulse.ui.components import (
    button,
    error_state,
    head,
    link,
    note,
    relative_time,
    row,
    rows,
    rows_skeleton,
    section,
    split,
    text_field,
)
from memberpulse.ui.expressions import expression, size_of, text_of
from memberpulse.ui.layout import app_page
from memberpulse.ui.live import busy, live, live_form, problem, route_arg
from memberpulse.ui.page import page
from memberpulse.ui.trail import Trail


@page("/payments/[payment_id]", "Payment", requires="payments.view", sheets=("work",))
def payment_page() -> rx.Component:
    payment_id: Any = route_arg("payment_id")
    found = live(get_payment, payment_id=payment_id)
    gone = rx.el.p(found.error, " ", link("All payments", href="/payments"), role="status", class_name="pad")
    return app_page(
        "Payment",
        found.view(
            _detail,
            rows_skeleton(5, avatars=False, label="Loading the payment"),
            failed=error_state(found, what="The payment"),
            forbidden=gone,
        ),
        crumb=Trail(
            (("Payments", "/payments"),), rx.cond(found.status == "ready", found.value.payment.amount, "Payment")
        ),
        heading=head(
            rx.cond(
                found.status == "ready",
                status_badge(found.value.payment.status, found.value.payment.words),
                rx.fragment(),
            ),
            title=rx.cond(found.status == "ready", found.value.payment.amount, "Payment"),
        ),
    )


def _detail(found: PaymentDetail) -> rx.Component:
    left = rx.fragment(
        section(_facts(found.payment), title="Payment", padded=True),
        section(_ledger(found), title="What moved"),
        rx.cond(size_of(found.refunds) > 0, section(refund_rows(found.refunds), title="Refunds"), rx.fragment()),
    )
    over = section(
        rx.el.p("There is nothing to refund: nothing was paid, or all of it has gone back.", class_name="soft"),
        title="Refund",
        padded=True,
    )
    return split(left, rx.cond(found.may_refund, section(_refund(found.payment), title="Refund", padded=True), over))


def _facts(payment: PaymentRow) -> rx.Component:
    payer: Any = payment.payer
    payee: Any = payment.payee
    paid_at: Any = payment.paid_at
    lines = [
        ("For", rx.el.bdi(payment.description)),
        ("Paid by", rx.el.bdi(payer.name)),
        ("Paid to", rx.el.bdi(payee.name)),
        ("Begun", relative_time(payment.created_at)),
        ("Paid", rx.cond(paid_at, relative_time(paid_at), "Not yet")),
        ("Number", rx.el.code(text_of(payment.id))),
    ]
    failed = rx.cond(payment.failure, note(payment.failure, kind="warn"), rx.fragment())
    return rx.fragment(
        failed,
        rx.el.dl(*[rx.el.div(rx.el.dt(name), rx.el.dd(value)) for name, value in lines], class_name="audit-fields"),
    )


def _ledger(found: PaymentDetail) -> rx.Component:
    nothing = rx.el.p("No money has moved.", class_name="soft pad")
    moved = rows(rx.foreach(found.ledger, _entry), label="Every movement of money")
    return rx.cond(size_of(found.ledger) > 0, moved, nothing)


def _entry(entry: LedgerRow) -> rx.Component:
    return row(
        entry.words,
        end=rx.fragment(rx.el.span(entry.amount, class_name="tn strong"), relative_time(entry.at)),
        key=text_of(entry.at) + entry.words + entry.amount,
    )


def _refund(payment: PaymentRow) -> rx.Component:
    refused = problem(refund_typed)
    general = rx.cond(
        (refused.message != "") & ~refused.field("amount"),
        note(refused.message, kind="danger", role="alert"),
        rx.fragment(),
    )
    plain = expression("({0} / 10 ** {1}).toFixed({1})", payment.left, payment.digits)
    return live_form(
        refund_typed,
        general,
        text_field(
            "Amount",
            name="amount",
            hint=expression("`At most ${{0}}. It goes back to the card that paid.`", payment.left_words),
            error=refused.field("amount"),
            auto_complete="off",
            default_value=plain,
            custom_attrs={"inputMode": "decimal"},
            key=plain,
        ),
        text_field(
            "Reason",
            name="reason",
            hint="The payer reads it in the letter.",
            error=refused.field("reason"),
            auto_complete="off",
            max_length=200,
            custom_attrs={"dir": "auto"},
        ),
        rx.el.div(button("Refund", kind="ink", submit=True, busy=busy(refund_typed)), class_name="row push-end"),
        arguments={"payment_id": payment.id},
        class_name="col g4",
        aria_label="Refund",
    )
