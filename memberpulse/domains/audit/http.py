"""Taking a copy of the audit log: GET /export/audit?format=csv|jsonl and the filters of the page.

It streams, so that the length of the log does not matter, and asks again with each batch whether the caller still may.
"""

import csv
import io
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from memberpulse.domains.audit.mutations import FORMATS, begin_export
from memberpulse.domains.audit.queries import list_export
from memberpulse.domains.audit.schemas import Exported, ExportRow
from memberpulse.engine import Caller, system
from memberpulse.engine.errors import BadArguments, EngineError
from memberpulse.engine.http import problem

COLUMNS = ("sequence", "at", "actor", "sentence", "kind", "origin", "hash", "canonical", "personal")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}


async def export(request: Request) -> Response:
    """The log as CSV or as JSON lines, the oldest entry first, as narrowed by the query of the address."""
    engine, reference = request.state.engine, request.scope.get("memberpulse.session")
    try:
        wanted, form = _filters(request), _format(request)
        caller: Caller = await engine.caller_of(reference)
        covered: Exported = await engine.mutate(begin_export, caller=caller, format=form, **wanted)
    except EngineError as error:
        return problem(error, engine.request_id_of(error))
    within = {name: value for name, value in wanted.items() if name not in ("since", "until")}
    rows = _rows(engine, reference, caller.organization_id, covered, within)
    name = f"audit-log-{date.today():%Y-%m-%d}.{form}"  # noqa: DTZ011  the server's own day names the file
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(_csv(rows) if form == "csv" else _lines(rows), media_type=_TYPES[form], headers=headers)


async def _rows(
    engine: Any, reference: str | None, organization_id: uuid.UUID | None, covered: Exported, within: dict[str, Any]
) -> AsyncIterator[ExportRow]:
    after = 0
    while True:
        caller: Caller = await engine.caller_of(reference)
        if not caller.may("audit.export") or caller.organization_id != organization_id:
            return
        found: list[ExportRow] = await engine.query(
            list_export,
            caller=system(organization_id),
            after=after,
            until_sequence=covered.until_sequence,
            start=covered.start,
            end=covered.end,
            **within,
        )
        if not found:
            return
        for row in found:
            yield row
        after = found[-1].sequence


async def _lines(rows: AsyncIterator[ExportRow]) -> AsyncIterator[bytes]:
    async for row in rows:
        yield (json.dumps(_plain(row), ensure_ascii=False) + "\n").encode()


async def _csv(rows: AsyncIterator[ExportRow]) -> AsyncIterator[bytes]:
    yield ("\ufeff" + _csv_line(COLUMNS)).encode()
    async for row in rows:
        plain = _plain(row) | {"personal": json.dumps(row.personal, ensure_ascii=False)}
        yield _csv_line(harmless(str(plain[column])) for column in COLUMNS).encode()


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula. Source: OWASP, CSV injection."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _plain(row: ExportRow) -> dict[str, Any]:
    return asdict(row) | {"at": row.at.isoformat(timespec="seconds")}


def _csv_line(cells: Any) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _format(request: Request) -> str:
    wanted = request.query_params.get("format", FORMATS[0])
    if wanted not in FORMATS:
        raise BadArguments(fields={"format": "The formats are csv and jsonl."})
    return wanted


def _filters(request: Request) -> dict[str, Any]:
    """What the address narrows the log to, as the arguments of the query. Raises BadArguments (422)."""
    given = {name: value for name, value in request.query_params.items() if value}
    readers: dict[str, Any] = {"person": uuid.UUID, "since": date.fromisoformat, "until": date.fromisoformat}
    found: dict[str, Any] = {"search": given.get("search", "")[:100], "kind": given.get("kind", "")[:40]}
    for name, read in readers.items():
        try:
            if name in given:
                found[name] = read(given[name])
        except ValueError:
            raise BadArguments(fields={name: "This is no such value."}) from None
    return found


ROUTES = [Route("/export/audit", export, methods=["GET"])]
