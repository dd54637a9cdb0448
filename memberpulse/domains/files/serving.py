"""Contents, to those who may see them.

    GET /content/{file_id}                as it is shown, or ?download=1 as it is saved; ranges, ETag
    GET /content/{file_id}/thumbnail      a small picture of it
    GET /content/{file_id}/pages/{n}      a page of a PDF as a picture

Who may not see a file is answered as if there were none. What is served can run nothing (`sandbox`, and no source is
allowed), is never taken for anything but what it says (`nosniff`), and is asked for again each time, so that it ends
with the right to it: the answer is then 304. Only pictures made by us and plain text are ever shown in the browser
itself.
"""

import re
import tempfile
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from memberpulse.domains.files import stores, workshop
from memberpulse.domains.files.errors import BadRange, FileNotFound
from memberpulse.domains.files.models import FileKind
from memberpulse.domains.files.queries import find_content
from memberpulse.domains.files.rules import VIEW
from memberpulse.domains.files.schemas import Content
from memberpulse.engine import system
from memberpulse.engine.errors import EngineError, Forbidden, NotSignedIn
from memberpulse.engine.http import problem
from memberpulse.engine.limits import Limiter
from memberpulse.settings import get_settings

PAGES_PER_PERSON = "60/minute"
SHOWN = (FileKind.IMAGE, FileKind.TEXT)
"""What the browser may show by itself; all else is saved."""

_HARMLESS = {
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Cookie",
}
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


async def serve_content(request: Request) -> Response:
    """The content of a file."""
    return await _served(request, _content)


async def serve_thumbnail(request: Request) -> Response:
    """A small picture of a file."""
    return await _served(request, _thumbnail)


async def serve_page(request: Request) -> Response:
    """A page of a PDF as a picture."""
    return await _served(request, _page)


async def _served(request: Request, serve: Any) -> Response:
    engine = request.state.engine
    try:
        return await serve(request, await _find(request))
    except EngineError as error:
        return problem(error, engine.request_id_of(error))


async def _find(request: Request) -> Content:
    engine = request.state.engine
    caller = await engine.caller_of(request.scope.get("memberpulse.session"))
    if caller.kind != "person":
        raise NotSignedIn
    if not caller.may(VIEW):
        raise Forbidden
    return await engine.query(
        find_content,
        caller=system(caller.organization_id),
        file_id=_id(request),
        viewer_id=caller.user_id,
        capabilities=sorted(caller.capabilities),
    )


async def _content(request: Request, file: Content) -> Response:
    tag = f'"{file.sha256[:40]}"'
    shown = file.kind in SHOWN and request.query_params.get("download") is None
    media_type = f"{file.media_type}; charset=utf-8" if file.kind is FileKind.TEXT else file.media_type
    headers = {"ETag": tag, "Accept-Ranges": "bytes", "Content-Disposition": disposition(file.name, inline=shown)}
    if _is_known(request, tag):
        return Response(status_code=304, headers={**_HARMLESS, **headers})
    part = asked_range(request.headers.get("range"), file.size_bytes) if _range_counts(request, tag) else None
    return await _sent(request, file.object_name, file.size_bytes, part, media_type, headers)


async def _thumbnail(request: Request, file: Content) -> Response:
    if not file.thumbnail_bytes:
        raise FileNotFound("There is no picture of this file.")
    headers = {"ETag": f'"{file.sha256[:40]}-t"'}
    if _is_known(request, headers["ETag"]):
        return Response(status_code=304, headers={**_HARMLESS, **headers})
    name = stores.thumbnail_of(file.object_name)
    return await _sent(request, name, file.thumbnail_bytes, None, "image/webp", headers)


async def _page(request: Request, file: Content) -> Response:
    number = request.path_params["number"]
    if file.kind is not FileKind.PDF or not number.isdecimal() or not 1 <= int(number[:6]) <= file.pages:
        raise FileNotFound("There is no such page.")
    headers = {"ETag": f'"{file.sha256[:40]}-p{int(number)}"'}
    if _is_known(request, headers["ETag"]):
        return Response(status_code=304, headers={**_HARMLESS, **headers})
    await _limiter().check(PAGES_PER_PERSON, "pages", str(request.scope.get("memberpulse.session")))
    with tempfile.TemporaryFile() as spool:
        async for piece in stores.get_store().pieces(file.object_name, 0, file.size_bytes):
            await to_thread.run_sync(spool.write, piece)
        drawn = await workshop.draw_page(spool, int(number))
    return Response(drawn, media_type="image/webp", headers={**_HARMLESS, **headers})


@dataclass(frozen=True)
class Part:
    """The bytes from `start` to before `end`."""

    start: int
    end: int


def asked_range(header: str | None, size: int) -> Part | None:
    """The one part that a Range header asks for; None: all of it, as for several parts. Raises BadRange (416)."""
    found = _RANGE.fullmatch((header or "").replace(" ", ""))
    if found is None or found[1] == found[2] == "":
        return None
    if found[1] == "":
        start, end = max(0, size - int(found[2])), size
    else:
        start, end = int(found[1]), min(size, int(found[2]) + 1) if found[2] else size
        if found[2] and int(found[2]) < start:
            return None
    if start >= size or end <= start:
        raise BadRange
    return Part(start, end)


def disposition(name: str, *, inline: bool) -> str:
    """Whether to show or save, and under which name. Source: RFC 6266."""
    plain = "".join(
        letter if letter.isascii() and letter.isprintable() and letter not in '"\\%' else "_" for letter in name
    )
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


async def _sent(
    request: Request, name: str, size: int, part: Part | None, media_type: str, headers: dict[str, str]
) -> Response:
    whole = part or Part(0, size)
    given = {**_HARMLESS, **headers, "Content-Length": str(whole.end - whole.start)}
    if part is not None:
        given["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{size}"
    status = 206 if part is not None else 200
    if request.method == "HEAD":
        return Response(status_code=status, media_type=media_type, headers=given)
    pieces = stores.get_store().pieces(name, whole.start, whole.end)
    first = await anext(pieces, b"")  # before the answer begins, so that a missing content is told as such
    return StreamingResponse(_from(first, pieces), status, media_type=media_type, headers=given)


async def _from(first: bytes, pieces: AsyncGenerator[bytes]) -> AsyncIterator[bytes]:
    try:
        yield first
        async for piece in pieces:
            yield piece
    finally:
        await pieces.aclose()


def _is_known(request: Request, tag: str) -> bool:
    given = request.headers.get("if-none-match", "")
    return given.strip() == "*" or tag in [each.strip().removeprefix("W/") for each in given.split(",")]


def _range_counts(request: Request, tag: str) -> bool:
    """A part is of use only to who has the rest of the same content."""
    given = request.headers.get("if-range")
    return given is None or given.strip() == tag


def _id(request: Request) -> uuid.UUID:
    try:
        return uuid.UUID(request.path_params["file_id"])
    except ValueError:
        raise FileNotFound from None


@lru_cache(maxsize=1)
def _limiter() -> Limiter:
    return Limiter(get_settings().redis_url)


ROUTES = [
    Route("/content/{file_id}", serve_content, methods=["GET"]),
    Route("/content/{file_id}/thumbnail", serve_thumbnail, methods=["GET"]),
    Route("/content/{file_id}/pages/{number}", serve_page, methods=["GET"]),
]
