"""What others would send: refused, or made harmless. Nothing of it stays behind, and no memory goes with it."""

import hashlib
import io
import shutil
import time
import tracemalloc
from pathlib import Path

import pytest

from memberpulse.domains.files import examining, kinds, workshop
from memberpulse.domains.files.jobs import remove_doomed
from memberpulse.domains.files.models import UploadState
from memberpulse.engine import system
from tests.domains.conftest import Cast
from tests.domains.files import contents
from tests.domains.files.conftest import Library
from tests.domains.files.test_uploading import settle, state_of

pytestmark = pytest.mark.anyio


@pytest.fixture
def house_url(tmp_path: Path, peopled_sqlite: Path) -> str:
    """What is looked into here is no matter of the database."""
    shutil.copy(peopled_sqlite, tmp_path / "house.db")
    return f"sqlite:///{tmp_path}/house.db"


async def test_what_nobody_keeps_is_refused_and_leaves_nothing(cast: Cast, library: Library) -> None:
    for what, (name, content) in contents.REFUSED.items():
        upload_id, answer = await library.send(cast.max, name, content)
        assert (answer.status_code, answer.json()["code"]) == (422, "file_refused"), what
        assert answer.json()["title"].endswith("."), what
        assert await state_of(cast, upload_id) is UploadState.ENDED, what
    assert await library.use() == (0, 0)
    assert await library.objects() == {}


async def test_a_zip_bomb_is_refused_by_its_list_and_never_unpacked(cast: Cast, library: Library) -> None:
    bomb = contents.zip_bomb(64)
    assert len(bomb) < 200_000
    started = time.monotonic()
    _, answer = await library.send(cast.max, "budget.docx", bomb)
    assert answer.status_code == 422
    assert "too large when it is opened" in answer.json()["title"]
    assert time.monotonic() - started < 20


async def test_what_is_hidden_in_a_picture_does_not_survive(cast: Cast, library: Library) -> None:
    for what, (name, content, hidden) in contents.HARMLESS.items():
        file = await library.upload(cast.max, name, content)
        kept = (await library.get(cast.max, file.address)).content
        assert hidden not in kept, what
        assert file.media_type.startswith("image/"), what
        assert file.name.rpartition(".")[2] in ("jpg", "png", "gif", "webp"), what


async def test_a_pdf_with_a_page_of_markup_is_only_ever_saved(cast: Cast, library: Library) -> None:
    polyglot = contents.pdf(1) + b"\n<!doctype html>" + contents.SCRIPT
    file = await library.upload(cast.max, "both.html", polyglot)
    served = await library.get(cast.max, file.address)
    assert served.headers["content-type"] == "application/pdf"
    assert served.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in served.headers["content-security-policy"]


async def test_an_examiner_that_dies_or_hangs_takes_nobody_with_it(
    cast: Cast, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, why in (("tests.domains.files.dying", "killed"), ("tests.domains.files.hanging", "hangs")):
        monkeypatch.setattr(workshop, "_MODULE", module)
        monkeypatch.setattr(workshop, "SECONDS", 1.0 if why == "hangs" else 30.0)
        _, answer = await library.send(cast.max, "a.txt", b"text")
        assert (answer.status_code, answer.json()["code"]) == (422, "file_refused"), why
    monkeypatch.undo()
    assert (await library.upload(cast.max, "a.txt", b"text")).size_bytes == 4


async def test_the_examiner_is_given_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMBERPULSE_SECRET", "s" * 40)
    assert set(workshop._NOTHING_SECRET) == {"PATH", "LANG", "PYTHONDONTWRITEBYTECODE"}


async def test_memory_does_not_grow_with_what_is_uploaded(cast: Cast, library: Library) -> None:
    """Of twenty megabytes this process holds a piece at a time. httpx holds the whole body, so it comes in pieces."""
    size = 20 * 1024 * 1024

    async def lines():
        for _ in range(size // 65_536):
            yield b"0123456789abcde\n" * 4_096

    upload_id = await library.reserve(cast.max, "log.txt", size)
    tracemalloc.start()
    answer = await library.put(cast.max, upload_id, lines())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answer.status_code == 204
    assert peak < 8 * 1024 * 1024, f"{peak:,} bytes"  # one part of five megabytes on its way into the store
    assert list((await library.objects()).values()) == [size]


async def test_what_was_begun_and_not_finished_leaves_no_orphan(cast: Cast, library: Library) -> None:
    for content in (contents.picture(), contents.pdf(1), b"text"):
        await library.send(cast.max, "a", content)
    assert len(await library.objects()) == 5
    assert await library.unnamed() == []
    await settle(cast)
    await cast.engine.mutate(remove_doomed, caller=system())
    assert await library.objects() == {}
    assert await library.use() == (0, 0)


@pytest.mark.parametrize("what", ["svg with script", "html named png", "a script", "a program", "noise", "gzip"])
def test_a_beginning_is_enough_to_refuse(what: str) -> None:
    assert kinds.guess(contents.REFUSED[what][1][: kinds.HEAD_BYTES]).refused


def test_every_kind_that_is_kept_is_told_by_its_content() -> None:
    made = {
        "jpeg": contents.picture("JPEG"),
        "png": contents.picture(),
        "webp": contents.picture("WEBP"),
        "gif": contents.picture("GIF"),
        "pdf": contents.pdf(),
        "text": "Grüße, مرحبا, 你好\n".encode(),
    }
    for word, content in made.items():
        found = kinds.guess(content[: kinds.HEAD_BYTES])
        assert found.allowed is kinds.BY_WORD[word], word
    assert kinds.guess(contents.docx()).archive


def test_a_letter_at_the_cut_is_no_fault() -> None:
    text = ("é" * 5_000).encode()
    assert kinds.guess(b"a" + text[: kinds.HEAD_BYTES - 1]).allowed is kinds.TEXT


def test_a_digest_is_of_all_of_it(tmp_path: object) -> None:
    content = b"x" * 3_000_000
    assert examining.digest(io.BytesIO(content)) == (hashlib.sha256(content).hexdigest(), 3_000_000)
