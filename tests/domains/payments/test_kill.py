"""`kill -9` between every two steps of pay → confirm, expire, and refund → record: no money is lost or doubled."""

import asyncio
import signal
import uuid
from datetime import timedelta
from typing import Any

import pytest

from memberpulse.domains.payments.expiring import expire_payment
from memberpulse.domains.payments.models import PaymentStatus
from memberpulse.domains.payments.refunding import refund_payment_for
from memberpulse.domains.payments.steps import NAMES
from memberpulse.engine import system
from tests.domains.payments import till_process
from tests.domains.payments.conftest import Till
from tests.domains.payments.test_payments import paid, toasts
from tests.forking import processes

pytestmark = pytest.mark.anyio

CHECKOUT, EVENT, EXPIRY, REFUND = (
    [name for name in NAMES if name.startswith(part)] for part in ("checkout.", "event.", "expiry.", "refund.")
)


async def process(till: Till, house_url: str, do: str, die_at: str = "", **more: Any) -> bool:
    """Another process does something; whether it came to the end. Where it is to die, it must have died of that."""
    fake = {"url": till.stripe.url, "key": till.stripe.key, "secret": till.stripe.secret}
    asked = {"database_url": house_url, "fake": fake, "do": do, "die_at": die_at}
    running = processes.Process(target=till_process.main, args=({**asked, **more},), daemon=True)
    running.start()
    await asyncio.to_thread(running.join, 60)
    if die_at:
        assert running.exitcode == -signal.SIGKILL, f"it did not die at {die_at}"
    return running.exitcode == 0


def test_every_step_has_a_death() -> None:
    assert sorted([*CHECKOUT, *EVENT, *EXPIRY, *REFUND]) == sorted(NAMES)


async def test_dying_anywhere_on_the_way_to_pay_opens_one_page_and_takes_the_money_once(
    till: Till, house_url: str
) -> None:
    account = await till.connect(till.cast.cleo)
    for count, step in enumerate(CHECKOUT, 1):
        payment_id = await till.reserve(till.cast.max, account)
        who = {"payer": till.cast.max.reference, "payment": str(payment_id)}
        assert not await process(till, house_url, "open", step, **who)
        session_id = await till.open(till.cast.max, payment_id)
        assert len(till.stripe.books.sessions) == count, f"{step}: a second page was made"
        till.stripe.books.pay(session_id, "4242424242424242")
        await till.deliver_all()
        assert (await till.payment(payment_id)).status is PaymentStatus.PAID
    await books_agree(till, 1250 * len(CHECKOUT))


async def test_dying_anywhere_on_the_way_to_confirm_confirms_once(till: Till, house_url: str) -> None:
    account = await till.connect(till.cast.cleo)
    for step in EVENT:
        payment_id = await till.reserve(till.cast.max, account)
        await till.pay(till.cast.max, payment_id)
        event = next(each for each in reversed(till.stripe.books.events) if each["type"] == "payment_intent.succeeded")
        assert not await process(till, house_url, "event", step, event=event)
        expected = PaymentStatus.PAID if step == "event.applied" else PaymentStatus.PENDING
        assert (await till.payment(payment_id)).status is expected, "half of the effect was there"
        await till.deliver_all()
        assert (await till.payment(payment_id)).status is PaymentStatus.PAID
    await books_agree(till, 1250 * len(EVENT))
    assert await toasts(till, till.cast.max) == ["£12.50 paid"] * len(EVENT)


@pytest.mark.parametrize("step", REFUND)
async def test_dying_anywhere_on_the_way_to_refund_sends_the_money_back_once(
    till: Till, house_url: str, step: str
) -> None:
    payment_id = await paid(till)
    here = system(till.cast.here)
    await till.engine.mutate(refund_payment_for, caller=here, payment_id=payment_id, reason="The end")
    assert not await process(till, house_url, "jobs", step)
    assert await process(till, house_url, "jobs")
    await till.deliver_all()
    assert (await till.payment(payment_id)).status is PaymentStatus.REFUNDED
    assert await till.ledger() == [("charge", 1250), ("refund", -1250)]
    assert len(till.stripe.books.refunds) == 1
    await books_agree(till, 0)


@pytest.mark.parametrize("step", EXPIRY)
async def test_dying_anywhere_at_the_end_of_a_reservation_releases_the_place_once(
    till: Till, house_url: str, step: str
) -> None:
    account = await till.connect(till.cast.cleo)
    payment_id = await till.reserve(till.cast.max, account, reserve_for=timedelta(seconds=3600))
    session_id = await till.open(till.cast.max, payment_id)
    await till.end_time(payment_id)
    await late(till, payment_id)
    assert not await process(till, house_url, "jobs", step)
    assert await process(till, house_url, "jobs")
    assert till.stripe.books.sessions[session_id]["status"] == "expired"
    assert (await till.payment(payment_id)).status is PaymentStatus.EXPIRED
    assert await toasts(till, till.cast.max) == ["Your reservation has ended"]
    await books_agree(till, 0)


async def late(till: Till, payment_id: uuid.UUID) -> None:
    from memberpulse.domains.payments.models import Payment

    def older(ctx: Any) -> None:
        ctx.db.get_one(Payment, payment_id).expires_at -= timedelta(hours=2)
        ctx.schedule(expire_payment, payment_id=payment_id)

    await till.cast.write(older)


async def books_agree(till: Till, expected: int) -> None:
    account = await till.account(till.cast.cleo)
    ours = sum(amount for _, amount in await till.ledger())
    assert ours == till.stripe.books.balance(str(account.provider_id)) == expected
