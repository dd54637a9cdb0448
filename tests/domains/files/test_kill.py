"""`kill -9` at every point of an upload: afterwards there is the file, or none; never half, and nothing left over."""

import asyncio
import shutil
import signal
import uuid
from pathlib import Path

import pytest

from memberpulse.domains.files.errors import NotReceived
from memberpulse.domains.files.queries import list_files
from memberpulse.domains.files.uploading import complete_upload
from memberpulse.settings import get_settings
from tests.domains.conftest import Cast
from tests.domains.files import contents, sender
from tests.domains.files.conftest import Library
from tests.domains.files.sender import POINTS
from tests.domains.files.test_uploading import settle
from tests.forking import processes

pytestmark = pytest.mark.anyio

WHOLE = ("after the completion has committed",)
RECEIVED = ("after it is noted as received", "before the completion commits")


@pytest.fixture
def house_url(tmp_path: Path, peopled_sqlite: Path) -> str:
    """One database is enough: what is killed is the process between the store and the database."""
    shutil.copy(peopled_sqlite, tmp_path / "house.db")
    return f"sqlite:///{tmp_path}/house.db"


async def send_and_die(url: str, reference: str, point: str) -> uuid.UUID | None:
    """The upload that the process worked on when it was killed."""
    heard, said = processes.Pipe(duplex=False)
    process = processes.Process(target=sender.run, args=(url, str(get_settings().data), reference, point, said))
    process.start()
    said.close()
    await asyncio.to_thread(process.join, 60)
    assert process.exitcode == -signal.SIGKILL, f"it was not killed {point}"
    try:
        return heard.recv()
    except EOFError:
        return None


@pytest.mark.parametrize("point", POINTS)
async def test_a_killed_upload_is_whole_or_leaves_nothing(
    cast: Cast, library: Library, house_url: str, point: str
) -> None:
    upload_id = await send_and_die(house_url, str(cast.max.reference), point)
    rows = (await cast.engine.query(list_files, caller=cast.ann)).rows
    assert len(rows) == (point in WHOLE)
    assert await library.unnamed() == [], "every object is named by a row, or nobody would ever remove it"
    if point in RECEIVED:
        done = await cast.engine.mutate(complete_upload, caller=cast.max, upload_id=upload_id)
        assert done.name == "a.png", "the browser asks again, and it is there"
    elif point not in WHOLE and upload_id is not None:
        with pytest.raises(NotReceived):
            await cast.engine.mutate(complete_upload, caller=cast.max, upload_id=upload_id)
        sent = await library.put(cast.max, upload_id, contents.noisy((300, 300)))
        assert sent.status_code == 204, "the same reservation takes it, sent anew"
    await settle(cast)
    objects = await library.objects()
    there = point in WHOLE or point in RECEIVED
    assert len(objects) == (2 if there else 0)
    assert await library.use() == (sum(objects.values()), 0)
    assert await library.kept() == sum(objects.values())
