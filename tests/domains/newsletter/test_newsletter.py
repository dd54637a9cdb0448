"""The newsletter: nobody is on it who did not confirm, and one press ends it."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import time_machine
from sqlalchemy import select
from starlette.applications import Starlette

from memberpulse.domains.accounts.errors import LinkUsedUp
from memberpulse.domains.accounts.facts import AccountErased
from memberpulse.domains.mail.delivery import open_letter
from memberpulse.domains.mail.letters import Letter
from memberpulse.domains.mail.models import Message
from memberpulse.domains.newsletter import http, queries
from memberpulse.domains.newsletter.errors import NoSuchAddress, UnknownSubscriber
from memberpulse.domains.newsletter.jobs import prune_addresses
from memberpulse.domains.newsletter.models import Stage, Subscriber
from memberpulse.domains.newsletter.mutations import confirm_subscription, subscribe, unsubscribe
from memberpulse.domains.newsletter.queries import get_request, get_subscription, list_subscribers
from memberpulse.domains.newsletter.rules import may_write
from memberpulse.engine import ANONYMOUS, Engine, Kind, MutationCtx, system, utc_now
from memberpulse.engine.errors import TooMany
from memberpulse.server.gate import Gate, GateRules
from memberpulse.settings import get_settings
from tests.domains.conftest import Cast

pytestmark = pytest.mark.anyio
IDA = "ida@post.example"


@pytest.fixture(autouse=True)
def _sealed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("MEMBERPULSE_SECRET", "x" * 32)
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


async def letters(engine: Engine, to: str = IDA) -> list[Letter]:
    """What was written to somebody, oldest first."""

    def sealed(ctx: MutationCtx) -> list[str]:
        found = select(Message).where(Message.to_email == to).order_by(Message.id)  # type: ignore[arg-type]
        return [each.sealed_letter or "" for each in ctx.db.scalars(found)]

    return [open_letter(each) for each in await engine.transact_async(sealed, system())]


async def ask(engine: Engine, email: str = IDA) -> Any:
    return await engine.mutate(subscribe, caller=ANONYMOUS, email=email)


async def token(engine: Engine, to: str = IDA) -> str:
    """What stands in the last letter's link."""
    letter = (await letters(engine, to))[-1]
    assert letter.button
    return parse_qs(urlsplit(letter.button[1]).query)["token"][0]


async def who(engine: Engine, to: str = IDA) -> str:
    letter = (await letters(engine, to))[-1]
    return parse_qs(urlsplit(letter.unsubscribe_url).query)["who"][0]


async def join(engine: Engine, email: str = IDA) -> None:
    await ask(engine, email)
    await engine.mutate(confirm_subscription, caller=ANONYMOUS, token=await token(engine, email))


async def on_the_list(engine: Engine) -> list[str]:
    return [row.email for row in (await engine.query(list_subscribers, caller=system())).rows]


async def stage_of(engine: Engine, email: str = IDA) -> Stage | None:
    def find(ctx: MutationCtx) -> Stage | None:
        found = ctx.db.scalars(select(Subscriber).where(Subscriber.email == email)).first()  # type: ignore[arg-type]
        return found.stage if found else None

    return await engine.transact_async(find, system())


async def test_an_address_is_on_the_list_only_after_it_was_confirmed(engine: Engine) -> None:
    await ask(engine, " Ida@Post.example ")
    assert await on_the_list(engine) == []
    raw = await token(engine)
    assert (await engine.query(get_request, caller=ANONYMOUS, token=raw)).state == "open"
    assert await on_the_list(engine) == []  # following the link consumes nothing
    await engine.mutate(confirm_subscription, caller=ANONYMOUS, token=raw)
    assert await on_the_list(engine) == [IDA]
    assert (await engine.query(get_request, caller=ANONYMOUS, token=raw)).state == "done"
    assert [letter.kind for letter in await letters(engine)] == ["newsletter_confirm", "newsletter_welcome"]


async def test_a_link_confirms_once_and_for_two_days(engine: Engine) -> None:
    await ask(engine)
    raw = await token(engine)
    with time_machine.travel(utc_now() + timedelta(days=2, seconds=1)):
        assert (await engine.query(get_request, caller=ANONYMOUS, token=raw)).state == "over"
        with pytest.raises(LinkUsedUp):
            await engine.mutate(confirm_subscription, caller=ANONYMOUS, token=raw)
    await engine.mutate(confirm_subscription, caller=ANONYMOUS, token=raw)
    with pytest.raises(LinkUsedUp):
        await engine.mutate(confirm_subscription, caller=ANONYMOUS, token=raw)
    assert len(await letters(engine)) == 2


async def test_the_answer_is_the_same_whatever_is_known_of_an_address(engine: Engine) -> None:
    await join(engine)
    answers = [
        await engine.serve("newsletter.subscribe", {"email": email}, ANONYMOUS, Kind.MUTATION, address="192.0.2.1")
        for email in (IDA, IDA, "new@post.example", "new@post.example")
    ]
    assert set(answers) == {b"null"}


async def test_who_is_on_the_list_already_is_told_by_mail(engine: Engine) -> None:
    await join(engine)
    await ask(engine)
    last = (await letters(engine))[-1]
    assert last.kind == "newsletter_already"
    assert last.button is None
    assert await on_the_list(engine) == [IDA]


@pytest.mark.parametrize(
    "email", ["", "ida", "ida@", "@post.example", "ida@post", "a b@post.example", f"{'a' * 300}@b.cd"]
)
async def test_what_is_no_address_is_refused_beside_its_field(engine: Engine, email: str) -> None:
    with pytest.raises(NoSuchAddress) as refusal:
        await ask(engine, email)
    assert "email" in refusal.value.fields


async def test_a_strangers_mailbox_is_not_filled(engine: Engine) -> None:
    start = utc_now()
    for minute in range(0, 24 * 60, 10):
        with time_machine.travel(start + timedelta(minutes=minute)):
            await ask(engine)
    assert len(await letters(engine)) <= 6


def test_each_pause_is_longer_up_to_a_week() -> None:
    now = utc_now()
    assert may_write(0, now, now)
    assert not may_write(1, now, now + timedelta(minutes=4))
    assert may_write(1, now, now + timedelta(minutes=5))
    assert not may_write(2, now, now + timedelta(minutes=14))
    assert not may_write(90, now, now + timedelta(days=6))
    assert may_write(90, now, now + timedelta(days=7))


async def test_one_network_address_may_ask_ten_times_an_hour(engine: Engine) -> None:
    async def from_one_place(number: int) -> None:
        given = {"email": f"person{number}@post.example"}
        await engine.serve("newsletter.subscribe", given, ANONYMOUS, Kind.MUTATION, address="192.0.2.9")

    for number in range(10):
        await from_one_place(number)
    with pytest.raises(TooMany):
        await from_one_place(10)


async def test_one_press_ends_it_and_a_second_is_harmless(engine: Engine) -> None:
    await join(engine)
    link = await who(engine)
    assert (await engine.query(get_subscription, caller=ANONYMOUS, who=link)).is_subscribed
    for _ in range(2):
        await engine.mutate(unsubscribe, caller=ANONYMOUS, who=link)
        assert await on_the_list(engine) == []
        assert not (await engine.query(get_subscription, caller=ANONYMOUS, who=link)).is_subscribed


async def test_who_left_may_come_back(engine: Engine) -> None:
    await join(engine)
    await engine.mutate(unsubscribe, caller=ANONYMOUS, who=await who(engine))
    with time_machine.travel(utc_now() + timedelta(minutes=6)):
        await join(engine)
    assert await on_the_list(engine) == [IDA]


async def test_leaving_makes_an_open_confirmation_useless(engine: Engine) -> None:
    await join(engine)
    link = await who(engine)
    await engine.mutate(unsubscribe, caller=ANONYMOUS, who=link)
    with time_machine.travel(utc_now() + timedelta(minutes=6)):
        await ask(engine)
    raw = await token(engine)
    await engine.mutate(unsubscribe, caller=ANONYMOUS, who=link)
    with pytest.raises(LinkUsedUp):
        await engine.mutate(confirm_subscription, caller=ANONYMOUS, token=raw)


@pytest.mark.parametrize("link", ["", "x", "gAAAAA", "é", "a" * 500])
async def test_nobody_is_taken_off_by_a_link_that_was_made_up(engine: Engine, link: str) -> None:
    await join(engine)
    with pytest.raises(UnknownSubscriber):
        await engine.mutate(unsubscribe, caller=ANONYMOUS, who=link)
    assert await on_the_list(engine) == [IDA]


@pytest.fixture
async def programme(engine: Engine) -> AsyncIterator[httpx.AsyncClient]:
    """A mail programme: it comes through the gate with no cookie and no Origin."""
    doors = Starlette(routes=http.ROUTES)

    async def nobody(_: str) -> bool:
        return False

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await doors({**scope, "state": {"engine": engine}}, receive, send)

    gate = Gate(app, GateRules(is_signed_in=nobody, needs_sign_in=lambda path: False))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(gate), base_url="https://pulse.example") as client:
        yield client


@pytest.mark.parametrize(
    "how", [{"data": {"List-Unsubscribe": "One-Click"}}, {"files": {"List-Unsubscribe": (None, "One-Click")}}]
)
async def test_a_mail_programme_unsubscribes_by_one_post(
    engine: Engine, programme: httpx.AsyncClient, how: dict[str, Any]
) -> None:
    await join(engine)
    address = urlsplit((await letters(engine))[-1].unsubscribe_url)
    answer = await programme.post(f"{address.path}?{address.query}", **how)
    assert answer.status_code == 200  # no redirect: RFC 8058, section 3.1
    assert await on_the_list(engine) == []
    assert (await programme.post(f"{address.path}?{address.query}", **how)).status_code == 200
    assert (await programme.post(f"{address.path}?who=x", **how)).status_code == 404


async def test_a_scanner_that_follows_the_link_takes_nobody_off(engine: Engine, programme: httpx.AsyncClient) -> None:
    await join(engine)
    address = urlsplit((await letters(engine))[-1].unsubscribe_url)
    answer = await programme.get(f"{address.path}?{address.query}")
    assert (answer.status_code, urlsplit(answer.headers["location"]).path) == (303, "/leave-newsletter")
    assert await on_the_list(engine) == [IDA]


async def test_the_export_comes_in_parts_with_a_link_to_leave_by(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    for name in ("ann", "ben", "cleo"):
        await join(engine, f"{name}@post.example")
    await ask(engine, "unconfirmed@post.example")
    first = await engine.query(list_subscribers, caller=system())
    rest = await engine.query(list_subscribers, caller=system(), cursor=first.next_cursor)
    assert [row.email for row in [*first.rows, *rest.rows]] == [
        f"{name}@post.example" for name in ("ann", "ben", "cleo")
    ]
    assert rest.next_cursor is None
    link = parse_qs(urlsplit(first.rows[0].unsubscribe_url).query)["who"][0]
    await engine.mutate(unsubscribe, caller=ANONYMOUS, who=link)
    assert (await on_the_list(engine))[0] == "ben@post.example"


async def test_an_address_is_forgotten_with_its_account(cast: Cast) -> None:
    address = "max@post.example"
    await join(cast.engine, address)
    assert cast.max.user_id

    def erase(ctx: MutationCtx) -> None:
        assert cast.max.user_id
        ctx.record(AccountErased(entity_id=cast.max.user_id, user_id=cast.max.user_id, email_hash="x"))

    await cast.engine.transact_async(erase, system())
    assert await stage_of(cast.engine, address) is None
    assert await letters(cast.engine, address) == []


async def test_who_never_confirmed_is_forgotten_after_a_week_and_who_left_after_a_month(engine: Engine) -> None:
    await ask(engine, "never@post.example")
    await join(engine, "stays@post.example")
    await join(engine, "left@post.example")
    await engine.mutate(unsubscribe, caller=ANONYMOUS, who=await who(engine, "left@post.example"))
    for days, left in ((6, Stage.UNSUBSCRIBED), (8, Stage.UNSUBSCRIBED), (31, None)):
        with time_machine.travel(utc_now() + timedelta(days=days)):
            await engine.transact_async(lambda ctx: ctx.schedule(prune_addresses), system())
            await engine.jobs.settle()
        assert await stage_of(engine, "never@post.example") == (Stage.ASKED if days == 6 else None)
        assert await stage_of(engine, "left@post.example") == left
    assert await on_the_list(engine) == ["stays@post.example"]
