"""The promise of the engine, by random histories: after any writes, no subscriber is left with a stale result.

Each history keeps a set of random queries current the way the reactor does: run once, remember the reads, and run again
only when a transaction's writes touch them. After every transaction each remembered result must equal a fresh one.
HISTORIES sets how many histories are tried.
"""

import enum
import os
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Enum, case, delete, except_, exists, func, insert, or_, tuple_, union, update
from sqlalchemy.orm import aliased
from sqlmodel import Field, SQLModel, select

from memberpulse.engine import TenantRow, UtcDateTime
from memberpulse.engine.database import Database
from memberpulse.engine.index import ReadIndex
from memberpulse.engine.predicates import Write, decode, encode, limit
from memberpulse.engine.session import LiveSession
from tests.engine.conftest import own_tables
from tests.postgres import postgres_database

HISTORIES = int(os.environ.get("HISTORIES", "200"))
ORGANIZATIONS = [uuid.UUID(int=1), uuid.UUID(int=2)]
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Parent(TenantRow, table=True):
    __tablename__: ClassVar[str] = "prop_parent"
    number: int
    name: str | None = None
    flag: bool = False
    colour: Colour = Field(sa_type=Enum(Colour))  # type: ignore[call-overload]
    at: datetime = Field(sa_type=UtcDateTime)
    changed: int = Field(default=0, sa_column_kwargs={"onupdate": 1})


class Child(TenantRow, table=True):
    __tablename__: ClassVar[str] = "prop_child"
    parent_id: uuid.UUID | None = Field(foreign_key="prop_parent.id", ondelete="CASCADE")
    number: int


class Toy(TenantRow, table=True):
    __tablename__: ClassVar[str] = "prop_toy"
    child_id: uuid.UUID | None = Field(foreign_key="prop_child.id", ondelete="SET NULL")
    number: int


numbers = st.integers(0, 2)
names = st.sampled_from([None, "a", "b"])
keys = st.integers(1, 4)
colours = st.sampled_from(list(Colour))
instants = st.integers(0, 2).map(lambda hours: EPOCH + timedelta(hours=hours))


def key(model: type[TenantRow], organization: int, number: int) -> uuid.UUID:
    place = [Parent, Child, Toy].index(model)
    return uuid.UUID(int=(organization + 1) << 16 | place << 8 | number)


# Random queries

Q = Callable[[LiveSession, int], Any]


def rows(db: LiveSession, statement: Any) -> list[Any]:
    return sorted((repr(tuple(row)) for row in db.execute(statement)), key=str)


@st.composite
def conditions(draw: st.DrawFn) -> list[Any]:
    """A random conjunction over Parent."""
    options: list[Callable[[], Any]] = [
        lambda: Parent.number == draw(numbers),
        lambda: draw(numbers) == Parent.number,
        lambda: Parent.number.in_(draw(st.lists(numbers, max_size=3))),  # type: ignore[attr-defined]
        lambda: Parent.name == draw(names),
        lambda: Parent.name.is_(None),  # type: ignore[union-attr]
        lambda: Parent.flag == draw(st.booleans()),
        lambda: Parent.flag.is_(draw(st.booleans())),  # type: ignore[attr-defined]
        lambda: Parent.flag,
        lambda: ~Parent.flag,  # type: ignore[operator]
        lambda: Parent.colour == draw(colours),
        lambda: Parent.colour == draw(colours).name,
        lambda: Parent.at == draw(instants),
        lambda: Parent.at > draw(instants),
        lambda: Parent.number > draw(numbers),
        lambda: Parent.number != draw(numbers),
        lambda: or_(Parent.number == draw(numbers), Parent.name == draw(names)),
        lambda: Parent.name == func.coalesce(Parent.name, "a"),
        lambda: Parent.number == Parent.number + draw(numbers),
        lambda: Parent.name.not_in(["a"]),  # type: ignore[union-attr]
        lambda: Parent.changed == draw(numbers),
        lambda: Parent.number.between(*sorted([draw(numbers), draw(numbers)])),  # type: ignore[attr-defined]
        lambda: tuple_(Parent.number, Parent.flag).in_([(draw(numbers), draw(st.booleans()))]),  # type: ignore[call-overload]
        lambda: Parent.number == select(func.max(Child.number)).select_from(Child).scalar_subquery(),
    ]
    return [draw(st.sampled_from(options))() for _ in range(draw(st.integers(0, 3)))]


@st.composite
def queries(draw: st.DrawFn) -> Q:
    where = draw(conditions())
    number, other = draw(numbers), draw(keys)
    alias = aliased(Parent)
    of_parent = Child.parent_id == Parent.id
    in_condition = select(Parent.id).where(*where)
    shapes: list[Q] = [
        lambda db, org: rows(db, select(Parent.id, Parent.number, Parent.name).where(*where)),
        lambda db, org: db.scalar(select(func.count()).select_from(Parent).where(*where)),
        lambda db, org: _name_of(db.get(Parent, key(Parent, org, other))),
        lambda db, org: rows(db, select(Child.id, Parent.name).join(Parent, of_parent).where(*where)),
        lambda db, org: rows(
            db, select(Child.id, Parent.name).outerjoin(Parent, of_parent).where(*where, Child.number == number)
        ),
        lambda db, org: rows(db, select(Child.id).where(Child.parent_id.in_(in_condition))),  # type: ignore[union-attr]
        lambda db, org: rows(db, select(Child.id).where(Child.parent_id.not_in(in_condition))),  # type: ignore[union-attr]
        lambda db, org: rows(
            db, select(Parent.id).where(exists(select(Child.id).where(of_parent, Child.number == number)), *where)
        ),
        lambda db, org: rows(
            db, select(Parent.id).where(~exists(select(Child.id).where(of_parent, Child.number == number)))
        ),
        lambda db, org: rows(
            db,
            select(
                Parent.id,
                select(func.count(Child.id)).select_from(Child).where(of_parent).correlate(Parent).scalar_subquery(),
            ).where(*where),
        ),
        lambda db, org: db.scalar(select(func.count()).select_from(select(Parent.id).where(*where).subquery())),
        lambda db, org: rows(
            db,
            select(Parent.id, alias.id)
            .join(alias, alias.number == Parent.number)
            .where(alias.number == number, *where),
        ),
        lambda db, org: rows(db, union(select(Parent.number).where(*where), select(Child.number))),
        lambda db, org: rows(db, select(Parent.number, func.max(Parent.name)).where(*where).group_by(Parent.number)),
        lambda db, org: [
            [child.number for child in db.scalars(select(Child).where(Child.parent_id == parent.id))]
            for parent in db.scalars(select(Parent).where(*where).order_by(Parent.id)).all()  # type: ignore[arg-type]
        ],
        lambda db, org: rows(db, select(Toy.id, Toy.child_id).where(Toy.child_id.is_(None))),  # type: ignore[union-attr]
        lambda db, org: rows(db, select(Toy.id).where(Toy.child_id == key(Child, org, other))),
        lambda db, org: _by_cte(db, where),
        lambda db, org: rows(db, select(Parent.id).where(*where).order_by(Parent.number, Parent.id).limit(1)),
        lambda db, org: rows(
            db, select(Parent.number).where(*where).group_by(Parent.number).having(func.count(Parent.id) > 1)
        ),
        lambda db, org: rows(db, except_(select(Child.number), select(Parent.number).where(*where))),
        lambda db, org: db.scalar(
            select(func.sum(case((Parent.flag, Parent.number), else_=10))).select_from(Parent).where(*where)
        ),
    ]
    return draw(st.sampled_from(shapes))


def _name_of(parent: Parent | None) -> str | None:
    return parent.name if parent else "no such row"


def _by_cte(db: LiveSession, where: list[Any]) -> list[Any]:
    chosen = select(Parent.id).where(*where).cte("chosen")
    return rows(db, select(Child.id).join(chosen, chosen.c.id == Child.parent_id))


# Random writes

W = Callable[[LiveSession, int], None]


@st.composite
def writes(draw: st.DrawFn) -> W:  # noqa: C901  one function for each kind of write
    which, number, name = draw(keys), draw(numbers), draw(names)
    colour, flag, at, target = draw(colours), draw(st.booleans()), draw(instants), draw(st.none() | keys)
    where = draw(conditions())

    def add_parent(db: LiveSession, org: int) -> None:
        if db.get(Parent, key(Parent, org, which)) is None:
            db.add(Parent(id=key(Parent, org, which), number=number, name=name, flag=flag, colour=colour, at=at))
            db.flush()

    def change_parent(db: LiveSession, org: int) -> None:
        parent = db.get(Parent, key(Parent, org, which))
        if parent is not None:
            parent.number, parent.name, parent.flag, parent.colour, parent.at = number, name, flag, colour, at

    def change_twice(db: LiveSession, org: int) -> None:
        change_parent(db, org)
        db.flush()
        parent = db.get(Parent, key(Parent, org, which))
        if parent is not None:
            parent.number = (number + 1) % 3

    def change_by_expression(db: LiveSession, org: int) -> None:
        parent = db.get(Parent, key(Parent, org, which))
        if parent is not None:
            parent.number = (Parent.number + 1) % 3  # type: ignore[assignment]

    def change_expired(db: LiveSession, org: int) -> None:
        parent = db.get(Parent, key(Parent, org, which))
        if parent is not None:
            db.expire(parent)
            parent.name = name

    def add_by_expression(db: LiveSession, org: int) -> None:
        add_parent(db, org)
        if number and (parent := db.get(Parent, key(Parent, org, which))) is not None:
            db.delete(parent)
            db.flush()
            put = Parent(id=key(Parent, org, which), number=number, name=name, flag=flag, colour=colour, at=at)
            put.number = func.abs(-number)  # type: ignore[assignment]
            db.add(put)

    def change_by_both(db: LiveSession, org: int) -> None:
        change_by_expression(db, org)
        db.flush()
        change_expired(db, org)

    def replace_parent(db: LiveSession, org: int) -> None:
        if (parent := db.get(Parent, key(Parent, org, which))) is not None:
            db.delete(parent)
            db.add(Parent(id=parent.id, number=number, name=name, flag=flag, colour=colour, at=at))

    def move_toy(db: LiveSession, org: int) -> None:
        toy, place = db.get(Toy, key(Toy, org, which)), key(Toy, org, target or 1)
        if toy is not None and db.get(Toy, place) is None:
            toy.id = place

    def remove_parent(db: LiveSession, org: int) -> None:
        parent = db.get(Parent, key(Parent, org, which))
        if parent is not None:
            db.delete(parent)

    def put_child(db: LiveSession, org: int) -> None:
        parent_id = key(Parent, org, target) if target else None
        if parent_id and db.get(Parent, parent_id) is None:
            return
        child = db.get(Child, key(Child, org, which))
        if child is None:
            db.add(Child(id=key(Child, org, which), parent_id=parent_id, number=number))
        else:
            child.parent_id, child.number = parent_id, number

    def put_toy(db: LiveSession, org: int) -> None:
        child_id = key(Child, org, target) if target else None
        if child_id and db.get(Child, child_id) is None:
            return
        db.merge(Toy(id=key(Toy, org, which), child_id=child_id, number=number))

    def bulk_insert(db: LiveSession, org: int) -> None:
        if db.get(Child, key(Child, org, which)) is None:
            row = {"id": key(Child, org, which), "organization_id": ORGANIZATIONS[org], "number": number}
            db.execute(insert(Child), [row | {"parent_id": None}])

    def in_savepoint(db: LiveSession, org: int) -> None:
        db.flush()
        nested = db.begin_nested()
        change_parent(db, org)
        put_child(db, org)
        db.flush()
        if flag:
            nested.rollback()
        else:
            nested.commit()

    options: list[W] = [
        add_parent,
        add_parent,
        change_parent,
        change_parent,
        change_twice,
        change_by_expression,
        change_by_both,
        change_expired,
        add_by_expression,
        replace_parent,
        move_toy,
        remove_parent,
        put_child,
        put_child,
        put_toy,
        bulk_insert,
        in_savepoint,
        lambda db, org: _run(db, update(Parent).where(*where).values(number=number)),
        lambda db, org: _run(db, update(Parent).where(*where).values(name=name, flag=flag)),
        lambda db, org: _run(db, update(Parent).where(*where).values(number=(Parent.number + 1) % 3)),
        lambda db, org: _run(db, update(Child).where(Child.number == number).values(number=which % 3)),
        lambda db, org: _run(db, delete(Parent).where(*where, Parent.number == number)),
        lambda db, org: _run(db, delete(Child).where(Child.number.in_([number, 2]))),  # type: ignore[attr-defined]
        lambda db, org: _run(db, delete(Parent).where(Parent.id == key(Parent, org, which))),  # type: ignore[arg-type]
    ]
    return draw(st.sampled_from(options))


def _run(db: LiveSession, statement: Any) -> None:
    db.execute(statement, execution_options={"synchronize_session": "fetch"})
    db.expire_all()


transactions = st.tuples(st.integers(0, 1), st.lists(writes(), min_size=1, max_size=4), st.booleans())


# The histories


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with tempfile.TemporaryDirectory() as folder, opened(f"sqlite:///{folder}/histories.db") as database:
        yield database


@pytest.fixture(scope="module")
def postgres(postgres_server: str) -> Iterator[Database]:
    with postgres_database(postgres_server) as url, opened(url) as database:
        yield database


@contextmanager
def opened(url: str) -> Iterator[Database]:
    database = Database(url)
    SQLModel.metadata.create_all(database.writer, own_tables())
    yield database
    database.close()


@contextmanager
def reading(database: Database, organization: int) -> Iterator[LiveSession]:
    with database.read(ORGANIZATIONS[organization]) as session:
        yield session


class Subscriber:
    def __init__(self, database: Database, query: Q, organization: int) -> None:
        self.database = database
        self.query = query
        self.organization = organization
        self.runs = 0

    def run(self, index: "ReadIndex[Subscriber]") -> None:
        if self.runs:
            index.remove(self, self.reads)
        with reading(self.database, self.organization) as session:
            self.result = self.query(session, self.organization)
            self.reads = frozenset(session.reads)
        index.add(self, self.reads)
        self.runs += 1

    def fresh(self) -> Any:
        with reading(self.database, self.organization) as session:
            return self.query(session, self.organization)


def empty(database: Database) -> None:
    for organization in ORGANIZATIONS:
        with database.write(organization) as session:
            for model in (Toy, Child, Parent):
                session.execute(delete(model))
            session.commit()


def apply(database: Database, organization: int, deeds: list[W], keeps: bool) -> tuple[Write, ...]:
    """One transaction; what it announces when it commits, travelled through the wire's encoding."""
    with database.write(ORGANIZATIONS[organization]) as session:
        for deed in deeds:
            deed(session, organization)
        session.flush()
        if not keeps:
            session.rollback()
            return ()
        changes = limit(session.writes)
        session.commit()
        return decode(encode(changes))


UNHURRIED = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
SAME_EACH_TIME = HISTORIES <= 1000
History = list[tuple[int, list[W], bool]]
Asked = list[tuple[Q, int]]
histories = {
    "asked": st.lists(st.tuples(queries(), st.integers(0, 1)), min_size=1, max_size=6),
    "history": st.lists(transactions, min_size=1, max_size=6),
}


@settings(max_examples=HISTORIES, deadline=None, derandomize=SAME_EACH_TIME, suppress_health_check=UNHURRIED)
@given(**histories)
def test_no_subscriber_is_left_with_a_stale_result(database: Database, asked: Asked, history: History) -> None:
    check(database, asked, history)


@settings(max_examples=-(-HISTORIES // 5), deadline=None, derandomize=SAME_EACH_TIME, suppress_health_check=UNHURRIED)
@given(**histories)
def test_nor_on_postgres(postgres: Database, asked: Asked, history: History) -> None:
    check(postgres, asked, history)


def check(database: Database, asked: Asked, history: History) -> None:
    empty(database)
    index: ReadIndex[Subscriber] = ReadIndex()
    subscribers = [Subscriber(database, query, organization) for query, organization in asked]
    for subscriber in subscribers:
        subscriber.run(index)
    for organization, deeds, keeps in history:
        changes = apply(database, organization, deeds, keeps)
        touched = index.touched(changes)
        for subscriber in subscribers:
            covered = any(read.covers(write) for read in subscriber.reads for write in changes)
            assert (subscriber in touched) == covered, "the index and the predicates disagree"
            if subscriber.organization != organization and keeps:
                assert subscriber not in touched or not _confined(subscriber, changes)
        for subscriber in touched:
            subscriber.run(index)
        for subscriber in subscribers:
            assert subscriber.result == subscriber.fresh(), "a stale result was left"


def _confined(subscriber: Subscriber, changes: tuple[Write, ...]) -> bool:
    """Whether every write names its organization: then none may touch the other organization's queries."""
    return all("organization_id" in write.known for write in changes)


def test_a_value_that_the_database_works_out_is_announced(database: Database) -> None:
    """Nothing else of the row changes with it, and after the flush the session has forgotten what it was."""

    def turn(db: LiveSession, org: int) -> None:
        db.get_one(Parent, key(Parent, org, 1)).number = Parent.number + 1

    add, everything = _putting(1, (0, None)), select(Parent.id, Parent.number)
    check(database, [(lambda db, org: rows(db, everything), 0)], [(0, [add], True), (0, [turn], True)])


@settings(max_examples=HISTORIES, deadline=None, derandomize=SAME_EACH_TIME)
@given(
    number=numbers,
    name=names,
    history=st.lists(st.tuples(keys, numbers, names, st.booleans()), min_size=1, max_size=8),
)
def test_a_query_runs_only_for_rows_that_its_predicates_admit(
    database: Database, number: int, name: str | None, history: list[tuple[int, int, str | None, bool]]
) -> None:
    """An oracle from the rows themselves: unit-of-work writes re-run exactly the equality queries they concern."""
    empty(database)
    index: ReadIndex[Subscriber] = ReadIndex()
    wanted = select(Parent.id).where(Parent.number == number, Parent.name == name)
    subscriber = Subscriber(database, lambda db, org: rows(db, wanted), 0)
    subscriber.run(index)
    state: dict[int, tuple[int, str | None]] = {}
    for which, new_number, new_name, removes in history:
        before, after = state.get(which), None if removes else (new_number, new_name)
        changes = apply(database, 0, [_putting(which, after)], keeps=True)
        concerned = before != after and (number, name) in (before, after)
        assert (subscriber in index.touched(changes)) == concerned
        if after is None:
            state.pop(which, None)
        else:
            state[which] = after
        subscriber.run(index)


def _putting(which: int, values: tuple[int, str | None] | None) -> W:
    def put(db: LiveSession, org: int) -> None:
        parent = db.get(Parent, key(Parent, org, which))
        if values is None:
            if parent is not None:
                db.delete(parent)
        elif parent is None:
            number, name = values
            db.add(Parent(id=key(Parent, org, which), number=number, name=name, colour=Colour.RED, at=EPOCH))
        else:
            parent.number, parent.name = values

    return put
