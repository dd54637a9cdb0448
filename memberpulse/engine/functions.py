"""The kinds of function, and the decorators that declare them.

A decorator leaves the function as it is and attaches its `Function`, so that one function may call another with
its own context and so join the same transaction. Only functions listed in a `Domain` can be reached from outside.
"""

import enum
import inspect
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar, get_type_hints

import pydantic

from memberpulse.engine.errors import BadArguments

F = TypeVar("F", bound=Callable[..., Any])

PUBLIC = "public"
"""Anybody may call it, signed in or not."""
SIGNED_IN = "signed-in"
"""Any signed-in person may call it, with or without an organization."""
INTERNAL = "internal"
"""No client can reach it: only code, jobs, crons and the command line."""

TIME_LIMIT_SECONDS = 60


class Kind(enum.StrEnum):
    QUERY = "query"
    MUTATION = "mutation"
    ACTION = "action"
    JOB = "job"


class Scope(enum.IntEnum):
    """Whose result a query's answer is. Learned while it runs, and only ever widened."""

    EVERYONE = 0
    ORGANIZATION = 1
    PERSON = 2
    SESSION = 3


@dataclass(eq=False)
class Function:
    """What the engine knows of one function."""

    name: str
    kind: Kind
    requires: str
    call: Callable[..., Any]
    arguments: "Arguments"
    limit: str | None = None
    max_attempts: int = 1
    scope: Scope = field(default=Scope.ORGANIZATION)
    remembers: bool = True

    @property
    def is_async(self) -> bool:
        return inspect.iscoroutinefunction(self.call)

    @property
    def is_internal(self) -> bool:
        return self.requires == INTERNAL

    def result_of(self, body: bytes) -> Any:
        """The value of which `body` is the serialized form, as the function itself would return it."""
        returns = get_type_hints(self.call).get("return", Any)
        try:
            return pydantic.TypeAdapter(returns).validate_json(body)
        except pydantic.errors.PydanticSchemaGenerationError:
            return json.loads(body)


def query(*, requires: str, limit: str | None = None) -> Callable[[F], F]:
    """Declare a read. It is live wherever it is subscribed to, and can write nothing."""
    return _declare(Kind.QUERY, requires, limit)


def mutation(*, requires: str, limit: str | None = None, remembers: bool = True) -> Callable[[F], F]:
    """Declare a write: one transaction, retried on conflict, once per idempotency key.

    limit: a rate per caller, such as "10/minute". remembers: whether the answer is kept for a repeated call. Where it
    is a secret or somebody's data it is not: it is given once, and a repeated call is refused (409).
    """
    return _declare(Kind.MUTATION, requires, limit, remembers=remembers)


def action(*, requires: str, limit: str | None = None, remembers: bool = True) -> Callable[[F], F]:
    """Declare an `async` function that talks to the outside. It holds no transaction; it calls mutations.

    limit, remembers: as of a mutation.
    """
    return _declare(Kind.ACTION, requires, limit, remembers=remembers)


def job(*, max_attempts: int = 5) -> Callable[[F], F]:
    """Declare follow-up work. A plain function runs in one transaction with its own completion; an `async` one
    is an action and may run more than once if the process dies under it."""
    return _declare(Kind.JOB, INTERNAL, None, max_attempts)


def function_of(call: Callable[..., Any]) -> Function:
    """The `Function` behind a declared callable. Raises TypeError for any other."""
    declared = getattr(call, "__function__", None)
    if not isinstance(declared, Function):
        raise TypeError(f"{call!r} is not declared as a query, mutation, action or job")
    return declared


def function_name(call: Callable[..., Any]) -> str:
    """The name on every door: the domain's folder and the function's own name, such as `members.list_members`."""
    return function_of(call).name


def _declare(
    kind: Kind, requires: str, limit: str | None, max_attempts: int = 1, *, remembers: bool = True
) -> Callable[[F], F]:
    def attach(call: F) -> F:
        scope = Scope.EVERYONE if requires == PUBLIC else Scope.ORGANIZATION
        name = f"{_domain_of(call)}.{call.__name__}"
        declared = Function(name, kind, requires, call, Arguments(call), limit, max_attempts, scope, remembers)
        call.__function__ = declared  # type: ignore[attr-defined]
        return call

    return attach


def _domain_of(call: Callable[..., Any]) -> str:
    parts = call.__module__.split(".")
    if "domains" in parts:
        return parts[parts.index("domains") + 1]
    return parts[1] if len(parts) > 2 else parts[-1]


class Arguments:
    """Validates a call's arguments strictly from the signature: no coercion, no extras, keyword-only.

    The model is built at first use, since annotations may name types defined later in the module.
    """

    def __init__(self, call: Callable[..., Any]) -> None:
        self._call = call
        self._model: type[pydantic.BaseModel] | None = None

    @property
    def model(self) -> type[pydantic.BaseModel]:
        if self._model is None:
            self._model = _argument_model(self._call)
        return self._model

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Raises TypeError when one of them is not keyword-only."""
        return tuple(each.name for each in _parameters(self._call))

    def parse_json(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Read arguments that came as JSON (an id is a string, an instant is ISO 8601). Raises BadArguments."""
        try:
            text = json.dumps(arguments, allow_nan=False)
            if _NUL.search(text):
                raise BadArguments("A text has a character in it that no text has: U+0000.")
            return dict(self.model.model_validate_json(text))
        except pydantic.ValidationError as error:
            raise BadArguments(fields=_messages(error)) from None
        except (TypeError, ValueError, RecursionError):
            raise BadArguments("The arguments are not plain JSON.") from None

    def check(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Read arguments given by Python code, already of the right types. Raises BadArguments."""
        try:
            return dict(self.model.model_validate(dict(arguments)))
        except pydantic.ValidationError as error:
            raise BadArguments(fields=_messages(error)) from None

    def canonical(self, arguments: Mapping[str, Any]) -> str:
        """One text for equal arguments, so that equal calls share one result."""
        values = self.model.model_construct(**arguments).model_dump(mode="json")
        return json.dumps(values, sort_keys=True, separators=(",", ":"))


_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""As JSON writes the one character that PostgreSQL keeps in no text."""
_SAID = {
    "missing": "This is needed.",
    "extra_forbidden": "There is no such argument.",
    "datetime": "Give a day and a time.",
    "date_": "Give a day.",
    "int_": "Give a whole number.",
    "float_": "Give a number.",
    "bool_": "Give true or false.",
    "string_type": "Give a text.",
    "uuid_": "This is no id.",
}
"""By how pydantic's names of faults begin."""


def _parameters(call: Callable[..., Any]) -> list[inspect.Parameter]:
    """Those after the context."""
    parameters = list(inspect.signature(call).parameters.values())[1:]
    for each in parameters:
        if each.kind is not inspect.Parameter.KEYWORD_ONLY:
            raise TypeError(f"{call.__qualname__}: {each.name} must be keyword-only, after `ctx, *`")
    return parameters


def _argument_model(call: Callable[..., Any]) -> type[pydantic.BaseModel]:
    hints = get_type_hints(call, include_extras=True)
    fields: dict[str, Any] = {}
    for parameter in _parameters(call):
        default = ... if parameter.default is inspect.Parameter.empty else parameter.default
        fields[parameter.name] = (hints[parameter.name], default)
    config = pydantic.ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
    return pydantic.create_model(f"{call.__name__}_arguments", __config__=config, **fields)


def _messages(error: pydantic.ValidationError) -> dict[str, str]:
    return {".".join(map(str, each["loc"])) or "arguments": _said(each) for each in error.errors(include_url=False)}


def _said(fault: Mapping[str, Any]) -> str:
    """What is wrong with one argument, for who filled in a form as well as for who wrote a program."""
    words = next((words for beginning, words in _SAID.items() if fault["type"].startswith(beginning)), None)
    return words or str(fault["msg"])
