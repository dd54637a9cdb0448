"""Passkeys through their doors: what a right answer opens, and every forged one that opens nothing."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update
from starlette.applications import Starlette

from memberpulse.domains.accounts.models import Session, StepUpGrant, User
from memberpulse.domains.accounts.mutations import start_session
from memberpulse.domains.accounts.proofs import http as proofs_http
from memberpulse.domains.accounts.proofs.http import ROUTES
from memberpulse.domains.accounts.proofs.models import Passkey
from memberpulse.domains.accounts.proofs.mutations import grant_proof
from memberpulse.domains.accounts.proofs.passkeys import prepare_passkey
from memberpulse.domains.accounts.rules import new_token, reference_of
from memberpulse.engine import Caller, Engine, system
from memberpulse.engine.limits import Limiter
from tests.authenticator import PRESENT, Authenticator, plain
from tests.domains.conftest import Cast

pytestmark = pytest.mark.anyio
HOUSE = "http://localhost"
EVIL = "http://evil.example"
ACTION = "account.export"


@pytest.fixture(autouse=True)
def fresh_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    limiter = Limiter()
    monkeypatch.setattr(proofs_http, "limiter", lambda: limiter)


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


class Visitor:
    """A browser with a passkey in it, signed in as somebody or as nobody."""

    def __init__(self, engine: Engine, client: httpx.AsyncClient) -> None:
        self.engine, self.client, self.key = engine, client, Authenticator()
        self.caller = Caller("anonymous")

    async def sign_in(self, user_id: uuid.UUID) -> None:
        token = new_token()
        await self.engine.mutate(
            start_session, caller=system(), user_id=user_id, token_hash=reference_of(token), user_agent="", ip=""
        )
        self.client.cookies.set("memberpulse", token)
        self.caller = await self.engine.caller_of(reference_of(token))

    async def post(self, path: str, **body: Any) -> httpx.Response:
        return await self.client.post(f"/auth/passkeys/{path}", json=body, headers={"Origin": HOUSE})

    async def begin(self, path: str, **body: Any) -> str:
        answer = await self.post(f"{path}/begin", **body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["challenge"])

    async def ticket(self) -> str:
        within = Caller("system", self.caller.user_id, self.caller.organization_id, session_id=self.caller.session_id)
        await self.engine.mutate(grant_proof, caller=within, action="account.passkeys", method="password")
        return str((await self.engine.mutate(prepare_passkey, caller=self.caller)).challenge)

    async def with_passkey(self, user_id: uuid.UUID) -> None:
        await self.sign_in(user_id)
        answer = await self.post("add", credential=self.key.make(await self.ticket()))
        assert answer.status_code == 200, answer.text

    def leave(self) -> None:
        self.client.cookies.clear()


@pytest.fixture
async def max_(cast: Cast) -> AsyncIterator[Visitor]:
    """Max's browser, with his passkey."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(gate(cast.engine)), base_url=HOUSE) as client:
        visitor = Visitor(cast.engine, client)
        await visitor.with_passkey(cast.max.user_id)
        yield visitor


@pytest.fixture
async def ann(cast: Cast) -> AsyncIterator[Visitor]:
    """Ann's browser, with hers."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(gate(cast.engine)), base_url=HOUSE) as client:
        visitor = Visitor(cast.engine, client)
        await visitor.with_passkey(cast.ann.user_id)
        yield visitor


async def rows(cast: Cast, table: type[Any]) -> int:
    return await cast.write(lambda ctx: len(list(ctx.db.scalars(select(table)))))


def refused(answer: httpx.Response, code: str) -> bool:
    return (
        answer.status_code in (403, 410, 422) and answer.json()["code"] == code and "set-cookie" not in answer.headers
    )


async def test_a_passkey_signs_in_by_itself(cast: Cast, max_: Visitor) -> None:
    max_.leave()
    challenge = await max_.begin("sign-in")
    handle = cast.max.user_id.bytes
    answer = await max_.post("sign-in", credential=max_.key.answer(challenge, handle=handle), next="/members")
    assert answer.json() == {"next": "/members"}
    caller = await cast.engine.caller_of(reference_of(max_.client.cookies["memberpulse"]))
    assert caller.user_id == cast.max.user_id


async def test_an_answer_works_once(cast: Cast, max_: Visitor) -> None:
    max_.leave()
    given = max_.key.answer(await max_.begin("sign-in"))
    mine = dict(max_.client.cookies)
    assert (await max_.post("sign-in", credential=given)).status_code == 200
    before = await rows(cast, Session)
    max_.leave()
    max_.client.cookies.update(mine)
    assert refused(await max_.post("sign-in", credential=given), "link_used_up")
    assert await rows(cast, Session) == before


async def test_an_answer_belongs_to_the_browser_that_asked(cast: Cast, max_: Visitor, ann: Visitor) -> None:
    max_.leave()
    ann.leave()
    await ann.begin("sign-in")
    given = max_.key.answer(await max_.begin("sign-in"))
    before = await rows(cast, Session)
    assert refused(await ann.post("sign-in", credential=given), "link_used_up")
    assert await rows(cast, Session) == before


FORGED: dict[str, tuple[dict[str, Any], str]] = {
    "a challenge of nobody's": ({"challenge": plain(b"x" * 32)}, "link_used_up"),
    "the page of another site": ({"origin": EVIL}, "wrong_passkey"),
    "another port": ({"origin": "http://localhost:1"}, "wrong_passkey"),
    "https instead": ({"origin": "https://localhost"}, "wrong_passkey"),
    "an answer of another kind": ({"type": "webauthn.create"}, "wrong_passkey"),
}


@pytest.mark.parametrize("lie", FORGED)
async def test_what_the_browser_says_is_checked(cast: Cast, max_: Visitor, lie: str) -> None:
    told, code = FORGED[lie]
    max_.leave()
    challenge = await max_.begin("sign-in")
    before = await rows(cast, Session)
    assert refused(await max_.post("sign-in", credential=max_.key.answer(challenge, **told)), code)
    assert await rows(cast, Session) == before


async def test_a_passkey_for_another_host_is_not_accepted(max_: Visitor) -> None:
    max_.leave()
    challenge = await max_.begin("sign-in")
    max_.key.host = "evil.example"
    assert refused(await max_.post("sign-in", credential=max_.key.answer(challenge)), "wrong_passkey")


async def test_a_signature_of_another_key_is_not_accepted(max_: Visitor, ann: Visitor) -> None:
    max_.leave()
    challenge = await max_.begin("sign-in")
    max_.key.key = ann.key.key
    assert refused(await max_.post("sign-in", credential=max_.key.answer(challenge)), "wrong_passkey")


async def test_a_handle_of_another_person_is_not_accepted(cast: Cast, max_: Visitor) -> None:
    max_.leave()
    given = max_.key.answer(await max_.begin("sign-in"), handle=cast.ann.user_id.bytes)
    assert refused(await max_.post("sign-in", credential=given), "wrong_passkey")


@pytest.mark.parametrize("handle", ["ä", 5, [1], {"a": 1}, "A"])
async def test_a_handle_that_is_none_is_a_wrong_passkey(max_: Visitor, handle: Any) -> None:
    max_.leave()
    given = max_.key.answer(await max_.begin("sign-in"))
    given["response"]["userHandle"] = handle
    assert refused(await max_.post("sign-in", credential=given), "wrong_passkey")


async def test_a_copy_of_a_key_is_noticed_by_its_count(max_: Visitor) -> None:
    max_.leave()
    max_.key.count = 5
    answer = await max_.post("sign-in", credential=max_.key.answer(await max_.begin("sign-in")))
    assert answer.status_code == 200
    max_.leave()
    max_.key.count = 5
    assert refused(await max_.post("sign-in", credential=max_.key.answer(await max_.begin("sign-in"))), "wrong_passkey")


async def test_a_challenge_for_one_purpose_is_none_for_another(cast: Cast, max_: Visitor) -> None:
    await max_.begin("sign-in")
    given = max_.key.answer(await max_.begin("prove", action=ACTION))
    assert refused(await max_.post("sign-in", credential=given), "link_used_up")
    for_export = max_.key.answer(await max_.begin("prove", action=ACTION))
    assert refused(await max_.post("prove", credential=for_export, action="account.delete"), "link_used_up")
    assert refused(await max_.post("add", credential=max_.key.make(await max_.begin("sign-in"))), "link_used_up")


async def test_a_passkey_proves_its_person_for_one_action(cast: Cast, max_: Visitor) -> None:
    given = max_.key.answer(await max_.begin("prove", action=ACTION))
    answer = await max_.post("prove", credential=given, action=ACTION)
    assert answer.json()["action"] == ACTION
    mine = StepUpGrant.session_id == max_.caller.session_id
    granted = await cast.write(lambda ctx: [each.action for each in ctx.db.scalars(select(StepUpGrant).where(mine))])
    assert sorted(granted) == sorted(["account.passkeys", ACTION])


async def test_the_passkey_of_another_account_proves_nothing(cast: Cast, max_: Visitor, ann: Visitor) -> None:
    before = await rows(cast, StepUpGrant)
    given = ann.key.answer(await max_.begin("prove", action=ACTION))
    assert refused(await max_.post("prove", credential=given, action=ACTION), "wrong_passkey")
    assert await rows(cast, StepUpGrant) == before


async def test_a_passkey_that_another_account_has_is_not_added_again(cast: Cast, max_: Visitor, ann: Visitor) -> None:
    answer = await max_.post("add", credential=ann.key.make(await max_.ticket()))
    assert (answer.status_code, answer.json()["code"]) == (409, "passkey_known")
    assert await rows(cast, Passkey) == 2


async def test_what_one_session_prepared_another_cannot_finish(cast: Cast, max_: Visitor, ann: Visitor) -> None:
    new = Authenticator()
    given = new.make(await max_.ticket())
    assert refused(await ann.post("add", credential=given), "link_used_up")
    assert await rows(cast, Passkey) == 2
    assert (await max_.post("add", credential=given)).status_code == 200
    assert refused(await max_.post("add", credential=given), "link_used_up")


async def test_a_new_passkey_made_on_another_page_is_not_added(cast: Cast, max_: Visitor) -> None:
    given = Authenticator().make(await max_.ticket(), origin=EVIL)
    assert refused(await max_.post("add", credential=given), "wrong_passkey")
    assert await rows(cast, Passkey) == 1


async def test_a_passkey_of_an_account_that_is_closed_opens_nothing(cast: Cast, max_: Visitor) -> None:
    max_.leave()
    closed = update(User).where(User.id == cast.max.user_id).values(deactivated_at=User.created_at)
    await cast.write(lambda ctx: ctx.db.execute(closed))
    given = max_.key.answer(await max_.begin("sign-in"))
    assert refused(await max_.post("sign-in", credential=given), "wrong_passkey")


async def test_a_device_that_did_not_ask_who_held_it_is_one_factor(cast: Cast, max_: Visitor) -> None:
    """Max wants it after his password; a touch alone does not stand for both."""
    asks = update(Passkey).values(second_step=True)
    await cast.write(lambda ctx: ctx.db.execute(asks))
    max_.leave()
    given = max_.key.answer(await max_.begin("sign-in"), flags=PRESENT)
    assert refused(await max_.post("sign-in", credential=given), "wrong_passkey")
    assert "memberpulse" not in max_.client.cookies


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"credential": None},
        {"credential": {}},
        {"credential": {"response": []}},
        {"credential": {"id": 5, "response": {"clientDataJSON": "e30"}}},
        {"credential": {"response": {"clientDataJSON": "W10"}}},
        {"credential": {"response": {"clientDataJSON": "////"}}},
    ],
)
@pytest.mark.parametrize("path", ["sign-in", "prove", "add"])
async def test_nonsense_is_refused_in_words(max_: Visitor, path: str, body: dict[str, Any]) -> None:
    answer = await max_.post(path, **body, action=ACTION)
    assert answer.status_code in (403, 422), answer.text
    assert answer.json()["title"]
