"""A house that takes payments through a fake that answers over real HTTP, and people who pay each other."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from memberpulse.demo.stripe.deliveries import sign
from memberpulse.demo.stripe.server import FakeStripe, fake_stripe
from memberpulse.demo.stripe.state import Thing
from memberpulse.domains.accounts.models import StepUpGrant
from memberpulse.domains.payments.checkout import open_checkout
from memberpulse.domains.payments.connecting import begin_onboarding
from memberpulse.domains.payments.http import ROUTES
from memberpulse.domains.payments.models import LedgerEntry, PayeeAccount, Payment, ProviderEvent, Refund
from memberpulse.domains.payments.provider import Fake, use_fake
from memberpulse.domains.payments.reserving import create_payment
from memberpulse.engine import Caller, Engine, MutationCtx, system, utc_now
from tests.domains.conftest import Cast

GOOD, DECLINED = "4242 4242 4242 4242", "4000 0000 0000 0002"


@pytest.fixture
async def stripe() -> AsyncIterator[FakeStripe]:
    """A fake that tells nobody of its events by itself: tests deliver them as they like."""
    async with fake_stripe() as fake:
        use_fake(Fake(fake.url, fake.key, fake.secret))
        yield fake
        use_fake(None)


@dataclass
class Till:
    """Everything around paying: the cast, the fake, and the webhook's door."""

    cast: Cast
    stripe: FakeStripe
    door: httpx.AsyncClient

    @property
    def engine(self) -> Engine:
        return self.cast.engine

    async def connect(self, caller: Caller, *, ready: bool = True) -> PayeeAccount:
        """Onboard somebody, through all steps, with the events that tell of it."""
        await prove(self.engine, caller, "payments.connect")
        await self.engine.mutate(begin_onboarding, caller=caller)
        account = await self.account(caller)
        if ready:
            assert account.provider_id
            for step in (self.stripe.books.give_details, self.stripe.books.verify, self.stripe.books.add_bank):
                step(account.provider_id)
            await self.deliver_all()
        return await self.account(caller)

    async def account(self, caller: Caller) -> PayeeAccount:
        def read(ctx: MutationCtx) -> PayeeAccount:
            return ctx.db.scalars(select(PayeeAccount).where(PayeeAccount.user_id == caller.user_id)).one()

        return await self.engine.transact_async(read, system(caller.organization_id))

    async def reserve(self, payer: Caller, account: PayeeAccount, amount: int = 1250, **more: Any) -> uuid.UUID:
        given: dict[str, Any] = {
            "subject_type": "test_place",
            "subject_id": uuid.uuid4(),
            "description": "Saturday repair café",
            "payer_id": payer.user_id,
            "account_id": account.id,
            "amount": amount,
            "currency": "GBP",
            "return_path": "/dashboard",
        }
        return await self.engine.mutate(create_payment, caller=system(account.organization_id), **{**given, **more})

    async def open(self, payer: Caller, payment_id: uuid.UUID) -> str:
        """Open the payment page; the id of its session."""
        url = await self.engine.mutate(open_checkout, caller=payer, payment_id=payment_id)
        return url.rsplit("/", 1)[1]

    async def pay(self, payer: Caller, payment_id: uuid.UUID, card: str = GOOD) -> None:
        """Pay on the page; nothing is delivered yet."""
        self.stripe.books.pay(await self.open(payer, payment_id), card)

    async def deliver(self, event: Thing, **how: Any) -> int:
        """Post one event, signed; the status of the answer."""
        body, headers = sign(event, how.get("secret", self.stripe.secret), how.get("at"))
        answer = await self.door.post("/api/webhooks/stripe-connect", content=how.get("body", body), headers=headers)
        return answer.status_code

    async def deliver_all(self) -> None:
        """Deliver every event that there is, the older ones again too."""
        for event in list(self.stripe.books.events):
            assert await self.deliver(event) == 200

    async def work_off(self) -> None:
        await self.engine.jobs.settle()

    async def payment(self, payment_id: uuid.UUID) -> Payment:
        return await self.row(Payment, payment_id)

    async def row(self, model: Any, row_id: uuid.UUID) -> Any:
        return await self.cast.write(lambda ctx: ctx.db.get_one(model, row_id))

    async def rows(self, model: Any) -> list[Any]:
        return await self.cast.write(lambda ctx: list(ctx.db.scalars(select(model).order_by(model.id))))

    async def ledger(self) -> list[tuple[str, int]]:
        return [(each.kind.value, each.amount) for each in await self.rows(LedgerEntry)]

    async def events(self) -> dict[str, str]:
        return {each.event_id: each.outcome.value for each in await self.rows(ProviderEvent)}

    async def refunds(self) -> list[Refund]:
        return await self.rows(Refund)

    async def end_time(self, payment_id: uuid.UUID) -> None:
        """Let the reservation be over."""

        def older(ctx: MutationCtx) -> None:
            payment = ctx.db.get_one(Payment, payment_id)
            payment.created_at -= timedelta(minutes=20)
            payment.expires_at -= timedelta(minutes=20)

        await self.cast.write(older)


async def prove(engine: Engine, caller: Caller, action: str) -> None:
    """Let a session do something that takes a fresh proof."""

    def grant(ctx: MutationCtx) -> None:
        ends = utc_now() + timedelta(minutes=10)
        known = select(StepUpGrant).where(StepUpGrant.session_id == caller.session_id, StepUpGrant.action == action)
        if ctx.db.scalars(known).first() is None:
            ctx.db.add(StepUpGrant(session_id=caller.session_id, action=action, method="password", expires_at=ends))

    await engine.transact_async(grant, system())


def door_of(engine: Engine, reference: str | None = None) -> httpx.AsyncClient:
    """The routes of payments, as somebody with this session reaches them."""
    house = Starlette(routes=ROUTES)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await house({**scope, "memberpulse.session": reference, "state": {"engine": engine}}, receive, send)

    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here")


@pytest.fixture
async def till(cast: Cast, stripe: FakeStripe) -> AsyncIterator[Till]:
    async with door_of(cast.engine) as door:
        yield Till(cast, stripe, door)
