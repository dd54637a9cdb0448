"""A file in the library without its content, for tests of what stands at files."""

import uuid
from typing import Any

from memberpulse.domains.files.kinds import FileKind
from memberpulse.domains.files.models import StoredFile
from memberpulse.engine import Caller, MutationCtx
from tests.domains.conftest import Cast


async def a_file(cast: Cast, owner: Caller, **more: Any) -> uuid.UUID:
    def write(ctx: MutationCtx) -> uuid.UUID:
        given: dict[str, Any] = {
            "name": "Wheel.png",
            "name_key": "wheel.png",
            "kind": FileKind.IMAGE,
            "media_type": "image/png",
        }
        rest: dict[str, Any] = {
            "size_bytes": 1,
            "sha256": "0" * 64,
            "object_name": uuid.uuid4().hex,
            "uploader_id": owner.user_id,
        }
        file = StoredFile(organization_id=ctx.organization_id, **(given | rest | more))
        ctx.db.add(file)
        ctx.db.flush()
        return file.id

    return await cast.engine.transact_async(write, owner)
