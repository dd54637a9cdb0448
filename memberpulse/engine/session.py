"""The one way to the data: an SQLAlchemy session that learns what is read and written, and keeps tenants apart.

`do_orm_execute` shows every statement before it runs, `after_flush` every row that the unit of work wrote. What
neither can see (text SQL, Core connections, bulk shortcuts) is refused.

On PostgreSQL a second wall stands behind the filter, see `walls`: a session names its organization before it first
touches rows of tenants.
"""

import time
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NoReturn

from sqlalchemy import Column, Engine, Table, event, inspect
from sqlalchemy.orm import (
    InstanceState,
    Mapper,
    ORMExecuteState,
    Session,
    SessionTransaction,
    UOWTransaction,
    with_loader_criteria,
)
from sqlalchemy.orm.base import NO_VALUE
from sqlmodel import SQLModel

from memberpulse.engine import predicates, walls
from memberpulse.engine.errors import TenantMismatch, Timeout, UntrackedStatement
from memberpulse.engine.predicates import Read, Write
from memberpulse.engine.readset import Trace, assigned, trace
from memberpulse.engine.tables import TenantRow


class LiveSession(Session):
    """A session confined to one organization, recording its reads and writes.

    organization_id: whose tenant rows it may touch; None: none.
    ask_organization: called before tenant rows are read, so that a shared result knows whose it is.
    deadline: `time.monotonic()` after which no further statement starts.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        organization_id: uuid.UUID | None,
        read_only: bool,
        deadline: float,
        ask_organization: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(engine, autoflush=not read_only, expire_on_commit=False)
        self.reads: set[Read] = set()
        self.writes: list[Write] = []
        self.changing: list[InstanceState[Any]] = []
        self.read_only = read_only
        self.organization_id = organization_id
        self.ask_organization = ask_organization
        self.across = False
        self.in_function = False
        self._sees: str | None = None
        self._deadline = deadline

    @contextmanager
    def across_organizations(self) -> Generator[None]:
        """Lift the tenant filter for a block."""
        self.flush()
        before, self.across = self.across, True
        try:
            yield
        finally:
            self.flush()
            self.across = before

    def get(self, *args: Any, **kwargs: Any) -> Any:
        """As ever, but a row of another organization that an earlier block read is not found outside of it."""
        row = super().get(*args, **kwargs)
        if isinstance(row, TenantRow) and not self.across and row.organization_id != self.organization_id:
            return None
        return row

    def commit(self) -> None:
        """For the engine: a function is a part of its transaction and cannot end it."""
        self._refuse_to_end()
        super().commit()

    def rollback(self) -> None:
        """For the engine: a function raises an error instead, and takes back a part by `begin_nested()`."""
        self._refuse_to_end()
        super().rollback()

    def _refuse_to_end(self) -> None:
        if self.in_function:
            raise UntrackedStatement("the engine ends the transaction when the function has returned or raised")

    def check_deadline(self) -> None:
        """Raise Timeout (504) when the function's time is over."""
        if time.monotonic() > self._deadline:
            raise Timeout

    def name_organization(self) -> None:
        """Tell PostgreSQL whose rows are meant, unless it knows: one id, or "*" across organizations."""
        sees = "*" if self.across else str(self.organization_id or "")
        if sees == self._sees or self.get_bind().dialect.name != "postgresql":
            return
        walls.name_seen(super().connection(), sees)
        self._sees = sees

    def forget_named(self) -> None:
        """PostgreSQL takes the setting back with the transaction, or the part of it, that ended."""
        self._sees = None

    def connection(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise UntrackedStatement("statements on a bare connection cannot be tracked; use the session")

    def bulk_save_objects(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise UntrackedStatement("use add_all, or insert() with a list of rows")

    def bulk_insert_mappings(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise UntrackedStatement("use insert() with a list of rows")

    def bulk_update_mappings(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise UntrackedStatement("use update() with a where clause")


@event.listens_for(LiveSession, "do_orm_execute")
def _track_statement(state: ORMExecuteState) -> None:
    session: LiveSession = state.session  # type: ignore[assignment]
    session.check_deadline()
    found = trace(state.statement, state.parameters)
    tenants = found.tables & tenant_tables()
    if tenants and not session.across:
        _confine(session, state, tenants, found)
    if tenants:
        session.name_organization()
    if found.writes:
        _note_bulk_write(session, found.writes)
    if session.read_only:
        session.reads.update(_within(session, found.reads) if tenants and not session.across else found.reads)


def _confine(session: LiveSession, state: ORMExecuteState, tables: set[str], found: Trace) -> None:
    if unguarded := found.unguarded & tables:
        names = ", ".join(sorted(unguarded))
        raise UntrackedStatement(
            f"{names}: select the model itself, or name it in select_from(), for the tenant filter"
        )
    if not state.is_orm_statement:
        raise UntrackedStatement(
            "the filter follows models from the outside in; let the outer statement start with one"
        )
    if session.ask_organization is not None:
        session.ask_organization()
    organization_id = session.organization_id
    if organization_id is None:
        raise TenantMismatch("tenant rows asked for without an organization")
    if state.is_insert:
        _check_inserted(found.writes, tables, organization_id)
        return
    if found.writes:
        _check_changed(state)
    mine = [
        with_loader_criteria(model, lambda cls: cls.organization_id == organization_id, include_aliases=True)
        for table, model in _tenant_models().items()
        if table in tables
    ]
    state.statement = state.statement.options(*mine)
    for position, write in enumerate(found.writes):
        if write.table in tables:
            found.writes[position] = Write(write.table, {"organization_id": organization_id, **write.known})


def _check_changed(state: ORMExecuteState) -> None:
    """Refuse what the filter does not reach, and what would lift a row out of it."""
    if state.is_executemany or "dml_strategy" in state.execution_options:
        raise UntrackedStatement("update() with a list of rows is not filtered by organization; use a where clause")
    if "organization_id" in assigned(state.statement, state.parameters):
        raise TenantMismatch("an update may not move rows to another organization")


def _check_inserted(writes: list[Write], tables: set[str], organization_id: uuid.UUID) -> None:
    for write in writes:
        if write.table in tables and write.known.get("organization_id") != organization_id:
            raise TenantMismatch("bulk insert: every row must name the caller's organization_id")


def _within(session: LiveSession, reads: list[Read]) -> Iterator[Read]:
    """Reads of tenant tables are of this organization only, since the filter makes them so."""
    mine: predicates.Values = frozenset([session.organization_id])
    for read in reads:
        if read.table in tenant_tables() and all(column != "organization_id" for column, _ in read.where):
            yield Read(read.table, tuple(sorted([*read.where, ("organization_id", mine)], key=lambda each: each[0])))
        else:
            yield read


def _note_bulk_write(session: LiveSession, writes: list[Write]) -> None:
    if session.read_only:
        raise UntrackedStatement("a query cannot write")
    session.writes.extend(writes)
    for write in writes:
        session.writes.extend(_cascaded(write.table, write.known.get("id")))


@event.listens_for(LiveSession, "before_flush")
def _guard_tenant(session: LiveSession, context: UOWTransaction, instances: Any) -> None:
    session.check_deadline()
    if session.read_only and (session.new or session.dirty or session.deleted):
        raise UntrackedStatement("a query cannot write")
    rows = [row for row in (*session.new, *session.dirty, *session.deleted) if isinstance(row, TenantRow)]
    if rows:
        session.name_organization()
    for row in rows if not session.across else ():
        _own(session, row)


@event.listens_for(LiveSession, "after_transaction_end")
def _forget_named(session: LiveSession, transaction: SessionTransaction) -> None:
    session.forget_named()


def _own(session: LiveSession, row: TenantRow) -> None:
    if getattr(row, "organization_id", None) is None and session.organization_id is not None:
        row.organization_id = session.organization_id
    before = inspect(row).attrs.organization_id.history.deleted
    if row.organization_id != session.organization_id or any(each != session.organization_id for each in before):
        raise TenantMismatch(f"{type(row).__name__} belongs to another organization")


@event.listens_for(LiveSession, "before_flush")
def _track_changes(session: LiveSession, context: UOWTransaction, instances: Any) -> None:
    """Before the flush: it forgets what stood where an SQL expression was assigned.

    It changes no row by itself, since models have no relationships.
    """
    session.changing = [inspect(row) for row in session.dirty if session.is_modified(row)]
    session.writes.extend(_image(state, before=True) for state in session.changing)


@event.listens_for(LiveSession, "after_flush")
def _track_flush(session: LiveSession, context: UOWTransaction) -> None:
    changed, session.changing = session.changing, []
    for state in (*map(inspect, session.new), *changed):
        session.writes.append(_image(state, before=False))
    for row in session.deleted:
        state = inspect(row)
        session.writes.append(_image(state, before=True))
        session.writes.extend(_cascaded(_table(state.mapper).name, state.dict.get("id")))


def _image(state: InstanceState[Any], *, before: bool) -> Write:
    table = _table(state.mapper)
    values: dict[str, Any] = {}
    for attribute in state.mapper.column_attrs:
        column: Column[Any] = attribute.columns[0]  # type: ignore[assignment]
        value = _before(state, attribute.key) if before else state.dict.get(attribute.key, NO_VALUE)
        if value is not NO_VALUE:
            values[column.key] = value
    return predicates.image(table, values)


def _before(state: InstanceState[Any], key: str) -> Any:
    """The value that the row had, NO_VALUE when the session does not know it."""
    history = state.attrs[key].history
    if history.deleted:
        return history.deleted[0]
    return NO_VALUE if history.added else state.dict.get(key, NO_VALUE)


def _table(mapper: Mapper[Any]) -> Table:
    return mapper.local_table  # type: ignore[return-value]


@lru_cache(maxsize=1)
def tenant_tables() -> frozenset[str]:
    """The names of all tables whose rows belong to an organization. Models must be imported before first use."""
    return frozenset(_tenant_models())


@lru_cache(maxsize=1)
def _tenant_models() -> dict[str, type[TenantRow]]:
    return {
        mapper.local_table.name: mapper.class_  # type: ignore[attr-defined]
        for mapper in SQLModel._sa_registry.mappers  # pyright: ignore[reportPrivateUsage]
        if issubclass(mapper.class_, TenantRow)
    }


@lru_cache(maxsize=256)
def _dependents(table: str) -> tuple[tuple[str, str, bool], ...]:
    """Tables that the database itself changes when a row of `table` goes: (table, its column, whether deeper)."""
    found: list[tuple[str, str, bool]] = []
    for other in SQLModel.metadata.tables.values():
        for key in other.foreign_keys:
            if key.column.table.name == table and key.ondelete in ("CASCADE", "SET NULL", "SET DEFAULT"):
                found.append((other.name, key.parent.name, key.ondelete == "CASCADE"))
    return tuple(found)


def _cascaded(table: str, key: Any) -> Iterator[Write]:
    """What the database's own cascades write when the row `key` of `table` is deleted."""
    pending = [(*each, key is not None) for each in _dependents(table)]
    seen: set[tuple[str, str, bool]] = set()
    while pending:
        name, column, deeper, direct = pending.pop()
        if (name, column, direct) in seen:
            continue
        seen.add((name, column, direct))
        yield Write(name, {column: key} if direct else {})
        if deeper:
            pending.extend((*each, False) for each in _dependents(name))
        else:
            yield Write(name, {column: None} if direct else {})
