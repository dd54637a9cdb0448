"""The HTTP doors: POST /api/query|mutation|action/<name>, GET /api/live/<name> as a stream, and the OpenAPI document.

Who calls is the session that the gate found; errors are RFC 9457 problem documents.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, cast, get_type_hints

from pydantic import TypeAdapter
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticSchemaGenerationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from memberpulse.engine.access import Access
from memberpulse.engine.context import ANONYMOUS, Caller
from memberpulse.engine.errors import BadArguments, EngineError, Forbidden, NotSignedIn, TooLarge, UnknownFunction
from memberpulse.engine.functions import PUBLIC, Function, Kind
from memberpulse.engine.reactor import LiveQuery
from memberpulse.engine.registry import Registry

if TYPE_CHECKING:
    from memberpulse.engine.runtime import Engine

LARGEST_BODY = 256 * 1024
KEEP_ALIVE_SECONDS = 15.0


def api_routes(engine: "Engine") -> list[BaseRoute]:
    """The routes of the engine itself; domains add their own."""

    async def call(request: Request) -> Response:
        return await _call(engine, request)

    async def stream(request: Request) -> Response:
        return await _stream(engine, request)

    async def document(request: Request) -> Response:
        return JSONResponse(openapi(engine.registry))

    return [
        Route("/api/openapi.json", document, methods=["GET"]),
        Route("/api/live/{name}", stream, methods=["GET"]),
        Route("/api/{kind}/{name}", call, methods=["POST"]),
    ]


def problem(error: EngineError, request_id: str) -> Response:
    """An error as a problem document. Source: RFC 9457."""
    described = error.describe(request_id)
    body = {"type": "about:blank", "title": described.pop("message"), **described}
    headers = {"Retry-After": str(described["retry_after"])} if "retry_after" in described else {}
    return JSONResponse(body, error.status, headers, media_type="application/problem+json")


async def _call(engine: "Engine", request: Request) -> Response:
    try:
        kind = _kind(request.path_params["kind"])
        arguments = await _arguments(request)
        key = request.headers.get("idempotency-key")
        if key is not None and not 8 <= len(key) <= 64:
            raise BadArguments("An Idempotency-Key has 8 to 64 characters.")
        caller = await engine.caller_of(request.scope.get("memberpulse.session"))
        body = await engine.serve(
            request.path_params["name"], arguments, caller, kind, key=key, address=_address(request)
        )
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})
    except EngineError as error:
        return problem(error, engine.request_id_of(error))


def _kind(text: str) -> Kind:
    if text not in ("query", "mutation", "action"):
        raise UnknownFunction("The path is /api/query, /api/mutation or /api/action.")
    return Kind(text)


async def _arguments(request: Request) -> dict[str, Any]:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise TooLarge("The request is larger than 256 KB.")
    try:
        parsed: Any = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise BadArguments("The body is not JSON.") from None
    if not isinstance(parsed, dict):
        raise BadArguments("The body is a JSON object of arguments.")
    return cast("dict[str, Any]", parsed)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


class _Stream:
    """One live query over server-sent events."""

    def __init__(self, engine: "Engine", access: Access | None, function: Function, arguments: dict[str, Any]) -> None:
        self._engine = engine
        self._access = access
        self._function = function
        self._arguments = arguments
        self._news = asyncio.Event()
        self._over = False
        self._query: LiveQuery | None = None

    @property
    def caller(self) -> Caller:
        return (self._access.caller if self._access else None) or ANONYMOUS

    def changed(self, query: LiveQuery) -> None:
        self._news.set()

    def moved(self, query: LiveQuery) -> None:
        self._watch()

    def suspend(self) -> None:
        """Nothing to do: it asks for the caller before each value."""

    def reauthorize(self) -> None:
        if not self.caller.may(self._function.requires):
            self.end()
        elif self._query and self._engine.reactor.audience_changed(self._query, self.caller):
            self._engine.reactor.unwatch(self, self._query)
            self._watch()
        self._news.set()

    def end(self) -> None:
        self._over = True
        self._news.set()

    async def events(self) -> AsyncIterator[bytes]:
        """One event for each result that differs from the last; a comment now and then keeps the line open."""
        sent: str | None = None
        self._watch()
        if self._access:
            self._access.holders.add(self)
            self._over = self._access.caller is None or not self.caller.may(self._function.requires)
        try:
            while not self._over:
                await self._wait()
                if self._access:
                    await self._access.known()
                query = self._query
                if self._over or query is None:
                    continue
                if query.error is not None:
                    sent = None  # what recovers is said, even where it is the value that there was
                    described = query.error.describe(self._engine.new_request_id())
                    yield f"event: fail\ndata: {json.dumps(described)}\n\n".encode()
                elif query.version is not None and query.version != sent:
                    sent = query.version
                    yield f"id: {sent}\nevent: value\ndata: {(query.body or b'null').decode()}\n\n".encode()
                else:
                    yield b": still here\n\n"
            yield b"event: gone\ndata: {}\n\n"
        finally:
            self._release()

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self._news.wait(), KEEP_ALIVE_SECONDS)
        except TimeoutError:
            return
        self._news.clear()

    def _watch(self) -> None:
        canonical = self._function.arguments.canonical(self._arguments)
        self._query = self._engine.reactor.watch(self, self._function, self._arguments, canonical)
        self._news.set()

    def _release(self) -> None:
        if self._query is not None:
            self._engine.reactor.unwatch(self, self._query)
        if self._access:
            self._access.holders.discard(self)


async def _stream(engine: "Engine", request: Request) -> Response:
    try:
        access = engine.identify(request.scope.get("memberpulse.session"))
        caller = (await access.known() if access else None) or ANONYMOUS
        function = engine.registry.find_for(caller, request.path_params["name"], Kind.QUERY)
        await engine.limiter.check_call(function, caller, _address(request))
        if not caller.may(function.requires):
            raise NotSignedIn if caller.kind == "anonymous" else Forbidden
        arguments = function.arguments.parse_json(_query_arguments(request))
    except EngineError as error:
        return problem(error, engine.request_id_of(error))
    stream = _Stream(engine, access, function, arguments)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream.events(), media_type="text/event-stream", headers=headers)


def _query_arguments(request: Request) -> dict[str, Any]:
    try:
        parsed: Any = json.loads(request.query_params.get("args", "{}"))
    except (ValueError, RecursionError):
        raise BadArguments("`args` is not JSON.") from None
    if not isinstance(parsed, dict):
        raise BadArguments("`args` is a JSON object of arguments.")
    return cast("dict[str, Any]", parsed)


Schema = dict[str, Any]


def openapi(registry: Registry) -> Schema:
    """What the HTTP doors accept and answer. Source: OpenAPI 3.1."""
    shared: Schema = {"Problem": _PROBLEM}
    paths = {f"/api/{each.kind}/{each.name}": {"post": _operation(each, shared)} for each in registry.open_functions()}
    session = {"type": "apiKey", "in": "cookie", "name": "memberpulse"}
    return {
        "openapi": "3.1.0",
        "info": {"title": "MemberPulse", "version": "1"},
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": dict(sorted(shared.items())), "securitySchemes": {"session": session}},
    }


_PROBLEM: Schema = {
    "type": "object",
    "required": ["type", "title", "status", "code", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "A sentence a person can act on"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable, for programs"},
        "request_id": {"type": "string"},
        "fields": {"type": "object", "additionalProperties": {"type": "string"}},
        "retry_after": {"type": "integer", "description": "Seconds"},
    },
}


def _operation(function: Function, shared: Schema) -> Schema:
    arguments = _arguments_schema(function, shared)
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    result = {"application/json": {"schema": _result(function, shared)}}
    operation: Schema = {
        "operationId": function.name,
        "summary": (function.call.__doc__ or function.name).strip().splitlines()[0],
        "description": f"Requires: {function.requires}.",
        "requestBody": {"content": {"application/json": {"schema": arguments}}, "required": "required" in arguments},
        "responses": {
            "200": {"description": "The result", "content": result},
            "default": {"description": "A problem document (RFC 9457)", "content": problem},
        },
    }
    if function.kind is not Kind.QUERY:
        operation["parameters"] = [_IDEMPOTENCY_KEY]
    if function.requires != PUBLIC:
        operation["security"] = [{"session": []}]
    return operation


_IDEMPOTENCY_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Under the same key the call happens once, and its first answer is given again, for a day.",
    "schema": {"type": "string", "minLength": 8, "maxLength": 64},
}


def _arguments_schema(function: Function, shared: Schema) -> Schema:
    template = f"#/components/schemas/{function.name}.{{model}}"
    return _without_definitions(function, function.arguments.model.model_json_schema(ref_template=template), shared)


def _result(function: Function, shared: Schema) -> Schema:
    template = f"#/components/schemas/{function.name}.Result.{{model}}"
    try:
        adapter = TypeAdapter[Any](get_type_hints(function.call).get("return", Any))
        schema = adapter.json_schema(mode="serialization", ref_template=template)
    except (PydanticSchemaGenerationError, PydanticInvalidForJsonSchema):
        return {}
    return _without_definitions(function, schema, shared, "Result.")


def _without_definitions(function: Function, schema: Schema, shared: Schema, prefix: str = "") -> Schema:
    """Move a schema's own definitions to the document's, since a reference is read from the document's root."""
    for name, definition in schema.pop("$defs", {}).items():
        shared[f"{function.name}.{prefix}{name}"] = definition
    return schema
