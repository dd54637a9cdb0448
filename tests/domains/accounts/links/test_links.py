"""Forgotten passwords, links to sign in, another address, another password."""

import time

import pytest
import time_machine
from sqlalchemy import select

from memberpulse.domains.accounts.errors import StepUpRequired
from memberpulse.domains.accounts.links.errors import BadAddress, WeakPassword
from memberpulse.domains.accounts.links.mutations import change_email
from memberpulse.domains.accounts.links.queries import look_at_link
from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.mutations import create_user
from memberpulse.domains.accounts.proofs.mutations import grant_proof
from memberpulse.domains.accounts.security_log import list_my_security_events
from memberpulse.engine import ANONYMOUS, Caller, Engine, MutationCtx, system
from tests.domains.accounts.browsers import Browser, caller_in, letters, mailed_token, place, said, work
from tests.domains.accounts.conftest import PASSWORD

pytestmark = pytest.mark.anyio

NEW = "seven purple kettles sing"


async def sign_in(browser: Browser, email: str = "ida@post.example", password: str = PASSWORD) -> str:
    answer = await browser.post("/auth/sign-in", data={"email": email, "password": password})
    return said(answer).get("error") or place(answer)


async def ask(browser: Browser, door: str, email: str = "ida@post.example", **more: str) -> dict[str, str]:
    return said(await browser.post(f"/auth/{door}", data={"email": email, **more}))


async def proven(engine: Engine, browser: Browser, action: str) -> Caller:
    caller = await caller_in(engine, browser)
    await engine.mutate(grant_proof, caller=system_of(caller), action=action, method="password")
    return caller


def system_of(caller: Caller) -> Caller:
    return Caller("system", user_id=caller.user_id, session_id=caller.session_id)


async def log_of(engine: Engine, browser: Browser) -> list[str]:
    return [
        each.action for each in await engine.query(list_my_security_events, caller=await caller_in(engine, browser))
    ]


async def test_a_forgotten_password_is_replaced_and_every_other_device_leaves(
    engine: Engine, browser: Browser, other_browser: Browser
) -> None:
    await sign_in(other_browser)
    assert await ask(browser, "forgot-password") == {"for": "reset", "email": "ida@post.example"}
    token = await mailed_token(engine, "ida@post.example")
    weak = await browser.post("/auth/reset-password", data={"token": token, "password": "ida@post.example"})
    assert said(weak) == {"token": token, "password_error": "yours"}
    answer = await browser.post("/auth/reset-password", data={"token": token, "password": NEW})
    assert place(answer) == "/welcome"
    assert (await caller_in(engine, other_browser)).kind == "anonymous"
    assert await sign_in(other_browser) == "wrong"
    assert await sign_in(other_browser, password=NEW) == "/welcome"
    assert "account.reset_password" in await log_of(engine, browser)
    assert [each.kind for each in await letters(engine, "ida@post.example")] == ["reset_password", "password_changed"]


async def test_a_link_signs_in_once_and_goes_on(engine: Engine, browser: Browser) -> None:
    assert await ask(browser, "email-link", next="/members") == {
        "for": "link",
        "email": "ida@post.example",
        "next": "/members",
    }
    token = await mailed_token(engine, "ida@post.example")
    assert place(await browser.post("/auth/magic-link", data={"token": token})) == "/members"
    assert (await caller_in(engine, browser)).kind == "person"
    assert said(await browser.post("/auth/magic-link", data={"token": token})) == {"error": "used"}


async def test_looking_at_a_link_uses_nothing_up(engine: Engine, browser: Browser) -> None:
    await ask(browser, "email-link")
    token = await mailed_token(engine, "ida@post.example")
    for _ in range(3):
        seen = await engine.query(look_at_link, caller=ANONYMOUS, kind="magic_link", token=token)
        assert (seen.is_good, seen.email) == (True, "ida@post.example")
    other = await engine.query(look_at_link, caller=ANONYMOUS, kind="reset_password", token=token)
    assert (other.is_good, other.email) == (False, "")
    assert place(await browser.post("/auth/magic-link", data={"token": token})) == "/welcome"
    seen = await engine.query(look_at_link, caller=ANONYMOUS, kind="magic_link", token=token)
    assert (seen.is_good, seen.email) == (False, "")


@pytest.mark.parametrize("door", ["forgot-password", "email-link", "sign-up/resend"])
async def test_an_address_without_account_gets_the_same_answer_and_no_letter(
    engine: Engine, browser: Browser, door: str
) -> None:
    known = await browser.post(f"/auth/{door}", data={"email": "ida@post.example"})
    unknown = await browser.post(f"/auth/{door}", data={"email": "nobody@post.example"})
    assert known.status_code == unknown.status_code == 303
    assert sorted(known.headers) == sorted(unknown.headers)
    assert known.headers["location"].replace("ida", "nobody") == unknown.headers["location"]
    await work(engine)
    assert await letters(engine, "nobody@post.example") == []


@pytest.mark.parametrize("door", ["forgot-password", "email-link"])
async def test_asking_is_limited_and_says_what_is_wrong(browser: Browser, door: str) -> None:
    assert (await ask(browser, door, "ida"))["email_error"] == "invalid"
    answers = [(await ask(browser, door)).get("error") for _ in range(4)]
    assert answers == [None, None, None, "too_many"]


async def test_a_new_password_makes_the_links_that_wait_worth_nothing(engine: Engine, browser: Browser) -> None:
    await ask(browser, "email-link")
    link = await mailed_token(engine, "ida@post.example")
    await ask(browser, "forgot-password")
    reset = await mailed_token(engine, "ida@post.example")
    await browser.post("/auth/reset-password", data={"token": reset, "password": NEW})
    assert said(await browser.post("/auth/magic-link", data={"token": link})) == {"error": "used"}


@pytest.mark.parametrize("door", ["verify", "reset-password", "magic-link", "confirm-email"])
async def test_a_link_that_is_made_up_missing_or_too_old_does_nothing(
    engine: Engine, browser: Browser, door: str
) -> None:
    for form in ({"token": "made up"}, {"token": ""}, {}):
        assert said(await browser.post(f"/auth/{door}", data=form)) == {"error": "used"}
    await ask(browser, "email-link")
    token = await mailed_token(engine, "ida@post.example")
    with time_machine.travel(time.time() + 16 * 60):
        form = {"token": token, "password": NEW}
        assert said(await browser.post(f"/auth/{door}", data=form)) == {"error": "used"}


async def test_tries_at_links_are_limited(browser: Browser) -> None:
    for _ in range(60):
        await browser.post("/auth/magic-link", data={"token": "guess"})
    assert said(await browser.post("/auth/magic-link", data={"token": "guess"}))["error"] == "too_many"


async def test_another_address_counts_once_it_is_confirmed_there(engine: Engine, browser: Browser) -> None:
    await sign_in(browser)
    caller = await proven(engine, browser, "account.email")
    await engine.mutate(change_email, caller=caller, email="Ida.New@post.example")
    token = await mailed_token(engine, "ida.new@post.example")
    assert await sign_in(browser) == "/welcome"
    assert said(await browser.post("/auth/confirm-email", data={"token": token})) == {"done": "1"}
    assert await sign_in(browser) == "wrong"
    assert await sign_in(browser, "ida.new@post.example") == "/welcome"
    assert [each.kind for each in await letters(engine, "ida@post.example")] == ["email_changed"]
    assert "account.changed_email" in await log_of(engine, browser)


async def test_an_address_that_belongs_to_another_account_is_not_told(engine: Engine, browser: Browser) -> None:
    await engine.mutate(create_user, caller=system(), email="otto@post.example", name="Otto")
    await sign_in(browser)
    caller = await proven(engine, browser, "account.email")
    assert await engine.mutate(change_email, caller=caller, email="otto@post.example") is None
    assert [each.kind for each in await letters(engine, "otto@post.example")] == ["address_in_use"]


async def test_an_address_that_was_taken_meanwhile_is_not_taken_over(engine: Engine, browser: Browser) -> None:
    await sign_in(browser)
    caller = await proven(engine, browser, "account.email")
    await engine.mutate(change_email, caller=caller, email="new@post.example")
    token = await mailed_token(engine, "new@post.example")
    await engine.mutate(create_user, caller=system(), email="new@post.example", name="Faster")
    assert said(await browser.post("/auth/confirm-email", data={"token": token})) == {"error": "used"}
    assert await sign_in(browser) == "/welcome"


@pytest.mark.parametrize("email", ["nonsense", "ida@post.example"])
async def test_no_address_and_the_same_address_are_refused(engine: Engine, browser: Browser, email: str) -> None:
    await sign_in(browser)
    caller = await proven(engine, browser, "account.email")
    with pytest.raises(BadAddress):
        await engine.mutate(change_email, caller=caller, email=email)


async def test_a_new_address_and_a_new_password_ask_for_a_proof(engine: Engine, browser: Browser) -> None:
    await sign_in(browser)
    caller = await caller_in(engine, browser)
    with pytest.raises(StepUpRequired):
        await engine.mutate(change_email, caller=caller, email="new@post.example")
    with pytest.raises(StepUpRequired):
        await engine.serve("accounts.change_password", {"password": NEW}, caller)


async def test_a_changed_password_ends_the_other_devices_and_renews_this_one(
    engine: Engine, browser: Browser, other_browser: Browser
) -> None:
    await sign_in(browser)
    await sign_in(other_browser)
    caller = await proven(engine, browser, "account.password")
    await engine.serve("accounts.change_password", {"password": NEW}, caller)
    assert (await caller_in(engine, other_browser)).kind == "anonymous"
    before = browser.cookies["memberpulse"]
    assert place(await browser.post("/auth/renew", data={"next": "/settings/sessions"})) == "/settings/sessions"
    assert browser.cookies["memberpulse"] != before
    assert (await caller_in(engine, browser)).session_id == caller.session_id
    assert await sign_in(browser, password=NEW) == "/welcome"
    assert "account.changed_password" in await log_of(engine, browser)


async def test_a_weak_password_is_refused_with_a_sentence(engine: Engine, browser: Browser) -> None:
    await sign_in(browser)
    caller = await proven(engine, browser, "account.password")
    with pytest.raises(WeakPassword) as refused:
        await engine.serve("accounts.change_password", {"password": "ida@post.example"}, caller)
    assert "tried first" in refused.value.fields["password"]


async def test_the_old_token_of_a_renewed_session_is_worth_nothing(engine: Engine, browser: Browser) -> None:
    await sign_in(browser)
    before = browser.cookies["memberpulse"]
    await browser.post("/auth/renew")
    browser.cookies.clear()
    browser.cookies.set("memberpulse", before)
    assert (await caller_in(engine, browser)).kind == "anonymous"
    await browser.post("/auth/renew")
    assert (await caller_in(engine, browser)).kind == "anonymous"


async def test_wrong_passwords_are_one_line_of_the_owners_log(engine: Engine, browser: Browser) -> None:
    for _ in range(4):
        await sign_in(browser, password="wrong")
    await sign_in(browser, "nobody@post.example")
    await work(engine)
    await sign_in(browser)
    events = await engine.query(list_my_security_events, caller=await caller_in(engine, browser))
    failed = [each for each in events if each.action == "account.failed_sign_in"]
    assert [(each.count, each.ip) for each in failed] == [(4, "127.0.0.1")]


async def test_the_log_is_everybodys_own(engine: Engine, browser: Browser, other_browser: Browser) -> None:
    await engine.mutate(create_user, caller=system(), email="otto@post.example", name="Otto", password_hash=None)
    await sign_in(browser)
    assert await log_of(engine, browser) == ["session.signed_in"]
    await ask(other_browser, "email-link", "otto@post.example")
    token = await mailed_token(engine, "otto@post.example")
    await other_browser.post("/auth/magic-link", data={"token": token})
    assert await log_of(engine, other_browser) == ["session.signed_in"]


async def test_a_closed_account_is_opened_by_no_link(engine: Engine, browser: Browser) -> None:
    await ask(browser, "email-link")
    token = await mailed_token(engine, "ida@post.example")
    await engine.transact_async(_close, system())
    assert said(await browser.post("/auth/magic-link", data={"token": token})) == {"error": "used"}


def _close(ctx: MutationCtx) -> None:
    ctx.db.scalars(select(User)).one().deactivated_at = ctx.now
    ctx.db.flush()
