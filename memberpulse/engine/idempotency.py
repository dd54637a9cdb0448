"""One call under one key happens once. A mutation keeps its answer in its own transaction, where the table's unique key
lets only the first of several commit; the others give back its answer. An action is noted before it begins and answered
when it is done, and what died in between is not begun again. An answer that is a secret is never kept: of such a call
the table knows only that it happened.
"""

from hashlib import sha256
from typing import Any

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlmodel import SQLModel, select

from memberpulse.engine.context import Caller, MutationCtx
from memberpulse.engine.errors import AlreadyBegun, Conflict, KeyReused
from memberpulse.engine.functions import Function
from memberpulse.engine.tables import EngineCall
from memberpulse.engine.types import uuid7

_NO_ANSWER = ""
_KEEP = insert(SQLModel.metadata.tables["engine_call"])
"""Of the engine's own, about a table that no function reads: it goes to the connection, past all tracking."""


class Repeated(Conflict):
    """The call under this key has happened already; this run of it must not be committed."""


def remembered(ctx: MutationCtx, function: Function, arguments: dict[str, Any], key: str) -> bytes | None:
    """The answer already given under this key. Raises KeyReused, AlreadyBegun (409)."""
    found = _find(ctx, key)
    if found is None:
        return None
    if found.arguments_hash != digest(ctx.caller, function, arguments):
        raise KeyReused
    if found.result == _NO_ANSWER:
        raise AlreadyBegun
    return found.result.encode()


def remember(ctx: MutationCtx, function: Function, arguments: dict[str, Any], key: str, body: bytes) -> None:
    """Keep the answer to a mutation that has just run. Raises Repeated when there is one already."""
    ctx.db.flush()
    row = _row(ctx, function, arguments, key) | {"result": _kept(function, body)}
    try:
        Session.connection(ctx.db).execute(_KEEP, row)
    except IntegrityError:
        raise Repeated from None


def begin(ctx: MutationCtx, function: Function, arguments: dict[str, Any], key: str) -> bytes | None:
    """Note that an action begins; its answer when it was given before. Raises KeyReused, AlreadyBegun (409)."""
    known = remembered(ctx, function, arguments, key)
    if known is None:
        ctx.db.add(EngineCall(**_row(ctx, function, arguments, key)))
    return known


def complete(ctx: MutationCtx, function: Function, key: str, body: bytes) -> None:
    """Keep an action's answer."""
    found = _find(ctx, key)
    if found is not None:
        found.result = _kept(function, body)


def forget(ctx: MutationCtx, key: str) -> None:
    """The action refused before it did anything: the same call may be made again."""
    found = _find(ctx, key)
    if found is not None:
        ctx.db.delete(found)


def _row(ctx: MutationCtx, function: Function, arguments: dict[str, Any], key: str) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "caller": ctx.caller.label,
        "key": key,
        "function": function.name,
        "arguments_hash": digest(ctx.caller, function, arguments),
        "result": _NO_ANSWER,
        "created_at": ctx.now,
    }


def _kept(function: Function, body: bytes) -> str:
    return body.decode() if function.remembers else _NO_ANSWER


def digest(caller: Caller, function: Function, arguments: dict[str, Any]) -> str:
    """What a call asks for and in which organization, without its secrets."""
    asked = f"{caller.organization_id}:{function.name}:{function.arguments.canonical(arguments)}"
    return sha256(asked.encode()).hexdigest()


def _find(ctx: MutationCtx, key: str) -> EngineCall | None:
    mine = select(EngineCall).where(EngineCall.caller == ctx.caller.label, EngineCall.key == key)
    return ctx.db.scalars(mine).one_or_none()
