"""Reads of payments: all for those who manage them, those to oneself for who is paid, one's own for who pays."""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.rules import fold
from memberpulse.domains.organizations.cursors import read_time_cursor, write_cursor
from memberpulse.domains.organizations.models import Organization
from memberpulse.domains.organizations.people import is_member
from memberpulse.domains.organizations.schemas import PersonView, person_view
from memberpulse.domains.payments.carrying import refunds_of
from memberpulse.domains.payments.connecting import account_of, count_open
from memberpulse.domains.payments.errors import PaymentNotFound
from memberpulse.domains.payments.models import (
    LedgerEntry,
    Payment,
    PaymentsShown,
    PaymentStatus,
    Refund,
)
from memberpulse.domains.payments.provider import is_fake, payments_are_offered
from memberpulse.domains.payments.rules import (
    CURRENCIES,
    REFUNDABLE,
    money_words,
    pay_path,
    refundable,
)
from memberpulse.domains.payments.schemas import (
    AccountView,
    LedgerRow,
    Payee,
    PaymentDetail,
    PaymentList,
    PaymentRow,
    PaymentTotals,
    Receipt,
    ReceiptList,
    ReceiptRow,
    RefundRow,
    Total,
)
from memberpulse.domains.payments.words import (
    LEDGER_WORDS,
    REFUND_WORDS,
    STATUSES_SHOWN,
    checklist,
    is_ready,
    status_words,
    wanted_words,
)
from memberpulse.engine import INTERNAL, QueryCtx, query

PAGE_SIZE = 25


# Of accounts


@query(requires=INTERNAL)
def find_payee(ctx: QueryCtx, *, user_id: uuid.UUID) -> Payee | None:
    """Whether and how somebody can be paid in this organization; None when they never connected an account."""
    account = account_of(ctx, user_id)
    if account is None:
        return None
    ready = is_ready(account) and is_member(ctx, user_id) and payments_are_offered()
    return Payee(account.id, account.user_id, account.currency, ready)


@query(requires="payments.connect")
def get_my_account(ctx: QueryCtx) -> AccountView:
    """The caller's own connected account, as a checklist."""
    account = account_of(ctx, ctx.user_id)
    steps = checklist(account)
    return AccountView(
        offered=payments_are_offered(),
        is_fake=is_fake(),
        status=account.status if account else None,
        is_ready=is_ready(account),
        provider_id=(account.provider_id or "") if account else "",
        currency=account.currency if account else "",
        country=account.country if account else "",
        done=sum(each.state == "done" for each in steps),
        steps=steps,
        wanted=wanted_words(account.requirements) if account and account.disconnected_at is None else [],
        disabled_reason=account.disabled_reason.replace("_", " ").replace(".", ": ") if account else "",
        open_payments=count_open(ctx, account.id) if account else 0,
    )


# Of payments, for those who are paid


@query(requires="payments.view")
def list_payments(
    ctx: QueryCtx, *, shown: PaymentsShown = PaymentsShown.ALL, search: str = "", cursor: str | None = None
) -> PaymentList:
    """Payments, the newest first, 25 at a time: all with payments.manage, else those to the caller.

    search: part of what it is for or of the payer's name.
    """
    wanted = matching(ctx, shown, search)
    rows, following = _page(ctx, wanted, cursor)
    return PaymentList(rows=_rows(ctx, rows), next_cursor=following)


@query(requires="payments.view")
def get_totals(ctx: QueryCtx) -> PaymentTotals:
    """What was received and what went back, by currency, of the payments that the caller sees."""
    mine = seen_by(ctx)
    status, currency = col(Payment.status), col(Payment.currency)
    grouped = (
        select(status, currency, func.count(), func.sum(col(Payment.amount)), func.sum(col(Payment.refunded)))
        .select_from(Payment)
        .where(*mine)
        .group_by(status, currency)
    )
    found: list[tuple[PaymentStatus, str, int, int, int]] = [
        (row[0], row[1], int(row[2]), int(row[3] or 0), int(row[4] or 0)) for row in ctx.db.execute(grouped)
    ]
    received = [each for each in found if each[0] in (*REFUNDABLE, PaymentStatus.REFUNDED)]
    return PaymentTotals(
        count=sum(each[2] for each in found),
        waiting=sum(each[2] for each in found if each[0] is PaymentStatus.PENDING),
        totals=[_total(each, received) for each in sorted({each[1] for each in received})],
    )


def _total(currency: str, found: Iterable[tuple[PaymentStatus, str, int, int, int]]) -> Total:
    of = [each for each in found if each[1] == currency]
    received, refunded = sum(each[3] for each in of), sum(each[4] for each in of)
    return Total(
        currency=currency,
        received=money_words(received, currency),
        refunded=money_words(refunded, currency),
        kept=money_words(received - refunded, currency),
        count=sum(each[2] for each in of),
    )


@query(requires="payments.view")
def get_payment(ctx: QueryCtx, *, payment_id: uuid.UUID) -> PaymentDetail:
    """One payment with its refunds and every movement of money. Raises PaymentNotFound (404)."""
    payment = ctx.db.scalars(select(Payment).where(col(Payment.id) == payment_id, *seen_by(ctx))).one_or_none()
    if payment is None:
        raise PaymentNotFound
    entries = select(LedgerEntry).where(col(LedgerEntry.payment_id) == payment_id)
    moved = ctx.db.scalars(entries.order_by(col(LedgerEntry.at), col(LedgerEntry.id)))
    (row,) = _rows(ctx, [payment])
    return PaymentDetail(
        payment=row,
        refunds=_refund_rows(ctx, refunds_of(ctx, payment_id)),
        ledger=[LedgerRow(LEDGER_WORDS[each.kind], money_words(each.amount, each.currency), each.at) for each in moved],
        may_refund=ctx.can("payments.refund") and row.left > 0,
    )


def seen_by(ctx: QueryCtx) -> list[ColumnElement[bool]]:
    """Which payments the caller sees."""
    return [] if ctx.can("payments.manage") else [col(Payment.payee_id) == ctx.user_id]


def matching(ctx: QueryCtx, shown: PaymentsShown, search: str) -> list[ColumnElement[bool]]:
    """What a list is narrowed to, and what the caller sees of it."""
    found = seen_by(ctx)
    if statuses := STATUSES_SHOWN[shown]:
        found.append(col(Payment.status).in_(statuses))
    if term := search.strip()[:100]:
        payers = select(col(Payment.payer_id)).join(User, col(User.id) == col(Payment.payer_id)).distinct()
        named = list(ctx.db.scalars(payers.where(col(User.name_key).contains(fold(term), autoescape=True))))
        said = func.lower(col(Payment.description)).contains(term.lower(), autoescape=True)
        found.append(or_(said, col(Payment.payer_id).in_(named)))
    return found


# Of payments, for whoever paid


@query(requires="payments.pay")
def list_my_receipts(ctx: QueryCtx, *, cursor: str | None = None) -> ReceiptList:
    """What the caller paid or may still pay in this organization, the newest first, 25 at a time."""
    rows, following = _page(ctx, [col(Payment.payer_id) == ctx.user_id], cursor)
    return ReceiptList(rows=_receipts(ctx, rows), next_cursor=following)


@query(requires="payments.pay")
def get_my_receipt(ctx: QueryCtx, *, payment_id: uuid.UUID) -> Receipt:
    """One payment of the caller's with what went back. Raises PaymentNotFound (404)."""
    mine = select(Payment).where(col(Payment.id) == payment_id, col(Payment.payer_id) == ctx.user_id)
    payment = ctx.db.scalars(mine).one_or_none()
    if payment is None:
        raise PaymentNotFound
    (row,) = _receipts(ctx, [payment])
    return Receipt(payment=row, refunds=_refund_rows(ctx, refunds_of(ctx, payment_id), anonymous=True))


def _receipts(ctx: QueryCtx, rows: Sequence[Payment]) -> list[ReceiptRow]:
    if not rows:
        return []
    people = _people(ctx, [each.payee_id for each in rows])
    organization = ctx.db.get_one(Organization, ctx.organization_id).name
    open_ = [each.expires_at for each in rows if each.status is PaymentStatus.PENDING and each.expires_at > ctx.now]
    ctx.stale_at(min(open_, default=None))
    return [_receipt(ctx, each, people, organization) for each in rows]


def _receipt(ctx: QueryCtx, payment: Payment, people: dict[uuid.UUID, PersonView], organization: str) -> ReceiptRow:
    payee = people.get(payment.payee_id)
    return ReceiptRow(
        id=payment.id,
        description=payment.description,
        payee=payee.name if payee else "",
        organization=organization,
        amount=money_words(payment.amount, payment.currency),
        refunded=money_words(payment.refunded, payment.currency) if payment.refunded else "",
        status=payment.status,
        words=status_words(payment.status, payment.failure),
        is_open=payment.status is PaymentStatus.PENDING and payment.expires_at > ctx.now,
        pay_path=pay_path(payment.id),
        return_path=payment.return_path,
        failure=payment.failure if payment.status is PaymentStatus.PENDING else "",
        created_at=payment.created_at,
        paid_at=payment.paid_at,
        expires_at=payment.expires_at,
    )


# Both


def _page(ctx: QueryCtx, wanted: list[ColumnElement[bool]], cursor: str | None) -> tuple[list[Payment], str | None]:
    if cursor:
        at, row_id = read_time_cursor(cursor)
        same_time = and_(col(Payment.created_at) == at, col(Payment.id) < row_id)
        wanted = [*wanted, or_(col(Payment.created_at) < at, same_time)]
    newest_first = (
        select(Payment)
        .where(*wanted)
        .order_by(col(Payment.created_at).desc(), col(Payment.id).desc())
        .limit(PAGE_SIZE + 1)
    )
    found = list(ctx.db.scalars(newest_first))
    page = found[:PAGE_SIZE]
    return page, write_cursor(page[-1].created_at, page[-1].id) if len(found) > PAGE_SIZE else None


def _rows(ctx: QueryCtx, payments: Sequence[Payment]) -> list[PaymentRow]:
    people = _people(ctx, [*(each.payer_id for each in payments), *(each.payee_id for each in payments)])
    going = _going_back(ctx, [each.id for each in payments])
    return [_row(each, people, going.get(each.id, [])) for each in payments]


def _row(payment: Payment, people: dict[uuid.UUID, PersonView], refunds: list[Refund]) -> PaymentRow:
    known, left = CURRENCIES.get(payment.currency), 0
    if payment.status in REFUNDABLE:
        left = refundable(payment.amount, [(each.status, each.amount) for each in refunds])
    return PaymentRow(
        id=payment.id,
        description=payment.description,
        payer=people.get(payment.payer_id),
        payee=people.get(payment.payee_id),
        amount=money_words(payment.amount, payment.currency),
        amount_minor=payment.amount,
        currency=payment.currency,
        digits=known.digits if known else 2,
        refunded=money_words(payment.refunded, payment.currency) if payment.refunded else "",
        left=left,
        left_words=money_words(left, payment.currency),
        status=payment.status,
        words=status_words(payment.status, payment.failure),
        failure=payment.failure if payment.status is PaymentStatus.PENDING else "",
        created_at=payment.created_at,
        paid_at=payment.paid_at,
        expires_at=payment.expires_at,
    )


def _going_back(ctx: QueryCtx, payment_ids: list[uuid.UUID]) -> dict[uuid.UUID, list[Refund]]:
    found: dict[uuid.UUID, list[Refund]] = {}
    if payment_ids:
        for each in ctx.db.scalars(select(Refund).where(col(Refund.payment_id).in_(payment_ids))):
            found.setdefault(each.payment_id, []).append(each)
    return found


def _refund_rows(ctx: QueryCtx, refunds: Sequence[Refund], *, anonymous: bool = False) -> list[RefundRow]:
    people = _people(ctx, [] if anonymous else [each.asked_by for each in refunds if each.asked_by])
    return [
        RefundRow(
            id=each.id,
            amount=money_words(each.amount, each.currency),
            status=each.status,
            words=REFUND_WORDS[each.status],
            reason=each.reason,
            automatic=each.automatic,
            by=people.get(each.asked_by) if each.asked_by else None,
            at=each.done_at or each.created_at,
            failure="" if anonymous else each.failure,
        )
        for each in refunds
    ]


def _people(ctx: QueryCtx, ids: Iterable[Any]) -> dict[uuid.UUID, PersonView]:
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    return {user.id: person_view(user) for user in ctx.db.scalars(select(User).where(col(User.id).in_(wanted)))}
