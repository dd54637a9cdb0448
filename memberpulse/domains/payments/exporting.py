"""Taking the payments along as a file."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased
from sqlmodel import col
from starlette.requests import Request
from starlette.responses import Response

from memberpulse.domains.accounts.models import User
from memberpulse.domains.organizations.csv_files import write_csv
from memberpulse.domains.organizations.exporting import csv_response
from memberpulse.domains.payments.facts import PaymentsExported
from memberpulse.domains.payments.models import Payment, PaymentsShown
from memberpulse.domains.payments.queries import matching
from memberpulse.domains.payments.rules import plain_amount
from memberpulse.domains.payments.schemas import ExportedPayment
from memberpulse.domains.payments.words import status_words
from memberpulse.engine import MutationCtx, mutation
from memberpulse.engine.errors import BadArguments, EngineError
from memberpulse.engine.http import problem

PATH = "/export/payments"
MOST_ROWS = 50_000
HEADER = (
    "Payment",
    "Created",
    "Paid",
    "For",
    "Payer",
    "Payee",
    "State",
    "Amount",
    "Refunded",
    "Kept",
    "Currency",
    "Stripe",
)


@mutation(requires="payments.view", limit="20/hour", remembers=False)
def export_payments(
    ctx: MutationCtx, *, shown: PaymentsShown = PaymentsShown.ALL, search: str = ""
) -> list[ExportedPayment]:
    """The payments that the caller sees, the newest first, and a line in the audit log. At most 50,000."""
    payer, payee = aliased(User), aliased(User)
    statement = (
        select(Payment, payer, payee)
        .join(payer, col(payer.id) == col(Payment.payer_id))
        .join(payee, col(payee.id) == col(Payment.payee_id))
        .where(*matching(ctx, shown, search))
        .order_by(col(Payment.created_at).desc(), col(Payment.id).desc())
        .limit(MOST_ROWS)
    )
    rows = [_exported(payment, by, to) for payment, by, to in ctx.db.execute(statement)]
    ctx.record(PaymentsExported(entity_id=ctx.organization_id, rows=len(rows)))
    return rows


def _exported(payment: Payment, payer: User, payee: User) -> ExportedPayment:
    return ExportedPayment(
        id=payment.id,
        created_at=payment.created_at,
        paid_at=payment.paid_at,
        description=payment.description,
        payer=payer.name,
        payee=payee.name,
        status=status_words(payment.status, payment.failure),
        amount=payment.amount if payment.paid_at else 0,
        refunded=payment.refunded,
        currency=payment.currency,
        provider_id=payment.intent_id or "",
    )


async def download(request: Request) -> Response:
    """GET /export/payments?shown=…&search=…: a CSV file. What is refused is a problem document."""
    engine = request.state.engine
    try:
        wanted = _filters(request)
        caller = await engine.caller_of(request.scope.get("memberpulse.session"))
        rows: list[ExportedPayment] = await engine.mutate(export_payments, caller=caller, **wanted)
    except EngineError as error:
        return problem(error, engine.request_id_of(error))
    return csv_response(write_csv(HEADER, [_line(row) for row in rows]), "payments.csv")


def _filters(request: Request) -> dict[str, object]:
    given = request.query_params
    try:
        shown = PaymentsShown(given.get("shown") or PaymentsShown.ALL)
    except ValueError:
        raise BadArguments(fields={"shown": "This is no such list of payments."}) from None
    return {"shown": shown, "search": given.get("search", "")[:100]}


def _line(row: ExportedPayment) -> list[str]:
    def money(amount: int) -> str:
        return plain_amount(amount, row.currency)

    return [
        str(row.id),
        _instant(row.created_at),
        _instant(row.paid_at),
        row.description,
        row.payer,
        row.payee,
        row.status,
        money(row.amount),
        money(row.refunded),
        money(row.amount - row.refunded),
        row.currency,
        row.provider_id,
    ]


def _instant(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S UTC") if at else ""
