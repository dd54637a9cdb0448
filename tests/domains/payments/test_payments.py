"""Paying: reserve, pay, confirm; what fails, expires, comes late; refunds; who may see and do what."""

import asyncio
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from memberpulse.domains.audit.queries import list_entries
from memberpulse.domains.mail.models import Message
from memberpulse.domains.organizations.models import Role
from memberpulse.domains.organizations.mutations import remove_member
from memberpulse.domains.payments.checkout import open_checkout
from memberpulse.domains.payments.connecting import apply_account, begin_onboarding, disconnect_account
from memberpulse.domains.payments.errors import (
    AccountInUse,
    BadPrice,
    NothingToRefund,
    PayeeNotReady,
    PaymentNotFound,
    PaymentOver,
    PaymentsNotOffered,
    RefundTooLarge,
)
from memberpulse.domains.payments.jobs import promise_again, reconcile
from memberpulse.domains.payments.models import (
    AccountStatus,
    LedgerEntry,
    LedgerIsAppendOnly,
    PaymentsShown,
    PaymentStatus,
    PaymentToast,
    RefundStatus,
)
from memberpulse.domains.payments.provider import use_fake
from memberpulse.domains.payments.queries import (
    find_payee,
    get_my_account,
    get_my_receipt,
    get_payment,
    get_totals,
    list_my_receipts,
    list_payments,
)
from memberpulse.domains.payments.refunding import refund_payment, refund_payment_for
from memberpulse.domains.payments.reserving import cancel_payment
from memberpulse.domains.payments.toasts import list_my_toasts, prune_toasts
from memberpulse.engine import Caller, MutationCtx, system, utc_now
from memberpulse.engine.errors import EngineError, Forbidden
from memberpulse.engine.tables import EngineJob
from tests.domains.conftest import people
from tests.domains.organizations.rights import membership_of
from tests.domains.payments.conftest import DECLINED, Till, door_of, prove
from tests.engine.conftest import until

pytestmark = pytest.mark.anyio


async def toasts(till: Till, caller: Caller) -> list[str]:
    return [each.title for each in await till.engine.query(list_my_toasts, caller=caller)]


async def refund(till: Till, caller: Caller, payment_id: uuid.UUID, amount: int) -> None:
    await prove(till.engine, caller, "payments.refund")
    await till.engine.mutate(refund_payment, caller=caller, payment_id=payment_id, amount=amount)


async def paid(till: Till, amount: int = 1250) -> uuid.UUID:
    """Max has paid Cleo."""
    account = await till.connect(till.cast.cleo)
    payment_id = await till.reserve(till.cast.max, account, amount)
    await till.pay(till.cast.max, payment_id)
    await till.deliver_all()
    assert (await till.payment(payment_id)).status is PaymentStatus.PAID
    return payment_id


async def test_a_checklist_turns_green_as_events_arrive(till: Till) -> None:
    cleo = till.cast.cleo
    screen = till.cast.watch(cleo, get_my_account)
    account = await till.connect(cleo, ready=False)
    assert account.provider_id
    for count, step in enumerate(
        (till.stripe.books.give_details, till.stripe.books.verify, till.stripe.books.add_bank), 2
    ):
        step(account.provider_id)
        await till.deliver(till.stripe.books.events[-1])
        await until(lambda count=count: screen.shown[-1]["done"] == count)
    assert screen.shown[-1]["is_ready"]
    assert await toasts(till, cleo) == ["Your Stripe account is now active"]
    assert (await till.engine.query(find_payee, caller=system(till.cast.here), user_id=cleo.user_id)).is_ready
    assert await till.engine.query(find_payee, caller=system(till.cast.there), user_id=cleo.user_id) is None


async def test_onboarding_takes_a_fresh_proof_and_makes_one_account(till: Till) -> None:
    cleo = till.cast.cleo
    with pytest.raises(EngineError) as refusal:
        await till.engine.mutate(begin_onboarding, caller=cleo)
    assert refusal.value.code == "step_up_required"
    assert not till.stripe.books.accounts
    await prove(till.engine, cleo, "payments.connect")
    await asyncio.gather(*(till.engine.mutate(begin_onboarding, caller=cleo) for _ in range(2)), return_exceptions=True)
    await till.engine.mutate(begin_onboarding, caller=cleo)
    assert len(till.stripe.books.accounts) == 1
    keys = [key for path, key in till.stripe.api.posts if path == "/v1/account_links"]
    assert len(set(keys)) == len(keys)
    with pytest.raises(Forbidden):
        await till.engine.mutate(begin_onboarding, caller=till.cast.max)


async def test_an_answer_to_an_earlier_question_does_not_undo_a_later_one(till: Till) -> None:
    from memberpulse.domains.payments.provider import account_reading
    from memberpulse.engine import utc_now

    account = await till.connect(till.cast.cleo)
    early = account_reading({"id": account.provider_id, "charges_enabled": False, "details_submitted": True})
    assert account.read_at
    late = account.read_at - timedelta(seconds=1)
    here = system(till.cast.here)
    assert not await till.engine.mutate(apply_account, caller=here, account_id=account.id, reading=early, began_at=late)
    assert (await till.account(till.cast.cleo)).status is AccountStatus.ACTIVE
    assert await till.engine.mutate(
        apply_account, caller=here, account_id=account.id, reading=early, began_at=utc_now()
    )
    assert (await till.account(till.cast.cleo)).status is not AccountStatus.ACTIVE


async def test_access_that_is_taken_away_ends_payments(till: Till) -> None:
    account = await till.connect(till.cast.cleo)
    till.stripe.books.take_away(str(account.provider_id))
    assert await till.deliver(till.stripe.books.events[-1]) == 200
    assert (await till.account(till.cast.cleo)).status is AccountStatus.DISCONNECTED
    with pytest.raises(PayeeNotReady):
        await till.reserve(till.cast.max, account)


async def test_whose_access_was_taken_away_connects_another_account(till: Till) -> None:
    account = await till.connect(till.cast.cleo)
    till.stripe.books.take_away(str(account.provider_id))
    await till.deliver(till.stripe.books.events[-1])
    assert "/setup/" in await till.engine.mutate(begin_onboarding, caller=till.cast.cleo)
    anew = await till.account(till.cast.cleo)
    assert (anew.id, anew.status) == (account.id, AccountStatus.ONBOARDING)
    assert anew.provider_id in till.stripe.books.accounts
    assert anew.provider_id != account.provider_id


async def test_who_is_no_member_any_more_is_paid_no_more(till: Till) -> None:
    account = await till.connect(till.cast.cleo)
    waiting = await till.reserve(till.cast.max, account)
    membership_id = await membership_of(till.cast, till.cast.cleo)
    await till.engine.mutate(remove_member, caller=till.cast.ann, membership_id=membership_id)
    assert (await till.payment(waiting)).status is PaymentStatus.CANCELLED
    with pytest.raises(PayeeNotReady):
        await till.reserve(till.cast.max, account)


async def test_who_disconnects_is_paid_no_more_until_they_connect_again(till: Till) -> None:
    cleo = till.cast.cleo
    account = await till.connect(cleo)
    payment_id = await till.reserve(till.cast.max, account)
    with pytest.raises(AccountInUse):
        await till.engine.mutate(disconnect_account, caller=cleo)
    await till.engine.mutate(cancel_payment, caller=till.cast.max, payment_id=payment_id)
    await till.engine.mutate(disconnect_account, caller=cleo)
    with pytest.raises(PayeeNotReady):
        await till.reserve(till.cast.max, account)
    till.stripe.books.tell(
        "account.updated", till.stripe.books.accounts[str(account.provider_id)], str(account.provider_id)
    )
    await till.deliver(till.stripe.books.events[-1])
    assert (await till.account(cleo)).status is AccountStatus.DISCONNECTED
    await till.engine.mutate(begin_onboarding, caller=cleo)
    till.stripe.books.tell(
        "account.updated", till.stripe.books.accounts[str(account.provider_id)], str(account.provider_id)
    )
    await till.deliver(till.stripe.books.events[-1])
    assert (await till.account(cleo)).status is AccountStatus.ACTIVE
    assert len(till.stripe.books.accounts) == 1


async def test_a_payment_is_reserved_paid_and_confirmed_on_both_screens(till: Till) -> None:
    payment_id = await paid(till)
    payment = await till.payment(payment_id)
    assert payment.paid_at
    assert payment.settled_at
    assert await till.ledger() == [("charge", 1250)]
    assert await toasts(till, till.cast.max) == ["£12.50 paid"]
    assert (await toasts(till, till.cast.cleo))[-1] == "Max paid £12.50"
    letters = await till.rows(Message)
    assert [(each.kind, each.to_email) for each in letters] == [("payment_receipt", "max@post.example")]
    said = (await till.engine.query(list_entries, caller=till.cast.ann)).rows[0].sentence
    assert said == "Max paid for Saturday repair café"
    await till.deliver_all()
    assert await till.ledger() == [("charge", 1250)]
    assert len(await toasts(till, till.cast.max)) == 1


async def test_the_same_page_is_opened_again_under_one_key(till: Till) -> None:
    account = await till.connect(till.cast.cleo)
    payment_id = await till.reserve(till.cast.max, account)
    first = await till.engine.mutate(open_checkout, caller=till.cast.max, payment_id=payment_id)
    assert await till.engine.mutate(open_checkout, caller=till.cast.max, payment_id=payment_id) == first
    posts = [key for path, key in till.stripe.api.posts if path == "/v1/checkout/sessions"]
    assert posts == [f"memberpulse-checkout-{payment_id}"]
    for other in (till.cast.cleo, till.cast.ann, till.cast.otto):
        with pytest.raises(PaymentNotFound):
            await till.engine.mutate(open_checkout, caller=other, payment_id=payment_id)


async def test_a_declined_card_is_told_once_and_can_be_tried_again(till: Till) -> None:
    account = await till.connect(till.cast.cleo)
    payment_id = await till.reserve(till.cast.max, account)
    await till.pay(till.cast.max, payment_id, DECLINED)
    await till.deliver_all()
    await till.deliver_all()
    assert await toasts(till, till.cast.max) == ["£12.50 could not be paid"]
    receipt = (await till.engine.query(get_my_receipt, caller=till.cast.max, payment_id=payment_id)).payment
    assert (receipt.words, receipt.is_open, receipt.failure) == ("Declined", True, "Your card was declined.")
    await till.pay(till.cast.max, payment_id)
    await till.deliver_all()
    assert (await till.payment(payment_id)).status is PaymentStatus.PAID


@pytest.mark.parametrize(("amount", "currency"), [(29, "GBP"), (1250, "XXX")])
async def test_a_price_that_cannot_be_charged_reserves_nothing(till: Till, amount: int, currency: str) -> None:
    account = await till.connect(till.cast.cleo)
    with pytest.raises(BadPrice):
        await till.reserve(till.cast.max, account, amount, currency=currency)
    assert (await till.engine.query(list_my_receipts, caller=till.cast.max)).rows == []


async def test_yen_have_no_hundredths(till: Till) -> None:
    account = await till.connect(till.cast.cleo)
    payment_id = await till.reserve(till.cast.max, account, 1200, currency="JPY")
    await till.pay(till.cast.max, payment_id)
    await till.deliver_all()
    assert await toasts(till, till.cast.max) == ["¥1,200 paid"]


async def test_without_keys_and_fake_nobody_pays(till: Till) -> None:
    account = await till.connect(till.cast.cleo)
    use_fake(None)
    with pytest.raises(PaymentsNotOffered):
        await till.reserve(till.cast.max, account)
    assert (await till.door.post("/api/webhooks/stripe-connect", content=b"{}")).status_code == 404


async def test_a_reservation_ends_at_stripe_first_and_then_here(till: Till) -> None:
    account = await till.connect(till.cast.cleo)
    payment_id = await till.reserve(till.cast.max, account, reserve_for=timedelta(seconds=-1))
    await till.work_off()
    assert (await till.payment(payment_id)).status is PaymentStatus.EXPIRED
    other = await till.reserve(till.cast.max, account)
    session_id = await till.open(till.cast.max, other)
    await till.end_time(other)
    from memberpulse.domains.payments.expiring import expire_payment

    await till.cast.write(lambda ctx: ctx.schedule(expire_payment, payment_id=other))
    await till.work_off()
    assert till.stripe.books.sessions[session_id]["status"] == "expired"
    assert (await till.payment(other)).status is PaymentStatus.EXPIRED
    with pytest.raises(PaymentOver):
        await till.open(till.cast.max, other)


async def test_what_is_paid_in_the_last_moment_is_confirmed_and_not_expired(till: Till) -> None:
    from memberpulse.domains.payments.expiring import expire_payment

    account = await till.connect(till.cast.cleo)
    payment_id = await till.reserve(till.cast.max, account)
    await till.pay(till.cast.max, payment_id)
    await till.end_time(payment_id)
    await till.cast.write(lambda ctx: ctx.schedule(expire_payment, payment_id=payment_id))
    await till.work_off()
    assert (await till.payment(payment_id)).status is PaymentStatus.PAID


async def test_money_that_comes_too_late_goes_back_by_itself(till: Till) -> None:
    from memberpulse.domains.payments.expiring import expire_payment

    account = await till.connect(till.cast.cleo)
    payment_id = await till.reserve(till.cast.max, account)
    session_id = await till.open(till.cast.max, payment_id)
    await till.end_time(payment_id)
    till.stripe.api.down = True
    await till.cast.write(lambda ctx: ctx.schedule(expire_payment, payment_id=payment_id))
    await till.work_off()
    assert (await till.payment(payment_id)).status is PaymentStatus.EXPIRED
    till.stripe.api.down = False
    till.stripe.books.pay(session_id, "4242424242424242")
    await till.deliver_all()
    assert (await till.payment(payment_id)).status is PaymentStatus.LATE
    await till.work_off()
    await till.deliver_all()
    assert (await till.payment(payment_id)).status is PaymentStatus.REFUNDED
    assert await till.ledger() == [("charge", 1250), ("refund", -1250)]
    assert till.stripe.books.balance(str(account.provider_id)) == 0
    assert "Your payment came too late" in await toasts(till, till.cast.max)
    assert [each.kind for each in await till.rows(Message)] == ["payment_late"]


async def test_who_gives_up_pays_nothing_and_late_money_goes_back(till: Till) -> None:
    account = await till.connect(till.cast.cleo)
    payment_id = await till.reserve(till.cast.max, account)
    await till.pay(till.cast.max, payment_id)
    with pytest.raises(PaymentNotFound):
        await till.engine.mutate(cancel_payment, caller=till.cast.ann, payment_id=payment_id)
    await till.engine.mutate(cancel_payment, caller=till.cast.max, payment_id=payment_id)
    assert (await till.payment(payment_id)).status is PaymentStatus.CANCELLED
    await till.work_off()
    assert (await till.payment(payment_id)).status is PaymentStatus.REFUNDED
    assert sum(amount for _, amount in await till.ledger()) == 0


async def test_a_refund_takes_a_proof_and_goes_back_in_parts_until_nothing_is_left(till: Till) -> None:
    payment_id = await paid(till)
    with pytest.raises(EngineError) as refusal:
        await till.engine.mutate(refund_payment, caller=till.cast.cleo, payment_id=payment_id, amount=250)
    assert refusal.value.code == "step_up_required"
    await refund(till, till.cast.cleo, payment_id, 250)
    await till.work_off()
    assert (await till.payment(payment_id)).status is PaymentStatus.PARTLY_REFUNDED
    with pytest.raises(RefundTooLarge):
        await refund(till, till.cast.cleo, payment_id, 1001)
    await refund(till, till.cast.ann, payment_id, 1000)
    with pytest.raises(NothingToRefund):
        await refund(till, till.cast.ann, payment_id, 1)
    await till.work_off()
    await till.deliver_all()
    assert (await till.payment(payment_id)).status is PaymentStatus.REFUNDED
    assert await till.ledger() == [("charge", 1250), ("refund", -250), ("refund", -1000)]
    detail = await till.engine.query(get_payment, caller=till.cast.ann, payment_id=payment_id)
    assert [each.words for each in detail.refunds] == ["Refunded", "Refunded"]
    assert not detail.may_refund
    keys = [key for path, key in till.stripe.api.posts if path == "/v1/refunds"]
    assert len(keys) == len(set(keys)) == 2


async def test_two_helpers_refund_at_once_and_it_goes_back_once(till: Till) -> None:
    payment_id = await paid(till)
    for caller in (till.cast.cleo, till.cast.ann):
        await prove(till.engine, caller, "payments.refund")
    done = await asyncio.gather(
        *(
            till.engine.mutate(refund_payment, caller=caller, payment_id=payment_id, amount=1250)
            for caller in (till.cast.cleo, till.cast.ann)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(each, str) for each in done) == 1
    assert sum(isinstance(each, NothingToRefund) for each in done) == 1
    await till.work_off()
    assert sum(amount for _, amount in await till.ledger()) == 0


async def test_a_refund_made_in_stripes_dashboard_is_noted(till: Till) -> None:
    payment_id = await paid(till)
    payment = await till.payment(payment_id)
    account = await till.account(till.cast.cleo)
    till.stripe.books.create_refund(str(account.provider_id), {"payment_intent": payment.intent_id, "amount": "400"})
    await till.deliver_all()
    (found,) = await till.refunds()
    assert (found.amount, found.status, found.asked_by) == (400, RefundStatus.SUCCEEDED, None)
    assert (await till.payment(payment_id)).refunded == 400


async def test_a_refund_that_the_bank_sends_back_is_said_and_can_be_made_again(till: Till) -> None:
    payment_id = await paid(till)
    await refund(till, till.cast.cleo, payment_id, 1250)
    await till.work_off()
    (found,) = await till.refunds()
    till.stripe.books.fail_refund(str(found.provider_id))
    await till.deliver_all()
    assert (await till.payment(payment_id)).status is PaymentStatus.PAID
    assert await till.ledger() == [("charge", 1250), ("refund", -1250), ("refund_returned", 1250)]
    assert "A refund of £12.50 did not go through" in await toasts(till, till.cast.cleo)
    await refund(till, till.cast.cleo, payment_id, 1250)


async def test_a_refusal_by_stripe_is_said(till: Till) -> None:
    payment_id = await paid(till)
    payment = await till.payment(payment_id)
    account = await till.account(till.cast.cleo)
    till.stripe.books.create_refund(str(account.provider_id), {"payment_intent": payment.intent_id})
    await refund(till, till.cast.cleo, payment_id, 1250)  # we have not heard of the one above
    await till.work_off()
    assert [each.failure for each in await till.refunds()] == ["Stripe says: Charge has already been refunded."]
    await till.deliver_all()
    assert (await till.payment(payment_id)).status is PaymentStatus.REFUNDED
    assert sum(amount for _, amount in await till.ledger()) == 0


async def test_what_is_owed_is_asked_for_again_until_it_is_back(till: Till) -> None:
    payment_id = await paid(till)
    account = str((await till.account(till.cast.cleo)).provider_id)
    till.stripe.books.empty.add(account)
    await till.engine.mutate(
        refund_payment_for, caller=system(till.cast.here), payment_id=payment_id, reason="The event is cancelled"
    )
    await till.work_off()
    (found,) = await till.refunds()
    assert (found.status, found.refusals) == (RefundStatus.REQUESTED, 1)

    till.stripe.books.empty.clear()

    def be_due(ctx: MutationCtx) -> None:
        ctx.db.execute(update(EngineJob).where(col(EngineJob.state) == "scheduled").values(run_at=utc_now()))

    await till.engine.transact_async(be_due, till.cast.ann)
    await till.work_off()
    assert (await till.payment(payment_id)).status is PaymentStatus.REFUNDED


async def test_a_payer_is_found_by_name_whoever_is_called_alike_elsewhere(till: Till) -> None:
    await paid(till)
    await people(till.engine, till.cast.there, {f"Max {number:03}": Role.MEMBER for number in range(60)})
    found = await till.engine.query(list_payments, caller=till.cast.cleo, search="MAX")
    assert [row.payer.name for row in found.rows if row.payer] == ["Max"]


async def test_higher_domains_undo_a_payment_in_any_state_once(till: Till) -> None:
    account = await till.connect(till.cast.cleo)
    waiting, done = await till.reserve(till.cast.max, account), await till.reserve(till.cast.max, account)
    await till.pay(till.cast.max, done)
    await till.deliver_all()
    for payment_id in (waiting, done, waiting, done):
        await till.engine.mutate(
            refund_payment_for, caller=system(till.cast.here), payment_id=payment_id, reason="The event is cancelled"
        )
    await till.work_off()
    assert (await till.payment(waiting)).status is PaymentStatus.CANCELLED
    assert (await till.payment(done)).status is PaymentStatus.REFUNDED
    assert len(await till.refunds()) == 1


async def test_the_reconciliation_finds_what_no_event_told(till: Till) -> None:
    account = await till.connect(till.cast.cleo)
    payment_id = await till.reserve(till.cast.max, account)
    await till.pay(till.cast.max, payment_id)

    def older(ctx: MutationCtx) -> None:
        from memberpulse.domains.payments.models import Payment

        ctx.db.get_one(Payment, payment_id).created_at -= timedelta(minutes=5)

    await till.cast.write(older)
    await till.engine.transact_async(lambda ctx: ctx.schedule(reconcile), system())
    await till.work_off()
    assert (await till.payment(payment_id)).status is PaymentStatus.PAID


async def test_what_lost_its_job_is_promised_again(till: Till) -> None:
    from memberpulse.domains.payments.models import Payment
    from memberpulse.engine.tables import EngineJob

    account = await till.connect(till.cast.cleo)
    payment_id = await till.reserve(till.cast.max, account)
    await till.end_time(payment_id)

    def lose(ctx: MutationCtx) -> None:
        for job in ctx.db.scalars(select(EngineJob)):
            ctx.db.delete(job)

    await till.engine.transact_async(lose, system())
    await till.engine.transact_async(lambda ctx: ctx.schedule(promise_again), system())
    await till.work_off()
    assert (await till.row(Payment, payment_id)).status is PaymentStatus.EXPIRED


async def test_the_ledger_refuses_to_be_changed(till: Till) -> None:
    await paid(till)

    def forge(ctx: MutationCtx) -> None:
        ctx.db.scalars(select(LedgerEntry)).one().amount = 1

    def erase(ctx: MutationCtx) -> None:
        ctx.db.delete(ctx.db.scalars(select(LedgerEntry)).one())

    for wrong in (forge, erase):
        with pytest.raises(LedgerIsAppendOnly):
            await till.cast.write(wrong)


async def test_everybody_sees_what_concerns_them_and_no_more(till: Till) -> None:
    payment_id = await paid(till)
    cast = till.cast
    for caller, sees in ((cast.ann, 1), (cast.abe, 1), (cast.cleo, 1), (cast.otto, 0)):
        assert len((await till.engine.query(list_payments, caller=caller)).rows) == sees
        assert (await till.engine.query(get_totals, caller=caller)).count == sees
    with pytest.raises(Forbidden):
        await till.engine.query(list_payments, caller=cast.max)
    for caller in (cast.otto,):
        with pytest.raises(PaymentNotFound):
            await till.engine.query(get_payment, caller=caller, payment_id=payment_id)
        await prove(till.engine, caller, "payments.refund")
        with pytest.raises(PaymentNotFound):
            await till.engine.mutate(refund_payment, caller=caller, payment_id=payment_id, amount=1)
    with pytest.raises(PaymentNotFound):
        await till.engine.query(get_my_receipt, caller=cast.ann, payment_id=payment_id)
    assert len((await till.engine.query(list_my_receipts, caller=cast.max)).rows) == 1
    assert (await till.engine.query(list_my_receipts, caller=cast.ann)).rows == []


async def test_another_creator_neither_sees_nor_refunds_a_payment_to_cleo(till: Till) -> None:
    from memberpulse.domains.organizations.models import Role
    from tests.domains.conftest import a_person

    payment_id = await paid(till)
    other = await a_person(till.engine, "Dora", till.cast.here, Role.CREATOR)
    assert (await till.engine.query(list_payments, caller=other)).rows == []
    with pytest.raises(PaymentNotFound):
        await till.engine.query(get_payment, caller=other, payment_id=payment_id)
    await prove(till.engine, other, "payments.refund")
    with pytest.raises(PaymentNotFound):
        await till.engine.mutate(refund_payment, caller=other, payment_id=payment_id, amount=1)


async def test_the_list_is_narrowed_and_totalled(till: Till) -> None:
    payment_id = await paid(till)
    account = await till.account(till.cast.cleo)
    await till.reserve(till.cast.abe, account, description="=2+5")
    await refund(till, till.cast.cleo, payment_id, 250)
    await till.work_off()

    async def found(**filters: object) -> list[str]:
        return [each.words for each in (await till.engine.query(list_payments, caller=till.cast.ann, **filters)).rows]

    assert await found() == ["Waiting", "Partly refunded"]
    assert await found(shown=PaymentsShown.WAITING) == ["Waiting"]
    assert await found(shown=PaymentsShown.UNPAID) == []
    assert await found(search="max") == ["Partly refunded"]
    assert await found(search="REPAIR") == ["Partly refunded"]
    (total,) = (await till.engine.query(get_totals, caller=till.cast.ann)).totals
    assert (total.received, total.refunded, total.kept) == ("£12.50", "£2.50", "£10.00")
    async with door_of(till.engine, till.cast.ann.reference) as door:
        file = (await door.get("/export/payments")).content.decode("utf-8-sig").splitlines()
        assert len(file) == 3
        assert "'=2+5,Abe,Cleo,Waiting,0.00,0.00,0.00,GBP," in file[1]
        assert "Max,Cleo,Partly refunded,12.50,2.50,10.00,GBP,pi_" in file[2]
        assert (await door.get("/export/payments?shown=nonsense")).status_code == 422
    async with door_of(till.engine, till.cast.max.reference) as door:
        assert (await door.get("/export/payments")).status_code == 403
    async with door_of(till.engine) as door:
        assert (await door.get("/export/payments")).status_code == 401


async def test_the_doors_lead_to_stripe_and_back(till: Till) -> None:
    account = await till.connect(till.cast.cleo)
    payment_id = await till.reserve(till.cast.max, account)
    async with door_of(till.engine, till.cast.max.reference) as door:
        answer = await door.get(f"/pay/{payment_id}")
        assert (answer.status_code, answer.headers["location"].startswith(till.stripe.url)) == (303, True)
        till.stripe.books.pay(answer.headers["location"].rsplit("/", 1)[1], "4242424242424242")
        back = await door.get(f"/pay/{payment_id}/return")
        assert (back.status_code, back.headers["location"]) == (303, f"/receipts/{payment_id}")
        assert (await till.payment(payment_id)).status is PaymentStatus.PAID
        assert (await door.get(f"/pay/{payment_id}")).headers["location"] == f"/receipts/{payment_id}"
        assert (await door.get("/pay/nonsense")).status_code == 404
    async with door_of(till.engine, till.cast.ann.reference) as door:
        assert (await door.get(f"/pay/{payment_id}")).status_code == 404
        assert (await door.get("/pay/onboard")).headers["location"] == "/settings/payments"
    async with door_of(till.engine) as door:
        assert (await door.get(f"/pay/{payment_id}")).headers["location"] == "/sign-in"


async def test_toasts_last_a_day(till: Till) -> None:
    await paid(till)

    def older(ctx: MutationCtx) -> None:
        for row in ctx.db.scalars(select(PaymentToast)):
            row.expires_at -= timedelta(hours=25)

    assert await toasts(till, till.cast.max)
    await till.cast.write(older)
    assert await toasts(till, till.cast.max) == []
    await till.engine.transact_async(lambda ctx: ctx.schedule(prune_toasts), system())
    await till.work_off()
    assert await till.rows(PaymentToast) == []
