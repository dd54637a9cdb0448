"""The demo's payments: a creator with a connected account, and what people have paid her over the last weeks."""

from datetime import timedelta
from random import Random

from memberpulse.demo.people import FERNHILL, SIGN_INS, id_of
from memberpulse.domains.payments.importing import PaymentImport, import_account, import_payments
from memberpulse.engine import MutationCtx

CREATOR_ACCOUNT = "acct_demo_creator"
SOLD = (
    ("Sharpening evening", 1250),
    ("Saturday repair café", 500),
    ("Chainsaw safety course", 4500),
    ("Bookbinding for beginners", 2800),
    ("Bicycle wheel building", 3200),
)
HOW_MANY = 34


def add_payments(ctx: MutationCtx, chance: Random) -> None:
    """One connected account, of whoever signs in as a creator, and payments to it: some refunded, some never made."""
    creator, member = (id_of(next(each.email for each in SIGN_INS if each.key == key)) for key in ("creator", "member"))
    account_id = import_account(
        ctx,
        user_id=creator,
        provider_id=CREATOR_ACCOUNT,
        currency="GBP",
        created_at=ctx.now - timedelta(days=200),
    )
    payers = [id_of(each.email) for each in FERNHILL if id_of(each.email) != creator]
    found: list[PaymentImport] = []
    at = ctx.now - timedelta(hours=2)
    for position in range(HOW_MANY):
        what, amount = SOLD[chance.randrange(len(SOLD))]
        payer = member if position % 9 == 2 else payers[chance.randrange(len(payers))]
        fate = chance.random()
        refunded = amount if fate < 0.08 else amount // 2 if fate < 0.14 else 0
        found.append(
            PaymentImport(
                description=what,
                payer_id=payer,
                amount=amount,
                currency="GBP",
                created_at=at,
                paid=fate < 0.92,
                refunded=refunded,
                reason=("The workshop was full" if refunded == amount else "It ended an hour early")
                if refunded
                else "",
            )
        )
        at -= timedelta(minutes=chance.randrange(400, 2600))
    import_payments(ctx, account_id=account_id, payments=list(reversed(found)))
