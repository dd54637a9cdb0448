"""Three steps: space is set apart, the content arrives, the file is there. At each the line may break."""

import asyncio
import io
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from PIL import Image
from sqlalchemy import select
from starlette.requests import Request

from memberpulse.domains.files import receiving, stores
from memberpulse.domains.files.errors import (
    BadFileName,
    FileTooLarge,
    FolderNotFound,
    NotReceived,
    TooManyUploads,
    UploadNotFound,
    UploadOver,
)
from memberpulse.domains.files.folders import create_folder
from memberpulse.domains.files.jobs import expire_uploads, remove_doomed
from memberpulse.domains.files.kinds import FileKind
from memberpulse.domains.files.models import Audience, FileUpload, UploadState
from memberpulse.domains.files.queries import get_file, list_files
from memberpulse.domains.files.schemas import Received
from memberpulse.domains.files.uploading import begin_receiving, cancel_upload, complete_upload, note_received
from memberpulse.engine import MutationCtx, system, utc_now
from memberpulse.engine.errors import Forbidden, NotSignedIn
from tests.domains.conftest import Cast
from tests.domains.files import contents
from tests.domains.files.conftest import Library, sha256
from tests.engine.conftest import until

pytestmark = pytest.mark.anyio

MB = 1024 * 1024


async def state_of(cast: Cast, upload_id: uuid.UUID) -> UploadState:
    return await cast.write(lambda ctx: ctx.db.get_one(FileUpload, upload_id).state)


async def settle(cast: Cast) -> None:
    """Let the clock do what it does with uploads and objects, as if a day had gone."""
    with time_machine.travel(utc_now() + timedelta(hours=2), tick=True):
        await cast.write(lambda ctx: expire_uploads(ctx))
    with time_machine.travel(utc_now() + timedelta(hours=3), tick=True):
        await cast.engine.mutate(remove_doomed, caller=system())


async def test_a_file_is_there_after_three_steps(cast: Cast, library: Library) -> None:
    screen = cast.watch(cast.ann, list_files)
    content = b"Dear members,\nthe hall is booked.\n"
    file = await library.upload(cast.max, "Invitation.txt", content)
    assert (file.name, file.kind, file.size_bytes, file.excerpt) == (
        "Invitation.txt",
        FileKind.TEXT,
        len(content),
        content.decode().strip(),
    )
    assert file.uploader is not None
    assert file.uploader.name == "Max"
    rows = (await cast.engine.query(list_files, caller=cast.ann)).rows
    assert [each.id for each in rows] == [file.id]
    await until(lambda: bool(screen.shown) and [row["name"] for row in screen.shown[-1]["rows"]] == [file.name])
    assert await library.use() == (len(content), 0)
    assert (await cast.happened())[0] == ("Max", "uploaded", "Invitation.txt")
    served = await library.get(cast.ann, file.address)
    assert served.content == content


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_picture_is_made_anew_and_has_a_thumbnail(cast: Cast, library: Library, kind: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "Taken at home"
    exif[0x0112] = 6
    content = contents.picture(kind, (900, 600), exif=exif.tobytes())
    file = await library.upload(cast.max, f"Shed.{kind.lower()}", content)
    kept = (await library.get(cast.max, file.address)).content
    assert b"Taken at home" in content
    assert b"Taken at home" not in kept
    with Image.open(io.BytesIO(kept)) as opened:
        assert (opened.format, opened.size) == (kind, (600, 900)), "turned upright"
        assert not opened.getexif()
    thumbnail = (await library.get(cast.max, file.thumbnail)).content
    with Image.open(io.BytesIO(thumbnail)) as small:
        assert (small.format, max(small.size)) == ("WEBP", 480)
    assert await library.use() == (len(kept) + len(thumbnail), 0)
    assert await library.objects() != {}
    assert await library.unnamed() == []


async def test_moving_pictures_go_on_moving(cast: Cast, library: Library) -> None:
    file = await library.upload(cast.max, "Party.gif", contents.moving(3))
    kept = (await library.get(cast.max, file.address)).content
    with Image.open(io.BytesIO(kept)) as opened:
        assert getattr(opened, "n_frames", 1) == 3


async def test_a_pdf_says_how_long_it_is_and_shows_its_pages(cast: Cast, library: Library) -> None:
    content = contents.pdf(3)
    file = await library.upload(cast.max, "Minutes.pdf", content)
    assert (file.detail, file.pages) == ("PDF, 3 pages", 3)
    assert (await library.get(cast.ann, file.address)).content == content
    first, last = [await library.get(cast.ann, f"{file.address}/pages/{number}") for number in (1, 3)]
    assert first.headers["content-type"] == "image/webp"
    assert first.content != last.content
    for number in ("0", "4", "x", "1e1", "99999999999"):
        assert (await library.get(cast.ann, f"{file.address}/pages/{number}")).status_code == 404


@pytest.mark.parametrize(("name", "content"), [("Letter.docx", contents.docx()), ("Letter.odt", contents.odt())])
async def test_office_documents_are_kept_as_they_are(cast: Cast, library: Library, name: str, content: bytes) -> None:
    file = await library.upload(cast.max, name, content)
    assert file.kind is FileKind.DOCUMENT
    assert (await library.get(cast.max, file.address)).content == content


async def test_the_name_says_what_the_content_is(cast: Cast, library: Library) -> None:
    assert (await library.upload(cast.max, "index.html", contents.picture())).name == "index.html.png"
    assert (await library.upload(cast.max, "photo.JPG", contents.picture("JPEG"))).name == "photo.JPG"
    assert (await library.upload(cast.max, "minutes", contents.pdf(1))).name == "minutes.pdf"


async def test_the_same_file_twice_is_two_files_with_two_names(cast: Cast, library: Library) -> None:
    first = await library.upload(cast.max, "Plan.txt", b"one")
    second = await library.upload(cast.ann, "plan.txt", b"one")
    assert [first.name, second.name] == ["Plan.txt", "plan (2).txt"]
    assert await library.use() == (6, 0)


async def test_each_step_may_be_repeated(cast: Cast, library: Library) -> None:
    upload_id, answer = await library.send(cast.max, "Plan.txt", b"one")
    assert answer.status_code == 204
    again = await library.put(cast.max, upload_id, b"two")
    assert (again.status_code, again.json()["code"]) == (410, "upload_over"), "what arrived is not overwritten"
    first = await cast.engine.mutate(complete_upload, caller=cast.max, upload_id=upload_id)
    assert await cast.engine.mutate(complete_upload, caller=cast.max, upload_id=upload_id) == first
    await cast.engine.mutate(cancel_upload, caller=cast.max, upload_id=upload_id)
    assert len((await cast.engine.query(list_files, caller=cast.ann)).rows) == 1
    assert await library.use() == (3, 0)


async def test_the_steps_have_an_order(cast: Cast, library: Library) -> None:
    upload_id = await library.reserve(cast.max, "Plan.txt", 3)
    with pytest.raises(NotReceived):
        await cast.engine.mutate(complete_upload, caller=cast.max, upload_id=upload_id)
    await cast.engine.mutate(cancel_upload, caller=cast.max, upload_id=upload_id)
    assert (await library.put(cast.max, upload_id, b"one")).status_code == 410
    with pytest.raises(UploadOver):
        await cast.engine.mutate(complete_upload, caller=cast.max, upload_id=upload_id)
    assert await library.use() == (0, 0)


async def test_an_upload_belongs_to_who_began_it(cast: Cast, library: Library) -> None:
    upload_id = await library.reserve(cast.max, "Plan.txt", 3)
    assert (await library.put(None, upload_id, b"one")).status_code == 401
    for stranger in (cast.ann, cast.otto):
        answer = await library.put(stranger, upload_id, b"one")
        assert (answer.status_code, answer.json()["code"]) == (404, "upload_not_found")
        for mutation in (complete_upload, cancel_upload):
            with pytest.raises(UploadNotFound):
                await cast.engine.mutate(mutation, caller=stranger, upload_id=upload_id)
    for wrong in ("x", uuid.uuid4(), "../etc"):
        assert (await library.put(cast.max, wrong, b"one")).status_code == 404
    assert await state_of(cast, upload_id) is UploadState.RESERVED


async def test_a_folder_of_another_organization_is_none(cast: Cast, library: Library) -> None:
    folder = await cast.engine.mutate(create_folder, caller=cast.otto, name="Theirs")
    with pytest.raises(FolderNotFound):
        await library.reserve(cast.max, "Plan.txt", 3, folder_id=folder.id)


@pytest.mark.parametrize("sent", [b"", b"on", b"ones", b"one" * 1000])
async def test_what_is_not_as_long_as_it_was_said_is_not_kept(cast: Cast, library: Library, sent: bytes) -> None:
    upload_id = await library.reserve(cast.max, "Plan.txt", 3)

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(sent), 2):
            yield sent[start : start + 2]

    known = await library.put(cast.max, upload_id, sent)
    assert known.status_code in (413, 422)
    upload_id = await library.reserve(cast.max, "Plan.txt", 3)
    unknown = await library.put(cast.max, upload_id, in_pieces())
    assert (unknown.status_code, unknown.json()["code"]) in [(422, "wrong_length"), (413, "file_too_large")]
    await settle(cast)
    assert await library.use() == (0, 0)
    assert await library.objects() == {}


async def test_twenty_megabytes_are_the_limit_to_the_byte(cast: Cast, library: Library) -> None:
    for size in (20 * MB - 1, 20 * MB):
        file = await library.upload(cast.max, "Log.txt", b"x" * size)
        assert file.size_bytes == size
    with pytest.raises(FileTooLarge) as refusal:
        await library.reserve(cast.max, "Log.txt", 20 * MB + 1)
    assert "20 MB" in refusal.value.message


async def test_a_broken_line_is_no_end_and_the_file_may_be_sent_again(cast: Cast, library: Library) -> None:
    upload_id = await library.reserve(cast.max, "Plan.txt", 300_000)
    messages = [{"type": "http.request", "body": b"x" * 100_000, "more_body": True}, {"type": "http.disconnect"}]

    async def receive() -> Any:
        return messages.pop(0)

    scope = {
        "type": "http",
        "method": "PUT",
        "path": "/",
        "headers": [],
        "path_params": {"upload_id": str(upload_id)},
        "memberpulse.session": cast.max.reference,
        "state": {"engine": cast.engine},
    }
    assert (await receiving.receive_upload(Request(scope, receive))).status_code == 400
    assert await state_of(cast, upload_id) is UploadState.RESERVED
    assert await library.use() == (0, 300_000), "the space is still set apart"
    assert (await library.put(cast.max, upload_id, b"y" * 300_000)).status_code == 204


async def test_a_sender_who_is_too_slow_is_not_waited_for(
    cast: Cast, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "MAX_PAUSE_SECONDS", 0.05)
    upload_id = await library.reserve(cast.max, "Plan.txt", 300_000)

    async def slowly() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.Event().wait()

    answer = await library.put(cast.max, upload_id, slowly())
    assert (answer.status_code, answer.json()["code"]) == (408, "upload_too_slow")
    assert await state_of(cast, upload_id) is UploadState.RESERVED


async def test_nobody_holds_more_than_a_few_sendings_or_reservations_at_once(
    cast: Cast, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "MOST_SENDINGS", 1)
    first, second = [await library.reserve(cast.max, "a.txt", 3) for _ in range(2)]
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def held() -> AsyncIterator[bytes]:
        begun.set()
        await go_on.wait()
        yield b"one"

    waiting = asyncio.create_task(library.put(cast.max, first, held()))
    await begun.wait()
    await until(lambda: receiving._sending[cast.max.user_id] == 1)
    refused = await library.put(cast.max, second, b"two")
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_uploads")
    go_on.set()
    assert (await waiting).status_code == 204
    assert (await library.put(cast.max, second, b"two")).status_code == 204

    for _ in range(48):
        await library.reserve(cast.max, "a.txt", 3)
    with pytest.raises(TooManyUploads):
        await library.reserve(cast.max, "a.txt", 3)


async def test_of_two_sendings_at_once_the_later_counts(cast: Cast, library: Library) -> None:
    upload_id = await library.reserve(cast.max, "Plan.txt", 3)
    assert cast.max.user_id is not None
    first = await cast.engine.mutate(
        begin_receiving, caller=system(cast.here), upload_id=upload_id, user_id=cast.max.user_id
    )
    await stores.get_store().put(first.object_name, io.BytesIO(b"old"))
    assert (await library.put(cast.max, upload_id, b"new")).status_code == 204
    late = Received("Plan.txt", FileKind.TEXT, "text/plain", 3, 0, sha256(b"old"))
    from memberpulse.domains.files.errors import UploadSuperseded

    with pytest.raises(UploadSuperseded):
        await cast.engine.mutate(
            note_received, caller=system(cast.here), upload_id=upload_id, attempt=first.number, received=late
        )
    done = await cast.engine.mutate(complete_upload, caller=cast.max, upload_id=upload_id)
    file = await cast.engine.query(get_file, caller=cast.max, file_id=done.file_id)
    assert (await library.get(cast.max, file.address)).content == b"new"
    assert await library.unnamed() == []
    await settle(cast)
    assert list((await library.objects()).values()) == [3], "what the first sending brought is gone"


async def test_what_does_not_come_within_an_hour_is_given_up(cast: Cast, library: Library) -> None:
    waiting = await library.reserve(cast.max, "A.txt", 1_000)
    sent, _ = await library.send(cast.max, "B.png", contents.picture())
    assert len(await library.objects()) == 2
    with time_machine.travel(utc_now() + timedelta(minutes=59), tick=True):
        await cast.write(lambda ctx: expire_uploads(ctx))
    assert await state_of(cast, waiting) is UploadState.RESERVED
    await settle(cast)
    assert await state_of(cast, sent) is UploadState.ENDED
    assert await library.use() == (0, 0)
    assert await library.objects() == {}
    with time_machine.travel(utc_now() + timedelta(days=2), tick=True):
        await cast.write(lambda ctx: expire_uploads(ctx))
    assert await cast.write(lambda ctx: list(ctx.db.scalars(select(FileUpload)))) == []


async def test_nobody_uploads_without_the_right_to(cast: Cast, library: Library) -> None:
    from memberpulse.domains.files.uploading import reserve_upload
    from memberpulse.engine import ANONYMOUS

    with pytest.raises(NotSignedIn):
        await cast.engine.mutate(reserve_upload, caller=ANONYMOUS, name="a.txt", size_bytes=1)
    upload_id = await library.reserve(cast.max, "a.txt", 1)

    def leave(ctx: MutationCtx) -> None:
        from memberpulse.domains.organizations.models import Membership

        ctx.db.delete(ctx.db.scalars(select(Membership).where(Membership.user_id == cast.max.user_id)).one())

    await cast.write(leave)
    assert (await library.put(cast.max, upload_id, b"x")).status_code == 403
    with pytest.raises((Forbidden, NotSignedIn)):
        await cast.engine.mutate(complete_upload, caller=await cast.again(cast.max), upload_id=upload_id)


@pytest.mark.parametrize(("given", "kept"), contents.NAMES.items())
async def test_names_lead_nowhere(cast: Cast, library: Library, given: str, kept: str) -> None:
    file = await library.upload(cast.max, given, b"text")
    assert file.name == (kept if kept.endswith(".txt") else f"{kept}.txt")


async def test_a_name_of_nothing_is_refused(cast: Cast, library: Library) -> None:
    for name in ("", "..", "/", "\u202e", "  "):
        with pytest.raises(BadFileName):
            await library.reserve(cast.max, name, 3)


async def test_a_private_file_tells_nobody_its_name(cast: Cast, library: Library) -> None:
    await library.upload(cast.max, "Divorce.txt", b"secret", audience=Audience.ONLY_ME)
    assert not [each for each in await cast.happened() if "Divorce" in each[2]]
    assert (await cast.engine.query(list_files, caller=cast.ann)).rows == []
