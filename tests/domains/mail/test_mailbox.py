"""The local mailbox: everything is in it where it is open, and nothing exists where it is closed."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from memberpulse.domains.mail import queries
from memberpulse.domains.mail.letters import Letter
from memberpulse.domains.mail.models import Status
from memberpulse.domains.mail.queries import get_letter, get_mailbox_state, list_letters
from memberpulse.engine import ANONYMOUS, Engine
from memberpulse.engine.errors import NotFound
from tests.domains.conftest import Cast
from tests.domains.mail.conftest import LETTER, Configure, post
from tests.domains.mail.test_webhook import doors
from tests.engine.conftest import until

pytestmark = pytest.mark.anyio
CLOSED = {"mailbox": "0", "resend_api_key": "re_test", "resend_from": "a@b.example"}


@pytest.fixture
async def browser(engine: Engine) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(doors(engine)), base_url="http://localhost") as client:
        yield client


async def test_a_letter_is_there_to_be_read_newest_first(engine: Engine, configure: Configure) -> None:
    await post(engine, to="otto@post.example")
    message_id = await post(engine)
    await engine.jobs.settle()
    rows = (await engine.query(list_letters, caller=ANONYMOUS)).rows
    assert [row.address for row in rows] == ["ida@post.example", "otto@post.example"]
    letter = await engine.query(get_letter, caller=ANONYMOUS, message_id=message_id)
    assert (letter.subject, letter.status, letter.readable) == (LETTER.subject, Status.DELIVERED, True)
    assert (letter.button_words, letter.button_href) == ("Choose a password", "/reset?token=s3cret")
    assert "token=s3cret" in letter.text


async def test_a_new_letter_appears_by_itself(cast: Cast, configure: Configure) -> None:
    screen = cast.watch(ANONYMOUS, list_letters)
    message_id = await post(cast.engine)
    await cast.engine.jobs.settle()
    await until(lambda: bool(screen.shown) and [row["id"] for row in screen.shown[-1]["rows"]] == [str(message_id)])
    await until(lambda: screen.shown[-1]["rows"][0]["status"] == "delivered")


async def test_letters_come_page_by_page(engine: Engine, configure: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    sent = [await post(engine) for _ in range(5)]
    seen: list[uuid.UUID] = []
    cursor: str | None = None
    while True:
        page = await engine.query(list_letters, caller=ANONYMOUS, cursor=cursor)
        seen += [row.id for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(seen) == sorted(sent)
    with pytest.raises(NotFound):
        await engine.query(list_letters, caller=ANONYMOUS, cursor="x")


async def test_the_frame_shows_the_letter_and_can_do_nothing_else(
    engine: Engine, configure: Configure, browser: httpx.AsyncClient
) -> None:
    letter = Letter(
        kind="x", subject="<b>", heading="<script>alert(1)</script>", paragraphs=("& more",), button=LETTER.button
    )
    answer = await browser.get(f"/mail/letters/{await post(engine, letter)}")
    assert answer.status_code == 200
    assert "<script" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert 'href="/reset?token=s3cret"' in answer.text
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-popups")
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_links_to_other_sites_are_left_alone(engine: Engine, configure: Configure) -> None:
    letter = Letter(
        kind="x", subject="x", heading="x", paragraphs=(), button=("Go", "http://localhost:8000.evil.example/x")
    )
    found = await engine.query(get_letter, caller=ANONYMOUS, message_id=await post(engine, letter))
    assert found.button_href == "http://localhost:8000.evil.example/x"


async def test_where_it_is_closed_nothing_exists(
    engine: Engine, configure: Configure, browser: httpx.AsyncClient
) -> None:
    message_id = await post(engine)
    configure(**CLOSED)
    assert not (await engine.query(get_mailbox_state, caller=ANONYMOUS)).is_open
    with pytest.raises(NotFound):
        await engine.query(list_letters, caller=ANONYMOUS)
    with pytest.raises(NotFound):
        await engine.query(get_letter, caller=ANONYMOUS, message_id=message_id)
    assert (await browser.get(f"/mail/letters/{message_id}")).status_code == 404
    assert (await browser.get("/mail/preview")).status_code == 404


async def test_a_letter_that_a_provider_took_is_listed_and_cannot_be_read(
    engine: Engine, configure: Configure, browser: httpx.AsyncClient
) -> None:
    message_id = await post(engine)
    configure(secret="y" * 32)  # as good as erased
    letter = await engine.query(get_letter, caller=ANONYMOUS, message_id=message_id)
    assert (letter.readable, letter.text, letter.button_href) == (False, "", "")
    assert (await browser.get(f"/mail/letters/{message_id}")).status_code == 404


@pytest.mark.parametrize("name", ["x", "018f3a1c-0000-7000-8000-000000000000"])
async def test_there_is_no_letter_of_another_name(configure: Configure, browser: httpx.AsyncClient, name: str) -> None:
    assert (await browser.get(f"/mail/letters/{name}")).status_code == 404


async def test_all_letters_can_be_looked_at_in_development(configure: Configure, browser: httpx.AsyncClient) -> None:
    from memberpulse.domains.mail.letters import samples

    assert (await browser.get("/mail/preview")).status_code == 404
    configure(dev="1")
    page: Any = await browser.get("/mail/preview")
    assert samples()
    for kind in samples():
        assert f'src="/mail/preview/{kind}"' in page.text
        assert (await browser.get(f"/mail/preview/{kind}")).status_code == 200
    assert (await browser.get("/mail/preview/nonsense")).status_code == 404
