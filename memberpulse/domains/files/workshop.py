"""Has files looked into by a process of their own (`examining`), few at a time, and takes nothing from it on trust."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from asyncio import AbstractEventLoop, Semaphore
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from weakref import WeakKeyDictionary

from anyio import to_thread

import memberpulse
from memberpulse.domains.files import kinds
from memberpulse.domains.files.errors import FileRefused
from memberpulse.domains.files.examining import digest
from memberpulse.domains.files.rules import clean_name, with_extension
from memberpulse.domains.files.schemas import Received

AT_ONCE = 2
"""Processes; each may take a gigabyte for a moment, and a core."""
SECONDS = 30.0
LARGEST_THUMBNAIL = 512 * 1024
LONGEST_ANSWER = 64 * 1024

_ROOT = Path(memberpulse.__file__).resolve().parent.parent
_MODULE = "memberpulse.domains.files.examining"
_NOTHING_SECRET = {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
_NOT_OPENED = "This file could not be opened safely, so it was not kept."


@dataclass
class Examined:
    """What is to be kept: both are files of nobody's name, which go when they are closed. thumbnail: None, or one."""

    received: Received
    content: IO[bytes]
    thumbnail: IO[bytes] | None
    made: tuple[IO[bytes], ...]

    def close(self) -> None:
        for each in self.made:
            each.close()


async def examine(upload: IO[bytes], name: str, *, largest_bytes: int) -> Examined:
    """Look into an upload. Raises FileRefused (422) with the reason."""
    made: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  it outlives this call
    thumbnail: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
    try:
        found = await _ask(upload, "examine", made, thumbnail)
        allowed = kinds.BY_WORD[found["word"]]
        content = made if found.get("made_anew") else upload
        sha256, size = await to_thread.run_sync(digest, content)
        _, thumbnail_size = await to_thread.run_sync(digest, thumbnail)
        if not 0 < size <= largest_bytes or thumbnail_size > LARGEST_THUMBNAIL:
            raise FileRefused("This file becomes too large when it is written anew. Make it smaller and try again.")
    except BaseException:
        made.close()
        thumbnail.close()
        raise
    received = Received(
        name=with_extension(clean_name(name), allowed.extensions),
        kind=allowed.kind,
        media_type=_media_type(allowed, name),
        size_bytes=size,
        thumbnail_bytes=thumbnail_size,
        sha256=sha256,
        width=found.get("width"),
        height=found.get("height"),
        pages=found.get("pages"),
        excerpt=str(found.get("excerpt", ""))[:400],
    )
    return Examined(received, content, thumbnail if thumbnail_size else None, (made, thumbnail))


async def draw_page(content: IO[bytes], number: int) -> bytes:
    """A page of a PDF as a WebP picture. Raises FileRefused (422)."""
    with tempfile.TemporaryFile() as picture:
        await _ask(content, "page", picture, number=number)
        picture.seek(0)
        return await to_thread.run_sync(picture.read)


def _media_type(allowed: kinds.Allowed, name: str) -> str:
    if allowed is kinds.TEXT and name.lower().endswith(".csv"):
        return "text/csv"
    return allowed.media_type


async def _ask(upload: IO[bytes], deed: str, *outputs: IO[bytes], number: int | None = None) -> dict[str, Any]:
    upload.seek(0)
    given = [] if number is None else [str(number)]
    descriptors = [output.fileno() for output in outputs]
    async with _turn():
        process = await asyncio.create_subprocess_exec(
            *[sys.executable, "-m", _MODULE, deed, *given, *map(str, descriptors)],
            cwd=_ROOT,
            env=_NOTHING_SECRET,
            stdin=upload,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=descriptors,
        )
        try:
            assert process.stdout is not None
            answer = await asyncio.wait_for(process.stdout.read(LONGEST_ANSWER), SECONDS)
            await asyncio.wait_for(process.wait(), SECONDS)
        except TimeoutError:
            raise FileRefused(_NOT_OPENED) from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if process.returncode != 0:
        raise FileRefused(_NOT_OPENED)
    found = json.loads(answer)
    if "refused" in found:
        raise FileRefused(str(found["refused"]))
    return found


def _turn() -> Semaphore:
    return _turns.setdefault(asyncio.get_running_loop(), Semaphore(AT_ONCE))


_turns: WeakKeyDictionary[AbstractEventLoop, Semaphore] = WeakKeyDictionary()
