"""Pictures as people send them, and as others would."""

import io
import struct
import zlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import time_machine
from PIL import Image
from sqlalchemy import select
from sqlmodel import col
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request

from memberpulse.domains.accounts import pictures
from memberpulse.domains.accounts.errors import NotAPicture, PictureNotFound, PictureTooSlow
from memberpulse.domains.accounts.models import Picture
from memberpulse.domains.accounts.pictures import (
    MAX_KEPT_BYTES,
    MAX_UPLOAD_BYTES,
    keep_picture,
    make_square,
    prune_pictures,
    set_my_picture,
)
from memberpulse.domains.accounts.profiles import get_my_profile
from memberpulse.domains.organizations import logos
from memberpulse.domains.organizations.logos import set_logo
from memberpulse.domains.organizations.queries import get_viewer, list_members
from memberpulse.engine import Caller, system, utc_now
from memberpulse.engine.errors import Forbidden
from memberpulse.engine.limits import Limiter
from tests.domains.conftest import Cast

pytestmark = pytest.mark.anyio


def picture(kind: str = "PNG", size: tuple[int, int] = (640, 480), **options: Any) -> bytes:
    written = io.BytesIO()
    left, right = Image.new("RGB", size, "red"), Image.new("RGB", (size[0] // 2, size[1]), "blue")
    left.paste(right, (size[0] // 2, 0))
    left.save(written, kind, **options)
    return written.getvalue()


def a_bomb() -> bytes:
    """A PNG of 60,000 by 60,000 pixels in a few hundred bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 7501)) + chunk(b"IEND", b"")
    )


HOSTILE = {
    "nothing": b"",
    "a bomb": a_bomb(),
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "html named png": b"<!doctype html><script>alert(1)</script>",
    "a truncated png": picture()[:-200],
    "a truncated jpeg head": picture("JPEG")[:40],
    "the head of a png alone": b"\x89PNG\r\n\x1a\n",
    "a tiff": picture("TIFF"),
    "an icon": picture("ICO", (32, 32)),
    "noise": bytes(range(256)) * 40,
}


@pytest.fixture(autouse=True)
def fresh_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    limiter = Limiter()
    monkeypatch.setattr(pictures, "_limiter", lambda: limiter)


@pytest.fixture
async def client(cast: Cast) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=[*pictures.ROUTES, *logos.ROUTES])

    async def gate(scope: dict[str, Any], receive: Any, send: Any) -> None:
        given = dict(scope["headers"]).get(b"x-reference", b"").decode() or None
        await app(scope | {"memberpulse.session": given, "state": {"engine": cast.engine}}, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(gate), base_url="http://localhost") as opened:
        yield opened


async def upload(
    client: httpx.AsyncClient, caller: Caller | None, content: Any, path: str = "/pictures/avatar"
) -> httpx.Response:
    headers = {"x-reference": caller.reference or ""} if caller else {}
    return await client.post(path, content=content, headers=headers)


async def portrait_of(cast: Cast, caller: Caller) -> str | None:
    return (await cast.engine.query(get_my_profile, caller=caller)).picture


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_every_picture_becomes_a_small_square_of_the_middle(kind: str) -> None:
    made = make_square(picture(kind))
    with Image.open(io.BytesIO(made)) as opened:
        assert (opened.format, opened.size) == ("WEBP", (256, 256))
    assert len(made) <= MAX_KEPT_BYTES


def test_a_picture_is_turned_upright_and_says_nothing_of_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees
    exif[0x010E] = "Taken at home"
    made = make_square(picture("JPEG", (400, 400), exif=exif.tobytes()))
    with Image.open(io.BytesIO(made)) as opened:
        assert not opened.getexif()
        top, bottom = opened.convert("RGB").getpixel((128, 20)), opened.convert("RGB").getpixel((128, 236))
    assert b"Taken at home" not in made
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200 > 100 > top[2], "what was at the left is on top"
    assert bottom[2] > 200


def test_what_is_hidden_behind_a_picture_does_not_survive() -> None:
    polyglot = picture("JPEG") + b"<script>alert(1)</script>PK\x03\x04"
    assert b"script" not in make_square(polyglot)


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_picture_is_refused(name: str) -> None:
    with pytest.raises(NotAPicture):
        make_square(HOSTILE[name])


async def test_an_upload_appears_wherever_the_person_does(cast: Cast, client: httpx.AsyncClient) -> None:
    answer = await upload(client, cast.max, picture())
    assert answer.status_code == 200
    name = answer.json()["picture"]
    assert answer.json()["previous"] is None
    assert (await cast.engine.query(get_viewer, caller=cast.max)).person.picture == name
    rows = (await cast.engine.query(list_members, caller=cast.ann)).rows
    assert {row.person.name: row.person.picture for row in rows}["Max"] == name

    served = await client.get(f"/pictures/{name}")
    assert served.headers["content-type"] == "image/webp"
    assert served.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in served.headers["content-security-policy"]
    assert "immutable" in served.headers["cache-control"]
    assert served.content[:4] == b"RIFF"


@pytest.mark.parametrize("name", ["x", "../secret", "A" * 43, "A" * 44, "%00"])
async def test_no_other_name_leads_to_a_picture(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"/pictures/{name}")).status_code == 404


async def test_nobody_uploads_without_a_session(cast: Cast, client: httpx.AsyncClient) -> None:
    assert (await upload(client, None, picture())).status_code == 401
    kept = await cast.write(lambda ctx: list(ctx.db.scalars(select(col(Picture.id)))))
    assert kept == []


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_refused_upload_changes_nothing(cast: Cast, client: httpx.AsyncClient, name: str) -> None:
    first = (await upload(client, cast.max, picture())).json()["picture"]
    answer = await upload(client, cast.max, HOSTILE[name])
    assert answer.status_code == 422
    assert answer.json()["code"] == "not_a_picture"
    assert await portrait_of(cast, cast.max) == first


@pytest.mark.parametrize(("extra", "status"), [(0, 200), (-1, 200), (1, 413)])
async def test_five_megabytes_are_the_limit_to_the_byte(
    cast: Cast, client: httpx.AsyncClient, extra: int, status: int
) -> None:
    content = picture("JPEG")
    content += b"\0" * (MAX_UPLOAD_BYTES + extra - len(content))

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 512 * 1024):
            yield content[start : start + 512 * 1024]

    assert (await upload(client, cast.max, content)).status_code == status
    assert (await upload(client, cast.abe, in_pieces())).status_code == status, "of unknown length"
    assert bool(await portrait_of(cast, cast.abe)) is (status == 200)


async def test_a_sender_who_is_too_slow_is_not_waited_for(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_UPLOAD_SECONDS", 0.02)

    async def receive() -> Any:
        import asyncio

        await asyncio.Event().wait()

    request = Request({"type": "http", "headers": [], "method": "POST", "path": "/"}, receive)
    with pytest.raises(PictureTooSlow):
        await pictures.receive_picture(request, cast.max)


async def test_an_upload_that_is_given_up_leaves_nothing(cast: Cast) -> None:
    async def receive() -> Any:
        return {"type": "http.disconnect"}

    request = Request({"type": "http", "headers": [], "method": "POST", "path": "/"}, receive)
    with pytest.raises(ClientDisconnect):
        await pictures.receive_picture(request, cast.max)


async def test_too_many_uploads_are_refused(cast: Cast, client: httpx.AsyncClient) -> None:
    answers = [(await upload(client, cast.max, b"no picture")).status_code for _ in range(21)]
    assert set(answers[:20]) == {422}
    assert answers[20] == 429


async def test_replacing_and_removing_can_be_undone_by_their_owner_alone(cast: Cast, client: httpx.AsyncClient) -> None:
    first = (await upload(client, cast.max, picture())).json()["picture"]
    second = (await upload(client, cast.max, picture("JPEG"))).json()
    assert second["previous"] == first
    assert await cast.engine.mutate(set_my_picture, caller=cast.max, picture=first) == second["picture"]
    assert await cast.engine.mutate(set_my_picture, caller=cast.max, picture=None) == first
    for stranger in (cast.ann, cast.otto):
        with pytest.raises(PictureNotFound):
            await cast.engine.mutate(set_my_picture, caller=stranger, picture=first)
    await cast.engine.mutate(set_my_picture, caller=cast.max, picture=first)
    assert await portrait_of(cast, cast.max) == first


async def test_pictures_that_nothing_shows_are_forgotten_after_an_hour(cast: Cast, client: httpx.AsyncClient) -> None:
    first = (await upload(client, cast.max, picture())).json()["picture"]
    shown = (await upload(client, cast.max, picture("JPEG"))).json()["picture"]
    await cast.engine.mutate(keep_picture, caller=system(), user_id=cast.abe.user_id, content=b"never shown")
    with time_machine.travel(utc_now() + timedelta(minutes=59), tick=True):
        await cast.write(lambda ctx: prune_pictures(ctx))
    assert (await client.get(f"/pictures/{first}")).status_code == 200
    with time_machine.travel(utc_now() + timedelta(minutes=61), tick=True):
        await cast.write(lambda ctx: prune_pictures(ctx))
    assert (await client.get(f"/pictures/{first}")).status_code == 404
    left = await cast.write(lambda ctx: list(ctx.db.scalars(select(col(Picture.name)))))
    assert left == [shown]


async def test_who_looks_after_the_organization_gives_it_a_logo(cast: Cast, client: httpx.AsyncClient) -> None:
    answer = await upload(client, cast.abe, picture(), "/pictures/logo")
    name = answer.json()["picture"]
    organization = (await cast.engine.query(get_viewer, caller=cast.max)).organization
    assert organization is not None
    assert organization.picture == name
    assert await cast.engine.mutate(set_logo, caller=cast.abe, picture=None) == name
    with pytest.raises(PictureNotFound):
        await cast.engine.mutate(set_logo, caller=cast.otto, picture=name)
    with pytest.raises(PictureNotFound):
        await cast.engine.mutate(set_my_picture, caller=cast.abe, picture=name)
    await cast.engine.mutate(set_logo, caller=cast.ann, picture=name)


async def test_nobody_else_does(cast: Cast, client: httpx.AsyncClient) -> None:
    assert (await upload(client, cast.max, picture(), "/pictures/logo")).status_code == 403
    assert (await upload(client, None, picture(), "/pictures/logo")).status_code == 401
    with pytest.raises(Forbidden):
        await cast.engine.mutate(set_logo, caller=cast.cleo, picture=None)
