"""The table of contents of payments."""

from datetime import timedelta

from memberpulse.domains.audit import words
from memberpulse.domains.organizations.facts import MemberLeft, MemberRemoved
from memberpulse.domains.payments import (
    carrying,
    checkout,
    connecting,
    expiring,
    exporting,
    facts,
    http,
    importing,
    jobs,
    listening,
    news,
    personal,
    queries,
    reading,
    refunding,
    reserving,
    toasts,
)
from memberpulse.engine import Cron, Domain, on

words.register_kind("payment", "Payments")
words.register(facts.PaymentSucceeded, "paid for {target}")
words.register(facts.PaymentFailed, "could not pay for {target}")
words.register(facts.PaymentExpired, "did not pay for {target} in time")
words.register(facts.PaymentCancelled, "cancelled the payment for {target}")
words.register(facts.PaymentCameLate, "paid too late for {target}")
words.register(facts.RefundRequested, "asked for a refund of the payment for {target}")
words.register(facts.PaymentRefunded, "refunded the payment for {target}")
words.register(facts.RefundFailed, "could not refund the payment for {target}")
words.register(facts.PaymentsExported, "exported the payments, {rows} in all")
words.register_kind("payee_account", "Stripe accounts")
words.register(facts.AccountChanged, "changed the state of a connected Stripe account")

assert personal, "imported for what it registers"

DOMAIN = Domain(
    name="payments",
    functions=[
        queries.find_payee,
        queries.get_my_account,
        queries.list_payments,
        queries.get_totals,
        queries.get_payment,
        queries.list_my_receipts,
        queries.get_my_receipt,
        toasts.list_my_toasts,
        toasts.prune_toasts,
        reserving.create_payment,
        reserving.cancel_payment,
        reserving.cancel_payment_for,
        checkout.open_checkout,
        checkout.check_payment,
        checkout.find_own,
        checkout.find_to_check_out,
        checkout.note_checkout,
        reading.read_payment,
        reading.find_to_read,
        reading.apply_reading,
        expiring.expire_payment,
        expiring.close_session,
        expiring.is_pending,
        expiring.release,
        refunding.refund_payment,
        refunding.refund_typed,
        refunding.refund_payment_for,
        carrying.carry_out_refund,
        carrying.find_refund,
        carrying.note_refund,
        carrying.note_refusal,
        carrying.try_refund_later,
        connecting.prepare_onboarding,
        connecting.begin_onboarding,
        connecting.refresh_account,
        connecting.disconnect_account,
        connecting.read_account,
        connecting.find_own_account,
        connecting.ask_link,
        connecting.note_account,
        connecting.apply_account,
        news.take_event,
        news.find_subject,
        news.keep_event,
        exporting.export_payments,
        importing.import_account,
        importing.import_payments,
        jobs.reconcile,
        jobs.list_unsettled,
        jobs.promise_again,
        jobs.prune_events,
    ],
    crons=[
        Cron(job=jobs.reconcile, every=timedelta(minutes=1)),
        Cron(job=jobs.promise_again, every=timedelta(minutes=5)),
        Cron(job=toasts.prune_toasts, crontab="20 * * * *"),
        Cron(job=jobs.prune_events, crontab="50 2 * * *"),
    ],
    listeners=[
        on(MemberLeft, listening.cancel_payments_to),
        on(MemberRemoved, listening.cancel_payments_to),
    ],
    routes=http.ROUTES,
    ui="memberpulse.domains.payments.ui.pages",
)
