"""The library over HTTP and through the engine, with a store of its own."""

import hashlib
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select
from sqlmodel import col
from starlette.applications import Starlette

from memberpulse.domains.files import domain, serving, stores
from memberpulse.domains.files.models import DoomedObject, FileUpload, StorageUse, StoredFile
from memberpulse.domains.files.queries import get_file
from memberpulse.domains.files.schemas import FileView
from memberpulse.domains.files.uploading import complete_upload, reserve_upload
from memberpulse.engine import Caller, MutationCtx
from memberpulse.engine.limits import Limiter
from memberpulse.settings import get_settings
from tests.domains.conftest import Cast


@pytest.fixture(autouse=True)
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Files of this test stand in a folder of their own, and nobody has called before."""
    monkeypatch.setenv("MEMBERPULSE_DATA", str(tmp_path))
    get_settings.cache_clear()
    limiter = Limiter()
    monkeypatch.setattr(serving, "_limiter", lambda: limiter)
    yield stores.get_store()
    get_settings.cache_clear()


@pytest.fixture
async def client(cast: Cast) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=domain.DOMAIN.routes)

    async def gate(scope: dict[str, Any], receive: Any, send: Any) -> None:
        given = dict(scope["headers"]).get(b"x-reference", b"").decode() or None
        await app(scope | {"memberpulse.session": given, "state": {"engine": cast.engine}}, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(gate), base_url="http://localhost") as opened:
        yield opened


@dataclass
class Library:
    """What people do with files, and what becomes of it."""

    cast: Cast
    client: httpx.AsyncClient

    async def reserve(self, caller: Caller, name: str, size: int, **more: Any) -> uuid.UUID:
        ticket = await self.cast.engine.mutate(reserve_upload, caller=caller, name=name, size_bytes=size, **more)
        return ticket.upload_id

    async def put(self, caller: Caller | None, upload_id: Any, content: Any, **headers: str) -> httpx.Response:
        return await self.client.put(f"/uploads/{upload_id}", content=content, headers=_known(caller) | headers)

    async def send(self, caller: Caller, name: str, content: bytes, **more: Any) -> tuple[uuid.UUID, httpx.Response]:
        """Reserve and send, and do not complete."""
        upload_id = await self.reserve(caller, name, len(content), **more)
        return upload_id, await self.put(caller, upload_id, content)

    async def upload(self, caller: Caller, name: str, content: bytes, **more: Any) -> FileView:
        """All three steps."""
        upload_id, answer = await self.send(caller, name, content, **more)
        assert answer.status_code == 204, answer.text
        done = await self.cast.engine.mutate(complete_upload, caller=caller, upload_id=upload_id)
        return await self.cast.engine.query(get_file, caller=caller, file_id=done.file_id)

    async def get(self, caller: Caller | None, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers=_known(caller) | headers)

    async def use(self, organization_id: uuid.UUID | None = None) -> tuple[int, int]:
        """Used and reserved bytes of Here."""

        def read(ctx: MutationCtx) -> tuple[int, int]:
            row = ctx.db.scalars(select(StorageUse)).one_or_none()
            return (row.used_bytes, row.reserved_bytes) if row else (0, 0)

        return await self.cast.write(read, organization_id)

    async def kept(self) -> int:
        """How many bytes the files of Here take, by their rows."""
        size = func.coalesce(func.sum(col(StoredFile.size_bytes) + col(StoredFile.thumbnail_bytes)), 0)
        return await self.cast.write(lambda ctx: int(ctx.db.scalars(select(size).select_from(StoredFile)).one()))

    async def objects(self) -> dict[str, int]:
        """Everything in the store: name and size."""
        store = stores.get_store()
        return {each.name: each.size for part in range(256) for each in await store.find(part)}

    async def unnamed(self) -> list[str]:
        """Objects that neither a file, nor an upload, nor a doomed row names: orphans."""

        def names(ctx: MutationCtx) -> set[str]:
            with ctx.across_organizations():
                columns = (StoredFile.object_name, FileUpload.object_name, DoomedObject.object_name)
                return {name for column in columns for name in ctx.db.scalars(select(col(column))) if name}

        known = await self.cast.write(names)
        return [name for name in await self.objects() if name.removesuffix(stores.THUMBNAIL) not in known]


@pytest.fixture
def library(cast: Cast, client: httpx.AsyncClient) -> Library:
    return Library(cast, client)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _known(caller: Caller | None) -> dict[str, str]:
    return {"x-reference": caller.reference or ""} if caller else {}
