"""Where the bytes are: a folder of this machine, or any S3-compatible service. The one place that knows obstore.

An object has a random name, `ab/cdef…`, under which its content stands, and beside it its thumbnail, if it has one.
Everything here is asynchronous and tells no organization from another: who may ask is decided before.
"""

import secrets
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from memberpulse.domains.files.errors import ContentMissing
from memberpulse.engine.errors import Unavailable
from memberpulse.settings import Settings, get_settings

FOLDER = "files"
THUMBNAIL = ".thumb"
PIECE_BYTES = 256 * 1024
PARTS_AT_ONCE = 2
PARTS = 256
"""Names begin with one of so many parts, by which the store is walked through."""


@dataclass(frozen=True, slots=True)
class Found:
    """An object as the store lists it."""

    name: str
    size: int
    changed_at: datetime


class Store:
    """The contents and thumbnails of all files. Raises Unavailable (503) when the service does not answer."""

    def __init__(self, store: Any, folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder

    async def put(self, name: str, content: IO[bytes]) -> None:
        """Keep what stands in a file under a name. It is there as a whole, or not at all."""
        content.seek(0)
        with _answering():
            await obstore.put_async(self._store, name, content, max_concurrency=PARTS_AT_ONCE)

    def put_now(self, name: str, content: bytes) -> None:
        """As `put`, for something small, and blocking."""
        with _answering():
            obstore.put(self._store, name, content)

    async def pieces(self, name: str, start: int, end: int) -> AsyncGenerator[bytes]:
        """The bytes from `start` to before `end`, piece by piece. Raises ContentMissing (410) before the first."""
        with _answering():
            found = await obstore.get_async(self._store, name, options={"range": (start, end)})
            async for piece in found.stream(min_chunk_size=PIECE_BYTES):
                yield bytes(piece)

    async def remove(self, *names: str) -> None:
        """Forget objects; those that are not there are forgotten already."""
        for name in names:
            with _answering(), suppress(FileNotFoundError):
                await obstore.delete_async(self._store, name)

    async def find(self, part: int) -> list[Found]:
        """Every object whose name begins with this part, of 256, contents and thumbnails alike."""
        found: list[Found] = []
        with _answering():
            async for batch in obstore.list(  # pyright: ignore[reportUnknownMemberType]
                self._store, f"{part:02x}", chunk_size=1_000
            ):
                found += [Found(each["path"], each["size"], each["last_modified"]) for each in batch]
        return found

    def forget_halves(self, before: datetime) -> int:
        """Remove what a process that died left half written in the folder; how many there were. Blocks."""
        if self._folder is None or not self._folder.is_dir():
            return 0
        halves = [each for each in self._folder.glob("*/*#*") if _changed_at(each) < before]
        for each in halves:
            each.unlink(missing_ok=True)
        return len(halves)


def new_name() -> str:
    """A name that nobody can guess and that tells nothing."""
    name = secrets.token_hex(24)
    return f"{name[:2]}/{name[2:]}"


def thumbnail_of(name: str) -> str:
    return name + THUMBNAIL


def make_store(settings: Settings) -> Store:
    """The store that the settings name."""
    if not settings.storage_bucket:
        folder = settings.data / FOLDER
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Store(LocalStore(folder.resolve(), automatic_cleanup=False), folder)
    options: dict[str, Any] = {}
    if settings.storage_endpoint:
        options["endpoint"] = settings.storage_endpoint
    if settings.storage_endpoint.startswith("http://"):
        options["client_options"] = {"allow_http": True}
    return Store(
        S3Store(
            settings.storage_bucket,
            prefix=settings.storage_prefix or None,
            region=settings.storage_region,
            access_key_id=settings.storage_access_key,
            secret_access_key=settings.storage_secret_key or "",
            virtual_hosted_style_request=False,
            **options,
        )
    )


def get_store() -> Store:
    """The store of this process."""
    settings = get_settings()
    if _stores.get("settings") is not settings:
        _stores.update(settings=settings, store=make_store(settings))
    return _stores["store"]


_stores: dict[str, Any] = {}


@contextmanager
def _answering() -> Generator[None]:
    """What the service reports, as an error of ours."""
    try:
        yield
    except FileNotFoundError as fault:
        raise ContentMissing from fault
    except (BaseError, OSError) as fault:
        raise Unavailable("The storage does not answer. Try again in a moment.") from fault


def _changed_at(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return datetime.now(UTC)
