"""Delivery events at /webhooks/resend: only what Resend signed counts, and each event once."""

import asyncio
import json
import os
import random
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import time_machine
from starlette.applications import Starlette

from memberpulse.domains.mail import http
from memberpulse.domains.mail.models import Status
from memberpulse.engine import Engine
from tests.domains.mail.conftest import Configure, events, listening, message_of, post
from tests.domains.mail.deliveries import expected, storm
from tests.domains.mail.resend import FakeResend, event, signed

pytestmark = pytest.mark.anyio
HOOK = "/webhooks/resend"
DELIVERIES = int(os.environ.get("DELIVERIES", "600"))
"""The bench runs ten thousand."""


def doors(engine: Engine) -> Any:
    app = Starlette(routes=http.ROUTES)

    async def pass_on(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await app({**scope, "memberpulse.session": None, "state": {"engine": engine}}, receive, send)

    return pass_on


@pytest.fixture
async def provider(engine: Engine) -> AsyncIterator[httpx.AsyncClient]:
    """Whoever posts to the webhook."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(doors(engine)), base_url="http://localhost") as client:
        yield client


async def tell(provider: httpx.AsyncClient, body: bytes, event_id: str = "msg_1", **headers: str) -> httpx.Response:
    return await provider.post(HOOK, content=body, headers={**signed(body, event_id), **headers})


@pytest.fixture
async def sent(engine: Engine, resend: FakeResend) -> uuid.UUID:
    """A message that Resend has taken."""
    message_id = await post(engine)
    await engine.jobs.settle()
    return message_id


@pytest.mark.parametrize(
    ("kind", "data", "status", "reason"),
    [
        ("email.delivered", {}, Status.DELIVERED, ""),
        ("email.bounced", {"bounce": {"message": "No such\nmailbox.", "type": "Permanent"}}, Status.BOUNCED,
         "No such mailbox."),
        ("email.complained", {}, Status.COMPLAINED, ""),
        ("email.failed", {"failed": {"reason": "reached_daily_quota"}}, Status.FAILED, "reached_daily_quota"),
        ("email.suppressed", {"suppressed": {"message": "On the list."}}, Status.FAILED, "On the list."),
        ("email.opened", {}, Status.SENT, ""),
        ("email.something_new", {"odd": [1, {"x": None}]}, Status.SENT, ""),
    ],
)  # fmt: skip
async def test_an_event_moves_its_message_and_is_told(
    engine: Engine, provider: httpx.AsyncClient, sent: uuid.UUID, told: list[Any], kind: str, data: dict[str, Any],
    status: Status, reason: str,
) -> None:  # fmt: skip
    assert (await tell(provider, event(kind, f"resend-{sent}", **data))).status_code == 200
    message = await message_of(engine, sent)
    assert (message.status, message.reason) == (status, reason)
    assert [(fact.status, fact.reason) for fact in told] == ([] if status == Status.SENT else [(status, reason)])
    (kept,) = await events(engine)
    assert (kept.type, kept.message_id, kept.moved) == (kind, sent, status != Status.SENT)


async def test_an_event_counts_once_however_often_it_comes(
    engine: Engine, provider: httpx.AsyncClient, sent: uuid.UUID, told: list[Any]
) -> None:
    body = event("email.delivered", f"resend-{sent}")
    answers = await asyncio.gather(*(tell(provider, body) for _ in range(12)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(await events(engine)) == 1
    assert [fact.status for fact in told if fact.entity_type == "mail"][-1:] == [Status.DELIVERED]


async def test_events_out_of_order_end_where_those_in_order_do(
    engine: Engine, provider: httpx.AsyncClient, sent: uuid.UUID
) -> None:
    for number, kind in enumerate(["email.complained", "email.sent", "email.delivered", "email.failed"]):
        await tell(provider, event(kind, f"resend-{sent}"), f"msg_{number}")
    assert (await message_of(engine, sent)).status == Status.COMPLAINED
    assert [each.moved for each in await events(engine)] == [True, False, False, False]


async def test_an_event_before_the_answer_to_the_sending_was_noted_finds_its_message_by_tag(
    engine: Engine, provider: httpx.AsyncClient, resend: FakeResend
) -> None:
    message_id = await post(engine)
    tags = [{"name": "message", "value": str(message_id)}]
    await tell(provider, event("email.delivered", "resend-early", tags=tags))
    message = await message_of(engine, message_id)
    assert (message.status, message.provider_id) == (Status.DELIVERED, "resend-early")
    assert message.sealed_letter is None
    await engine.jobs.settle()
    assert not resend.asked


async def test_events_about_somebody_elses_mail_are_kept_and_change_nothing(
    engine: Engine, provider: httpx.AsyncClient, sent: uuid.UUID
) -> None:
    await tell(provider, event("email.bounced", "resend-of-another-server"))
    await tell(provider, event("email.bounced", "", str(uuid.uuid4())), "msg_2")
    await tell(provider, b'{"type": "domain.updated"}', "msg_3")
    assert (await message_of(engine, sent)).status == Status.SENT
    assert [each.message_id for each in await events(engine)] == [None, None, None]


@pytest.mark.parametrize(
    "change",
    [
        {"svix-id": "msg_2"},
        {"svix-id": ""},
        {"svix-id": "m" * 121},
        {"svix-timestamp": "1"},
        {"svix-timestamp": "soon"},
        {"svix-timestamp": "nan"},
        {"svix-signature": ""},
        {"svix-signature": "no comma"},
        {"svix-signature": "v1,not base64"},
        {"svix-signature": "v1,AAAA"},
        {"svix-signature": "v2,AAAA"},
        {"svix-signature": "v1,é"},
    ],
)
async def test_a_wrong_or_malformed_signature_is_refused_and_leaves_nothing(
    engine: Engine, provider: httpx.AsyncClient, sent: uuid.UUID, change: dict[str, str]
) -> None:
    body = event("email.bounced", f"resend-{sent}")
    headers = {name: value.encode() for name, value in {**signed(body, "msg_1"), **change}.items()}
    answer = await provider.post(HOOK, content=body, headers=headers)
    assert answer.status_code == 400
    assert not await events(engine)
    assert (await message_of(engine, sent)).status == Status.SENT


async def test_one_right_signature_among_several_is_enough(
    engine: Engine, provider: httpx.AsyncClient, sent: uuid.UUID
) -> None:
    """While a secret is rotated, events carry a signature of each."""
    body = event("email.delivered", f"resend-{sent}")
    right = signed(body, "msg_1")["svix-signature"]
    answer = await tell(provider, body, **{"svix-signature": f"v1,{'A' * 43}= {right}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(("minutes", "status"), [(-6, 400), (-4, 200), (4, 200), (6, 400)])
async def test_what_is_more_than_five_minutes_off_is_refused(
    provider: httpx.AsyncClient, sent: uuid.UUID, minutes: int, status: int
) -> None:
    body = event("email.delivered", f"resend-{sent}")
    headers = signed(body, "msg_1", at=time.time() + minutes * 60)
    assert (await provider.post(HOOK, content=body, headers=headers)).status_code == status


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'{"type": 1}', b"{}", b"\xff\xfe", b'"\xff"'])
async def test_what_is_signed_and_no_event_is_refused(
    engine: Engine, provider: httpx.AsyncClient, resend: FakeResend, body: bytes
) -> None:
    assert (await tell(provider, body)).status_code == 400
    assert not await events(engine)


async def test_strange_data_is_kept_without_harm(engine: Engine, provider: httpx.AsyncClient, sent: uuid.UUID) -> None:
    for number, data in enumerate(
        [1, [], "x", {"email_id": 7, "tags": "x"}, {"tags": [1]}, {"bounce": {"message": []}}]
    ):
        body = json.dumps({"type": "email.bounced", "data": data}).encode()
        assert (await tell(provider, body, f"msg_{number}")).status_code == 200
    zero = event("email.bounced", f"resend-{sent}", bounce={"message": "a\x00b"})
    assert (await tell(provider, zero, "msg_zero")).status_code == 200
    assert (await message_of(engine, sent)).reason == "ab"


async def test_a_body_that_is_too_large_is_not_read(provider: httpx.AsyncClient, resend: FakeResend) -> None:
    assert (await tell(provider, b" " * (http.LARGEST_BODY + 1))).status_code == 413


async def test_without_a_secret_the_door_does_not_exist(
    engine: Engine, provider: httpx.AsyncClient, configure: Configure
) -> None:
    assert (await tell(provider, event("email.delivered", "x"))).status_code == 404


async def test_an_event_and_its_effect_are_kept_together_or_not_at_all(
    engine: Engine, provider: httpx.AsyncClient, sent: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError

    body = event("email.delivered", f"resend-{sent}")
    with monkeypatch.context() as broken:
        listening(engine, broken, fail)
        assert (await tell(provider, body)).status_code == 500
    assert not await events(engine)
    assert (await message_of(engine, sent)).status == Status.SENT
    assert (await tell(provider, body)).status_code == 200
    assert (await message_of(engine, sent)).status == Status.DELIVERED


async def test_random_deliveries_have_exactly_the_effects_of_the_true_ones(
    engine: Engine, provider: httpx.AsyncClient, resend: FakeResend, told: list[Any]
) -> None:
    messages = [await post(engine, to=f"member{number}@post.example") for number in range(20)]
    await engine.jobs.settle()
    told.clear()
    began = time.time()
    deliveries, true = storm(messages, DELIVERIES, began, random.Random(7))
    for start in range(0, len(deliveries), 20):
        some = deliveries[start : start + 20]
        with time_machine.travel(began, tick=True):  # a long run is no reason to be more than five minutes late
            answers = await asyncio.gather(
                *(provider.post(HOOK, content=each.body, headers=_bytes(each.headers)) for each in some)
            )
        assert [answer.status_code for answer in answers] == [200 if each.right else 400 for each in some]
    kept = await events(engine)
    assert sorted(each.event_id for each in kept) == sorted(each.event_id for each in true)
    assert {each: (await message_of(engine, each)).status for each in messages} == expected(messages, true)
    moved = Counter(each.message_id for each in kept if each.moved)
    assert moved == Counter(fact.entity_id for fact in told)


def _bytes(headers: dict[str, str]) -> dict[str, bytes]:
    return {name: value.encode() for name, value in headers.items()}
