"""A person's copy of all that is held of them."""

import csv
import io
import json
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import time_machine
from sqlalchemy import select
from starlette.applications import Starlette

from memberpulse.domains.accounts import exporting
from memberpulse.domains.accounts.errors import StepUpRequired, TooManyExports
from memberpulse.domains.accounts.exporting import prepare_my_export
from memberpulse.domains.accounts.models import StepUpGrant
from memberpulse.domains.accounts.personal import all_held
from memberpulse.domains.accounts.profiles import update_profile
from memberpulse.domains.announcements.mutations import post_announcement
from memberpulse.engine import Caller, MutationCtx, function_name, utc_now
from memberpulse.engine.errors import AlreadyBegun
from memberpulse.engine.functions import Kind
from memberpulse.engine.tables import EngineCall
from tests.domains.conftest import Cast

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client(cast: Cast) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=exporting.ROUTES)

    async def gate(scope: dict[str, Any], receive: Any, send: Any) -> None:
        given = dict(scope["headers"]).get(b"x-reference", b"").decode() or None
        await app(scope | {"memberpulse.session": given, "state": {"engine": cast.engine}}, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(gate), base_url="http://localhost") as opened:
        yield opened


async def kept_calls(cast: Cast) -> list[str]:
    return await cast.write(lambda ctx: [each.model_dump_json() for each in ctx.db.scalars(select(EngineCall))])


async def prove(cast: Cast, caller: Caller) -> None:
    def grant(ctx: MutationCtx) -> None:
        ends = ctx.now + timedelta(days=9)
        ctx.db.add(
            StepUpGrant(session_id=caller.session_id, action="account.export", method="password", expires_at=ends)
        )

    await cast.write(grant)


async def fetch(client: httpx.AsyncClient, path: str, caller: Caller | None) -> httpx.Response:
    return await client.get(path, headers={"x-reference": caller.reference or ""} if caller else {})


async def archive_of(cast: Cast, client: httpx.AsyncClient, caller: Caller) -> zipfile.ZipFile:
    path = await cast.engine.mutate(prepare_my_export, caller=caller)
    answer = await fetch(client, path, caller)
    assert answer.headers["content-type"] == "application/zip"
    assert "attachment" in answer.headers["content-disposition"]
    return zipfile.ZipFile(io.BytesIO(answer.content))


async def test_without_a_fresh_proof_there_is_no_copy(cast: Cast) -> None:
    with pytest.raises(StepUpRequired):
        await cast.engine.mutate(prepare_my_export, caller=cast.cleo)


async def test_the_copy_holds_a_table_for_each_thing_and_all_as_json(cast: Cast, client: httpx.AsyncClient) -> None:
    await prove(cast, cast.cleo)
    await cast.engine.mutate(post_announcement, caller=cast.cleo, title="=1+1", body="Read me.")
    await cast.engine.mutate(post_announcement, caller=cast.ann, title="Of another", body="Not Cleo's.")
    archive = await archive_of(cast, client, cast.cleo)
    data = json.loads(archive.read("data.json"))["tables"]
    assert set(data) == {held.title for held in all_held().values()}
    assert [each["name"] for each in data["Account"]] == ["Cleo"]
    assert [each["name"] for each in data["Organizations"]] == ["Here"]
    assert [each["title"] for each in data["Announcements"]] == ["=1+1"]
    assert [each["title"] for each in data["Notifications"]] == ["Of another"]
    rows = list(csv.DictReader(io.StringIO(archive.read("announcements.csv").decode("utf-8-sig"))))
    assert [each["title"] for each in rows] == ["'=1+1"], "no spreadsheet takes it for a formula"


async def test_the_copy_holds_no_secret_and_nothing_of_others(cast: Cast, client: httpx.AsyncClient) -> None:
    await prove(cast, cast.cleo)
    archive = await archive_of(cast, client, cast.cleo)
    whole = b"".join(archive.read(name) for name in archive.namelist()).decode()
    for secret in (cast.cleo.reference, "password_hash", "token_hash", "max@post.example", "otto@post.example"):
        assert secret is not None
        assert secret not in whole


async def test_a_large_account_is_read_in_small_parts(
    cast: Cast, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "READ_AT_ONCE", 2)
    await prove(cast, cast.max)
    for number in range(5):
        await cast.engine.mutate(post_announcement, caller=cast.ann, title=f"News {number}", body="All of you.")
    archive = await archive_of(cast, client, cast.max)
    data = json.loads(archive.read("data.json"))["tables"]
    assert sorted(each["title"] for each in data["Notifications"]) == [f"News {number}" for number in range(5)]


async def test_the_link_works_once_and_only_for_its_person(cast: Cast, client: httpx.AsyncClient) -> None:
    await prove(cast, cast.max)
    path = await cast.engine.mutate(prepare_my_export, caller=cast.max)
    assert (await fetch(client, path, cast.ann)).status_code == 410
    assert (await fetch(client, path, None)).status_code == 401
    assert (await fetch(client, path, cast.max)).status_code == 200
    assert (await fetch(client, path, cast.max)).status_code == 410
    assert (await fetch(client, "/export/my-data", cast.max)).status_code == 410


async def test_three_copies_a_day_are_enough(cast: Cast) -> None:
    await prove(cast, cast.max)
    for _ in range(3):
        await cast.engine.mutate(prepare_my_export, caller=cast.max)
    with pytest.raises(TooManyExports):
        await cast.engine.mutate(prepare_my_export, caller=cast.max)
    with time_machine.travel(utc_now() + timedelta(days=1, minutes=1), tick=True):
        await cast.engine.mutate(prepare_my_export, caller=cast.max)


async def test_what_a_person_says_of_themselves_is_in_it(cast: Cast, client: httpx.AsyncClient) -> None:
    await prove(cast, cast.max)
    await cast.engine.mutate(
        update_profile, caller=cast.max, name="Max", time_zone="UTC", locale="en-GB", city="Porto", postcode="4000"
    )
    data = json.loads((await archive_of(cast, client, cast.max)).read("data.json"))["tables"]
    assert (data["Account"][0]["city"], data["Account"][0]["postcode"]) == ("Porto", "4000")


async def test_where_the_copy_is_fetched_is_told_once_and_kept_nowhere(cast: Cast) -> None:
    await prove(cast, cast.max)
    name, key = function_name(prepare_my_export), "key-00000001"
    path = await cast.engine.serve(name, {}, cast.max, Kind.MUTATION, key=key)
    token = path.decode().strip('"').partition("token=")[2]
    assert token
    calls = await kept_calls(cast)
    assert [row for row in calls if key in row]
    assert not [row for row in calls if token in row]
    with pytest.raises(AlreadyBegun):
        await cast.engine.serve(name, {}, cast.max, Kind.MUTATION, key=key)
