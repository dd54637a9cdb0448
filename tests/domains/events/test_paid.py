"""Priced places: no place without its payment, and no payment without its place, whatever happens in between."""

import asyncio
import signal
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from memberpulse.domains.events.errors import ChangedSince
from memberpulse.domains.events.lines.joining import leave_line
from memberpulse.domains.events.lines.undoing import undo_deed
from memberpulse.domains.events.models import PlaceStatus
from memberpulse.domains.events.mutations import cancel_event, create_event, publish_event
from memberpulse.domains.events.schemas import MyPlace
from memberpulse.domains.payments.models import PaymentStatus
from memberpulse.domains.payments.steps import NAMES
from memberpulse.engine import MutationCtx, utc_now
from memberpulse.engine.errors import EngineError
from memberpulse.engine.tables import EngineJob
from tests.domains.events.conftest import Fair, an_event
from tests.domains.payments import till_process
from tests.domains.payments.conftest import Till, stripe, till
from tests.forking import processes

__all__ = ["stripe", "till"]

pytestmark = pytest.mark.anyio

PRICE: dict[str, Any] = {"price_amount": 1250, "currency": "GBP"}
EVENT_STEPS = [name for name in NAMES if name.startswith("event.")]
EXPIRY_STEPS = [name for name in NAMES if name.startswith("expiry.")]


async def a_priced_fair(till: Till) -> Fair:
    await till.connect(till.cast.cleo)
    event_id = await till.engine.mutate(create_event, caller=till.cast.cleo, **an_event(**PRICE))
    await till.engine.mutate(publish_event, caller=till.cast.cleo, event_id=event_id)
    return Fair(till.cast, event_id)


async def a_paid_place(till: Till) -> tuple[Fair, MyPlace]:
    """Max has paid, and his place is in the line."""
    fair = await a_priced_fair(till)
    await fair.join(till.cast.max)
    mine = await fair.mine(till.cast.max)
    assert mine.payment_id
    await till.pay(till.cast.max, mine.payment_id)
    await till.deliver_all()
    return fair, mine


async def due(till: Till) -> None:
    """Let all that is scheduled be due, and work it off."""

    def now(ctx: MutationCtx) -> None:
        ctx.db.execute(update(EngineJob).where(EngineJob.function == "events.return_money").values(run_at=utc_now()))  # type: ignore[arg-type]

    await till.engine.transact_async(now, till.cast.ann)
    await till.work_off()


async def test_a_priced_event_needs_somebody_who_can_be_paid(till: Till) -> None:
    event_id = await till.engine.mutate(create_event, caller=till.cast.cleo, **an_event(**PRICE))
    with pytest.raises(EngineError) as refused:
        await till.engine.mutate(publish_event, caller=till.cast.cleo, event_id=event_id)
    assert refused.value.code == "payee_not_ready"


async def test_a_place_is_reserved_paid_for_and_then_in_the_line(till: Till) -> None:
    fair = await a_priced_fair(till)
    joined = await fair.join(till.cast.max)
    mine = await fair.mine(till.cast.max)
    assert (joined.status, mine.status, await fair.names()) == (PlaceStatus.RESERVED, PlaceStatus.RESERVED, [])
    assert joined.pay_path == mine.pay_path == f"/pay/{mine.payment_id}"
    assert mine.payment_id
    await till.pay(till.cast.max, mine.payment_id)
    await till.deliver_all()
    await till.deliver_all()
    assert await fair.names() == ["Max"]
    assert (await fair.mine(till.cast.max)).pay_path == ""
    await fair.do(leave_line, till.cast.max, place_id=joined.place_id)
    await due(till)
    await till.deliver_all()
    assert (await till.payment(mine.payment_id)).status is PaymentStatus.REFUNDED
    assert await till.ledger() == [("charge", 1250), ("refund", -1250)]


async def test_money_goes_back_for_the_leave_that_stands_and_for_no_undone_one(till: Till) -> None:
    fair, mine = await a_paid_place(till)
    assert mine.payment_id
    first = await fair.do(leave_line, till.cast.max, place_id=mine.place_id)
    await fair.do(undo_deed, till.cast.max, entry_id=first.entry_id)
    second = await fair.do(leave_line, till.cast.max, place_id=mine.place_id)

    def of_the_first(ctx: MutationCtx) -> None:
        promised = select(EngineJob).where(col(EngineJob.function) == "events.return_money")
        ctx.db.scalars(promised.order_by(col(EngineJob.created_at)).limit(1)).one().run_at = utc_now()

    await till.engine.transact_async(of_the_first, till.cast.ann)
    await till.work_off()
    assert (await till.payment(mine.payment_id)).status is PaymentStatus.PAID
    await fair.do(undo_deed, till.cast.max, entry_id=second.entry_id)
    await due(till)
    assert (await fair.mine(till.cast.max)).status is PlaceStatus.WAITING
    assert (await till.payment(mine.payment_id)).status is PaymentStatus.PAID


async def test_nobody_comes_back_into_an_event_that_was_called_off(till: Till) -> None:
    fair, mine = await a_paid_place(till)
    assert mine.payment_id
    left = await fair.do(leave_line, till.cast.max, place_id=mine.place_id)
    await fair.do(cancel_event, event_id=fair.event_id, reason="The roof leaks")
    with pytest.raises(ChangedSince):
        await fair.do(undo_deed, till.cast.max, entry_id=left.entry_id)
    await due(till)
    await till.deliver_all()
    assert (await till.payment(mine.payment_id)).status is PaymentStatus.REFUNDED


async def test_a_reservation_that_ends_frees_its_place_and_late_money_goes_back(till: Till) -> None:
    fair = await a_priced_fair(till)
    await fair.join(till.cast.max)
    mine = await fair.mine(till.cast.max)
    assert mine.payment_id
    await till.pay(till.cast.max, mine.payment_id)
    await fair.do(leave_line, till.cast.max, place_id=mine.place_id)
    assert (await till.payment(mine.payment_id)).status is PaymentStatus.CANCELLED
    await till.deliver_all()
    await till.work_off()
    await till.deliver_all()
    assert (await fair.mine(till.cast.max)).status is PlaceStatus.CANCELLED
    assert (await till.payment(mine.payment_id)).status is PaymentStatus.REFUNDED
    await fair.join(till.cast.max)


async def test_a_cancelled_event_returns_the_money(till: Till) -> None:
    fair, mine = await a_paid_place(till)
    assert mine.payment_id
    await fair.do(cancel_event, event_id=fair.event_id, reason="The roof leaks")
    await till.work_off()
    await till.deliver_all()
    assert (await till.payment(mine.payment_id)).status is PaymentStatus.REFUNDED


async def process(till: Till, house_url: str, do: str, die_at: str = "", **more: Any) -> None:
    fake = {"url": till.stripe.url, "key": till.stripe.key, "secret": till.stripe.secret}
    asked = {"database_url": house_url, "fake": fake, "organization": str(till.cast.here), "do": do, "die_at": die_at}
    running = processes.Process(target=till_process.main, args=({**asked, **more},), daemon=True)
    running.start()
    await asyncio.to_thread(running.join, 240)
    assert running.exitcode == (-signal.SIGKILL if die_at else 0)


async def test_dying_anywhere_between_paying_and_confirming_leaves_place_and_payment_together(
    till: Till, house_url: str
) -> None:
    fair = await a_priced_fair(till)
    for step in EVENT_STEPS:
        await fair.join(till.cast.max)
        mine = await fair.mine(till.cast.max)
        assert mine.payment_id
        await till.pay(till.cast.max, mine.payment_id)
        news = next(each for each in reversed(till.stripe.books.events) if each["type"] == "payment_intent.succeeded")
        await process(till, house_url, "event", step, event=news)
        paid = (await till.payment(mine.payment_id)).status is PaymentStatus.PAID
        assert (await fair.status(mine.place_id) is PlaceStatus.WAITING) is paid, step
        await till.deliver_all()
        assert await fair.status(mine.place_id) is PlaceStatus.WAITING
        await fair.do(leave_line, till.cast.max, place_id=mine.place_id)


async def test_dying_anywhere_at_the_end_of_a_reservation_frees_the_place(till: Till, house_url: str) -> None:
    fair = await a_priced_fair(till)
    for step in EXPIRY_STEPS:
        await fair.join(till.cast.max)
        mine = await fair.mine(till.cast.max)
        assert mine.payment_id
        await till.open(till.cast.max, mine.payment_id)
        await till.end_time(mine.payment_id)
        await process(till, house_url, "jobs", step)
        await process(till, house_url, "jobs")
        assert (await till.payment(mine.payment_id)).status is PaymentStatus.EXPIRED
        assert (await fair.mine(till.cast.max)).end_reason == "expired"
