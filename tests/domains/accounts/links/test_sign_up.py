"""Signing up: an account exists once its address is confirmed, and nobody can prepare one for somebody else."""

import uuid

import pytest
import time_machine
from sqlalchemy import func, select

from memberpulse.domains.accounts.links.jobs import prune_sign_ups
from memberpulse.domains.accounts.links.models import SignUp
from memberpulse.domains.accounts.models import OneTimeToken, User
from memberpulse.domains.accounts.mutations import create_user, prove_address
from memberpulse.domains.accounts.security_log import list_my_security_events
from memberpulse.engine import Engine, system
from tests.domains.accounts.browsers import Browser, a_browser, caller_in, letters, mailed_token, place, said, work
from tests.domains.accounts.conftest import HASH, PASSWORD

pytestmark = pytest.mark.anyio

NINA = "nina@post.example"
OTHERS = "seven purple kettles sing"


async def sign_up(browser: Browser, **fields: str) -> dict[str, str]:
    form = {"name": "Nina Roth", "email": NINA, "password": PASSWORD, **fields}
    return said(await browser.post("/auth/sign-up", data=form))


async def sign_in(browser: Browser, password: str = PASSWORD, email: str = NINA) -> str:
    """Where it leads: a page, or the code of the refusal."""
    answer = await browser.post("/auth/sign-in", data={"email": email, "password": password})
    return said(answer).get("error") or place(answer)


async def count(engine: Engine, model: type) -> int:
    return await engine.transact_async(
        lambda ctx: ctx.db.scalars(select(func.count()).select_from(model)).one(), system()
    )


async def test_somebody_signs_up_confirms_the_address_and_is_signed_in(engine: Engine, browser: Browser) -> None:
    assert await sign_up(browser, email=" Nina@Post.Example ") == {"for": "sign-up", "email": NINA}
    assert await count(engine, User) == 1
    token = await mailed_token(engine, NINA)
    answer = await browser.post("/auth/verify", data={"token": token})
    assert place(answer) == "/welcome"
    caller = await caller_in(engine, browser)
    user = await engine.transact_async(lambda ctx: ctx.db.get_one(User, caller.user_id), system())
    assert (user.name, user.email, user.verified_at is not None) == ("Nina Roth", NINA, True)
    log = [each.action for each in await engine.query(list_my_security_events, caller=caller)]
    assert log == ["session.signed_in", "account.verified_email", "account.signed_up"]
    await browser.post("/auth/sign-out")
    assert await sign_in(browser) == "/welcome"


async def test_it_goes_on_to_where_the_person_came_from(engine: Engine, browser: Browser) -> None:
    await sign_up(browser, next="/join?invitation=abc")
    answer = await browser.post("/auth/verify", data={"token": await mailed_token(engine, NINA)})
    assert answer.headers["location"] == "/join?invitation=abc"


async def test_a_link_works_once_and_for_a_quarter_of_an_hour(engine: Engine, browser: Browser) -> None:
    await sign_up(browser)
    token = await mailed_token(engine, NINA)
    with time_machine.travel(_in_minutes(16)):
        assert said(await browser.post("/auth/verify", data={"token": token})) == {"error": "used"}
        await browser.post("/auth/sign-up/resend", data={"email": NINA})
        token = await mailed_token(engine, NINA)
        assert place(await browser.post("/auth/verify", data={"token": token})) == "/welcome"
        assert said(await browser.post("/auth/verify", data={"token": token})) == {"error": "used"}
    assert await count(engine, SignUp) == 0


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"name": "  "}, {"name_error": "missing"}),
        ({"name": "http://evil.example"}, {"name_error": "missing"}),
        ({"email": "nina"}, {"email_error": "invalid"}),
        ({"password": "short"}, {"password_error": "short"}),
        ({"password": "1234567890"}, {"password_error": "common"}),
        ({"password": "Nina Roth1"}, {"password_error": "yours"}),
        ({"password": "a" * 1025}, {"password_error": "long"}),
        ({"name": "", "email": "", "password": ""}, {"name_error": "missing", "email_error": "invalid"}),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field_and_the_rest_is_kept(
    engine: Engine, browser: Browser, fields: dict[str, str], faults: dict[str, str]
) -> None:
    answer = await sign_up(browser, **fields)
    assert answer.items() >= faults.items()
    assert answer.get("email", "") == fields.get("email", NINA)
    assert "password" not in answer
    assert await count(engine, SignUp) == 0


async def test_a_known_address_gets_the_same_answer_and_another_letter(engine: Engine, browser: Browser) -> None:
    fresh = await browser.post("/auth/sign-up", data={"name": "Nina", "email": NINA, "password": PASSWORD})
    known = await browser.post("/auth/sign-up", data={"name": "Nina", "email": "ida@post.example", "password": OTHERS})
    assert place(fresh) == place(known) == "/check-mail"
    assert sorted(fresh.headers) == sorted(known.headers)
    await work(engine)
    assert [each.kind for each in await letters(engine, "ida@post.example")] == ["already_have_account"]
    assert [each.kind for each in await letters(engine, NINA)] == ["verify_email"]
    assert await sign_in(browser, OTHERS, "ida@post.example") == "wrong"
    assert await sign_in(browser, PASSWORD, "ida@post.example") == "/welcome"


async def test_a_sign_up_that_waits_opens_nothing_and_tells_nobody_whether_there_is_an_account(
    engine: Engine, browser: Browser
) -> None:
    """A stranger may sign up with any address and a password of their own, and then try these."""
    await sign_up(browser)
    assert await sign_in(browser, "wrong") == "wrong"
    assert await sign_in(browser) == "wrong"
    assert (await caller_in(engine, browser)).kind == "anonymous"


async def test_a_password_that_a_stranger_chose_never_opens_the_account(
    engine: Engine, browser: Browser, other_browser: Browser
) -> None:
    """Somebody signs up with Nina's address and waits for her to confirm it."""
    await sign_up(other_browser, password=OTHERS)
    token = await mailed_token(engine, NINA)
    asked = await browser.post("/auth/verify", data={"token": token})
    assert said(asked) == {"token": token, "ask": "password"}
    weak = await browser.post("/auth/verify", data={"token": token, "password": "nina roth 1"})
    assert said(weak) == {"token": token, "ask": "password", "password_error": "yours"}
    assert place(await browser.post("/auth/verify", data={"token": token, "password": PASSWORD})) == "/welcome"
    assert await sign_in(other_browser, OTHERS) == "wrong"
    assert await sign_in(other_browser) == "/welcome"


async def test_a_second_sign_up_changes_nothing_but_by_its_own_link(
    engine: Engine, browser: Browser, other_browser: Browser
) -> None:
    await sign_up(browser)
    hers = await mailed_token(engine, NINA)
    await sign_up(other_browser, password=OTHERS)
    await mailed_token(engine, NINA)
    assert place(await browser.post("/auth/verify", data={"token": hers})) == "/welcome"
    assert await sign_in(other_browser, OTHERS) == "wrong"
    assert await sign_in(other_browser) == "/welcome"


async def test_a_second_link_to_one_account_is_used_up_with_the_first(engine: Engine, browser: Browser) -> None:
    await sign_up(browser)
    first = await mailed_token(engine, NINA)
    await sign_up(browser, password=OTHERS)
    second = await mailed_token(engine, NINA)
    await browser.post("/auth/verify", data={"token": second})
    assert said(await browser.post("/auth/verify", data={"token": first})) == {"error": "used"}
    assert await sign_in(browser, OTHERS) == "/welcome"


async def test_a_password_set_before_the_address_was_proven_is_forgotten(engine: Engine, browser: Browser) -> None:
    """However it is proven: a link, or a provider that vouches for it."""
    make = {"email": NINA, "name": "Nina", "password_hash": HASH, "verified": False}
    user_id: uuid.UUID = await engine.mutate(create_user, caller=system(), **make)
    assert await sign_in(browser) == "wrong"
    await engine.mutate(prove_address, caller=system(), user_id=user_id)
    assert await sign_in(browser) == "wrong"


async def test_somebody_who_was_entered_by_others_signs_up_into_that_account(engine: Engine, browser: Browser) -> None:
    user_id = await engine.mutate(create_user, caller=system(), email=NINA, name="Nina", verified=False)
    await sign_up(browser)
    await browser.post("/auth/verify", data={"token": await mailed_token(engine, NINA)})
    assert (await caller_in(engine, browser)).user_id == user_id


async def test_letters_to_one_address_and_from_one_network_are_limited(engine: Engine, browser: Browser) -> None:
    answers = [await sign_up(browser) for _ in range(6)]
    assert [each.get("error") for each in answers] == [None] * 5 + ["too_many"]
    for _ in range(4):
        last = await browser.post("/auth/sign-up/resend", data={"email": NINA})
    assert said(last)["error"] == "too_many"
    assert said(last)["for"] == "sign-up"


async def test_an_address_in_the_flood_of_others_still_gets_its_answer(engine: Engine, browser: Browser) -> None:
    for number in range(12):
        async with a_browser(engine, ip=f"198.51.100.{number}") as stranger:
            answer = await sign_up(stranger, email="ida@post.example")
    assert answer["error"] == "too_many"
    assert await sign_up(browser) == {"for": "sign-up", "email": NINA}


async def test_what_nobody_confirmed_is_forgotten_after_a_day(engine: Engine, browser: Browser) -> None:
    await sign_up(browser)
    with time_machine.travel(_in_minutes(24 * 60 + 1)):
        assert await sign_in(browser) == "wrong"
        await engine.transact_async(prune_sign_ups, system())
    assert await count(engine, SignUp) == 0


async def test_neither_token_nor_password_is_kept(engine: Engine, browser: Browser) -> None:
    await sign_up(browser)
    token = await mailed_token(engine, NINA)
    rows = await engine.transact_async(
        lambda ctx: [row.model_dump() for model in (SignUp, OneTimeToken) for row in ctx.db.scalars(select(model))],
        system(),
    )
    assert token not in str(rows)
    assert PASSWORD not in str(rows)


def _in_minutes(minutes: int) -> float:
    import time

    return time.time() + minutes * 60
