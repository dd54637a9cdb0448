"""Letters, the settings under which they leave, and who hears of it."""

import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.event import listen
from sqlmodel import col

from memberpulse.domains.mail.letters import Letter
from memberpulse.domains.mail.models import MailEvent, Message
from memberpulse.domains.mail.mutations import send_letter
from memberpulse.engine import Domain, Engine, Fact, MutationCtx, on, system
from memberpulse.settings import get_settings
from tests.domains.mail.resend import SECRET, FakeResend, fake_resend

LETTER = Letter(
    kind="reset_password",
    subject="Choose a new password",
    heading="Choose a new password",
    paragraphs=("Somebody asked for it.",),
    button=("Choose a password", "http://localhost:8000/reset?token=s3cret"),
)
INVITATION_ID = uuid.UUID("01960000-0000-7000-8000-000000000001")

Configure = Callable[..., None]


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Configure]:
    """`configure(mailbox="1")` sets variables of the environment for this test."""

    def set_variables(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(f"MEMBERPULSE_{name.upper()}", value)
        get_settings.cache_clear()

    set_variables(secret="x" * 32)
    yield set_variables
    get_settings.cache_clear()


@pytest.fixture
async def resend(configure: Configure) -> AsyncIterator[FakeResend]:
    """Mail leaves through a server that plays Resend."""
    async with fake_resend() as fake:
        configure(
            resend_url=fake.url,
            resend_api_key="re_test",
            resend_from="Pulse <pulse@club.example>",
            resend_webhook_secret=SECRET,
        )
        yield fake


@pytest.fixture
def told(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every fact whose transaction was committed."""
    facts: list[Any] = []

    def hear(ctx: MutationCtx, fact: Fact) -> None:
        listen(ctx.db, "after_commit", lambda _: facts.append(fact), once=True)

    listening(engine, monkeypatch, hear)
    return facts


def listening(engine: Engine, monkeypatch: pytest.MonkeyPatch, hear: Callable[[MutationCtx, Any], None]) -> None:
    """Let somebody listen to every fact for as long as the patch lasts."""
    domains = [*engine.registry.domains, Domain(name="listening", listeners=[on(Fact, hear)])]
    monkeypatch.setattr(engine.registry, "domains", domains)


async def post(engine: Engine, letter: Letter = LETTER, to: str = "ida@post.example") -> uuid.UUID:
    return await engine.mutate(
        send_letter, caller=system(), to=to, letter=letter, about_type="invitation", about_id=INVITATION_ID
    )


async def message_of(engine: Engine, message_id: uuid.UUID) -> Message:
    return await engine.transact_async(lambda ctx: ctx.db.get_one(Message, message_id), system())


async def events(engine: Engine) -> list[MailEvent]:
    statement = select(MailEvent).order_by(col(MailEvent.event_id))
    return await engine.transact_async(lambda ctx: list(ctx.db.scalars(statement)), system())
