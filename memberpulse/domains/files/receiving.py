"""PUT /uploads/{upload_id}: the content of a file that space was reserved for, as the body of the request.

It is counted while it arrives, written to a nameless file that goes with this process, looked into by another process,
and only what came out of that goes into the store. The gate in front has checked the Origin and taken the cookie away.
Answers 204, or a problem document; a sending that breaks off may be repeated until the reservation ends.
"""

import asyncio
import tempfile
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from time import monotonic
from typing import IO, Any

from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from memberpulse.domains.files import kinds, stores, workshop
from memberpulse.domains.files.errors import (
    FileRefused,
    FileTooLarge,
    StorageFull,
    TooManyUploads,
    UploadNotFound,
    UploadTooSlow,
    WrongLength,
)
from memberpulse.domains.files.rules import UPLOAD
from memberpulse.domains.files.schemas import Attempt, Received
from memberpulse.domains.files.uploading import begin_receiving, largest_file_bytes, note_received, stop_receiving
from memberpulse.engine import system
from memberpulse.engine.context import Caller
from memberpulse.engine.errors import EngineError, Forbidden, NotSignedIn, Unavailable
from memberpulse.engine.http import problem

MAX_UPLOAD_SECONDS = 300.0
MAX_PAUSE_SECONDS = 30.0
"""How long a body may keep one waiting for its next piece."""
MOST_SENDINGS = 24
"""By one person at once, to this process."""
WRITE_BYTES = 256 * 1024
FINAL = (FileRefused, FileTooLarge, StorageFull)
"""Refusals that sending the same again would meet again."""


async def receive_upload(request: Request) -> Response:
    """Take the content of one upload. See the module."""
    engine = request.state.engine
    try:
        caller = await uploader_of(request)
        upload_id = _id(request)
        house = system(caller.organization_id)
        with _a_place(caller):
            attempt = await engine.mutate(begin_receiving, caller=house, upload_id=upload_id, user_id=caller.user_id)
            await _Sending(engine, house, upload_id, attempt).receive(request)
        return Response(status_code=204)
    except ClientDisconnect:
        return Response(status_code=400)
    except EngineError as error:
        return problem(error, engine.request_id_of(error))


async def uploader_of(request: Request) -> Caller:
    """Who sends. Raises NotSignedIn (401), Forbidden (403)."""
    caller: Caller = await request.state.engine.caller_of(request.scope.get("memberpulse.session"))
    if caller.kind != "person":
        raise NotSignedIn
    if not caller.may(UPLOAD):
        raise Forbidden
    return caller


@contextmanager
def _a_place(caller: Caller) -> Generator[None]:
    """One of a few places per person, since each holds a file on this server's disk. Raises TooManyUploads (409)."""
    if _sending[caller.user_id] >= MOST_SENDINGS:
        raise TooManyUploads
    _sending[caller.user_id] += 1
    try:
        yield
    finally:
        _sending[caller.user_id] -= 1
        if not _sending[caller.user_id]:
            del _sending[caller.user_id]


_sending: Counter[uuid.UUID | None] = Counter()


class _Sending:
    """One attempt to receive a content. What it leaves in the store when it fails, it removes, or a job does."""

    def __init__(self, engine: Any, house: Caller, upload_id: uuid.UUID, attempt: Attempt) -> None:
        self._engine = engine
        self._house = house
        self._upload_id = upload_id
        self._attempt = attempt
        self._store = stores.get_store()

    async def receive(self, request: Request) -> None:
        try:
            with tempfile.TemporaryFile() as spool:
                await spool_body(request, spool, self._attempt.declared_bytes)
                received = await self._keep(spool)
            await self._mutate(note_received, received=received)
        except FINAL:
            await self._stop(refused=True)
            raise
        except BaseException:
            await self._stop(refused=False)
            raise

    async def _keep(self, spool: IO[bytes]) -> Received:
        """Have it examined, and put what is to be kept into the store."""
        found = await workshop.examine(spool, self._attempt.name, largest_bytes=largest_file_bytes())
        name = self._attempt.object_name
        try:
            await self._store.put(name, found.content)
            if found.thumbnail is not None:
                await self._store.put(stores.thumbnail_of(name), found.thumbnail)
        finally:
            found.close()
        return found.received

    async def _stop(self, *, refused: bool) -> None:
        """Also when this request is being cancelled: the reservation should not wait for its hour."""
        await asyncio.shield(self._mutate(stop_receiving, refused=refused))

    async def _mutate(self, mutation: Any, **arguments: Any) -> None:
        given = {"upload_id": self._upload_id, "attempt": self._attempt.number, **arguments}
        await self._engine.mutate(mutation, caller=self._house, **given)


async def spool_body(request: Request, spool: IO[bytes], declared: int) -> None:
    """Write a body of exactly so many bytes to a file, counting while it arrives; memory holds only a piece of it.

    Raises WrongLength (422), FileTooLarge (413), UploadTooSlow (408), FileRefused (422) as soon as each is certain.
    """
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) != declared:
        raise FileTooLarge if int(length) > max(declared, largest_file_bytes()) else WrongLength
    size, looked = 0, False
    async for piece in _pieces(request):
        size += len(piece)
        if size > declared:
            raise FileTooLarge("More arrived than was announced, so it was not kept.")
        try:
            await to_thread.run_sync(spool.write, piece)
        except OSError as fault:
            raise Unavailable("The server has no room to receive this file right now. Try again later.") from fault
        if not looked and (size >= kinds.HEAD_BYTES or size == declared):
            looked = True
            await to_thread.run_sync(_look_at_head, spool)
    if size != declared:
        raise WrongLength


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """The body in pieces of some size. Raises UploadTooSlow (408) for one that takes its time."""
    stream, waiting = request.stream().__aiter__(), bytearray()
    until = monotonic() + MAX_UPLOAD_SECONDS
    while (piece := await _next_piece(stream, until)) is not None:
        waiting += piece
        if len(waiting) >= WRITE_BYTES:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


async def _next_piece(stream: AsyncIterator[bytes], until: float) -> bytes | None:
    try:
        async with asyncio.timeout(min(MAX_PAUSE_SECONDS, max(0.0, until - monotonic()))):
            return await anext(stream, None)
    except TimeoutError:
        raise UploadTooSlow from None


def _look_at_head(spool: IO[bytes]) -> None:
    """Refuse what can be told by its beginning, before the rest has arrived and without another process."""
    at = spool.tell()
    spool.seek(0)
    found = kinds.guess(spool.read(kinds.HEAD_BYTES))
    spool.seek(at)
    if found.refused:
        raise FileRefused(found.refused)


def _id(request: Request) -> uuid.UUID:
    try:
        return uuid.UUID(request.path_params["upload_id"])
    except ValueError:
        raise UploadNotFound from None


ROUTES = [Route("/uploads/{upload_id}", receive_upload, methods=["PUT"])]
