"""What people chose to be told of is what they are told of."""

import json
import re
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import col
from starlette.applications import Starlette

import memberpulse
from memberpulse.domains.announcements.mutations import post_announcement
from memberpulse.domains.mail.delivery import open_letter
from memberpulse.domains.mail.models import Message
from memberpulse.domains.notifications import http
from memberpulse.domains.notifications.errors import UnknownKind
from memberpulse.domains.notifications.kinds import KINDS, Channel
from memberpulse.domains.notifications.preferences import list_my_preferences, set_preference, unsubscribe_link
from memberpulse.domains.notifications.queries import list_unread
from memberpulse.engine import Caller
from memberpulse.sealing import seal
from memberpulse.settings import get_settings
from tests.domains.conftest import Cast

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def own_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMBERPULSE_SECRET", "s" * 40)
    get_settings.cache_clear()


@pytest.fixture
async def client(cast: Cast) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=http.ROUTES)

    async def gate(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await app(scope | {"state": {"engine": cast.engine}}, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(gate), base_url="http://localhost") as opened:
        yield opened


async def choose(cast: Cast, caller: Caller, channel: Channel, enabled: bool) -> None:
    await cast.engine.mutate(set_preference, caller=caller, type="announcement", channel=channel, enabled=enabled)


async def announce(cast: Cast) -> None:
    await cast.engine.mutate(post_announcement, caller=cast.ann, title="Lathe course", body="On Sunday.")


async def letters(cast: Cast) -> list[Message]:
    return await cast.write(lambda ctx: list(ctx.db.scalars(select(Message).order_by(col(Message.to_email)))))


async def unread(cast: Cast, caller: Caller) -> int:
    return (await cast.engine.query(list_unread, caller=caller)).count


async def test_at_first_everybody_is_told_in_the_app_and_nobody_by_letter(cast: Cast) -> None:
    await announce(cast)
    assert [await unread(cast, each) for each in (cast.abe, cast.cleo, cast.max, cast.ann)] == [1, 1, 1, 0]
    assert await letters(cast) == []
    rows = await cast.engine.query(list_my_preferences, caller=cast.max)
    assert (rows[0].type, rows[0].in_app, rows[0].email) == ("announcement", True, False)


async def test_each_channel_is_chosen_by_each_person(cast: Cast) -> None:
    await choose(cast, cast.max, Channel.IN_APP, False)
    await choose(cast, cast.abe, Channel.EMAIL, True)
    await announce(cast)
    assert [await unread(cast, each) for each in (cast.abe, cast.cleo, cast.max)] == [1, 1, 0]
    (letter,) = await letters(cast)
    assert (letter.to_email, letter.kind) == ("abe@post.example", "notification")
    await choose(cast, cast.max, Channel.IN_APP, True)
    await choose(cast, cast.abe, Channel.EMAIL, False)
    await announce(cast)
    assert await unread(cast, cast.max) == 1
    assert len(await letters(cast)) == 1


async def test_whoever_caused_it_gets_no_letter_of_it(cast: Cast) -> None:
    await choose(cast, cast.ann, Channel.EMAIL, True)
    await announce(cast)
    assert await letters(cast) == []


async def test_a_type_that_does_not_exist_cannot_be_chosen(cast: Cast) -> None:
    with pytest.raises(UnknownKind):
        await cast.engine.mutate(set_preference, caller=cast.max, type="x", channel=Channel.EMAIL, enabled=True)


async def test_one_post_from_a_mail_program_ends_letters_of_that_type(cast: Cast, client: httpx.AsyncClient) -> None:
    await choose(cast, cast.abe, Channel.EMAIL, True)
    await announce(cast)
    (sent,) = await letters(cast)
    assert sent.sealed_letter is not None
    url = open_letter(sent.sealed_letter).unsubscribe_url
    path = url.removeprefix(f"{urlsplit(url).scheme}://{urlsplit(url).netloc}")

    looked = await client.get(path)
    assert looked.status_code == 303, "a scanner that follows links ends nothing"
    assert parse_qs(urlsplit(looked.headers["location"]).query)["type"] == ["announcement"]
    await announce(cast)
    assert len(await letters(cast)) == 2

    for _ in range(2):
        ended = await client.post(path, data={"List-Unsubscribe": "One-Click"})
        assert ended.status_code == 200
    await announce(cast)
    assert len(await letters(cast)) == 2
    assert await unread(cast, cast.abe) == 3, "the app still tells"


async def test_the_page_behind_the_link_ends_them_too(cast: Cast, client: httpx.AsyncClient) -> None:
    await choose(cast, cast.abe, Channel.EMAIL, True)
    assert cast.abe.user_id is not None
    token = parse_qs(urlsplit(unsubscribe_link(cast.abe.user_id, "announcement")).query)["token"][0]
    answer = await client.post("/auth/unsubscribe", data={"token": token})
    assert answer.headers["location"] == "/unsubscribe?type=announcement&done=1"
    await announce(cast)
    assert await letters(cast) == []


@pytest.mark.parametrize("token", ["", "x", "gAAAAA", "é" * 50])
async def test_a_link_that_is_not_ours_does_nothing(client: httpx.AsyncClient, token: str) -> None:
    by_hand = await client.post("/auth/unsubscribe", data={"token": token})
    assert by_hand.headers["location"] == "/unsubscribe?error=link"
    by_program = await client.post("/auth/unsubscribe", params={"token": token}, data={"List-Unsubscribe": "One-Click"})
    assert by_program.status_code == 400


async def test_a_token_of_another_purpose_is_not_ours(client: httpx.AsyncClient) -> None:

    token = seal(json.dumps([str(uuid.uuid4()), "announcement"]), "mail")
    answer = await client.post("/auth/unsubscribe", data={"token": token})
    assert answer.headers["location"] == "/unsubscribe?error=link"


def test_every_type_that_is_sent_can_be_chosen_and_every_choice_is_of_one_that_is_sent() -> None:
    house = Path(memberpulse.__file__).parent
    sources = {path: path.read_text("utf-8") for path in house.rglob("*.py") if path.name != "kinds.py"}
    known = {each.type for each in KINDS}
    sent = {found for text in sources.values() for found in re.findall(r"Notice\(\s*type=\"(\w+)\"", text)}
    assert sent <= known
    telling = [text for text in sources.values() if "Notice(" in text or "notices" in text]
    unheard = {each for each in known if not any(f'"{each}"' in text for text in telling)}
    assert not unheard, "types that nobody sends"
