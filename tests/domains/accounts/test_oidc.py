"""Signing in with an account elsewhere: the round trip over real sockets, and every way to cheat at it."""

import base64
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import select
from starlette.applications import Starlette

from memberpulse.domains.accounts.errors import StepUpRequired
from memberpulse.domains.accounts.models import OneTimeToken, Session, User
from memberpulse.domains.accounts.mutations import create_user, start_session
from memberpulse.domains.accounts.oidc import protocol, providers
from memberpulse.domains.accounts.oidc.errors import LastWayIn
from memberpulse.domains.accounts.oidc.http import ROUTES
from memberpulse.domains.accounts.oidc.linking import list_my_providers, prepare_link, unlink_provider
from memberpulse.domains.accounts.proofs import http as proofs_http
from memberpulse.domains.accounts.proofs.models import Authenticator, LinkedProvider
from memberpulse.domains.accounts.proofs.mutations import grant_proof
from memberpulse.domains.accounts.rules import new_token, reference_of
from memberpulse.engine import Caller, Engine, MutationCtx, system
from memberpulse.engine.limits import Limiter
from memberpulse.sealing import seal
from memberpulse.settings import SettingsError, get_settings
from tests.oidc_provider import CLIENT, SECRET, Claims, OidcProvider

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def running() -> Iterator[OidcProvider]:
    with OidcProvider() as provider:
        yield provider


@pytest.fixture
def elsewhere(running: OidcProvider, monkeypatch: pytest.MonkeyPatch) -> Iterator[OidcProvider]:
    """The provider as it was begun, known to this server."""
    running.honest()
    running.person = {"sub": "ida-elsewhere", "email": "ida@post.example", "email_verified": True, "name": "Ida"}
    monkeypatch.setenv("AUTH_DOMAIN", running.issuer)
    monkeypatch.setenv("AUTH_CLIENT_ID", CLIENT)
    monkeypatch.setenv("AUTH_CLIENT_SECRET", SECRET)
    get_settings.cache_clear()
    protocol._known.clear()
    protocol._keys.clear()
    limiter = Limiter()
    monkeypatch.setattr("memberpulse.domains.accounts.oidc.http.limiter", lambda: limiter)
    monkeypatch.setattr(proofs_http, "limiter", lambda: limiter)
    yield running
    get_settings.cache_clear()


def gate(engine: Engine) -> Any:
    """What the server's gate does for these routes."""
    app = Starlette(routes=ROUTES)

    async def pass_on(scope: dict[str, Any], receive: Any, send: Any) -> None:
        header = dict(scope["headers"]).get(b"cookie", b"").decode()
        cookies = dict(pair.split("=", 1) for pair in header.split("; ") if pair)
        token = cookies.get("memberpulse")
        given = {
            "memberpulse.session": reference_of(token) if token else None,
            "memberpulse.attempt": cookies.get("memberpulse-attempt"),
            "state": {"engine": engine},
        }
        await app(scope | given, receive, send)

    return pass_on


@pytest.fixture
async def browser(engine: Engine, elsewhere: OidcProvider) -> AsyncIterator[httpx.AsyncClient]:
    await engine.mutate(create_user, caller=system(), email="ida@post.example", name="Ida")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(gate(engine)), base_url="http://localhost") as client:
        yield client


async def leave(browser: httpx.AsyncClient, provider: str = "sso", **fields: str) -> str:
    """The address at the provider that the browser is sent to."""
    answer = await browser.post(f"/auth/oidc/{provider}/start", data=fields)
    assert answer.status_code == 200, answer.headers
    found = re.search(r'content="0;url=([^"]+)"', answer.text)
    assert found
    return unescape(found[1])


async def approved(address: str) -> str:
    """Where the provider sends the browser back to."""
    async with httpx.AsyncClient() as client:
        return (await client.get(address)).headers["location"]


async def comes_back(browser: httpx.AsyncClient, address: str) -> str:
    answer = await browser.get(address)
    assert answer.status_code == 303
    return answer.headers["location"]


async def round_trip(browser: httpx.AsyncClient, **fields: str) -> str:
    return await comes_back(browser, await approved(await leave(browser, **fields)))


def why(location: str) -> str:
    parts = urlsplit(location)
    assert parts.path in ("/sign-in", "/settings/security"), location
    return parse_qs(parts.query)["error"][0]


async def nobody_is_signed_in(engine: Engine) -> bool:
    return await engine.transact_async(lambda ctx: list(ctx.db.scalars(select(Session))), system()) == []


async def test_the_round_trip_links_by_the_address_and_signs_in(
    engine: Engine, browser: httpx.AsyncClient, elsewhere: OidcProvider
) -> None:
    assert await round_trip(browser, next="/members") == "/members"
    asked = elsewhere.asked[-1]
    assert (asked["code_challenge_method"], asked["response_type"]) == ("S256", "code")
    assert asked["redirect_uri"] == "http://localhost/auth/oidc/sso/callback"
    caller = await engine.caller_of(reference_of(browser.cookies["memberpulse"]))
    link = await engine.transact_async(lambda ctx: ctx.db.scalars(select(LinkedProvider)).one(), system())
    assert (link.user_id, link.subject) == (caller.user_id, "ida-elsewhere")
    elsewhere.person["email"], elsewhere.person["email_verified"] = "other@post.example", False
    assert await round_trip(browser) == "/welcome"
    assert (await engine.caller_of(reference_of(browser.cookies["memberpulse"]))).user_id == caller.user_id


async def test_somebody_new_begins_an_account(
    engine: Engine, browser: httpx.AsyncClient, elsewhere: OidcProvider
) -> None:
    elsewhere.person |= {"sub": "new", "email": "New@Post.example", "name": "Nia"}
    assert await round_trip(browser) == "/welcome"
    user = await engine.transact_async(
        lambda ctx: ctx.db.scalars(select(User).where(User.email == "new@post.example")).one(), system()
    )
    assert user.name == "Nia"
    assert user.verified_at is not None


Twist = Callable[[Claims], Claims]
LIES: dict[str, Twist] = {
    "nonce": lambda claims: claims | {"nonce": "of another attempt"},
    "no nonce": lambda claims: {name: each for name, each in claims.items() if name != "nonce"},
    "issuer": lambda claims: claims | {"iss": "https://elsewhere.example"},
    "audience": lambda claims: claims | {"aud": "another client"},
    "one of several audiences": lambda claims: claims | {"aud": [CLIENT, "another client"]},
    "authorized party": lambda claims: claims | {"azp": "another client"},
    "expired": lambda claims: claims | {"exp": claims["iat"] - 120},
    "no expiry": lambda claims: {name: each for name, each in claims.items() if name != "exp"},
    "old": lambda claims: claims | {"iat": claims["iat"] - 3600},
    "from the future": lambda claims: claims | {"iat": claims["iat"] + 600},
    "no subject": lambda claims: claims | {"sub": ""},
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_token_that_does_not_fit_is_refused(
    engine: Engine, browser: httpx.AsyncClient, elsewhere: OidcProvider, lie: str
) -> None:
    elsewhere.twist = LIES[lie]
    assert why(await round_trip(browser)) == "provider_refused"
    assert await nobody_is_signed_in(engine)


def _unsigned(claims: Claims) -> str:
    parts = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."


def _forged(claims: Claims) -> str:
    return jwt.encode({"alg": "RS256", "kid": "first"}, claims, RSAKey.generate_key(2048, {"kid": "first"}))


def _by_the_clients_secret(claims: Claims) -> str:
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET * 2))


@pytest.mark.parametrize("sign", [_unsigned, _forged, _by_the_clients_secret, lambda claims: "no token"])
async def test_a_token_that_the_provider_did_not_sign_is_refused(
    engine: Engine, browser: httpx.AsyncClient, elsewhere: OidcProvider, sign: Callable[[Claims], str]
) -> None:
    elsewhere.sign = sign
    assert why(await round_trip(browser)) == "provider_refused"
    assert await nobody_is_signed_in(engine)


async def test_a_new_key_of_the_provider_is_fetched(browser: httpx.AsyncClient, elsewhere: OidcProvider) -> None:
    assert await round_trip(browser) == "/welcome"
    elsewhere.key = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
    assert await round_trip(browser) == "/welcome"


async def test_an_answer_belongs_to_its_attempt_and_its_browser_and_counts_once(
    engine: Engine, browser: httpx.AsyncClient
) -> None:
    address = await approved(await leave(browser))
    mine = dict(browser.cookies)
    wrong_state = re.sub(r"state=[^&]+", "state=made-up", address)
    assert why(await comes_back(browser, wrong_state)) == "provider_over"
    browser.cookies.clear()
    assert why(await comes_back(browser, address)) == "provider_over"
    browser.cookies.update({"memberpulse-attempt": "of another browser"})
    assert why(await comes_back(browser, address)) == "provider_over"
    assert await nobody_is_signed_in(engine)
    browser.cookies.clear()
    browser.cookies.update(mine)
    assert await comes_back(browser, address) == "/welcome"
    browser.cookies.clear()
    browser.cookies.update(mine)
    assert why(await comes_back(browser, address)) == "provider_over"


async def test_a_code_of_another_attempt_is_refused(browser: httpx.AsyncClient, elsewhere: OidcProvider) -> None:
    """Code injection: the verifier of this attempt does not fit the code of the other."""
    stolen = parse_qs(urlsplit(await approved(await leave(browser))).query)["code"][0]
    address = await approved(await leave(browser))
    assert why(await comes_back(browser, re.sub(r"code=[^&]+", f"code={stolen}", address))) == "provider_refused"


async def test_a_code_is_redeemed_once(browser: httpx.AsyncClient, elsewhere: OidcProvider) -> None:
    first = await approved(await leave(browser))
    used = parse_qs(urlsplit(first).query)["code"][0]
    assert await comes_back(browser, first) == "/welcome"
    again = await approved(await leave(browser))
    assert why(await comes_back(browser, re.sub(r"code=[^&]+", f"code={used}", again))) == "provider_refused"


async def test_providers_are_not_mixed_up(
    engine: Engine, browser: httpx.AsyncClient, elsewhere: OidcProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    with OidcProvider() as other:
        monkeypatch.setattr(providers, "GOOGLE_ISSUER", other.issuer)
        monkeypatch.setenv("AUTH_GOOGLE_ID", CLIENT)
        monkeypatch.setenv("AUTH_GOOGLE_SECRET", SECRET)
        get_settings.cache_clear()
        address = await approved(await leave(browser))
        elsewheres = address.replace("/oidc/sso/", "/oidc/google/")
        assert why(await comes_back(browser, elsewheres)) == "provider_over"
        elsewhere.told_issuer = other.issuer
        assert why(await round_trip(browser)) == "provider_refused"
        elsewhere.told_issuer = None
        assert why(await round_trip(browser)) == "provider_refused"
        assert await nobody_is_signed_in(engine)
        assert other.codes == {}


async def test_an_address_that_the_provider_does_not_vouch_for_links_nothing(
    engine: Engine, browser: httpx.AsyncClient, elsewhere: OidcProvider
) -> None:
    for told in (False, None, "false", 0):
        elsewhere.person["email_verified"] = told
        assert why(await round_trip(browser)) == "provider_unverified"
    assert await nobody_is_signed_in(engine)


async def test_an_address_that_only_looks_like_another_once_it_is_lower_case_links_nothing(
    engine: Engine, browser: httpx.AsyncClient, elsewhere: OidcProvider
) -> None:
    await engine.mutate(create_user, caller=system(), email="kate@post.example", name="Kate")
    elsewhere.person |= {"sub": "mallory", "email": "\N{KELVIN SIGN}ate@post.example"}
    assert why(await round_trip(browser)) == "provider_unverified"
    assert await nobody_is_signed_in(engine)


async def test_a_name_that_is_no_name_is_not_taken_over(
    engine: Engine, browser: httpx.AsyncClient, elsewhere: OidcProvider
) -> None:
    elsewhere.person |= {"sub": "new", "email": "new@post.example", "name": "Win at https://evil.example"}
    assert await round_trip(browser) == "/welcome"
    user = await engine.transact_async(
        lambda ctx: ctx.db.scalars(select(User).where(User.email == "new@post.example")).one(), system()
    )
    assert user.name == "new"


async def test_an_account_that_a_stranger_made_for_the_address_is_not_shared_with_its_owner(
    engine: Engine, browser: httpx.AsyncClient, elsewhere: OidcProvider
) -> None:
    await engine.mutate(create_user, caller=system(), email="owner@post.example", name="Not the owner", verified=False)
    elsewhere.person |= {"sub": "owner", "email": "owner@post.example"}
    assert why(await round_trip(browser)) == "account_unverified"
    assert await nobody_is_signed_in(engine)


@pytest.mark.parametrize(
    "wanted", ["https://evil.example", "//evil.example", "/\\evil.example", "/auth/oidc/sso/start"]
)
async def test_nobody_is_sent_to_another_site_afterwards(browser: httpx.AsyncClient, wanted: str) -> None:
    assert await round_trip(browser, next=wanted) == "/welcome"


async def test_a_provider_that_does_not_answer_is_said_to_be_down(
    browser: httpx.AsyncClient, elsewhere: OidcProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTH_DOMAIN", "http://127.0.0.1:9")
    get_settings.cache_clear()
    answer = await browser.post("/auth/oidc/sso/start")
    assert why(answer.headers["location"]) == "provider_down"


async def test_secrets_go_over_https_or_to_this_machine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH_CLIENT_ID", CLIENT)
    for domain, trusted in (
        ("login.example.org", True),
        ("https://login.example.org/", True),
        ("http://login.example.org", False),
        ("http://127.0.0.1:8123", True),
        ("http://127.0.0.1.evil.example", False),
    ):
        monkeypatch.setenv("AUTH_DOMAIN", domain)
        get_settings.cache_clear()
        try:
            offered = "sso" in providers.providers()
        except SettingsError:
            offered = False
        assert offered is trusted, domain
    get_settings.cache_clear()


async def test_nonce_and_verifier_are_kept_sealed(engine: Engine, browser: httpx.AsyncClient) -> None:
    asked = parse_qs(urlsplit(await leave(browser)).query)
    rows = await engine.transact_async(
        lambda ctx: [each.model_dump_json() for each in ctx.db.scalars(select(OneTimeToken))], system()
    )
    assert not [row for row in rows for name in ("state", "nonce") if asked[name][0] in row]


# Linking by somebody who is signed in


async def signed_in(engine: Engine, browser: httpx.AsyncClient, email: str = "ida@post.example") -> Caller:
    token = new_token()

    def begin(ctx: MutationCtx) -> None:
        user = ctx.db.scalars(select(User).where(User.email == email)).one()
        start_session(ctx, user_id=user.id, token_hash=reference_of(token))

    await engine.transact_async(begin, system())
    browser.cookies.set("memberpulse", token)
    return await engine.caller_of(reference_of(token))


async def prove(engine: Engine, caller: Caller) -> None:
    within = Caller("system", caller.user_id, session_id=caller.session_id)
    await engine.mutate(grant_proof, caller=within, action="account.providers", method="password")


async def test_linking_takes_a_proof_and_any_address_elsewhere_will_do(
    engine: Engine, browser: httpx.AsyncClient, elsewhere: OidcProvider
) -> None:
    ida = await signed_in(engine, browser)
    elsewhere.person |= {"sub": "private", "email": "ida@home.example", "email_verified": False}
    refused = await browser.post("/auth/oidc/sso/start", data={"link": "1"})
    assert why(refused.headers["location"]) == "step_up_required"
    with pytest.raises(StepUpRequired):
        await engine.mutate(prepare_link, caller=ida, provider="sso")
    await prove(engine, ida)
    assert await round_trip(browser, link="1") == "/settings/security?linked=sso"
    mine = await engine.query(list_my_providers, caller=ida)
    assert [(each.key, each.email) for each in mine] == [("sso", "ida@home.example")]
    with pytest.raises(LastWayIn):
        await engine.mutate(unlink_provider, caller=ida, provider="sso")


async def test_what_is_linked_to_one_person_is_not_linked_to_another(
    engine: Engine, browser: httpx.AsyncClient
) -> None:
    await round_trip(browser)
    await engine.mutate(create_user, caller=system(), email="eve@post.example", name="Eve")
    eve = await signed_in(engine, browser, "eve@post.example")
    await prove(engine, eve)
    assert why(await round_trip(browser, link="1")) == "linked_elsewhere"


async def test_a_trip_to_link_ends_with_the_person_who_began_it(engine: Engine, browser: httpx.AsyncClient) -> None:
    """Otherwise somebody could have another's browser link an account of theirs."""
    await engine.mutate(create_user, caller=system(), email="eve@post.example", name="Eve")
    eve = await signed_in(engine, browser, "eve@post.example")
    await prove(engine, eve)
    address = await approved(await leave(browser, link="1"))
    await signed_in(engine, browser)
    assert why(await comes_back(browser, address)) == "provider_over"


async def test_with_an_app_an_account_elsewhere_is_one_factor(engine: Engine, browser: httpx.AsyncClient) -> None:
    ida = await signed_in(engine, browser)
    browser.cookies.delete("memberpulse")

    def with_app(ctx: MutationCtx) -> None:
        ctx.db.add(
            Authenticator(user_id=ida.user_id, sealed_secret=seal("A" * 32, "authenticator"), confirmed_at=ctx.now)
        )

    await engine.transact_async(with_app, system())
    assert await round_trip(browser) == "/sign-in/code"
    assert "memberpulse" not in browser.cookies
