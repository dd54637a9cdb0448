"""One contract, two stores: a folder of this machine, and a real S3-compatible server in a process of its own."""

import asyncio
import io
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from memberpulse.domains.files import stores
from memberpulse.domains.files.errors import ContentMissing
from memberpulse.domains.files.stores import Store, make_store, new_name, thumbnail_of
from memberpulse.engine.errors import Unavailable
from memberpulse.settings import Settings, SettingsError, get_settings, load_settings
from tests.domains.conftest import Cast
from tests.domains.files import contents
from tests.domains.files.conftest import Library
from tests.running import free_port

pytestmark = pytest.mark.anyio

BUCKET = "members-files"
KEYS = {"storage_access_key": "someone", "storage_secret_key": "secret-of-someone"}


@pytest.fixture(scope="module")
def s3_server() -> Iterator[str]:
    """The address of an S3-compatible server with one bucket."""
    port = free_port()
    environment = {**os.environ, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 90
        while True:
            try:
                httpx.put(f"{url}/{BUCKET}", timeout=10).raise_for_status()
                break
            except httpx.HTTPError:
                assert time.monotonic() < until, "the server does not answer"
                assert process.poll() is None, "the server ended"
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def s3_settings(url: str, tmp_path: Path) -> Settings:
    return load_settings(data=tmp_path, storage_bucket=BUCKET, storage_endpoint=url, **KEYS)


@pytest.fixture(params=["folder", "s3"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        return make_store(load_settings(data=tmp_path))
    return make_store(s3_settings(request.getfixturevalue("s3_server"), tmp_path))


async def read(store: Store, name: str, start: int, end: int) -> bytes:
    return b"".join([piece async for piece in store.pieces(name, start, end)])


async def test_what_is_put_is_there_whole_and_in_parts(either: Store) -> None:
    for size in (1, 1000, 6 * 1024 * 1024 + 1):  # the last is sent in parts
        content, name = os.urandom(size), new_name()
        await either.put(name, io.BytesIO(content))
        assert await read(either, name, 0, size) == content
        assert await read(either, name, size // 2, size) == content[size // 2 :]
        assert await read(either, name, 0, 1) == content[:1]
        await either.put(name, io.BytesIO(b"anew"))
        assert await read(either, name, 0, 4) == b"anew"
        await either.remove(name)


async def test_what_is_not_there_is_missing_and_removed_without_a_word(either: Store) -> None:
    name = new_name()
    with pytest.raises(ContentMissing):
        await read(either, name, 0, 10)
    await either.remove(name, thumbnail_of(name))
    await either.put(name, io.BytesIO(b"x"))
    await either.remove(name)
    await either.remove(name)
    with pytest.raises(ContentMissing):
        await read(either, name, 0, 1)


async def test_a_part_of_the_store_lists_what_begins_so(either: Store) -> None:
    names = ["ab/" + "1" * 46, "ab/" + "2" * 46, "ac/" + "1" * 46]
    for name in [*names, thumbnail_of(names[0])]:
        await either.put(name, io.BytesIO(b"12345"))
    found = await either.find(0xAB)
    assert sorted(each.name for each in found) == sorted([names[0], thumbnail_of(names[0]), names[1]])
    assert {each.size for each in found} == {5}
    assert all(abs(each.changed_at - datetime.now(UTC)) < timedelta(minutes=5) for each in found)
    assert await either.find(0xFF) == []
    await either.remove(*names, thumbnail_of(names[0]))


async def test_many_at_once_do_not_mix(either: Store) -> None:
    contents_by_name = {new_name(): os.urandom(10_000 + number) for number in range(12)}
    await asyncio.gather(*(either.put(name, io.BytesIO(content)) for name, content in contents_by_name.items()))
    for name, content in contents_by_name.items():
        assert await read(either, name, 0, len(content)) == content
    await either.remove(*contents_by_name)


async def test_names_are_random_and_say_nothing() -> None:
    names = {new_name() for _ in range(1000)}
    assert len(names) == 1000
    assert all(len(name) == 49 and name[2] == "/" for name in names)


async def test_a_service_that_does_not_answer_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = s3_settings("http://127.0.0.1:9", tmp_path)
    store = make_store(settings)
    from obstore.exceptions import GenericError

    async def refused(*_: object, **__: object) -> None:
        raise GenericError("connection refused")

    monkeypatch.setattr(stores.obstore, "put_async", refused)
    with pytest.raises(Unavailable):
        await store.put(new_name(), io.BytesIO(b"x"))


async def test_what_a_killed_process_left_half_written_goes(tmp_path: Path) -> None:
    store = make_store(load_settings(data=tmp_path))
    half = tmp_path / "files" / "ab" / "cdef#1"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")
    assert store.forget_halves(datetime.now(UTC) - timedelta(days=1)) == 0
    assert store.forget_halves(datetime.now(UTC) + timedelta(seconds=5)) == 1
    assert not half.exists()


async def test_the_whole_way_works_on_s3(
    cast: Cast, library: Library, s3_server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in {
        "BUCKET": BUCKET,
        "ENDPOINT": s3_server,
        "ACCESS_KEY": "someone",
        "SECRET_KEY": "secret-of-someone",
        "PREFIX": "pulse/files",
    }.items():
        monkeypatch.setenv(f"MEMBERPULSE_STORAGE_{name}", value)
    get_settings.cache_clear()
    file = await library.upload(cast.max, "a.png", contents.picture())
    assert (await library.get(cast.ann, file.address)).status_code == 200
    assert (await library.get(cast.ann, file.thumbnail)).content[:4] == b"RIFF"
    assert (await library.get(cast.otto, file.address)).status_code == 404
    part = await library.get(cast.ann, file.address, Range="bytes=1-3")
    assert part.content == b"PNG"
    assert len(await library.objects()) == 2
    assert not (tmp_path / "files").exists() or not list((tmp_path / "files").iterdir())
    await stores.get_store().remove(*await library.objects())


@pytest.mark.parametrize(
    ("given", "at_fault"),
    [
        ({"storage_bucket": "Bad_Name"}, "STORAGE_BUCKET"),
        ({"storage_bucket": "files"}, "STORAGE_ACCESS_KEY"),
        ({"storage_bucket": "files", "storage_access_key": "x"}, "STORAGE_SECRET_KEY"),
        ({"storage_endpoint": "https://s3.example.org"}, "STORAGE_ENDPOINT"),
        ({"storage_bucket": "files", "storage_endpoint": "s3.example.org/x", **KEYS}, "STORAGE_ENDPOINT"),
        ({"storage_prefix": "../x"}, "STORAGE_PREFIX"),
        ({"storage_file_mb": 0}, "STORAGE_FILE_MB"),
        ({"storage_quota_mb": 0}, "STORAGE_QUOTA_MB"),
    ],
)
async def test_settings_that_do_not_fit_are_refused_at_start(given: dict[str, object], at_fault: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        load_settings(**given)
    assert any(fault.startswith(f"MEMBERPULSE_{at_fault} must ") for fault in refusal.value.faults), (
        refusal.value.faults
    )
