"""Uploading a file of people, and downloading what became of it.

`POST /import/members` takes one file as `multipart/form-data` and answers 303: to the dry run, or back with what is
wrong with the file in `error`. Nothing is read of a body that is too large or of unknown length.
"""

import uuid
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from anyio import to_thread
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from memberpulse.domains.organizations.csv_files import write_csv
from memberpulse.domains.organizations.exporting import csv_response
from memberpulse.domains.organizations.imports.errors import BadFile, FileTooLarge
from memberpulse.domains.organizations.imports.mutations import keep_import
from memberpulse.domains.organizations.imports.queries import list_import_rows
from memberpulse.domains.organizations.imports.rules import MOST_BYTES, read_people
from memberpulse.domains.organizations.imports.schemas import CheckedRow
from memberpulse.engine import Caller, system
from memberpulse.engine.errors import BadArguments, EngineError, Forbidden, NotSignedIn
from memberpulse.engine.http import problem
from memberpulse.engine.limits import Limiter
from memberpulse.settings import get_settings

PAGE = "/members/import"
UPLOADS = "20/hour"
FORM_BYTES = 4096
"""What the form around the file may take."""
HEADER = ("Row", "E-mail", "Name", "Role", "Fate", "Reason", "Outcome")


async def upload(request: Request) -> Response:
    """Read the file off the loop, keep its dry run, and go there."""
    try:
        caller = await _importer(request)
        await _limiter().check(UPLOADS, "import", str(caller.user_id))
        name, content = await _file(request)
        rows = await to_thread.run_sync(_read, content)
        import_id = await request.state.engine.mutate(
            keep_import, caller=system(caller.organization_id), file_name=name, rows=rows, by=caller.user_id
        )
    except NotSignedIn:
        return _go(f"/sign-in?{urlencode({'next': PAGE})}")
    except EngineError as error:
        return _go(f"{PAGE}?{urlencode({'error': error.message})}")
    return _go(f"{PAGE}?id={import_id}")


async def report(request: Request) -> Response:
    """GET /import/members/report?id=…: every row with its fate and what was done about it, as CSV."""
    engine = request.state.engine
    try:
        caller = await engine.caller_of(request.scope.get("memberpulse.session"))
        rows = await _all_rows(engine, caller, _id(request))
    except EngineError as error:
        return problem(error, engine.request_id_of(error))
    return csv_response(write_csv(HEADER, rows), "import.csv")


async def _importer(request: Request) -> Caller:
    caller: Caller = await request.state.engine.caller_of(request.scope.get("memberpulse.session"))
    if caller.kind != "person":
        raise NotSignedIn
    if not caller.may("members.import"):
        raise Forbidden
    return caller


async def _file(request: Request) -> tuple[str, bytes]:
    length = request.headers.get("content-length", "")
    if not length.isdigit():
        raise BadFile("Choose a CSV file first.")
    if int(length) > MOST_BYTES + FORM_BYTES:
        raise FileTooLarge
    try:
        async with request.form(max_files=1, max_fields=2) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile) or not file.filename:
                raise BadFile("Choose a CSV file first.")
            content = await file.read(MOST_BYTES + 1)
            name = file.filename
    except (MultiPartException, HTTPException):
        raise BadFile("Choose a CSV file first.") from None
    if len(content) > MOST_BYTES:
        raise FileTooLarge
    return name.replace("\\", "/").rpartition("/")[2], content


def _read(content: bytes) -> list[CheckedRow]:
    return [CheckedRow(row.number, row.email, row.name, row.role, row.fate, row.reason) for row in read_people(content)]


async def _all_rows(engine: Any, caller: Caller, import_id: uuid.UUID) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    cursor: str | None = None
    while True:
        page = await engine.query(list_import_rows, caller=caller, import_id=import_id, cursor=cursor)
        found += [
            (str(row.number), row.email, row.name, row.role.value, row.fate.value, row.reason, row.outcome)
            for row in page.rows
        ]
        cursor = page.next_cursor
        if cursor is None:
            return found


def _id(request: Request) -> uuid.UUID:
    try:
        return uuid.UUID(request.query_params.get("id", ""))
    except ValueError:
        raise BadArguments(fields={"id": "This is no import."}) from None


def _go(target: str) -> Response:
    return RedirectResponse(target, status_code=303, headers={"Cache-Control": "no-store"})


@lru_cache(maxsize=1)
def _limiter() -> Limiter:
    return Limiter(get_settings().redis_url)


ROUTES = [
    Route("/import/members", upload, methods=["POST"]),
    Route("/import/members/report", report, methods=["GET"]),
]
