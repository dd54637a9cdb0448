"""What is held of a person, everywhere: the one registry behind "export my data" and the erasure of an account.

A domain says of each table that names a person, in its own `personal.py`:

    hold(Notification, "user_id", title="Notifications", at_erasure=FORGET)

A column that names a person and is neither held nor excused fails a test.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, cast

from sqlalchemy import ColumnElement, or_
from sqlmodel import SQLModel, col

from memberpulse.domains.accounts.models import User
from memberpulse.engine import QueryCtx, Row

FORGET: Literal["forget"] = "forget"
"""At erasure the rows are deleted."""
KEEP: Literal["keep"] = "keep"
"""At erasure the rows stay, and show "Deleted person"."""

Match = Callable[[User], ColumnElement[bool]]


@dataclass(frozen=True)
class Held:
    """One table that names people. hidden: columns that are no use to the person, or nobody's to see."""

    model: type[Row]
    columns: tuple[str, ...]
    title: str
    at_erasure: Literal["forget", "keep"]
    hidden: frozenset[str]
    match: Match

    @property
    def table(self) -> str:
        return _name_of(self.model)

    @property
    def shown(self) -> list[str]:
        """The columns of an export."""
        return [name for name in self.model.model_fields if name not in self.hidden]


@dataclass(frozen=True, slots=True)
class Consequence:
    """One thing that the deletion of an account brings with it. blocks: it must be mended first."""

    text: str
    blocks: bool = False


Foretell = Callable[[QueryCtx, User], Iterable[Consequence]]

_held: dict[str, Held] = {}
_excused: dict[tuple[str, str], str] = {}
_foretellers: list[Foretell] = []


def hold(
    model: type[Row],
    *columns: str,
    title: str,
    at_erasure: Literal["forget", "keep"],
    hidden: Iterable[str] = (),
    match: Match | None = None,
) -> None:
    """Say that a table names people in some columns. match: how else their rows are found, such as by an address."""
    table = _name_of(model)
    if table in _held:
        raise ValueError(f"{table} is held twice")
    found = match or _by_columns(model, columns)
    _held[table] = Held(model, columns, title, at_erasure, frozenset(hidden), found)


def excuse(model: type[SQLModel], column: str, why: str) -> None:
    """Say why a column that names a person is in no export and stays at erasure."""
    assert why
    _excused[_name_of(model), column] = why


def foretell(consequences: Foretell) -> Foretell:
    """Register what says, from the real data, what the deletion of an account brings with it."""
    if consequences not in _foretellers:
        _foretellers.append(consequences)
    return consequences


def all_held() -> dict[str, Held]:
    """Every table that names people, by its name."""
    return dict(_held)


def is_accounted_for(table: str, column: str) -> bool:
    """Whether a column that names a person is held or excused."""
    held = _held.get(table)
    return (table, column) in _excused or (held is not None and column in held.columns)


def consequences_of(ctx: QueryCtx, user: User) -> list[Consequence]:
    """What deleting the account would bring with it, what blocks it first."""
    found = [each for foretell_ in _foretellers for each in foretell_(ctx, user)]
    return sorted(found, key=lambda each: not each.blocks)


def _name_of(model: type[SQLModel]) -> str:
    return str(cast(Any, model).__tablename__)


def _by_columns(model: type[Row], columns: tuple[str, ...]) -> Match:
    attributes: list[Any] = [col(getattr(model, name)) for name in columns]
    return lambda user: or_(*[attribute == user.id for attribute in attributes])
