"""One call under one key happens once. A mutation keeps its answer in its own transaction; an action is noted before it
begins and answered when it is done, and what died in between is not begun again.
"""

from hashlib import sha256
from typing import Any

from sqlmodel import select

from memberpulse.engine.context import MutationCtx
from memberpulse.engine.errors import AlreadyBegun, KeyReused
from memberpulse.engine.functions import Function
from memberpulse.engine.tables import EngineCall

_NOT_YET = ""


def remembered(ctx: MutationCtx, function: Function, arguments: dict[str, Any], key: str) -> bytes | EngineCall:
    """The answer already given under this key, or the row to fill in. Raises KeyReused, AlreadyBegun (409)."""
    digest = sha256(f"{function.name}:{function.arguments.canonical(arguments)}".encode()).hexdigest()
    found = _find(ctx, key)
    if found is None:
        return EngineCall(
            caller=ctx.caller.label,
            key=key,
            function=function.name,
            arguments_hash=digest,
            result=_NOT_YET,
            created_at=ctx.now,
        )
    if found.arguments_hash != digest:
        raise KeyReused
    if found.result == _NOT_YET:
        raise AlreadyBegun
    return found.result.encode()


def begin(ctx: MutationCtx, function: Function, arguments: dict[str, Any], key: str) -> bytes | None:
    """Note that an action begins; its answer when it was given before. Raises KeyReused, AlreadyBegun (409)."""
    call = remembered(ctx, function, arguments, key)
    if isinstance(call, bytes):
        return call
    ctx.db.add(call)
    return None


def complete(ctx: MutationCtx, key: str, body: bytes) -> None:
    """Keep an action's answer."""
    found = _find(ctx, key)
    if found is not None:
        found.result = body.decode()


def forget(ctx: MutationCtx, key: str) -> None:
    """The action refused before it did anything: the same call may be made again."""
    found = _find(ctx, key)
    if found is not None:
        ctx.db.delete(found)


def _find(ctx: MutationCtx, key: str) -> EngineCall | None:
    mine = select(EngineCall).where(EngineCall.caller == ctx.caller.label, EngineCall.key == key)
    return ctx.db.scalars(mine).one_or_none()
