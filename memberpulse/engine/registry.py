"""What exists: the domains' functions, crons and listeners by name. What is not listed here cannot be called."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Mapper
from sqlmodel import SQLModel
from starlette.routing import BaseRoute

from memberpulse.engine.context import Caller, MutationCtx
from memberpulse.engine.errors import UnknownFunction
from memberpulse.engine.facts import Fact, Listener
from memberpulse.engine.functions import INTERNAL, PUBLIC, SIGNED_IN, Function, Kind, function_of


@dataclass(frozen=True, kw_only=True)
class Cron:
    """A job on a timetable. Either `every` so long, or at a `crontab` in UTC ("0 3 * * *")."""

    job: Callable[..., Any]
    every: timedelta | None = None
    crontab: str | None = None

    def __post_init__(self) -> None:
        if (self.every is None) == (self.crontab is None):
            raise ValueError(f"cron of {function_of(self.job).name}: give either every or crontab")
        if self.crontab is not None and any(letter.isdigit() for letter in self.crontab.split()[-1]):
            raise ValueError(f"{self.crontab}: name the weekdays (mon), since APScheduler counts them from another day")


@dataclass(frozen=True, kw_only=True)
class Domain:
    """The table of contents of one domain. `ui` names the module whose import registers its pages."""

    name: str
    functions: Sequence[Callable[..., Any]] = ()
    crons: Sequence[Cron] = ()
    listeners: Sequence[Listener] = ()
    routes: Sequence[BaseRoute] = ()
    capabilities: Sequence[str] = ()
    ui: str | None = None


@dataclass
class Registry:
    """All domains together. Raises TypeError at start for anything undeclared, doubled or unknown."""

    domains: Sequence[Domain]
    functions: dict[str, Function] = field(default_factory=dict[str, Function])

    def __post_init__(self) -> None:
        self.capabilities = frozenset(each for domain in self.domains for each in domain.capabilities)
        for domain in self.domains:
            for call in domain.functions:
                self._add(function_of(call))
        for cron in self.crons:
            if function_of(cron.job).name not in self.functions:
                raise TypeError(f"cron runs {function_of(cron.job).name}, which no domain lists")
        _refuse_hidden_reads()

    @property
    def crons(self) -> list[Cron]:
        return [cron for domain in self.domains for cron in domain.crons]

    @property
    def routes(self) -> list[BaseRoute]:
        return [route for domain in self.domains for route in domain.routes]

    def find(self, name: str, *kinds: Kind) -> Function:
        """The function of that name and one of those kinds. Raises UnknownFunction (404)."""
        found = self.functions.get(name)
        if found is None or (kinds and found.kind not in kinds):
            raise UnknownFunction(f"There is no function {name[:80]!r}.")
        return found

    def find_for(self, caller: Caller, name: str, *kinds: Kind) -> Function:
        """As `find`, at a door: what is internal does not exist for a client. Raises UnknownFunction (404)."""
        found = self.find(name, *kinds)
        if found.is_internal and not caller.may(found.requires):
            raise UnknownFunction(f"There is no function {name[:80]!r}.")
        return found

    def open_functions(self) -> Iterable[Function]:
        """Those that a client may name at all."""
        return (each for each in self.functions.values() if not each.is_internal)

    def tell(self, ctx: MutationCtx, fact: Fact) -> None:
        for domain in self.domains:
            for kind, listen in domain.listeners:
                if isinstance(fact, kind):
                    listen(ctx, fact)

    def _add(self, function: Function) -> None:
        if function.name in self.functions:
            raise TypeError(f"two functions are called {function.name}")
        known = function.requires in (PUBLIC, SIGNED_IN, INTERNAL) or function.requires in self.capabilities
        if not known:
            raise TypeError(f"{function.name} requires {function.requires!r}, a capability that no domain declares")
        if reserved := _RESERVED[function.kind].intersection(function.arguments.names):
            raise TypeError(
                f"{function.name}: {min(reserved)} is a word of the engine's own; call the argument otherwise"
            )
        if function.is_async != (function.kind is Kind.ACTION) and function.kind is not Kind.JOB:
            raise TypeError(f"{function.name}: an action is async, a query or mutation is not")
        self.functions[function.name] = function


_CALLS = frozenset({"caller", "function", "key"})
_RESERVED = {
    Kind.QUERY: _CALLS,
    Kind.MUTATION: _CALLS,
    Kind.ACTION: _CALLS,
    Kind.JOB: frozenset({"after", "at", "job", "key"}),
}
"""Arguments that `engine.mutate` and `ctx.schedule` would take for their own."""


def _refuse_hidden_reads() -> None:
    """Relationships and SQL expressions on a model read rows that no statement shows to the engine."""
    for mapper in _mappers():
        if mapper.relationships:
            raise TypeError(f"{mapper.class_.__name__} has relationships; query the other table instead")
        for attribute in mapper.column_attrs:
            if len(attribute.columns) != 1 or attribute.columns[0].table is not mapper.local_table:
                raise TypeError(f"{mapper.class_.__name__}.{attribute.key} is not a plain column")


def _mappers() -> Iterable[Mapper[Any]]:
    return SQLModel._sa_registry.mappers  # pyright: ignore[reportPrivateUsage]
