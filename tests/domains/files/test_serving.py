"""Contents, to those who may see them, and to nobody else by any address."""

import uuid

import pytest
from sqlalchemy import select

from memberpulse.domains.files import stores
from memberpulse.domains.files.errors import BadRange
from memberpulse.domains.files.models import Audience, StoredFile
from memberpulse.domains.files.mutations import bin_files, delete_files, set_audience
from memberpulse.domains.files.serving import Part, asked_range, disposition
from memberpulse.domains.organizations.models import Membership
from memberpulse.engine import MutationCtx
from tests.domains.conftest import Cast
from tests.domains.files import contents
from tests.domains.files.conftest import Library

pytestmark = pytest.mark.anyio


async def test_what_is_served_can_do_nothing(cast: Cast, library: Library) -> None:
    shown = [
        await library.upload(cast.max, "a.png", contents.picture()),
        await library.upload(cast.max, "b.csv", b"a,b"),
    ]
    saved = [
        await library.upload(cast.max, "c.pdf", contents.pdf(1)),
        await library.upload(cast.max, "d.docx", contents.docx()),
    ]
    for file in [*shown, *saved]:
        for address in filter(None, (file.address, file.address + "?download=1", file.thumbnail)):
            headers = (await library.get(cast.ann, address)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["content-security-policy"].startswith("default-src 'none'; sandbox")
            assert headers["cross-origin-resource-policy"] == "same-origin"
            assert headers["cache-control"] == "private, no-cache"
    for file in shown:
        assert (await library.get(cast.ann, file.address)).headers["content-disposition"].startswith("inline")
        asked = (await library.get(cast.ann, file.address + "?download=1")).headers["content-disposition"]
        assert asked.startswith("attachment")
    for file in saved:
        assert (await library.get(cast.ann, file.address)).headers["content-disposition"].startswith("attachment")


async def test_who_has_it_already_is_told_so(cast: Cast, library: Library) -> None:
    file = await library.upload(cast.max, "a.png", contents.picture())
    for address in (file.address, file.thumbnail):
        tag = (await library.get(cast.ann, address)).headers["etag"]
        again = await library.get(cast.ann, address, **{"If-None-Match": f'"other", {tag}'})
        assert (again.status_code, again.content) == (304, b"")
        assert (await library.get(cast.ann, address, **{"If-None-Match": '"other"'})).status_code == 200


async def test_parts_are_served(cast: Cast, library: Library) -> None:
    file = await library.upload(cast.max, "a.txt", b"0123456789")
    whole = await library.get(cast.ann, file.address)
    assert (whole.headers["accept-ranges"], whole.headers["content-length"]) == ("bytes", "10")
    for asked, status, content, said in [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-2", 206, b"89", "bytes 8-9/10"),
        ("bytes=5-100", 206, b"56789", "bytes 5-9/10"),
        ("bytes=0-1,3-4", 200, b"0123456789", None),
        ("lines=1-2", 200, b"0123456789", None),
    ]:
        answer = await library.get(cast.ann, file.address, Range=asked)
        assert (answer.status_code, answer.content) == (status, content), asked
        assert answer.headers.get("content-range") == said
    assert (await library.get(cast.ann, file.address, Range="bytes=10-")).status_code == 416
    stale = await library.get(cast.ann, file.address, Range="bytes=0-3", **{"If-Range": '"other"'})
    assert stale.status_code == 200
    fresh = await library.get(cast.ann, file.address, Range="bytes=0-3", **{"If-Range": whole.headers["etag"]})
    assert fresh.status_code == 206
    head = await library.client.head(file.address, headers={"x-reference": cast.ann.reference or ""})
    assert (head.status_code, head.headers["content-length"], head.content) == (200, "10", b"")


def test_a_range_is_read_as_the_standard_says() -> None:
    assert asked_range(None, 10) is None
    assert asked_range("bytes=2-5", 10) == Part(2, 6)
    assert asked_range("bytes=5-2", 10) is None
    assert asked_range("bytes=-20", 10) == Part(0, 10)
    for wrong in ("bytes=10-12", "bytes=-0"):
        with pytest.raises(BadRange):
            asked_range(wrong, 10)


def test_a_name_cannot_break_out_of_its_header() -> None:
    header = disposition('a"; filename="evil.html\r\nX-Evil: 1 \\ ünï.txt', inline=False)
    assert "\r" not in header
    assert "\n" not in header
    assert header.count('"') == 2
    assert "filename*=UTF-8''a%22%3B%20filename" in header


async def test_nobody_of_another_organization_reaches_anything(cast: Cast, library: Library) -> None:
    file = await library.upload(cast.max, "plan.pdf", contents.pdf(2))
    theirs = await library.upload(cast.otto, "theirs.png", contents.picture())
    addresses = [file.address, f"{file.address}?download=1", file.thumbnail, f"{file.address}/pages/1"]
    for address in addresses:
        for stranger in (cast.otto, None):
            answer = await library.get(stranger, address)
            assert answer.status_code == (404 if stranger else 401)
            assert b"%PDF" not in answer.content
            known = await library.get(stranger, address, **{"If-None-Match": "*", "Range": "bytes=0-9"})
            assert known.status_code == (404 if stranger else 401), "not even whether there is one"
        assert (await library.get(cast.ann, address)).status_code == 200
    names = await cast.write(lambda ctx: list(ctx.db.scalars(select(StoredFile.object_name))))
    guesses = [str(uuid.uuid4()), "0", "..", "%2e%2e", theirs.address.rpartition("/")[2] + "x", *names]
    for guess in guesses:
        for suffix in ("", "/thumbnail", "/pages/1"):
            assert (await library.get(cast.otto, f"/content/{guess}{suffix}")).status_code == 404


@pytest.mark.parametrize(
    ("audience", "seen_by"),
    [
        (Audience.ORGANIZATION, {"ann", "abe", "cleo", "max"}),
        (Audience.CREATORS, {"ann", "abe", "cleo", "max"}),
        (Audience.ADMINS, {"ann", "abe", "max"}),
        (Audience.ONLY_ME, {"max"}),
    ],
)
async def test_a_file_is_seen_by_its_audience_and_who_uploaded_it(
    cast: Cast, library: Library, audience: Audience, seen_by: set[str]
) -> None:
    file = await library.upload(cast.max, "a.png", contents.picture(), audience=audience)
    for name in ("ann", "abe", "cleo", "max"):
        status = 200 if name in seen_by else 404
        for address in (file.address, file.thumbnail):
            assert (await library.get(getattr(cast, name), address)).status_code == status, name


async def test_what_is_shared_no_more_is_served_no_more(cast: Cast, library: Library) -> None:
    file = await library.upload(cast.max, "a.txt", b"text")
    tag = (await library.get(cast.cleo, file.address)).headers["etag"]
    await cast.engine.mutate(set_audience, caller=cast.max, file_id=file.id, audience=Audience.ADMINS)
    assert (await library.get(cast.cleo, file.address, **{"If-None-Match": tag})).status_code == 404

    def leave(ctx: MutationCtx) -> None:
        ctx.db.delete(ctx.db.scalars(select(Membership).where(Membership.user_id == cast.abe.user_id)).one())

    assert (await library.get(cast.abe, file.address)).status_code == 200
    await cast.write(leave)
    assert (await library.get(cast.abe, file.address)).status_code == 403


async def test_a_deleted_file_is_gone_for_good(cast: Cast, library: Library) -> None:
    file = await library.upload(cast.max, "a.txt", b"text")
    await cast.engine.mutate(bin_files, caller=cast.max, file_ids=[file.id])
    assert (await library.get(cast.max, file.address)).status_code == 200, "in the bin one can still look at it"
    assert (await library.get(cast.abe, file.address)).status_code == 200, "so can who manages files"
    assert (await library.get(cast.cleo, file.address)).status_code == 404, "for others it is gone"
    await cast.engine.mutate(delete_files, caller=cast.max, file_ids=[file.id])
    assert (await library.get(cast.max, file.address)).status_code == 404


async def test_a_content_that_is_missing_is_told_as_such(cast: Cast, library: Library) -> None:
    file = await library.upload(cast.max, "a.txt", b"text")
    await stores.get_store().remove(*await library.objects())
    answer = await library.get(cast.ann, file.address)
    assert (answer.status_code, answer.json()["code"]) == (410, "content_missing")
