"""What the viewer paid, or may still pay: the list, and one receipt that follows the payment by itself."""

from typing import Any

import reflex as rx

from memberpulse.domains.payments.models import PaymentStatus
from memberpulse.domains.payments.queries import get_my_receipt, list_my_receipts
from memberpulse.domains.payments.reserving import cancel_payment
from memberpulse.domains.payments.schemas import Receipt, ReceiptList, ReceiptRow
from memberpulse.domains.payments.ui.components import leave_to, refund_rows, status_badge
from memberpulse.ui.components import (
    Column,
    anchor,
    button,
    cell,
    empty_state,
    error_state,
    head,
    link,
    link_button,
    note,
    relative_time,
    row_keys,
    rows_skeleton,
    section,
    table,
    table_row,
    table_skeleton,
)
from memberpulse.ui.expressions import expression, size_of, text_of
from memberpulse.ui.layout import app_page
from memberpulse.ui.live import LiveList, busy, live, live_list, route_arg, run
from memberpulse.ui.page import page
from memberpulse.ui.trail import Trail

_COLUMNS = (
    Column("For"),
    Column("State", width="9rem"),
    Column("When", phone=False, width="8rem"),
    Column("Amount", number=True, width="7rem"),
)


@page("/receipts", "Receipts", requires="payments.pay", sheets=("work",))
def receipts_page() -> rx.Component:
    receipts = live_list(list_my_receipts)
    none = empty_state(
        "You have not paid for anything here",
        "When you join something that has a price, its receipt stands here.",
        link_button("Back to the dashboard", href="/dashboard"),
    )
    return app_page(
        "Receipts",
        receipts.view(
            lambda found: _table(found, receipts),
            table_skeleton(4, 6, label="Loading receipts"),
            empty=(size_of(receipts.value.rows) == 0, none),
            failed=error_state(receipts, what="Your receipts"),
        ),
        row_keys("tr[data-row]", opens="a"),
    )


def _table(found: ReceiptList, receipts: LiveList[ReceiptList]) -> rx.Component:
    more = button("Show more", on_click=receipts.more, busy=receipts.loading_more)
    return rx.fragment(
        table(
            rx.foreach(found.rows, _row), columns=_COLUMNS, label="Your receipts", size="people", scope=receipts.pages
        ),
        rx.cond(receipts.has_more, rx.el.div(more, class_name="more-row"), rx.fragment()),
    )


def _row(receipt: ReceiptRow) -> rx.Component:
    words = rx.el.span(
        anchor(
            rx.el.bdi(receipt.description),
            href=expression("`/receipts/${{0}}`", receipt.id),
            class_name="strong cut pay-open",
        ),
        rx.el.span("To ", rx.el.bdi(receipt.payee), class_name="meta cut block"),
        class_name="col",
    )
    back = rx.cond(receipt.refunded, rx.el.span("−", receipt.refunded, class_name="meta block tn"), rx.fragment())
    return table_row(
        cell(words, class_name="record-what"),
        cell(status_badge(receipt.status, receipt.words)),
        cell(relative_time(receipt.created_at)),
        cell(rx.el.span(receipt.amount, class_name="tn strong"), back, number=True),
        key=text_of(receipt.id),
        tab_index=-1,
        custom_attrs={"data-row": ""},
        class_name="pay-row",
    )


@page("/receipts/[payment_id]", "Receipt", requires="payments.pay", sheets=("work",))
def receipt_page() -> rx.Component:
    payment_id: Any = route_arg("payment_id")
    found = live(get_my_receipt, payment_id=payment_id)
    gone = rx.el.p(found.error, " ", link("Your receipts", href="/receipts"), role="status", class_name="pad")
    return app_page(
        "Receipt",
        found.view(
            _receipt,
            rows_skeleton(4, avatars=False, label="Loading the receipt"),
            failed=error_state(found, what="The receipt"),
            forbidden=gone,
        ),
        crumb=Trail(
            (("Receipts", "/receipts"),), rx.cond(found.status == "ready", found.value.payment.amount, "Receipt")
        ),
        heading=head(
            rx.cond(
                found.status == "ready",
                status_badge(found.value.payment.status, found.value.payment.words),
                rx.fragment(),
            ),
            title=rx.cond(found.status == "ready", found.value.payment.amount, "Receipt"),
        ),
    )


def _receipt(found: Receipt) -> rx.Component:
    payment = found.payment
    return rx.el.div(
        section(_news(payment), _deeds(payment), title="How it stands", padded=True),
        section(_facts(payment), title="Receipt", padded=True),
        rx.cond(size_of(found.refunds) > 0, section(refund_rows(found.refunds), title="Refunds"), rx.fragment()),
        class_name="pay-receipt",
    )


def _news(payment: ReceiptRow) -> rx.Component:
    """What the payer should know, in one sentence."""
    open_ = rx.cond(
        payment.failure,
        note(payment.failure, " Nothing was charged; you can try again.", kind="warn", role="status"),
        rx.el.p(
            "Your place is reserved until ",
            relative_time(payment.expires_at, form="clock"),
            ". If you have just paid, this turns by itself in a moment.",
            role="status",
        ),
    )
    sentences = {
        PaymentStatus.PAID: "Paid. A receipt is on its way to your address.",
        PaymentStatus.PARTLY_REFUNDED: "Paid, and partly refunded.",
        PaymentStatus.REFUNDED: "All of it went back to your card. Banks show it after five to ten days.",
        PaymentStatus.EXPIRED: "The reservation ended before it was paid. Nothing was charged.",
        PaymentStatus.CANCELLED: "You gave this up, or it was called off. Nothing was charged.",
        PaymentStatus.LATE: "Your payment came when the reservation had ended. All of it goes back to your card.",
    }
    closed = rx.match(
        payment.status,
        *[(status.value, words) for status, words in sentences.items()],
        "The reservation is over. Nothing was charged.",
    )
    return rx.cond(payment.is_open, open_, rx.el.p(closed, role="status"))


def _deeds(payment: ReceiptRow) -> rx.Component:
    pay = button(rx.fragment("Pay ", payment.amount), kind="ink", on_click=leave_to(payment.pay_path))
    give_up = button(
        "Give it up",
        kind="quiet",
        on_click=run(cancel_payment, payment_id=payment.id, done="Nothing was charged"),
        busy=busy(cancel_payment),
    )
    return rx.el.div(
        rx.cond(payment.is_open, rx.fragment(pay, give_up), rx.fragment()),
        link_button("Back to what it is for", href=payment.return_path),
        class_name="row wrap pay-deeds",
    )


def _facts(payment: ReceiptRow) -> rx.Component:
    paid_at: Any = payment.paid_at
    lines = [
        ("For", rx.el.bdi(payment.description)),
        ("To", rx.fragment(rx.el.bdi(payment.payee), ", ", rx.el.bdi(payment.organization))),
        ("Amount", rx.el.span(payment.amount, class_name="tn")),
        ("Paid", rx.cond(paid_at, relative_time(paid_at), "Not paid")),
        ("Number", rx.el.code(text_of(payment.id))),
    ]
    return rx.el.dl(*[rx.el.div(rx.el.dt(name), rx.el.dd(value)) for name, value in lines], class_name="audit-fields")
