"""Portraits and logos: received as a stream, made anew by us, kept in the database, and served under a random name.

Nothing of an upload is kept as it came: it is decoded, turned upright, cut to a square and written as WebP, without
what was hidden in it. So what is served is always a picture, whatever was sent.
"""

import asyncio
import base64
import io
import re
import secrets
import uuid
from datetime import timedelta
from functools import lru_cache

from anyio import CapacityLimiter, to_thread
from PIL import Image, ImageOps
from sqlalchemy import delete, select, update
from sqlmodel import col
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from memberpulse.domains.accounts.errors import NotAPicture, PictureNotFound, PictureTooLarge, PictureTooSlow
from memberpulse.domains.accounts.facts import PictureChanged
from memberpulse.domains.accounts.models import Picture, User
from memberpulse.engine import INTERNAL, SIGNED_IN, MutationCtx, QueryCtx, job, mutation, query, system
from memberpulse.engine.context import Caller
from memberpulse.engine.errors import EngineError, NotSignedIn
from memberpulse.engine.http import problem
from memberpulse.engine.limits import Limiter
from memberpulse.settings import get_settings

SIDE_PIXELS = 256
MAX_UPLOAD_BYTES = 5 * 1024 * 1024
MAX_KEPT_BYTES = 100 * 1024
MAX_PIXELS = 50_000_000
"""What a large telephone takes. A picture of more is refused before it is decoded."""
MAX_UPLOAD_SECONDS = 60.0
UPLOADS_PER_PERSON = "20/10 minutes"
KEPT_AFTER_DROP = timedelta(hours=1)
PRUNED_AT_ONCE = 200
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")

_NAME = re.compile(r"[A-Za-z0-9_-]{43}")
_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


async def receive_picture(request: Request, caller: Caller) -> bytes:
    """The picture in the body of a request, made anew.

    Raises PictureTooLarge (413), PictureTooSlow (408), NotAPicture (422), TooMany (429). ClientDisconnect when the
    sender gives up.
    """
    await _limiter().check(UPLOADS_PER_PERSON, "pictures", str(caller.user_id))
    body = await _read_body(request)
    return await to_thread.run_sync(make_square, body, limiter=_decoder())


def make_square(upload: bytes) -> bytes:
    """A WebP of 256 by 256 pixels out of any JPEG, PNG, WebP or GIF. Raises NotAPicture (422). Blocks."""
    try:
        with Image.open(io.BytesIO(upload), formats=FORMATS) as opened:
            width, height = opened.size
            if not 0 < width * height <= MAX_PIXELS:
                raise NotAPicture("This picture has too many pixels. Make it smaller and try again.")
            opened.draft("RGB", (SIDE_PIXELS * 2, SIDE_PIXELS * 2))  # JPEG: decode at a fraction of the size
            opened.load()
            return _encode(_cut(opened))
    except NotAPicture:
        raise
    except Exception as fault:
        raise NotAPicture from fault


@mutation(requires=INTERNAL)
def keep_picture(
    ctx: MutationCtx, *, user_id: uuid.UUID, content: bytes, organization_id: uuid.UUID | None = None
) -> str:
    """Keep a picture that `make_square` made, and return its random name."""
    name = secrets.token_urlsafe(32)
    ctx.db.add(
        Picture(
            name=name,
            user_id=user_id,
            organization_id=organization_id,
            content=content,
            created_at=ctx.now,
            dropped_at=ctx.now,  # until somebody shows it
        )
    )
    ctx.db.flush()
    return name


@mutation(requires=INTERNAL)
def show_picture(ctx: MutationCtx, *, name: str, user_id: uuid.UUID | None, organization_id: uuid.UUID | None) -> None:
    """Say that a picture is in use again: that person's, or that organization's. Raises PictureNotFound (404)."""
    found = ctx.db.scalars(select(Picture).where(col(Picture.name) == name)).one_or_none()
    if found is None or found.organization_id != organization_id:
        raise PictureNotFound
    if organization_id is None and found.user_id != user_id:
        raise PictureNotFound
    found.dropped_at = None
    ctx.db.flush()


@mutation(requires=INTERNAL)
def drop_picture(ctx: MutationCtx, *, name: str | None) -> None:
    """Say that nothing shows a picture any more; it is forgotten an hour later."""
    ctx.db.execute(
        update(Picture)
        .where(col(Picture.name) == name)
        .values(dropped_at=ctx.now)
        .execution_options(synchronize_session=False)
    )


@query(requires=INTERNAL)
def find_picture(ctx: QueryCtx, *, name: str) -> str | None:
    """The content of a picture in Base64, None when there is none of that name."""
    content = ctx.db.scalars(select(col(Picture.content)).where(col(Picture.name) == name)).one_or_none()
    return base64.b64encode(content).decode() if content is not None else None


@mutation(requires=SIGNED_IN, limit="30/minute")
def set_my_picture(ctx: MutationCtx, *, picture: str | None = None) -> str | None:
    """Take the caller's picture away, or put an earlier one back, and return the name of the one before.

    picture: a name that the caller was given within the last hour. Raises PictureNotFound (404).
    """
    return change_portrait(ctx, user_id=ctx.user_id, picture=picture)


@mutation(requires=INTERNAL)
def change_portrait(ctx: MutationCtx, *, user_id: uuid.UUID, picture: str | None) -> str | None:
    """Show another picture of a person, or none; returns the name of the one before. Raises PictureNotFound (404)."""
    user = ctx.db.get_one(User, user_id)
    before = user.picture
    if before == picture:
        return before
    if picture is not None:
        show_picture(ctx, name=picture, user_id=user_id, organization_id=None)
    user.picture = picture
    ctx.db.flush()
    drop_picture(ctx, name=before)
    ctx.record(PictureChanged(entity_id=user_id, user_id=user_id))
    return before


@mutation(requires=INTERNAL)
def put_up_portrait(ctx: MutationCtx, *, user_id: uuid.UUID, content: bytes) -> list[str | None]:
    """Keep and show a new picture of a person: its name, and that of the one before."""
    name = keep_picture(ctx, user_id=user_id, content=content)
    return [name, change_portrait(ctx, user_id=user_id, picture=name)]


@job()
def prune_pictures(ctx: MutationCtx) -> None:
    """Forget pictures that nothing has shown for an hour; in batches while a backlog remains."""
    old = select(col(Picture.id)).where(col(Picture.dropped_at) < ctx.now - KEPT_AFTER_DROP).limit(PRUNED_AT_ONCE)
    ids = list(ctx.db.scalars(old))
    if ids:
        ctx.db.execute(delete(Picture).where(col(Picture.id).in_(ids)).execution_options(synchronize_session=False))
    if len(ids) == PRUNED_AT_ONCE:
        ctx.schedule(prune_pictures)


async def upload_portrait(request: Request) -> Response:
    """POST /pictures/avatar with the picture as the body. Answers {"picture": name, "previous": name or null}."""
    engine = request.state.engine
    try:
        caller = await _person(request)
        content = await receive_picture(request, caller)
        name, previous = await engine.mutate(put_up_portrait, caller=system(), user_id=caller.user_id, content=content)
        return JSONResponse({"picture": name, "previous": previous})
    except ClientDisconnect:
        return Response(status_code=400)
    except EngineError as error:
        return problem(error, engine.request_id_of(error))


async def serve_picture(request: Request) -> Response:
    """GET /pictures/<name>. Who knows the name may see it, and nobody can guess it."""
    name = request.path_params["name"]
    found = None
    if _NAME.fullmatch(name):
        found = await request.state.engine.query(find_picture, caller=system(), name=name)
    if found is None:
        return PlainTextResponse("Not found", status_code=404)
    return Response(base64.b64decode(found), media_type="image/webp", headers=_HEADERS)


async def _person(request: Request) -> Caller:
    caller: Caller = await request.state.engine.caller_of(request.scope.get("memberpulse.session"))
    if caller.kind != "person":
        raise NotSignedIn
    return caller


async def _read_body(request: Request) -> bytes:
    """The body, counted while it arrives; refused before that when it says that it is too large."""
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > MAX_UPLOAD_BYTES:
        raise PictureTooLarge
    body = bytearray()
    try:
        async with asyncio.timeout(MAX_UPLOAD_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_UPLOAD_BYTES:
                    raise PictureTooLarge
    except TimeoutError:
        raise PictureTooSlow from None
    return bytes(body)


def _cut(opened: Image.Image) -> Image.Image:
    """The middle of it, upright, with nothing but its pixels."""
    mode = "RGBA" if "A" in opened.getbands() or "transparency" in opened.info else "RGB"
    fitted = ImageOps.fit(ImageOps.exif_transpose(opened).convert(mode), (SIDE_PIXELS, SIDE_PIXELS))
    bare = Image.new(mode, fitted.size)
    bare.paste(fitted)
    return bare


def _encode(picture: Image.Image) -> bytes:
    for quality in (85, 70, 50, 25):
        written = io.BytesIO()
        picture.save(written, "WEBP", quality=quality, method=4)
        if written.tell() <= MAX_KEPT_BYTES:
            return written.getvalue()
    raise NotAPicture


@lru_cache(maxsize=1)
def _decoder() -> CapacityLimiter:
    """One at a time: each may take some 200 MB for a moment."""
    return CapacityLimiter(1)


@lru_cache(maxsize=1)
def _limiter() -> Limiter:
    return Limiter(get_settings().redis_url)


ROUTES = [
    Route("/pictures/avatar", upload_portrait, methods=["POST"]),
    Route("/pictures/{name}", serve_picture, methods=["GET"]),
]
