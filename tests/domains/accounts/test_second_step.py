"""The authenticator app, recovery codes, and the second step of signing in, through the doors."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pyotp
import pytest
import time_machine
from sqlalchemy import select
from starlette.applications import Starlette

from memberpulse.domains.accounts import http, limits
from memberpulse.domains.accounts.facts import AccountFact
from memberpulse.domains.accounts.models import OneTimeToken, Session, User
from memberpulse.domains.accounts.passwords import hash_password
from memberpulse.domains.accounts.proofs.authenticators import (
    begin_totp,
    cancel_totp,
    confirm_totp,
    disable_totp,
    get_my_authenticator,
)
from memberpulse.domains.accounts.proofs.contents import ROUTES
from memberpulse.domains.accounts.proofs.errors import AuthenticatorOn, NoSecondFactor, NoSetup, WrongProof
from memberpulse.domains.accounts.proofs.models import Authenticator, RecoveryCode
from memberpulse.domains.accounts.proofs.mutations import grant_proof, use_recovery_code, use_totp
from memberpulse.domains.accounts.proofs.recovery import (
    get_my_recovery_codes,
    make_recovery_codes,
    put_away_recovery_codes,
)
from memberpulse.domains.accounts.proofs.second_step import end_waiting_sign_ins
from memberpulse.domains.accounts.rules import reference_of
from memberpulse.engine import Caller, Engine, MutationCtx, system, utc_now
from memberpulse.engine.limits import Limiter
from memberpulse.sealing import unseal
from tests.domains.conftest import Cast, signed_in
from tests.engine.conftest import until

pytestmark = pytest.mark.anyio
PASSWORD = "correct horse battery staple"
HASH = hash_password(PASSWORD)


@pytest.fixture(autouse=True)
def fresh_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    limiter = Limiter()
    monkeypatch.setattr(limits, "limiter", lambda: limiter)


def within(caller: Caller) -> Caller:
    return Caller("system", caller.user_id, caller.organization_id, session_id=caller.session_id)


async def proven(cast: Cast, caller: Caller, *actions: str) -> None:
    for action in actions:
        await cast.engine.mutate(grant_proof, caller=within(caller), action=action, method="password")


async def with_app(cast: Cast, caller: Caller) -> pyotp.TOTP:
    """The person has an authenticator app and recovery codes from now on."""
    await proven(cast, caller, "account.totp", "account.recovery_codes")
    await cast.engine.mutate(begin_totp, caller=caller)
    view = await cast.engine.query(get_my_authenticator, caller=caller)
    app = pyotp.TOTP(view.setup.secret.replace(" ", ""))
    await cast.engine.mutate(confirm_totp, caller=caller, code=app.now())
    return app


async def new_codes(cast: Cast, caller: Caller) -> list[str]:
    view = await cast.engine.query(get_my_recovery_codes, caller=caller)
    return list(view.new)


# The authenticator app


async def test_an_app_is_on_once_it_has_shown_a_code(cast: Cast) -> None:
    await proven(cast, cast.max, "account.totp")
    await cast.engine.mutate(begin_totp, caller=cast.max)
    view = await cast.engine.query(get_my_authenticator, caller=cast.max)
    assert view.on_since is None
    assert view.setup.qr.startswith("data:image/svg+xml")
    with pytest.raises(WrongProof) as refused:
        await cast.engine.mutate(confirm_totp, caller=cast.max, code="000000")
    assert "code" in refused.value.fields
    await cast.engine.mutate(confirm_totp, caller=cast.max, code=pyotp.TOTP(view.setup.secret.replace(" ", "")).now())
    after = await cast.engine.query(get_my_authenticator, caller=cast.max)
    assert after.on_since is not None
    assert after.setup is None
    with pytest.raises(AuthenticatorOn):
        await cast.engine.mutate(begin_totp, caller=cast.max)


async def test_the_secret_is_sealed_and_shown_only_where_the_proof_was_given(cast: Cast) -> None:
    await proven(cast, cast.max, "account.totp")
    await cast.engine.mutate(begin_totp, caller=cast.max)
    elsewhere = await signed_in(cast.engine, cast.max.user_id)
    watching = [cast.watch(each, get_my_authenticator) for each in (cast.max, elsewhere)]
    here = await cast.engine.query(get_my_authenticator, caller=cast.max)
    assert here.setup is not None
    assert (await cast.engine.query(get_my_authenticator, caller=elsewhere)).setup is None
    await until(lambda: bool(watching[0].shown) and watching[0].shown[-1]["setup"] is not None)
    await until(lambda: bool(watching[1].shown) and watching[1].shown[-1]["setup"] is None)
    kept = await cast.write(lambda ctx: ctx.db.scalars(select(Authenticator)).one().sealed_secret)
    secret = here.setup.secret.replace(" ", "")
    assert secret not in kept
    assert unseal(kept, "authenticator") == secret
    with pytest.raises(NoSetup):
        await cast.engine.mutate(confirm_totp, caller=elsewhere, code=pyotp.TOTP(secret).now())
    with time_machine.travel(utc_now() + timedelta(minutes=16), tick=True):
        assert (await cast.engine.query(get_my_authenticator, caller=cast.max)).setup is None


async def test_a_set_up_can_be_given_up(cast: Cast) -> None:
    await proven(cast, cast.max, "account.totp")
    await cast.engine.mutate(begin_totp, caller=cast.max)
    await cast.engine.mutate(cancel_totp, caller=cast.max)
    with pytest.raises(NoSetup):
        await cast.engine.mutate(confirm_totp, caller=cast.max, code="000000")


async def test_each_time_step_is_accepted_once_and_the_clock_may_be_a_step_off(cast: Cast) -> None:
    app = await with_app(cast, cast.max)

    async def takes(code: str) -> bool:
        return bool(await cast.engine.mutate(use_totp, caller=system(), user_id=cast.max.user_id, code=code))

    start = utc_now() + timedelta(minutes=10)
    with time_machine.travel(start, tick=False):
        now = start.timestamp()
        assert not await takes(app.at(now - 60))
        assert not await takes(app.at(now + 60))
        assert await takes(app.at(now - 30))
        assert await takes(app.at(now))
        assert not await takes(app.at(now))
        assert not await takes(app.at(now - 30))
        assert await takes(app.at(now + 30))
        assert not await takes(app.at(now))


async def test_one_code_at_the_same_moment_passes_once(cast: Cast) -> None:
    app = await with_app(cast, cast.max)
    with time_machine.travel(utc_now() + timedelta(minutes=10), tick=True):
        code = app.at(utc_now().timestamp())
        tries = (cast.engine.mutate(use_totp, caller=system(), user_id=cast.max.user_id, code=code) for _ in range(8))
        answers = await asyncio.gather(*tries)
    assert answers.count(True) == 1


async def test_turning_it_off_forgets_the_recovery_codes(cast: Cast) -> None:
    await with_app(cast, cast.max)
    await cast.engine.mutate(disable_totp, caller=cast.max)
    assert await cast.write(lambda ctx: list(ctx.db.scalars(select(RecoveryCode)))) == []
    await cast.engine.mutate(disable_totp, caller=cast.max)


# Recovery codes


async def test_recovery_codes_are_shown_once_and_kept_as_fingerprints(cast: Cast) -> None:
    await with_app(cast, cast.max)
    codes = await new_codes(cast, cast.max)
    assert len(set(codes)) == 10
    elsewhere = await signed_in(cast.engine, cast.max.user_id)
    assert await new_codes(cast, elsewhere) == []
    rows = await cast.write(
        lambda ctx: [
            each.model_dump_json() for table in (RecoveryCode, OneTimeToken) for each in ctx.db.scalars(select(table))
        ]
    )
    assert not [row for row in rows for code in codes if code in row or code.replace("-", "") in row]
    await cast.engine.mutate(put_away_recovery_codes, caller=cast.max)
    assert await new_codes(cast, cast.max) == []


async def test_a_recovery_code_works_once_however_it_is_typed(cast: Cast) -> None:
    await with_app(cast, cast.max)
    codes = await new_codes(cast, cast.max)

    async def takes(code: str, user_id: Any = cast.max.user_id) -> bool:
        return bool(await cast.engine.mutate(use_recovery_code, caller=system(), user_id=user_id, code=code))

    assert not await takes(codes[0], cast.ann.user_id)
    assert (await asyncio.gather(*(takes(codes[0]) for _ in range(6)))).count(True) == 1
    assert await takes(f" {codes[1].upper().replace('-', ' ')} ")
    view = await cast.engine.query(get_my_recovery_codes, caller=cast.max)
    assert view.left == 8


async def test_new_recovery_codes_end_the_old_ones(cast: Cast) -> None:
    await proven(cast, cast.max, "account.recovery_codes")
    with pytest.raises(NoSecondFactor):
        await cast.engine.mutate(make_recovery_codes, caller=cast.max)
    await with_app(cast, cast.max)
    before = await new_codes(cast, cast.max)
    await cast.engine.mutate(make_recovery_codes, caller=cast.max)
    after = await new_codes(cast, cast.max)
    assert not set(before) & set(after)
    assert not await cast.engine.mutate(use_recovery_code, caller=system(), user_id=cast.max.user_id, code=before[0])


# Signing in


def gate(engine: Engine) -> Any:
    """What the server's gate does for these routes."""
    app = Starlette(routes=[*http.ROUTES, *ROUTES])

    async def pass_on(scope: dict[str, Any], receive: Any, send: Any) -> None:
        header = dict(scope["headers"]).get(b"cookie", b"").decode()
        cookies = dict(pair.split("=", 1) for pair in header.split("; ") if pair)
        token, attempt = cookies.get("memberpulse"), cookies.get("memberpulse-attempt")
        reference = reference_of(token) if token else None
        given = {"memberpulse.session": reference, "memberpulse.attempt": attempt, "state": {"engine": engine}}
        await app(scope | given, receive, send)

    return pass_on


@pytest.fixture
async def browser(cast: Cast) -> AsyncIterator[httpx.AsyncClient]:
    def give(ctx: MutationCtx) -> None:
        ctx.db.get_one(User, cast.max.user_id).password_hash = HASH

    await cast.write(give)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(gate(cast.engine)), base_url="http://localhost"
    ) as client:
        yield client


async def enter(browser: httpx.AsyncClient, **fields: str) -> httpx.Response:
    return await browser.post("/auth/sign-in", data={"email": "max@post.example", "password": PASSWORD, **fields})


async def step(browser: httpx.AsyncClient, code: str) -> str:
    answer = await browser.post("/auth/second-step", data={"code": code})
    assert answer.status_code == 303
    return answer.headers["location"]


async def sessions(cast: Cast) -> int:
    return await cast.write(lambda ctx: len(list(ctx.db.scalars(select(Session)))))


async def test_with_an_app_the_password_alone_gives_no_session(cast: Cast, browser: httpx.AsyncClient) -> None:
    app = await with_app(cast, cast.max)
    before = await sessions(cast)
    answer = await enter(browser, next="/members")
    assert answer.headers["location"] == "/sign-in/code"
    assert "memberpulse" not in browser.cookies
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert await sessions(cast) == before
    shown = (await browser.get("/auth/second-step")).json()
    assert shown == {"methods": ["totp", "recovery"], "email": "m•••@post.example"}
    with time_machine.travel(utc_now() + timedelta(seconds=61), tick=True):
        assert await step(browser, app.at(utc_now().timestamp())) == "/members"
    caller = await cast.engine.caller_of(reference_of(browser.cookies["memberpulse"]))
    assert caller.user_id == cast.max.user_id
    assert "memberpulse-attempt" not in browser.cookies


async def test_a_recovery_code_is_a_second_step_once(cast: Cast, browser: httpx.AsyncClient) -> None:
    await with_app(cast, cast.max)
    code = (await new_codes(cast, cast.max))[0]
    await enter(browser)
    assert await step(browser, code) == "/dashboard"
    browser.cookies.clear()
    await enter(browser)
    assert await step(browser, code) == "/sign-in/code?error=wrong"


async def test_a_sign_in_that_waits_belongs_to_its_browser_and_is_finished_once(
    cast: Cast, browser: httpx.AsyncClient
) -> None:
    await with_app(cast, cast.max)
    codes = await new_codes(cast, cast.max)
    await enter(browser)
    mine = dict(browser.cookies)
    browser.cookies.clear()
    assert await step(browser, codes[0]) == "/sign-in?error=second_step_over"
    browser.cookies.update({"memberpulse-attempt": "made up"})
    assert await step(browser, codes[0]) == "/sign-in?error=second_step_over"
    browser.cookies.clear()
    browser.cookies.update(mine)
    assert await step(browser, codes[0]) == "/dashboard"
    browser.cookies.clear()
    browser.cookies.update(mine)
    assert await step(browser, codes[1]) == "/sign-in?error=second_step_over"


async def test_a_second_step_is_over_after_ten_minutes_and_when_the_password_changes(
    cast: Cast, browser: httpx.AsyncClient
) -> None:
    await with_app(cast, cast.max)
    codes = await new_codes(cast, cast.max)
    await enter(browser)
    with time_machine.travel(utc_now() + timedelta(minutes=11), tick=True):
        assert await step(browser, codes[0]) == "/sign-in?error=second_step_over"
    await enter(browser)
    await cast.write(lambda ctx: end_waiting_sign_ins(ctx, cast.max.user_id))
    assert await step(browser, codes[0]) == "/sign-in?error=second_step_over"
    assert (await browser.get("/auth/second-step")).status_code == 410


async def test_the_second_step_is_not_guessed(cast: Cast, browser: httpx.AsyncClient) -> None:
    await with_app(cast, cast.max)
    right = (await new_codes(cast, cast.max))[0]
    for attempt in range(5):
        if attempt % 2 == 0:
            browser.cookies.clear()
            await enter(browser)
        assert await step(browser, "nonsense") == "/sign-in/code?error=wrong"
    refused = await step(browser, right)
    assert urlsplit(refused).path == "/sign-in/code"
    asked = parse_qs(urlsplit(refused).query)
    assert asked["error"] == ["too_many"]
    assert 50 <= int(asked["retry_after"][0]) <= 60


async def test_without_an_app_nothing_is_asked(browser: httpx.AsyncClient) -> None:
    assert (await enter(browser, next="/members")).headers["location"] == "/members"


async def test_proofs_tell_what_happened(
    cast: Cast, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    tell = MutationCtx.record

    def listen(ctx: MutationCtx, fact: Any) -> None:
        assert isinstance(fact, AccountFact)
        json.dumps(fact.metadata())
        told.append(type(fact).__name__)
        tell(ctx, fact)

    monkeypatch.setattr(MutationCtx, "record", listen)
    await with_app(cast, cast.max)
    await enter(browser)
    await step(browser, "nonsense")
    await step(browser, (await new_codes(cast, cast.max))[0])
    await cast.engine.mutate(disable_totp, caller=cast.max)
    assert told == [
        "StepUpPassed",
        "StepUpPassed",
        "TotpEnabled",
        "RecoveryCodesMade",
        "SecondStepFailed",
        "RecoveryCodeUsed",
        "SignedIn",
        "TotpDisabled",
    ]
