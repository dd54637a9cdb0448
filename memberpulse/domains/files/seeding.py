"""Files that were made by this server itself: for the demo. They are trusted, and examined by nobody."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime

from memberpulse.domains.files import stores
from memberpulse.domains.files.models import Audience, FileFolder, FileKind, StoredFile
from memberpulse.domains.files.rules import name_key
from memberpulse.domains.files.use import take
from memberpulse.engine import INTERNAL, MutationCtx, mutation


@dataclass(frozen=True)
class FolderImport:
    """path: "Workshop / Safety"; those above it are made as well."""

    path: str


@dataclass(frozen=True, kw_only=True)
class FileImport:
    """A file with its content. thumbnail: empty for none."""

    name: str
    object_name: str
    content: bytes
    thumbnail: bytes
    folder_id: uuid.UUID | None
    audience: Audience
    uploader_id: uuid.UUID
    uploaded_at: datetime
    kind: FileKind
    media_type: str
    width: int | None = None
    height: int | None = None
    pages: int | None = None
    excerpt: str = ""


@mutation(requires=INTERNAL)
def import_folders(ctx: MutationCtx, *, folders: list[FolderImport]) -> dict[str, uuid.UUID]:
    """Make folders, and those above them: their ids by path."""
    made: dict[str, uuid.UUID] = {}
    for each in folders:
        parts = each.path.split(" / ")
        for depth in range(len(parts)):
            path = " / ".join(parts[: depth + 1])
            if path not in made:
                above = made.get(" / ".join(parts[:depth]))
                made[path] = _add_folder(ctx, parts[depth], above, depth)
    return made


@mutation(requires=INTERNAL)
def import_files(ctx: MutationCtx, *, files: list[FileImport]) -> None:
    """Keep files of the past, without telling anybody."""
    store = stores.get_store()
    for each in files:
        store.put_now(each.object_name, each.content)
        if each.thumbnail:
            store.put_now(stores.thumbnail_of(each.object_name), each.thumbnail)
        ctx.db.add(_row(ctx, each))
    ctx.db.flush()
    take(ctx, 0, sum(len(each.content) + len(each.thumbnail) for each in files))


def _add_folder(ctx: MutationCtx, name: str, parent_id: uuid.UUID | None, depth: int) -> uuid.UUID:
    folder = FileFolder(
        organization_id=ctx.organization_id, name=name, name_key=name_key(name), parent_id=parent_id, depth=depth
    )
    ctx.db.add(folder)
    ctx.db.flush()
    return folder.id


def _row(ctx: MutationCtx, given: FileImport) -> StoredFile:
    return StoredFile(
        organization_id=ctx.organization_id,
        name=given.name,
        name_key=name_key(given.name),
        folder_id=given.folder_id,
        kind=given.kind,
        media_type=given.media_type,
        size_bytes=len(given.content),
        thumbnail_bytes=len(given.thumbnail),
        sha256=hashlib.sha256(given.content).hexdigest(),
        object_name=given.object_name,
        width=given.width,
        height=given.height,
        pages=given.pages,
        excerpt=given.excerpt[:400],
        audience=given.audience,
        uploader_id=given.uploader_id,
        uploaded_at=given.uploaded_at,
        changed_at=given.uploaded_at,
    )
