"""No form of statement reads or writes a row of another organization; what the filter cannot reach is refused."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import (
    DDL,
    Column,
    Integer,
    MetaData,
    String,
    Table,
    and_,
    bindparam,
    case,
    cast,
    column,
    delete,
    distinct,
    exists,
    func,
    insert,
    literal,
    literal_column,
    or_,
    table,
    tablesample,
    text,
    true,
    tuple_,
    union,
    union_all,
    update,
)
from sqlalchemy import join as core_join
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, NoResultFound
from sqlalchemy.orm import Bundle, Session, aliased
from sqlalchemy.orm import join as orm_join
from sqlalchemy.orm import outerjoin as orm_outerjoin
from sqlmodel import select

from memberpulse.engine import Engine, MutationCtx, QueryCtx, mutation, query, uuid7
from memberpulse.engine.database import Database
from memberpulse.engine.errors import EngineError, Internal, TenantMismatch, UntrackedStatement
from memberpulse.engine.session import LiveSession
from memberpulse.engine.types import utc_now
from tests.engine import library
from tests.engine.conftest import create_tables
from tests.engine.library import Book, Loan, Pass, a_person
from tests.postgres import postgres_database


@dataclass
class Libraries:
    """Two libraries in one database. `mine` has one book that is lent; `theirs` gets one by `open_the_other`."""

    database: Database
    mine: uuid.UUID
    theirs: uuid.UUID
    book: uuid.UUID
    foreign_book: uuid.UUID

    def reading(self, form: "Form") -> Any:
        with self.database.read(self.mine) as session:
            return plain(form(session, self))

    def reading_everything(self, form: "Form") -> Any:
        with self.database.read(self.mine) as session, session.across_organizations():
            return plain(form(session, self))

    def open_the_other(self) -> None:
        shelve(self.database, self.theirs, self.foreign_book, "Persuasion")

    def rows(self) -> dict[uuid.UUID, tuple[Any, ...]]:
        """All books there are, whatever the engine says."""
        with self.database.reader.connect() as connection:
            return {row.id: tuple(row) for row in connection.execute(Book.__table__.select())}  # type: ignore[attr-defined]


Form = Callable[[LiveSession, Libraries], Any]


def shelve(database: Database, organization_id: uuid.UUID, book_id: uuid.UUID, title: str) -> None:
    with database.write(organization_id) as session:
        session.add(Book(id=book_id, title=title, shelf=1))
        session.flush()
        session.add(Loan(book_id=book_id, user_id=uuid7(), due_at=utc_now()))
        session.commit()


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One database of each kind for all these tests: every test opens libraries of its own."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('tenants')}/test.db"
        else:
            url = stack.enter_context(postgres_database(request.getfixturevalue("postgres_server")))
        create_tables(url)
        database = Database(url)
        yield database
        database.close()


@pytest.fixture
def libraries(database: Database) -> Iterator[Libraries]:
    libraries = Libraries(database, uuid7(), uuid7(), uuid7(), uuid7())
    shelve(database, libraries.mine, libraries.book, "Emma")
    yield libraries
    with database.writer.begin() as connection:
        for model in (Loan, Book, Pass):
            connection.execute(delete(model))


def plain(value: Any) -> Any:
    """Rows and models as sorted plain values, so that two readings can be compared."""
    if isinstance(value, (list, tuple)):
        return sorted((plain(each) for each in value), key=repr)
    return value.model_dump() if isinstance(value, Book | Loan) else value


Other = aliased(Book)
titles = select(Book.title)
every_book = select(Book)
anywhere = literal(1) == literal(1)
count_of_books = select(func.count()).select_from(Book).scalar_subquery()


def recursive(session: LiveSession, libraries: Libraries) -> Any:
    base = titles.cte("r", recursive=True)
    deeper = base.union_all(select(Book.title).join(base, base.c.title == "nothing"))
    return session.execute(select(deeper.c.title)).all()


READS: dict[str, Form] = {
    "select": lambda db, _: db.scalars(every_book).all(),
    "columns": lambda db, _: db.execute(titles).all(),
    "alias": lambda db, _: db.scalars(select(Other)).all(),
    "two occurrences": lambda db, _: db.execute(select(Book.title, Other.title).join(Other, anywhere)).all(),
    "count": lambda db, _: db.scalar(select(func.count()).select_from(Book)),
    "count of a column": lambda db, _: db.scalar(select(func.count(Book.id)).select_from(Book)),
    "count of a subquery": lambda db, _: db.scalar(select(func.count()).select_from(every_book.subquery())),
    "column of a subquery": lambda db, _: db.execute(select(titles.subquery().c.title)).all(),
    "common table": lambda db, _: db.execute(select(titles.cte("c").c.title)).all(),
    "recursive common table": recursive,
    "entity of a common table": lambda db, _: db.scalars(select(aliased(Book, every_book.cte()))).all(),
    "entity of a subquery": lambda db, _: db.scalars(select(aliased(Book, every_book.subquery()))).all(),
    "union": lambda db, _: db.execute(union(titles, titles)).all(),
    "union with a plain row": lambda db, _: db.execute(union_all(titles, select(literal("a")))).all(),
    "union that starts plainly": lambda db, _: db.execute(union_all(select(literal("a")), titles)).all(),
    "subquery in a limit": lambda db, _: db.execute(
        select(Loan.book_id).join(Other, anywhere).limit(count_of_books)
    ).all(),
    "union all": lambda db, _: db.execute(union_all(titles, titles)).all(),
    "subquery of a union": lambda db, _: db.execute(select(union_all(titles, titles).subquery())).all(),
    "exists": lambda db, _: db.scalar(select(exists(titles.where(Book.title == "Persuasion")))),
    "exists as a condition": lambda db, _: db.execute(
        select(literal(1)).where(exists(titles.where(Book.title == "Persuasion")))
    ).all(),
    "scalar subquery": lambda db, _: db.scalar(select(count_of_books)),
    "scalar subquery in a function": lambda db, _: db.scalar(select(func.coalesce(count_of_books, 0))),
    "scalar subquery beside a free table": lambda db, _: db.execute(select(Pass.id, count_of_books)).all(),
    "subquery in an order": lambda db, _: db.scalars(
        every_book.order_by(select(func.count()).select_from(Other).scalar_subquery())
    ).all(),
    "subquery in having": lambda db, _: db.execute(
        select(func.count()).select_from(Loan).having(count_of_books > 1)
    ).all(),
    "subquery in a case": lambda db, _: db.scalar(select(case((count_of_books > 1, "several"), else_="one"))),
    "in a subquery": lambda db, _: db.execute(titles.where(Book.id.in_(select(Loan.book_id)))).all(),  # type: ignore[attr-defined]
    "join": lambda db, _: db.execute(select(Loan.id, Book.title).join(Book, anywhere)).all(),
    "join of entities": lambda db, _: db.execute(select(Loan.id, Book).join(Book, anywhere)).all(),
    "outer join": lambda db, _: db.execute(select(Loan.id, Book.title).outerjoin(Book, anywhere)).all(),
    "outer join of an alias": lambda db, _: db.execute(select(Loan.id, Other.title).outerjoin(Other, anywhere)).all(),
    "full join of an alias": lambda db, _: db.execute(
        select(Loan.id, Other.title).outerjoin(Other, anywhere, full=True)
    ).all(),
    "outer join to a free table": lambda db, _: db.execute(
        select(Pass.reference, Book.title).outerjoin(Book, anywhere)
    ).all(),
    "explicit join": lambda db, _: db.execute(titles.select_from(orm_join(Loan, Book, anywhere))).all(),
    "explicit outer join": lambda db, _: db.execute(titles.select_from(orm_outerjoin(Loan, Book, anywhere))).all(),
    "join with a subquery": lambda db, _: db.execute(
        select(Loan.id, (inner := titles.subquery()).c.title).join(inner, anywhere)
    ).all(),
    "correlated subquery": lambda db, _: db.execute(
        select(Book.title, select(func.count()).select_from(Loan).where(Loan.book_id != Book.id).scalar_subquery())
    ).all(),
    "naming the other organization": lambda db, it: db.execute(titles.where(Book.organization_id == it.theirs)).all(),
    "either organization": lambda db, it: db.execute(
        titles.where(or_(Book.organization_id == it.theirs, true()))
    ).all(),
    "get": lambda db, it: db.get(Book, it.foreign_book),
    "by key": lambda db, it: db.scalars(every_book.where(Book.id == it.foreign_book)).all(),
    "streamed": lambda db, _: list(db.execute(every_book, execution_options={"yield_per": 1}).scalars()),
    "legacy query": lambda db, _: db.query(Book).all(),
    "legacy count": lambda db, _: db.query(Book).count(),
    "legacy exists": lambda db, _: db.query(db.query(Book).filter_by(title="Persuasion").exists()).all(),
    "cascading foreign key": lambda db, _: db.execute(select(Loan.book_id)).all(),
}


@pytest.mark.parametrize("name", READS)
def test_no_read_sees_a_row_of_another_organization(libraries: Libraries, name: str) -> None:
    form = READS[name]
    before = libraries.reading(form)
    libraries.open_the_other()
    assert libraries.reading(form) == before


def test_every_form_would_see_the_other_organization_without_the_filter(libraries: Libraries) -> None:
    libraries.open_the_other()
    with libraries.database.write(None) as session:
        session.add(Pass(reference="r", user_id=uuid7(), library_id=libraries.mine, capabilities=""))
        session.commit()
    alike = {name for name, form in READS.items() if libraries.reading_everything(form) == libraries.reading(form)}
    assert alike == set()


def test_one_row_by_key_of_another_organization_is_not_found(libraries: Libraries) -> None:
    libraries.open_the_other()
    with pytest.raises(NoResultFound):
        libraries.reading(lambda db, it: db.get_one(Book, it.foreign_book))


def test_a_row_that_an_earlier_block_read_across_is_not_found_after_it(libraries: Libraries) -> None:
    libraries.open_the_other()
    with libraries.database.read(libraries.mine) as session:
        with session.across_organizations():
            kept = session.get(Book, libraries.foreign_book)
        assert kept is not None
        assert session.get(Book, libraries.foreign_book) is None
        assert session.get(Book, libraries.book) is not None


shelf = Book.__table__  # type: ignore[attr-defined]

UNGUARDED: dict[str, Form] = {
    "count without a source": lambda db, _: db.scalar(select(func.count()).where(Book.shelf == 1)),
    "function of a column": lambda db, _: db.scalar(select(func.max(Book.title))),
    "cast": lambda db, _: db.scalar(select(cast(Book.shelf, String))),
    "expression": lambda db, _: db.scalar(select((Book.title + "!").label("loud"))),  # type: ignore[operator]
    "case": lambda db, _: db.scalar(select(case((Book.shelf == 1, 1)))),
    "distinct": lambda db, _: db.scalar(select(distinct(Book.title))),
    "window": lambda db, _: db.scalar(select(func.count(Book.id).over())),
    "filtered aggregate": lambda db, _: db.scalar(select(func.count().filter(Book.shelf == 1))),
    "tuple": lambda db, _: db.scalar(select(tuple_(Book.id, Book.title))),
    "bundle": lambda db, _: db.execute(select(Bundle("book", Book.title))).all(),
    "condition alone": lambda db, _: db.scalar(select(exists().where(Book.title == "Persuasion"))),
    "table": lambda db, _: db.execute(select(shelf)).all(),
    "column of the table": lambda db, _: db.execute(select(shelf.c.title)).all(),
    "alias of the table": lambda db, _: db.execute(select(shelf.alias())).all(),
    "join past the models": lambda db, _: db.execute(titles.select_from(core_join(Loan, Book, anywhere))).all(),  # type: ignore[arg-type]
    "join of tables": lambda db, _: db.execute(
        select(shelf.c.title).select_from(shelf.join(Loan.__table__, anywhere))
    ).all(),  # type: ignore[attr-defined]
    "join with the table": lambda db, _: db.execute(select(Loan.id).join(shelf, anywhere)).all(),
    "another description of the table": lambda db, _: db.execute(
        select(Table("test_book", MetaData(), Column("title", String)).c.title)
    ).all(),
    "columns exchanged": lambda db, _: db.execute(every_book.with_only_columns(shelf.c.title)).all(),
    "name as a table": lambda db, _: db.execute(select(table("test_book", column("title")))).all(),
    "column of a name": lambda db, _: db.execute(select(table("test_book", column("title")).c.title)).all(),
    "alias of a name": lambda db, _: db.execute(select(table("test_book", column("title")).alias().c.title)).all(),
    "from a name": lambda db, _: db.execute(select(column("title")).select_from(table("test_book"))).all(),
    "condition on a name": lambda db, _: db.execute(
        select(literal(1)).where(table("test_book", column("title")).c.title == "Persuasion")
    ).all(),
    "limit of a union": lambda db, _: db.execute(union_all(titles, titles).limit(count_of_books)).all(),
    "order of a union": lambda db, _: db.execute(union_all(titles, titles).order_by(count_of_books)).all(),
    "limit of a plain row": lambda db, _: db.execute(select(literal(1)).limit(count_of_books)).all(),
    "limit of a plain union": lambda db, _: db.execute(
        union_all(select(literal(1)), select(literal(2))).limit(count_of_books)
    ).all(),
    "sample": lambda db, _: db.execute(select(tablesample(Book, 100))).all(),
    "lateral": lambda db, _: db.execute(
        select(Loan.id, (inner := titles.lateral()).c.title).join(inner, anywhere)
    ).all(),
    "text": lambda db, _: db.execute(text("SELECT * FROM test_book")).all(),
    "text as a column": lambda db, _: db.execute(select(text("title")).select_from(Book)).all(),
    "text as a source": lambda db, _: db.execute(select(literal(1)).select_from(text("test_book"))).all(),
    "text as a condition": lambda db, _: db.execute(every_book.where(text("1=1"))).all(),
    "text as an order": lambda db, _: db.execute(every_book.order_by(text("(SELECT 1)"))).all(),
    "literal column": lambda db, _: db.execute(select(literal_column("(SELECT title FROM test_book)"))).all(),
    "from a statement": lambda db, _: db.scalars(every_book.from_statement(every_book)).all(),
    "from a text statement": lambda db, _: db.scalars(every_book.from_statement(text("SELECT 1"))).all(),
    "from a union": lambda db, _: db.scalars(every_book.from_statement(union_all(every_book, every_book))).all(),
    "legacy query of the table": lambda db, _: db.query(shelf).all(),
    "write in a read": lambda db, _: db.execute(
        select(literal(1)).add_cte(update(Book).values(title="!").cte("hidden"))
    ).all(),
    "connection": lambda db, _: db.connection().execute(text("SELECT 1")),
    "definition": lambda db, _: db.execute(DDL("DROP TABLE test_loan")),
}


@pytest.mark.parametrize("name", UNGUARDED)
def test_a_read_that_the_filter_cannot_reach_is_refused(libraries: Libraries, name: str) -> None:
    with pytest.raises(UntrackedStatement):
        libraries.reading(UNGUARDED[name])


def test_tenant_rows_are_not_readable_without_an_organization(libraries: Libraries) -> None:
    with libraries.database.read(None) as session, pytest.raises(TenantMismatch):
        session.scalars(every_book).all()


def _insert_for(dialect: str) -> Any:
    return sqlite.insert if dialect == "sqlite" else postgresql.insert


def _upsert(db: LiveSession, it: Libraries) -> Any:
    values = {"id": it.foreign_book, "title": "Taken", "shelf": 1, "lent": False, "organization_id": it.mine}
    statement = _insert_for(it.database.writer.dialect.name)(Book).values(**values)
    return db.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"title": "Taken"}))


def _across(db: LiveSession, it: Libraries) -> Book:
    with db.across_organizations():
        found = db.get(Book, it.foreign_book)
    assert found is not None
    return found


def _change(db: LiveSession, row: Book, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    db.flush()


def _add(db: LiveSession, row: Any) -> None:
    db.add(row)
    db.flush()


def _a_row(it: Libraries) -> dict[str, Any]:
    return {"id": uuid7(), "title": "Planted", "shelf": 1, "lent": False, "organization_id": it.theirs}


coming = select(Book.id, Book.title, Book.shelf, Book.lent, Book.organization_id)

WRITES: dict[str, Form] = {
    "update": lambda db, _: db.execute(update(Book).values(title="Taken")),
    "update by key": lambda db, it: db.execute(update(Book).where(Book.id == it.foreign_book).values(title="Taken")),
    "update of their organization": lambda db, it: db.execute(
        update(Book).where(Book.organization_id == it.theirs).values(title="Taken")
    ),
    "update with parameters": lambda db, it: db.execute(
        update(Book).where(Book.id == bindparam("which")).values(title="Taken"), {"which": it.foreign_book}
    ),
    "update by rows": lambda db, it: db.execute(update(Book), [{"id": it.foreign_book, "title": "Taken"}]),
    "update of the table": lambda db, _: db.execute(update(shelf).values(title="Taken")),
    "update of an alias": lambda db, _: db.execute(update(Other).values(title="Taken")),
    "update from another table": lambda db, _: db.execute(
        update(Book).where(Book.id != Loan.book_id).values(title="Taken")
    ),
    "update returning": lambda db, _: db.scalars(update(Book).values(title="Taken").returning(Book.title)).all(),
    "update without synchronizing": lambda db, _: db.execute(
        update(Book).values(title="Taken").execution_options(synchronize_session=False)
    ),
    "update past the models": lambda db, _: db.execute(
        update(Book).values(title="Taken"), execution_options={"dml_strategy": "core_only"}
    ),
    "update that names another plan": lambda db, _: db.execute(
        update(Book).values(title="Taken").execution_options(dml_strategy="core_only")
    ),
    "legacy update": lambda db, _: db.query(Book).update({"title": "Taken"}),
    "giving away": lambda db, it: db.execute(update(Book).values(organization_id=it.theirs)),
    "giving away by an expression": lambda db, it: db.execute(
        update(Book).values(organization_id=case((true(), it.theirs), else_=Book.organization_id))
    ),
    "giving away in order": lambda db, it: db.execute(
        update(Book).ordered_values((Book.organization_id, func.coalesce(it.theirs, it.theirs)))
    ),
    "giving away by a bound value": lambda db, it: db.execute(
        update(Book).values(organization_id=bindparam("to")), {"to": it.theirs}
    ),
    "giving away by parameters": lambda db, it: db.execute(update(Book), {"organization_id": it.theirs}),
    "giving away by rows": lambda db, it: db.execute(update(Book), [{"id": it.book, "organization_id": it.theirs}]),
    "giving away one's own row": lambda db, it: _change(db, db.get_one(Book, it.book), organization_id=it.theirs),
    "changing a row read across": lambda db, it: _change(db, _across(db, it), title="Taken"),
    "taking a row read across": lambda db, it: _change(db, _across(db, it), organization_id=it.mine),
    "deleting a row read across": lambda db, it: (db.delete(_across(db, it)), db.flush()),
    "delete": lambda db, _: db.execute(delete(Book)),
    "delete by key": lambda db, it: db.execute(delete(Book).where(Book.id == it.foreign_book)),
    "delete of the table": lambda db, _: db.execute(delete(shelf)),
    "delete returning": lambda db, _: db.execute(delete(Book).returning(Book.title)).all(),
    "delete by a subquery": lambda db, _: db.execute(delete(Book).where(Book.id.in_(select(Loan.book_id)))),  # type: ignore[attr-defined]
    "legacy delete": lambda db, _: db.query(Book).delete(),
    "new row": lambda db, it: _add(db, Book(title="Planted", organization_id=it.theirs)),
    "merge": lambda db, it: (db.merge(Book(id=it.foreign_book, title="Taken", organization_id=it.mine)), db.flush()),
    "merge as theirs": lambda db, it: (
        db.merge(Book(id=it.foreign_book, title="Taken", organization_id=it.theirs)),
        db.flush(),
    ),
    "bulk insert": lambda db, it: db.execute(insert(Book), [_a_row(it)]),
    "insert of values": lambda db, it: db.execute(insert(Book).values(**_a_row(it))),
    "insert of several": lambda db, it: db.execute(insert(Book).values([_a_row(it)])),
    "insert with overriding rows": lambda db, it: db.execute(
        insert(Book).values(organization_id=it.mine), [_a_row(it)]
    ),
    "insert with an overriding row": lambda db, it: db.execute(
        insert(Book).values(organization_id=it.mine), _a_row(it)
    ),
    "insert of an expression": lambda db, it: db.execute(
        insert(Book).values(**_a_row(it) | {"organization_id": func.coalesce(it.theirs, it.theirs)})
    ),
    "insert into the table": lambda db, it: db.execute(insert(shelf), [_a_row(it)]),
    "insert from a select": lambda db, _: db.execute(
        insert(Book).from_select(["id", "title", "shelf", "lent", "organization_id"], coming)
    ),
    "upsert": _upsert,
    "insert or replace": lambda db, it: db.execute(
        insert(Book)
        .values(**_a_row(it) | {"id": it.foreign_book, "organization_id": it.mine})
        .prefix_with("OR REPLACE")
    ),
    "bulk objects": lambda db, it: db.bulk_save_objects([Book(**_a_row(it))]),
    "bulk mappings": lambda db, it: db.bulk_insert_mappings(Book, [_a_row(it)]),  # type: ignore[arg-type]
    "bulk updates": lambda db, it: db.bulk_update_mappings(Book, [{"id": it.foreign_book, "title": "Taken"}]),  # type: ignore[arg-type]
    "write in a select": lambda db, _: db.execute(
        select(literal(1)).add_cte(update(Book).values(title="Taken").cte("hidden"))
    ),
    "text": lambda db, _: db.execute(text("UPDATE test_book SET title = 'Taken'")),
}


@pytest.mark.parametrize("name", WRITES)
def test_no_write_touches_a_row_of_another_organization(libraries: Libraries, name: str) -> None:
    libraries.open_the_other()
    before = libraries.rows()
    with libraries.database.write(libraries.mine) as session:
        try:
            WRITES[name](session, libraries)
            session.commit()
        except (UntrackedStatement, TenantMismatch, DBAPIError, NotImplementedError):
            pass
    after = libraries.rows()
    assert after[libraries.foreign_book] == before[libraries.foreign_book]
    assert set(after) <= set(before), "nothing may be planted with them"
    kept = after.get(libraries.book)
    assert kept is None or libraries.mine in kept, "nothing may be given away"


PLAIN = ["update", "update with parameters", "update returning", "legacy update"]


@pytest.mark.parametrize("name", PLAIN)
def test_the_plain_forms_of_a_write_do_reach_ones_own_rows(libraries: Libraries, name: str) -> None:
    libraries.foreign_book, own = libraries.book, libraries.foreign_book
    with libraries.database.write(libraries.mine) as session:
        WRITES[name](session, libraries)
        session.commit()
    assert "Taken" in libraries.rows()[libraries.book], own


def test_a_subquery_of_a_bulk_write_tells_nothing_about_another_organization(libraries: Libraries) -> None:
    libraries.open_the_other()
    theirs = exists(select(Other.id).where(Other.title == "Persuasion"))
    with libraries.database.write(libraries.mine) as session:
        told = session.execute(update(Book).where(and_(theirs, Book.id == libraries.book)).values(title="Told"))
        assert told.rowcount == 0  # type: ignore[attr-defined]


def test_a_bulk_insert_that_names_the_callers_organization_is_done(libraries: Libraries) -> None:
    row = _a_row(libraries) | {"organization_id": libraries.mine}
    with libraries.database.write(libraries.mine) as session:
        session.execute(insert(Book), [row])
        session.commit()
    assert row["id"] in libraries.rows()


def test_across_organizations_is_said_for_a_block_and_ends_with_it(libraries: Libraries) -> None:
    libraries.open_the_other()
    with libraries.database.write(libraries.mine) as session:
        with session.across_organizations():
            session.execute(update(Book).where(Book.id == libraries.foreign_book).values(title="Seen to"))
            assert len(session.scalars(every_book).all()) == 2
        assert len(session.scalars(every_book).all()) == 1
        session.commit()
    assert "Seen to" in libraries.rows()[libraries.foreign_book]


def test_what_was_added_before_a_block_is_still_checked_by_the_filter(libraries: Libraries) -> None:
    with libraries.database.write(libraries.mine) as session:
        session.add(Book(title="Planted", organization_id=libraries.theirs))
        with pytest.raises(TenantMismatch), session.across_organizations():
            session.scalars(every_book).all()


def test_a_query_cannot_write(libraries: Libraries) -> None:
    with libraries.database.read(libraries.mine) as session:
        with pytest.raises(UntrackedStatement):
            session.execute(update(Book).values(shelf=cast(2, Integer)))
        session.add(Book(title="Planted"))
        with pytest.raises(UntrackedStatement):
            session.flush()


@mutation(requires="books.edit")
def commit_early(ctx: MutationCtx) -> None:
    ctx.db.add(Book(title="half done"))
    ctx.db.commit()


@mutation(requires="books.edit")
def roll_back(ctx: MutationCtx) -> None:
    ctx.db.rollback()


@query(requires="books.view")
def find_book(ctx: QueryCtx, *, book_id: uuid.UUID) -> str | None:
    found = ctx.db.get(Book, book_id)
    return found.title if found else None


@pytest.mark.anyio
@pytest.mark.parametrize("ends", [commit_early, roll_back])
async def test_a_function_cannot_end_its_transaction(engine: Engine, ends: Callable[..., Any]) -> None:
    ann = a_person()
    with pytest.raises(Internal) as refused:
        await engine.mutate(ends, caller=ann)
    assert isinstance(refused.value.__cause__, UntrackedStatement)
    assert (await engine.query(library.get_shelf, caller=ann, shelf=0)).titles == []


@pytest.mark.anyio
async def test_an_id_of_another_organization_is_as_good_as_none(engine: Engine) -> None:
    ann, zoe = a_person(), a_person()
    book = await engine.mutate(library.add_book, caller=zoe, title="Persuasion", shelf=1)
    assert await engine.query(find_book, caller=ann, book_id=book) is None
    with pytest.raises(EngineError):
        await engine.mutate(library.borrow, caller=ann, book_id=book)
    await engine.mutate(library.move_books, caller=ann, from_shelf=1, to_shelf=7)
    await engine.mutate(library.remove_books, caller=ann, shelf=1)
    assert await engine.query(find_book, caller=zoe, book_id=book) == "Persuasion"
    assert (await engine.query(library.get_shelf, caller=zoe, shelf=1)).titles == ["Persuasion"]


def test_sessions_are_confined_even_when_another_session_is_across(libraries: Libraries) -> None:
    libraries.open_the_other()
    with (
        libraries.database.read(libraries.mine) as wide,
        wide.across_organizations(),
        libraries.database.read(libraries.mine) as narrow,
    ):
        assert len(wide.scalars(every_book).all()) == 2
        assert len(narrow.scalars(every_book).all()) == 1
        assert isinstance(narrow, Session)
