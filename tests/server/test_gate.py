"""What the gate lets through, over real sockets."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from memberpulse.domains.accounts.rules import new_token, reference_of
from memberpulse.engine import Caller, Engine, EngineSettings, MutationCtx, QueryCtx, function_name, system, uuid7
from memberpulse.engine.access import READ_AT_ONCE, asking_from
from memberpulse.server.gate import Gate, GateRules
from tests.engine import library
from tests.engine.conftest import create_tables, until
from tests.engine.library import Pass
from tests.running import RunningServer

SOCKETS = ["/live", "/_event/?EIO=4&transport=websocket&token=abc"]


TOKEN = new_token()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def ws(server: RunningServer, path: str) -> str:
    return server.url.replace("http", "ws", 1) + path


async def close_code(url: str, **headers: str) -> int | None:
    """The code with which the server ends a socket that says nothing."""
    async with connect(url, additional_headers=headers, open_timeout=5) as socket:
        with suppress(ConnectionClosed):
            while True:
                await asyncio.wait_for(socket.recv(), 5)
        return socket.close_code


@pytest.mark.parametrize("path", SOCKETS)
@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "http://localhost", "http://localhost:1"])
def test_a_socket_from_another_origin_is_refused(server: RunningServer, path: str, origin: str | None):
    headers = {"Cookie": server.sign_in("owner")} | ({"Origin": origin} if origin else {})
    assert asyncio.run(close_code(ws(server, path), **headers)) == 4403


def test_the_live_socket_is_closed_to_nobody(server: RunningServer):
    assert asyncio.run(close_code(ws(server, "/live"), Origin=server.url)) == 4401


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example"])
def test_a_post_with_a_cookie_needs_the_right_origin(server: RunningServer, origin: str | None):
    headers = {"Cookie": server.sign_in("owner")} | ({"Origin": origin} if origin else {})
    response = httpx.post(f"{server.url}/api/query/organizations.get_viewer", json={}, headers=headers)
    assert response.status_code == 403
    assert response.json()["code"] == "origin_refused"


def test_a_post_without_a_cookie_needs_no_origin(server: RunningServer):
    response = httpx.post(f"{server.url}/api/query/organizations.get_viewer", json={})
    assert response.status_code == 401


def test_a_session_reference_is_not_a_session(server: RunningServer):
    """Who has read a reference, in a log or a state, can do nothing with it."""
    token = server.sign_in("owner").partition("=")[2]
    reference = sha256(token.encode()).hexdigest()
    for headers in ({"Authorization": reference}, {"Cookie": f"memberpulse={reference}"}):
        answer = httpx.post(
            f"{server.url}/api/query/organizations.get_viewer", json={}, headers={**headers, "Origin": server.url}
        )
        assert answer.status_code == 401


@pytest.mark.parametrize(
    "path", ["/_upload", "/_upload/x", "/_event/?EIO=4&transport=polling", "/_all_routes", "/ping"]
)
def test_other_doors_of_reflex_are_closed(server: RunningServer, path: str):
    assert httpx.get(server.url + path).status_code == 404


def test_pages_send_nobody_to_sign_in_and_back(server: RunningServer):
    response = httpx.get(f"{server.url}/members?search=a")
    assert response.status_code == 303
    assert response.headers["location"] == "/sign-in?next=/members%3Fsearch%3Da"


def test_pages_open_for_a_member(server: RunningServer):
    response = httpx.get(f"{server.url}/members", headers={"Cookie": server.sign_in("member")})
    assert response.status_code == 200


def test_every_answer_carries_the_security_headers(server: RunningServer):
    for path in ("/", "/sign-in", "/nowhere", "/api/openapi.json", "/healthz"):
        headers = httpx.get(server.url + path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe-eval" not in headers["content-security-policy"]
        assert "strict-transport-security" not in headers


@pytest.mark.parametrize("path", ["/", "/sign-in"])
def test_a_page_that_did_not_change_keeps_its_policy(server: RunningServer, path: str):
    """The browser shows the page it has kept under the policy of the answer that says so."""
    first = httpx.get(server.url + path)
    again = httpx.get(server.url + path, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.headers["content-security-policy"] == first.headers["content-security-policy"]


def test_an_unknown_page_is_not_found(server: RunningServer):
    assert httpx.get(f"{server.url}/nowhere").status_code == 404


def test_assets_are_compressed_and_kept_for_ever(server: RunningServer):
    page = httpx.get(f"{server.url}/sign-in").text
    asset = page.partition('href="/assets/')[2].partition('"')[0]
    response = httpx.get(f"{server.url}/assets/{asset}", headers={"Accept-Encoding": "br"})
    assert response.headers["content-encoding"] == "br"
    assert "immutable" in response.headers["cache-control"]
    assert httpx.get(f"{server.url}/sign-in").headers["cache-control"] == "no-cache"


def test_only_files_of_the_bundle_leave_off_what_counts_for_documents(server: RunningServer):
    page = httpx.get(f"{server.url}/sign-in").text
    asset = page.partition('href="/assets/')[2].partition('"')[0]
    found, missing = (httpx.get(f"{server.url}/assets/{name}") for name in (asset, "nothing.js"))
    assert (found.status_code, missing.status_code) == (200, 404)
    assert found.headers["x-content-type-options"] == missing.headers["x-content-type-options"] == "nosniff"
    assert "x-frame-options" not in found.headers
    assert missing.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in missing.headers["content-security-policy"]


@pytest.mark.parametrize("path", SOCKETS)
def test_an_oversized_frame_ends_the_socket(server: RunningServer, path: str):
    async def send() -> int | None:
        headers = {"Origin": server.url, "Cookie": server.sign_in("member")}
        async with connect(ws(server, path), additional_headers=headers) as socket:
            await socket.recv()
            await socket.send("4" + "x" * 70_000)
            with suppress(ConnectionClosed):
                while True:
                    await asyncio.wait_for(socket.recv(), 5)
            return socket.close_code

    assert asyncio.run(send()) == 1009


def test_a_flood_on_reflex_ends_the_socket(server: RunningServer):
    async def flood() -> int | None:
        headers = {"Origin": server.url, "Cookie": server.sign_in("member")}
        async with connect(ws(server, SOCKETS[1]), additional_headers=headers) as socket:
            with suppress(ConnectionClosed):
                for _ in range(100):
                    await socket.send("3")
                while True:
                    await asyncio.wait_for(socket.recv(), 5)
            return socket.close_code

    assert asyncio.run(flood()) == 4408


def test_one_session_holds_only_so_many_sockets(server: RunningServer):
    async def crowd() -> int:
        headers = {"Origin": server.url, "Cookie": server.sign_in("member")}
        opened = [await connect(ws(server, "/live"), additional_headers=headers) for _ in range(60)]
        try:
            with pytest.raises(InvalidStatus) as refused:
                await connect(ws(server, "/live"), additional_headers=headers)
            stream = f"{server.url}/api/live/organizations.get_viewer"
            async with httpx.AsyncClient() as browser, browser.stream("GET", stream, headers=headers) as answer:
                assert answer.status_code == 429, "a stream takes a place as a socket does"
            return refused.value.response.status_code
        finally:
            await asyncio.gather(*(socket.close() for socket in opened))

    assert asyncio.run(crowd()) == 403


def test_a_signal_ends_the_server_promptly_under_open_sockets(tmp_path):
    async def ended(server: RunningServer) -> tuple[float, int | None]:
        headers = {"Origin": server.url, "Cookie": server.sign_in("member")}
        async with connect(ws(server, "/live"), additional_headers=headers) as socket:
            await socket.recv()
            seconds = await asyncio.to_thread(server.stop)
            with suppress(ConnectionClosed):
                while True:
                    await asyncio.wait_for(socket.recv(), 5)
            return seconds, socket.close_code

    with RunningServer(tmp_path) as server:
        seconds, code = asyncio.run(ended(server))
    assert code == 1012
    assert seconds < 3


def test_whose_role_changes_gets_another_token_with_the_next_page(server: RunningServer):
    owner, member = server.sign_in("owner"), server.sign_in("member")

    def call(path: str, **arguments: object) -> httpx.Response:
        headers = {"Cookie": owner, "Origin": server.url}
        return httpx.post(f"{server.url}/api/{path}", json=arguments, headers=headers)

    def page() -> httpx.Response:
        return httpx.get(f"{server.url}/dashboard", headers={"Cookie": member})

    assert "set-cookie" not in page().headers
    viewer = httpx.post(
        f"{server.url}/api/query/organizations.get_viewer", json={}, headers={"Cookie": member, "Origin": server.url}
    ).json()
    rows = call("query/organizations.list_members", search=viewer["person"]["name"]).json()["rows"]
    for role in ("creator", "member"):
        assert call("mutation/organizations.change_role", membership_id=rows[0]["id"], role=role).status_code == 200
    renewed = page()
    assert renewed.status_code == 200
    assert renewed.headers["cache-control"] == "no-store"
    assert "httponly" in renewed.headers["set-cookie"].lower()
    again = page()
    assert again.status_code == 200, "requests that were under way still arrive"
    assert "set-cookie" not in again.headers
    fresh = renewed.headers["set-cookie"].split(";")[0]
    assert fresh != member
    assert httpx.get(f"{server.url}/dashboard", headers={"Cookie": fresh}).status_code == 200


async def scope_behind(path: str, cookies: str, scheme: str = "http") -> Scope:
    """What the house behind the gate is told of a request with these cookies."""
    seen: list[Scope] = []

    async def house(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)
        await PlainTextResponse("")(scope, receive, send)

    async def nobody(reference: str) -> bool:
        return False

    gate = Gate(house, GateRules(is_signed_in=nobody, needs_sign_in=lambda path: False))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(gate), base_url=f"{scheme}://localhost") as client:
        await client.get(path, headers={"Cookie": cookies})
    return seen[0]


@pytest.mark.parametrize("name", ["attempt", "device"])
def test_what_tells_a_browser_apart_is_passed_on_where_people_sign_in_and_nowhere_else(name: str) -> None:
    sent = f"memberpulse-{name}=mine"
    for path in ("/auth/sign-in", "/auth/oidc/sso/callback"):
        assert asyncio.run(scope_behind(path, sent))[f"memberpulse.{name}"] == "mine"
    for path in ("/", "/authors", "/auth", "/api/query/x", "/export/my-data", "/pictures/a", "/webhooks/resend"):
        scope = asyncio.run(scope_behind(path, sent))
        assert f"memberpulse.{name}" not in scope
        assert b"cookie" not in dict(scope["headers"])


def test_on_https_only_the_cookie_that_no_other_host_can_set_is_passed_on() -> None:
    planted = asyncio.run(scope_behind("/auth/sign-in", "memberpulse-attempt=planted", "https"))
    assert "memberpulse.attempt" not in planted
    own = asyncio.run(scope_behind("/auth/sign-in", "__Host-memberpulse-attempt=mine", "https"))
    assert own["memberpulse.attempt"] == "mine"


def test_a_cookie_too_long_to_be_ours_is_not_passed_on() -> None:
    scope = asyncio.run(scope_behind("/auth/sign-in", f"memberpulse-attempt={'x' * 2049}"))
    assert "memberpulse.attempt" not in scope


def test_the_session_s_token_passes_the_gate_nowhere() -> None:
    for path in ("/auth/sign-in", "/members"):
        scope = asyncio.run(scope_behind(path, f"memberpulse={TOKEN}; memberpulse-attempt=mine"))
        assert scope["memberpulse.session"] == sha256(TOKEN.encode()).hexdigest()
        assert TOKEN not in str(scope)


# Cookies that somebody made up

FEW = 300
ASKED = f"/api/query/{function_name(library.get_my_id)}"


class House:
    """An engine with toy domains behind the gate, which tells each session it was asked for."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.read: list[str] = []
        identify = engine._reading._identify

        def noting(ctx: QueryCtx, reference: str) -> Caller | None:
            self.read.append(reference)
            return identify(ctx, reference)

        engine._reading._identify = noting
        rules = GateRules(is_signed_in=self._is_signed_in, needs_sign_in=lambda path: path == "/members")
        self._gate = Gate(Starlette(routes=engine.routes()), rules)

    async def _is_signed_in(self, reference: str) -> bool:
        return (await self.engine.caller_of(reference)).kind == "person"

    async def admit(self, count: int) -> list[str]:
        """The tokens of new sessions."""
        tokens = [new_token() for _ in range(count)]

        def issue(ctx: MutationCtx) -> None:
            for token in tokens:
                who = {"user_id": uuid7(), "library_id": uuid7(), "capabilities": ""}
                ctx.db.add(Pass(reference=reference_of(token), **who))

        await self.engine.transact_async(issue, system())
        return tokens

    async def ask(self, token: str, address: str, path: str = ASKED) -> httpx.Response:
        door = httpx.ASGITransport(self._gate, client=(address, 1234))
        async with httpx.AsyncClient(transport=door, base_url="http://here") as client:
            headers = {"Cookie": f"memberpulse={token}", "Origin": "http://here"}
            return await (
                client.get(path, headers=headers) if path == "/members" else client.post(path, headers=headers)
            )

    async def ask_all(self, tokens: list[str], address: str) -> Counter[int]:
        """How often each status was answered, asked all at once."""
        return Counter(
            answer.status_code for answer in await asyncio.gather(*(self.ask(each, address) for each in tokens))
        )


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setattr("memberpulse.engine.access.UNKNOWN_PER_NETWORK", f"{FEW}/minute")
    url = f"sqlite:///{tmp_path}/test.db"
    create_tables(url)
    engine = Engine(EngineSettings(database_url=url, background=False), [library.library], library.identify)
    await engine.start()
    yield House(engine)
    await engine.stop()


def made_up(count: int) -> list[str]:
    return [new_token() for _ in range(count)]


@pytest.mark.anyio
async def test_few_of_the_sessions_that_somebody_made_up_are_looked_up(house: House) -> None:
    (member,) = await house.admit(1)
    flood = asyncio.create_task(house.ask_all(made_up(2000), "203.0.113.9"))
    await until(lambda: len(house.read) > 0)
    assert (await house.ask(member, "192.0.2.1")).status_code == 200
    answers = await flood
    assert answers.keys() == {401, 429}
    assert answers[401] <= FEW + READ_AT_ONCE
    assert len(house.read) <= FEW + READ_AT_ONCE + 1
    assert len(house.engine.accesses._held) <= FEW + READ_AT_ONCE + 1


@pytest.mark.anyio
async def test_who_asks_for_many_sessions_keeps_only_their_own_network_waiting(house: House) -> None:
    many, (member,) = await house.admit(1000), await house.admit(1)

    async def find(token: str, address: str) -> str:
        asking_from.set(address)
        return (await house.engine.caller_of(reference_of(token))).kind

    crowd = [asyncio.create_task(find(token, "203.0.113.9")) for token in many]
    assert await asyncio.create_task(find(member, "192.0.2.1")) == "person"
    assert len(house.read) <= 2 * READ_AT_ONCE
    assert set(await asyncio.gather(*crowd)) == {"person"}


@pytest.mark.anyio
async def test_a_network_that_made_up_sessions_is_told_when_to_come_again_and_its_members_stay(house: House) -> None:
    member, late = await house.admit(2)
    assert (await house.ask(member, "192.0.2.1")).status_code == 200
    await house.ask_all(made_up(FEW + 100), "192.0.2.1")
    refused = await house.ask(new_token(), "192.0.2.1")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many")
    assert int(refused.headers["retry-after"]) >= 1
    assert (await house.ask(new_token(), "192.0.2.1", "/members")).status_code == 429
    assert (await house.ask(member, "192.0.2.1")).status_code == 200
    assert (await house.ask(late, "192.0.2.2")).status_code == 200


@pytest.mark.anyio
async def test_a_crowd_that_returns_from_one_network_is_let_in(house: House) -> None:
    assert await house.ask_all(await house.admit(700), "192.0.2.1") == {200: 700}


@pytest.mark.anyio
async def test_few_sessions_that_there_are_not_are_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memberpulse.engine.access.MOST_UNKNOWN", 50)
    for number in range(10):
        assert await house.ask_all(made_up(20), f"192.0.2.{number}") == {401: 20}
    assert len(house.engine.accesses._held) == 50


@pytest.mark.anyio
@pytest.mark.parametrize("token", ["nobody", "x" * 44, "é" * 43, "x" * 42 + "=", "' OR 1=1 --" + "x" * 32])
async def test_what_no_token_looks_like_is_not_looked_up(house: House, token: str) -> None:
    headers = {"Cookie": f"memberpulse={token}".encode(), "Origin": "http://here"}
    door = httpx.ASGITransport(house._gate)
    async with httpx.AsyncClient(transport=door, base_url="http://here") as client:
        answer = await client.post(ASKED, headers=headers)
    assert answer.status_code == 401
    assert house.read == []
