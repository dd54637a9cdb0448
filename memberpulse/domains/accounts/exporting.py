"""All that is held of a person, as a file: GET /export/my-data, with a single-use token that a fresh proof gives.

The archive has a CSV for each table and one JSON with all of them. It is written to a temporary file in small reads,
so that neither the size of an account nor the number of downloads matters to memory.
"""

import csv
import io
import json
import tempfile
import uuid
import zipfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Any

from pydantic_core import to_jsonable_python
from sqlalchemy import select
from sqlmodel import col
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from memberpulse.domains.accounts.errors import LinkUsedUp, TooManyExports
from memberpulse.domains.accounts.facts import DataExported
from memberpulse.domains.accounts.models import OneTimeToken, User
from memberpulse.domains.accounts.personal import Held, all_held
from memberpulse.domains.accounts.step_up import require_proof
from memberpulse.domains.accounts.tokens import issue_token, spend_token
from memberpulse.engine import INTERNAL, SIGNED_IN, MutationCtx, QueryCtx, mutation, query, system
from memberpulse.engine.errors import EngineError
from memberpulse.engine.http import problem

KIND = "my_export"
EXPORTS_PER_DAY = 3
DAY = timedelta(days=1)
READ_AT_ONCE = 500
IN_MEMORY_BYTES = 4 * 1024 * 1024
CHUNK_BYTES = 64 * 1024
README = """This is all that this server holds of you, as of {at}.

data.json holds everything. Each CSV holds one table of it and opens in any spreadsheet.
Times are in UTC. What is left out: secrets such as your password's hash, and what only computers use.
"""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of one table, and after which id there are more."""

    rows: list[list[Any]]
    after: uuid.UUID | None


@mutation(requires=SIGNED_IN, remembers=False)
def prepare_my_export(ctx: MutationCtx) -> str:
    """The path from which the caller may download all that is held of them, once and within a day.

    Raises StepUpRequired (403), TooManyExports (429) on the fourth of a day.
    """
    require_proof(ctx, "account.export")
    lately = select(col(OneTimeToken.created_at)).where(
        col(OneTimeToken.user_id) == ctx.user_id,
        col(OneTimeToken.kind) == KIND,
        col(OneTimeToken.created_at) > ctx.now - DAY,
    )
    times = sorted(ctx.db.scalars(lately))
    if len(times) >= EXPORTS_PER_DAY:
        raise TooManyExports(int((times[-EXPORTS_PER_DAY] + DAY - ctx.now).total_seconds()) + 1)
    return f"/export/my-data?token={issue_token(ctx, kind=KIND, life=DAY, user_id=ctx.user_id)}"


@mutation(requires=SIGNED_IN)
def begin_my_export(ctx: MutationCtx, *, token: str) -> datetime:
    """Use the token up. Raises LinkUsedUp (410), also for somebody else's token."""
    found = spend_token(ctx, kind=KIND, raw=token)
    if found.user_id != ctx.user_id:
        raise LinkUsedUp
    ctx.record(DataExported(entity_id=ctx.user_id, user_id=ctx.user_id))
    return ctx.now


@query(requires=INTERNAL)
def list_personal_rows(ctx: QueryCtx, *, table: str, user_id: uuid.UUID, after: uuid.UUID | None = None) -> Part:
    """The next rows of a table that are about a person, in all organizations, in the order of their ids."""
    held, user = all_held()[table], ctx.db.get_one(User, user_id)
    key: Any = col(held.model.id)
    statement = select(held.model).where(held.match(user)).order_by(key).limit(READ_AT_ONCE)
    if after is not None:
        statement = statement.where(key > after)
    with ctx.across_organizations():
        found = list(ctx.db.scalars(statement))
    rows = [to_jsonable_python([getattr(row, name) for name in held.shown]) for row in found]
    return Part(rows, found[-1].id if len(found) == READ_AT_ONCE else None)


async def download(request: Request) -> Response:
    """The archive. Its token is used up by asking, and works only in a session of the person it was given to."""
    engine = request.state.engine
    try:
        caller = await engine.caller_of(request.scope.get("memberpulse.session"))
        at: datetime = await engine.mutate(begin_my_export, caller=caller, token=request.query_params.get("token", ""))
    except EngineError as error:
        return problem(error, engine.request_id_of(error))
    archive = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115  closed when it has been sent
    await _write_archive(engine, caller.user_id, at, archive)
    size = archive.tell()
    archive.seek(0)
    headers = {
        "Content-Disposition": f'attachment; filename="my-data-{at:%Y-%m-%d}.zip"',
        "Content-Length": str(size),
        "Cache-Control": "no-store",
    }
    return StreamingResponse(_sent(archive), media_type="application/zip", headers=headers)


async def _write_archive(engine: Any, user_id: uuid.UUID, at: datetime, archive: IO[bytes]) -> None:
    with (
        zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed,
        tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as whole,
    ):
        packed.writestr("README.txt", README.format(at=f"{at:%Y-%m-%d %H:%M}"))
        whole.write(f'{{"exported_at": "{at.isoformat()}", "tables": {{\n'.encode())
        for number, held in enumerate(sorted(all_held().values(), key=lambda each: each.title)):
            whole.write(f"{',' if number else ''}{json.dumps(held.title)}: [\n".encode())
            with packed.open(f"{held.title.lower().replace(' ', '-')}.csv", "w") as sheet:
                await _write_table(engine, user_id, held, sheet, whole)
            whole.write(b"]\n")
        whole.write(b"}}\n")
        whole.seek(0)
        with packed.open("data.json", "w") as data:
            while chunk := whole.read(CHUNK_BYTES):
                data.write(chunk)


async def _write_table(engine: Any, user_id: uuid.UUID, held: Held, sheet: IO[bytes], whole: IO[bytes]) -> None:
    sheet.write(("\ufeff" + _line(held.shown)).encode())
    after, separator = None, b""
    while True:
        part: Part = await engine.query(
            list_personal_rows, caller=system(), table=held.table, user_id=user_id, after=after
        )
        for row in part.rows:
            sheet.write(_line(row).encode())
            whole.write(separator + json.dumps(dict(zip(held.shown, row, strict=True)), ensure_ascii=False).encode())
            separator = b",\n"
        after = part.after
        if after is None:
            return


async def _sent(archive: IO[bytes]) -> AsyncIterator[bytes]:
    with archive:
        while chunk := archive.read(CHUNK_BYTES):
            yield chunk


def _line(values: list[Any]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(_cells(values))
    return line.getvalue()


def _cells(values: list[Any]) -> Iterator[str]:
    """Cells that no spreadsheet takes for a formula. Source: OWASP, CSV injection."""
    for value in values:
        text = (
            json.dumps(value, ensure_ascii=False)
            if isinstance(value, dict | list)
            else ""
            if value is None
            else str(value)
        )
        yield f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text


ROUTES = [Route("/export/my-data", download, methods=["GET"])]
