"""Parts that several pages of payments share, and what the frame around all pages shows of them."""

from typing import Any

import reflex as rx
from reflex.vars.function import ArgsFunctionOperation

from memberpulse.domains.payments.models import PaymentStatus, RefundStatus
from memberpulse.domains.payments.schemas import RefundRow
from memberpulse.domains.payments.toasts import list_my_toasts
from memberpulse.ui.components import badge, note, relative_time, row, rows
from memberpulse.ui.expressions import expression, text_of
from memberpulse.ui.live import live

_OVER = (PaymentStatus.EXPIRED, PaymentStatus.CANCELLED, PaymentStatus.REFUNDED)


def status_badge(status: Any, words: Any) -> Any:
    """A payment's state: live while it may still be paid, a warning where somebody has to look."""
    return rx.match(
        status,
        (
            PaymentStatus.PENDING.value,
            rx.cond(words == "Declined", badge(words, kind="warn"), badge(words, kind="live")),
        ),
        (PaymentStatus.PAID.value, badge(words, icon="check")),
        (PaymentStatus.LATE.value, badge(words, kind="warn")),
        *[(each.value, badge(words, kind="line")) for each in _OVER],
        badge(words),
    )


def refund_rows(refunds: Any) -> rx.Component:
    """What went back, or is on its way."""
    return rows(rx.foreach(refunds, _refund), label="Refunds")


def _refund(refund: RefundRow) -> rx.Component:
    by: Any = refund.by
    who = rx.cond(by, rx.fragment(", asked for by ", rx.el.bdi(by.name)), rx.cond(refund.automatic, ", by itself", ""))
    failed = rx.cond(refund.failure, rx.el.span(refund.failure, class_name="pay-failed block"), rx.fragment())
    return row(
        rx.el.span(refund.amount, class_name="strong tn"),
        rx.el.span(refund.reason, who, class_name="meta block"),
        failed,
        end=rx.fragment(
            rx.match(
                refund.status,
                (RefundStatus.SUCCEEDED.value, badge(refund.words, icon="check")),
                (RefundStatus.FAILED.value, badge(refund.words, kind="danger")),
                badge(refund.words, kind="live"),
            ),
            relative_time(refund.at),
        ),
        key=text_of(refund.id),
    )


def leave_to(path: Any) -> Any:
    """A handler that goes on to an address that the server answers, not a page of the application."""
    return ArgsFunctionOperation.create((), expression("window.location.assign({0})", path))


def stand_in_note() -> rx.Component:
    """Said wherever somebody might think that real money moves."""
    return note("This is the demo: a stand-in plays Stripe, and no money moves.", icon="flask_conical", role="note")


def payment_toasts() -> rx.Component:
    """What happened to the viewer's payments just now, as toasts. Part of the frame around every page."""
    return _Toasts.create(rows=expression("({0} ?? [])", live(list_my_toasts).value, kind=list[Any]))


class _Toasts(rx.Component):
    library = "$/public/payments"
    tag = "PaymentToasts"

    rows: rx.Var[list[Any]]
