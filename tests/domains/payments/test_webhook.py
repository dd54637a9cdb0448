"""Events: signed, bounded, counted once, in any order; forged ones and those of other accounts touch nothing."""

import asyncio
import json
import os
import random
import time
from typing import Any

import pytest

from memberpulse.demo.stripe.deliveries import sign
from memberpulse.domains.payments.http import LARGEST_BODY
from memberpulse.domains.payments.models import PaymentStatus
from tests.domains.payments.conftest import DECLINED, GOOD, Till
from tests.domains.payments.test_payments import paid, toasts

pytestmark = pytest.mark.anyio

DELIVERIES = int(os.environ.get("DELIVERIES", "150"))
WEBHOOK = "/api/webhooks/stripe-connect"


async def a_paid_event(till: Till) -> tuple[Any, dict[str, Any]]:
    account = await till.connect(till.cast.cleo)
    payment_id = await till.reserve(till.cast.max, account)
    await till.pay(till.cast.max, payment_id)
    return payment_id, next(each for each in till.stripe.books.events if each["type"] == "payment_intent.succeeded")


async def test_a_wrong_signature_is_refused_and_changes_nothing(till: Till) -> None:
    payment_id, event = await a_paid_event(till)
    before = await till.events()
    body, headers = sign(event, till.stripe.secret)
    wrong: list[tuple[bytes, dict[str, str]]] = [
        (body, {}),
        (body, {"stripe-signature": "nonsense"}),
        (body, {"stripe-signature": "t=x,v1=y"}),
        (body, {"stripe-signature": headers["stripe-signature"].replace("v1=", "v0=")}),
        sign(event, "whsec_another"),
        sign(event, till.stripe.secret, time.time() - 400),
        sign(event, till.stripe.secret, time.time() + 400),
        (body[:-1], headers),
        (body.replace(b"succeeded", b"SUCCEEDED"), headers),
        (b"\xff\xfe" + body, headers),
        (b"", headers),
    ]
    for given, said in wrong:
        answer = await till.door.post(WEBHOOK, content=given, headers=said)
        assert answer.status_code == 400, answer.text
    assert await till.events() == before
    assert (await till.payment(payment_id)).status is PaymentStatus.PENDING


async def test_what_is_signed_and_still_no_event_is_refused(till: Till) -> None:
    from stripe import WebhookSignature

    for body in ("[]", "null", "{}", '{"id": 5, "type": "x"}', '"text"', "{", "NaN"):
        headers = {"stripe-signature": WebhookSignature.generate_signature_header(body, till.stripe.secret)}
        assert (await till.door.post(WEBHOOK, content=body.encode(), headers=headers)).status_code == 400
    answer = await till.door.post(WEBHOOK, content=b"x" * (LARGEST_BODY + 1))
    assert answer.status_code == 413


async def test_unknown_types_are_kept_and_ignored(till: Till) -> None:
    event = till.stripe.books.tell("capability.updated", {"id": "card_payments", "object": "capability"}, "acct_1")
    assert await till.deliver(event) == 200
    assert await till.events() == {event["id"]: "ignored"}


async def test_an_event_of_another_account_cannot_touch_our_payment(till: Till) -> None:
    payment_id, event = await a_paid_event(till)
    other = till.stripe.books.create_account({"email": "mallory@post.example"})["id"]
    assert await till.deliver({**event, "id": "evt_forged", "account": other}) == 200
    nobodys = {key: value for key, value in event.items() if key != "account"}
    assert await till.deliver({**nobodys, "id": "evt_platform"}) == 200
    assert (await till.payment(payment_id)).status is PaymentStatus.PENDING
    found = await till.events()
    assert (found["evt_forged"], found["evt_platform"]) == ("unmatched", "unmatched")


async def test_an_intent_that_only_names_our_payment_confirms_nothing(till: Till) -> None:
    """The holder of the account can make any intent themselves, with our id in its metadata and another amount."""
    account = await till.connect(till.cast.cleo)
    payment_id = await till.reserve(till.cast.max, account)
    await till.open(till.cast.max, payment_id)
    cheap = {
        "id": "pi_cheap",
        "object": "payment_intent",
        "status": "succeeded",
        "amount": 1,
        "amount_received": 1,
        "metadata": {"memberpulse_payment": str(payment_id)},
    }
    assert (
        await till.deliver(till.stripe.books.tell("payment_intent.succeeded", cheap, str(account.provider_id))) == 200
    )
    assert (await till.payment(payment_id)).status is PaymentStatus.PENDING


async def test_another_amount_than_asked_for_confirms_nothing_and_is_noted(till: Till) -> None:
    payment_id, event = await a_paid_event(till)
    intent = till.stripe.books.intents[event["data"]["object"]["id"]]
    intent["amount_received"] = 1
    assert await till.deliver(event) == 200
    assert (await till.events())[event["id"]] == "mismatched"
    assert (await till.payment(payment_id)).status is PaymentStatus.PENDING
    assert await till.ledger() == []


async def test_two_of_one_event_at_the_same_moment_count_once(till: Till) -> None:
    payment_id, event = await a_paid_event(till)
    answers = await asyncio.gather(*(till.deliver(event) for _ in range(8)))
    assert set(answers) == {200}
    assert (await till.payment(payment_id)).status is PaymentStatus.PAID
    assert await till.ledger() == [("charge", 1250)]
    assert await toasts(till, till.cast.max) == ["£12.50 paid"]


async def test_while_stripe_does_not_answer_the_event_is_left_to_come_again(till: Till) -> None:
    payment_id, event = await a_paid_event(till)
    till.stripe.api.down = True
    assert await till.deliver(event) == 503
    assert event["id"] not in await till.events()
    till.stripe.api.down = False
    assert await till.deliver(event) == 200
    assert (await till.payment(payment_id)).status is PaymentStatus.PAID


async def test_a_fault_of_ours_is_a_500_and_leaves_nothing(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    payment_id, event = await a_paid_event(till)

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("memberpulse.domains.payments.reading.tell_succeeded", broken)
    assert await till.deliver(event) == 500
    assert event["id"] not in await till.events()
    assert (await till.payment(payment_id)).status is PaymentStatus.PENDING
    assert await till.ledger() == []
    monkeypatch.undo()
    assert await till.deliver(event) == 200
    assert (await till.payment(payment_id)).status is PaymentStatus.PAID


async def test_an_old_failure_told_after_the_success_changes_nothing(till: Till) -> None:
    account = await till.connect(till.cast.cleo)
    payment_id = await till.reserve(till.cast.max, account)
    await till.pay(till.cast.max, payment_id, DECLINED)
    await till.pay(till.cast.max, payment_id, GOOD)
    kinds = {each["type"]: each for each in till.stripe.books.events}
    assert await till.deliver(kinds["payment_intent.succeeded"]) == 200
    assert await till.deliver(kinds["payment_intent.payment_failed"]) == 200
    assert (await till.payment(payment_id)).status is PaymentStatus.PAID
    assert await toasts(till, till.cast.max) == ["£12.50 paid"]


async def test_deliveries_in_any_order_number_and_shape_leave_the_ledger_equal_to_stripes(till: Till) -> None:
    """DELIVERIES of them: duplicates, reordered, forged, truncated, replayed after days, two at the same moment."""
    chance = random.Random(DELIVERIES)
    account = await till.connect(till.cast.cleo)
    payments = await some_traffic(till, account, chance, count=max(6, DELIVERIES // 40))
    events = till.stripe.books.events
    for _ in range(DELIVERIES):
        await one_delivery(till, chance, chance.choice(events))
        if chance.random() < 0.05:
            await till.work_off()
    await till.deliver_all()
    await till.work_off()
    await till.deliver_all()
    assert sum(amount for _, amount in await till.ledger()) == till.stripe.books.balance(str(account.provider_id))
    for payment_id in payments:
        await same_as_stripes(till, payment_id)


async def some_traffic(till: Till, account: Any, chance: random.Random, count: int) -> list[Any]:
    """Payments that were paid, declined, left, given up, and refunded in Stripe's dashboard."""
    made: list[Any] = []
    for number in range(count):
        payment_id = await till.reserve(till.cast.max, account, 100 + number)
        made.append(payment_id)
        session_id = await till.open(till.cast.max, payment_id)
        fate = chance.choice(("pay", "decline", "decline and pay", "leave", "late", "refund"))
        if "decline" in fate:
            till.stripe.books.pay(session_id, DECLINED)
        if fate == "late":
            from memberpulse.domains.payments.reserving import cancel_payment

            await till.engine.mutate(cancel_payment, caller=till.cast.max, payment_id=payment_id)
        if fate not in ("decline", "leave"):
            till.stripe.books.pay(session_id, GOOD)
        if fate == "refund":
            intent_id = till.stripe.books.sessions[session_id]["payment_intent"]
            part = {"payment_intent": intent_id, "amount": str(chance.randint(1, 100))}
            till.stripe.books.create_refund(str(account.provider_id), part)
    return made


async def one_delivery(till: Till, chance: random.Random, event: dict[str, Any]) -> None:
    shape = chance.choice(("plain", "plain", "twice", "forged", "truncated", "days later", "foreign"))
    body, headers = sign(event, till.stripe.secret)
    if shape == "plain":
        assert await till.deliver(event) == 200
    elif shape == "twice":
        assert set(await asyncio.gather(till.deliver(event), till.deliver(event))) == {200}
    elif shape == "forged":
        assert await till.deliver(event, secret="whsec_wrong") == 400
    elif shape == "truncated":
        cut = await till.door.post(WEBHOOK, content=body[: chance.randrange(len(body))], headers=headers)
        assert cut.status_code == 400
    elif shape == "days later":
        assert await till.deliver(event, at=time.time() - 3 * 86_400) == 400
        assert await till.deliver(event) == 200
    else:
        other = json.loads(json.dumps(event)) | {"id": f"evt_{chance.random()}", "account": "acct_other"}
        assert await till.deliver(other) == 200


async def same_as_stripes(till: Till, payment_id: Any) -> None:
    payment = await till.payment(payment_id)
    session = till.stripe.books.sessions[str(payment.session_id)]
    paid_there = session["payment_status"] == "paid"
    assert (payment.paid_at is not None) == paid_there
    if not paid_there:
        return
    intent = till.stripe.books.intents[session["payment_intent"]]
    back = sum(each["amount"] for each in till.stripe.books.refunds_of(intent["id"]))
    assert (payment.amount, payment.refunded) == (intent["amount_received"], back)


async def test_a_paid_payment_is_not_paid_twice_by_a_replay_after_it_was_forgotten(till: Till) -> None:
    """Stripe's events are forgotten after 90 days; one that is replayed later is news that changes nothing."""
    from sqlalchemy import delete

    from memberpulse.domains.payments.models import ProviderEvent

    payment_id = await paid(till)
    await till.cast.write(lambda ctx: ctx.db.execute(delete(ProviderEvent)))
    await till.deliver_all()
    assert await till.ledger() == [("charge", 1250)]
    assert (await till.payment(payment_id)).status is PaymentStatus.PAID
