"""Letters on their way: handed over once, tried again when that may help, never going back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.mail import delivery
from memberpulse.domains.mail.jobs import prune_mail
from memberpulse.domains.mail.letters import Letter
from memberpulse.domains.mail.models import Message, Status
from memberpulse.domains.mail.mutations import forget_mail_to, send_letter
from memberpulse.engine import Engine, MutationCtx, system, utc_now
from memberpulse.engine.errors import Conflict
from memberpulse.engine.tables import EngineJob, JobState
from tests.domains.mail.conftest import INVITATION_ID, LETTER, Configure, events, message_of, post
from tests.domains.mail.resend import FakeResend

pytestmark = pytest.mark.anyio


def moves(told: list[Any]) -> list[tuple[str, str]]:
    return [(str(fact.status), fact.reason) for fact in told if fact.entity_type == "mail"]


async def later(engine: Engine, **time: float) -> None:
    """Work off what is due after so much time."""
    with time_machine.travel(utc_now() + timedelta(**time)):
        await engine.jobs.settle()


async def test_a_letter_leaves_after_the_commit_and_is_erased_here(
    engine: Engine, resend: FakeResend, told: list[Any]
) -> None:
    message_id = await post(engine)
    assert (await message_of(engine, message_id)).status == Status.QUEUED
    assert not resend.asked
    await engine.jobs.settle()
    letter = resend.sent[str(message_id)]
    assert (letter["from"], letter["to"]) == ("Pulse <pulse@club.example>", ["ida@post.example"])
    assert letter["subject"] == "Choose a new password"
    assert "token=s3cret" in letter["html"]
    assert "token=s3cret" in letter["text"]
    assert letter["tags"] == [{"name": "message", "value": str(message_id)}]
    message = await message_of(engine, message_id)
    assert (message.status, message.provider_id) == (Status.SENT, f"resend-{message_id}")
    assert message.sealed_letter is None
    assert moves(told) == [("sent", "")]
    assert (told[-1].about_type, told[-1].about_id) == ("invitation", INVITATION_ID)


async def test_a_letter_of_a_transaction_that_fails_never_leaves(engine: Engine, resend: FakeResend) -> None:
    def fail(ctx: MutationCtx) -> None:
        send_letter(ctx, to="ida@post.example", letter=LETTER)
        raise Conflict

    with pytest.raises(Conflict):
        await engine.transact_async(fail, system())
    await engine.jobs.settle()
    assert not resend.asked


async def test_the_letter_is_kept_sealed_while_it_waits(engine: Engine, configure: Configure) -> None:
    message = await message_of(engine, await post(engine))
    assert message.sealed_letter
    assert "s3cret" not in message.sealed_letter
    assert delivery.open_letter(message.sealed_letter) == LETTER


async def test_the_mailbox_keeps_the_letter(engine: Engine, configure: Configure, told: list[Any]) -> None:
    message_id = await post(engine)
    await engine.jobs.settle()
    message = await message_of(engine, message_id)
    assert message.status == Status.DELIVERED
    assert message.sealed_letter is not None
    assert moves(told) == [("delivered", "")]


@pytest.mark.parametrize(
    ("status", "name"),
    [(429, "rate_limit_exceeded"), (429, "daily_quota_exceeded"), (500, "application_error"), (503, "unavailable"),
     (401, "missing_api_key"), (403, "invalid_api_key"), (409, "concurrent_idempotent_requests")],
)  # fmt: skip
async def test_what_may_pass_is_tried_again_under_the_same_key(
    engine: Engine, resend: FakeResend, told: list[Any], status: int, name: str
) -> None:
    resend.refuse(status, name)
    message_id = await post(engine)
    await engine.jobs.settle()
    waiting = await message_of(engine, message_id)
    assert (waiting.status, waiting.attempts) == (Status.QUEUED, 1)
    assert waiting.reason
    assert not resend.sent
    await later(engine, seconds=30)
    assert resend.asked == [str(message_id)] * 2
    assert (await message_of(engine, message_id)).status == Status.SENT
    assert moves(told) == [("sent", "")]


async def test_the_provider_says_how_long_to_wait(engine: Engine, resend: FakeResend) -> None:
    resend.refuse(429, "rate_limit_exceeded", retry_after="600")
    await post(engine)
    await engine.jobs.settle()
    await later(engine, seconds=590)
    assert len(resend.asked) == 1
    await later(engine, seconds=910)
    assert len(resend.sent) == 1


async def test_a_provider_that_cannot_be_reached_is_asked_again(
    engine: Engine, resend: FakeResend, configure: Configure
) -> None:
    configure(resend_url="http://127.0.0.1:9")
    message_id = await post(engine)
    await engine.jobs.settle()
    assert (await message_of(engine, message_id)).status == Status.QUEUED
    configure(resend_url=resend.url)
    await later(engine, minutes=1)
    assert (await message_of(engine, message_id)).status == Status.SENT


@pytest.mark.parametrize(
    ("status", "name"), [(422, "validation_error"), (400, "validation_error"), (403, "validation_error")]
)
async def test_a_refusal_for_good_fails_with_its_reason(
    engine: Engine, resend: FakeResend, told: list[Any], status: int, name: str
) -> None:
    resend.refuse(status, name, "Invalid `to` field.")
    message_id = await post(engine)
    await engine.jobs.settle()
    await later(engine, hours=13)
    message = await message_of(engine, message_id)
    assert (message.status, message.sealed_letter) == (Status.FAILED, None)
    assert message.reason == "Resend refused it: Invalid `to` field."
    assert len(resend.asked) == 1
    assert moves(told) == [("failed", message.reason)]


async def test_after_twelve_hours_it_is_given_up(engine: Engine, resend: FakeResend, told: list[Any]) -> None:
    for _ in range(60):
        resend.refuse(500, "application_error")
    started, message_id = utc_now(), await post(engine)
    await engine.jobs.settle()
    for quarter in range(1, 60):
        with time_machine.travel(started + timedelta(minutes=15 * quarter)):
            await engine.jobs.settle()
    message = await message_of(engine, message_id)
    assert (message.status, message.sealed_letter) == (Status.FAILED, None)
    assert 12 <= len(resend.asked) <= 30
    assert [status for status, _ in moves(told)] == ["failed"]


async def test_a_lost_answer_does_not_send_the_letter_twice(engine: Engine, resend: FakeResend) -> None:
    resend.deaf = True
    message_id = await post(engine)
    await engine.jobs.settle()
    assert (await message_of(engine, message_id)).status == Status.QUEUED
    resend.deaf = False
    await later(engine, minutes=1)
    assert resend.asked == [str(message_id)] * 2
    assert list(resend.sent) == [str(message_id)]
    assert (await message_of(engine, message_id)).provider_id == f"resend-{message_id}"


async def test_a_process_that_dies_between_sending_and_noting_sends_once_and_forgets_nothing(
    engine: Engine, resend: FakeResend, told: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """As a signal would end it: nothing after this line runs."""

    async def die(*_: Any) -> None:
        raise Killed

    noting = delivery._note_taken
    monkeypatch.setattr(delivery, "_note_taken", die)
    message_id = await post(engine)
    with pytest.raises(Killed):
        await engine.jobs.settle()
    assert list(resend.sent) == [str(message_id)]
    assert (await message_of(engine, message_id)).status == Status.QUEUED
    monkeypatch.setattr(delivery, "_note_taken", noting)
    await later(engine, minutes=2)  # the job's lease has ended
    assert resend.asked == [str(message_id)] * 2
    assert list(resend.sent) == [str(message_id)]
    assert (await message_of(engine, message_id)).status == Status.SENT
    assert moves(told) == [("sent", "")]


async def test_a_letter_that_reads_otherwise_after_an_update_is_not_sent_again(
    engine: Engine, resend: FakeResend, configure: Configure
) -> None:
    resend.deaf = True
    message_id = await post(engine)
    await engine.jobs.settle()
    resend.deaf = False
    configure(site_url="https://pulse.club.example")  # the letter's foot names the site
    await later(engine, minutes=1)
    message = await message_of(engine, message_id)
    assert (message.status, message.provider_id) == (Status.SENT, None)
    assert len(resend.sent) == 1


async def test_a_letter_under_another_secret_fails_and_says_so(
    engine: Engine, resend: FakeResend, configure: Configure
) -> None:
    message_id = await post(engine)
    configure(secret="y" * 32)
    await engine.jobs.settle()
    message = await message_of(engine, message_id)
    assert (message.status, message.reason) == (Status.FAILED, "The letter was sealed under another secret.")


async def test_a_fault_of_ours_ends_as_a_failure_not_as_a_letter_that_waits_forever(
    engine: Engine, resend: FakeResend, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(letter: Letter) -> None:
        raise RuntimeError

    monkeypatch.setattr(delivery, "render", break_down)
    message_id = await post(engine)
    started = utc_now()
    for minute in range(12):
        with time_machine.travel(started + timedelta(minutes=minute)):
            await engine.jobs.settle()
    assert (await message_of(engine, message_id)).status == Status.FAILED
    assert not resend.asked


async def test_many_letters_leave_once_each(engine: Engine, resend: FakeResend) -> None:
    for number in range(25):
        await post(engine, to=f"member{number}@post.example")
    for _ in range(5):
        resend.refuse(429, "rate_limit_exceeded", retry_after="1")
    await engine.jobs.settle()
    await later(engine, seconds=10)
    assert len(resend.sent) == 25
    assert len(resend.asked) == 30


async def test_mail_of_a_month_ago_is_pruned_in_batches(
    engine: Engine, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    from memberpulse.domains.mail import jobs

    monkeypatch.setattr(jobs, "BATCH", 3)
    with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC)):
        for _ in range(7):
            await post(engine)
        await engine.jobs.settle()
    kept = await post(engine)
    await engine.transact_async(lambda ctx: ctx.schedule(prune_mail), system())
    await engine.jobs.settle()
    left = await engine.transact_async(lambda ctx: list(ctx.db.scalars(select(col(Message.id)))), system())
    assert left == [kept]
    assert not await events(engine)
    undone = select(EngineJob).where(EngineJob.state != JobState.DONE)
    assert not await engine.transact_async(lambda ctx: list(ctx.db.scalars(undone)), system())


async def test_mail_to_somebody_who_is_forgotten_is_deleted(engine: Engine, configure: Configure) -> None:
    await post(engine)
    kept = await post(engine, to="otto@post.example")
    await engine.mutate(forget_mail_to, caller=system(), email="ida@post.example")
    await engine.jobs.settle()
    left = await engine.transact_async(lambda ctx: list(ctx.db.scalars(select(col(Message.id)))), system())
    assert left == [kept]
