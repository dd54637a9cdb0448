"""A small domain for the engine's own tests: books and loans of lending libraries."""

import asyncio
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import delete, func, update
from sqlmodel import Field, col, select

from memberpulse.engine import (
    INTERNAL,
    PUBLIC,
    SIGNED_IN,
    ActionCtx,
    Caller,
    Domain,
    MutationCtx,
    QueryCtx,
    Row,
    TenantRow,
    UtcDateTime,
    action,
    job,
    mutation,
    query,
    uuid7,
)
from memberpulse.engine.errors import Conflict


class Pass(Row, table=True):
    """A session: its holder may use one library with these capabilities, separated by spaces."""

    __tablename__: ClassVar[str] = "test_pass"
    reference: str = Field(unique=True)
    user_id: uuid.UUID
    library_id: uuid.UUID
    capabilities: str
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Book(TenantRow, table=True):
    __tablename__: ClassVar[str] = "test_book"
    title: str
    shelf: int = 0
    lent: bool = False


class Loan(TenantRow, table=True):
    __tablename__: ClassVar[str] = "test_loan"
    book_id: uuid.UUID = Field(foreign_key="test_book.id", ondelete="CASCADE")
    user_id: uuid.UUID
    due_at: datetime = Field(sa_type=UtcDateTime)


@dataclass(frozen=True)
class Shelf:
    titles: list[str]
    lent: int


runs: list[str] = []
"""The names of the queries that ran, in order."""


@query(requires="books.view")
def get_shelf(ctx: QueryCtx, *, shelf: int) -> Shelf:
    runs.append(f"get_shelf:{shelf}")
    books = ctx.db.scalars(select(Book).where(Book.shelf == shelf).order_by(Book.title)).all()
    return Shelf([book.title for book in books], sum(book.lent for book in books))


@query(requires="books.view")
def count_my_loans(ctx: QueryCtx) -> int:
    runs.append("count_my_loans")
    mine = select(func.count()).select_from(Loan).where(Loan.user_id == ctx.user_id)
    return ctx.db.scalar(mine) or 0


@query(requires="books.view")
def count_overdue(ctx: QueryCtx) -> int:
    runs.append("count_overdue")
    due = list(ctx.db.scalars(select(Loan.due_at)))
    ctx.stale_at(min((each for each in due if each > ctx.now), default=None))
    return sum(each <= ctx.now for each in due)


@query(requires=PUBLIC)
def get_motto(ctx: QueryCtx) -> str:
    return "Bring it back"


@query(requires=SIGNED_IN)
def get_my_id(ctx: QueryCtx) -> uuid.UUID:
    return ctx.user_id


@query(requires="books.view")
def fail_always(ctx: QueryCtx) -> int:
    ctx.db.scalars(select(Book)).all()
    raise ValueError("a fault of ours")


@mutation(requires="books.edit")
def add_book(ctx: MutationCtx, *, title: str, shelf: int = 0) -> uuid.UUID:
    book = Book(title=title, shelf=shelf)
    ctx.db.add(book)
    return book.id


@mutation(requires="books.edit")
def move_books(ctx: MutationCtx, *, from_shelf: int, to_shelf: int) -> int:
    """Several rows by one statement."""
    moved = ctx.db.execute(update(Book).where(Book.shelf == from_shelf).values(shelf=to_shelf))
    return moved.rowcount  # type: ignore[attr-defined]


@mutation(requires="books.edit")
def remove_books(ctx: MutationCtx, *, shelf: int) -> int:
    return ctx.db.execute(delete(Book).where(Book.shelf == shelf)).rowcount  # type: ignore[attr-defined]


@mutation(requires="books.view")
def borrow(ctx: MutationCtx, *, book_id: uuid.UUID) -> None:
    book = ctx.db.get(Book, book_id)
    if book is None or book.lent:
        raise Conflict("The book is not there.")
    book.lent = True
    ctx.db.add(Loan(book_id=book.id, user_id=ctx.user_id, due_at=ctx.now + timedelta(days=14)))
    ctx.schedule(remind, book_id=book.id)


@mutation(requires=INTERNAL)
def close_pass(ctx: MutationCtx, *, reference: str) -> None:
    ctx.db.execute(delete(Pass).where(Pass.reference == reference))


@mutation(requires=INTERNAL)
def set_capabilities(ctx: MutationCtx, *, reference: str, capabilities: str) -> None:
    holder = ctx.db.scalars(select(Pass).where(Pass.reference == reference)).one()
    holder.capabilities = capabilities


@mutation(requires="books.edit", limit="3/minute")
def stamp(ctx: MutationCtx) -> int:
    return 1


@action(requires="books.edit")
async def order_book(ctx: ActionCtx, *, title: str) -> uuid.UUID:
    """Asks the outside, then writes."""
    return await ctx.mutate(add_book, title=title)


on_its_way = asyncio.Event()
"""What `order_slowly` waits for."""


@action(requires="books.edit")
async def order_slowly(ctx: ActionCtx, *, title: str) -> uuid.UUID:
    ordered = await ctx.mutate(add_book, title=title)
    await on_its_way.wait()
    return ordered


@action(requires="books.edit")
async def order_in_vain(ctx: ActionCtx, *, title: str, first: bool) -> uuid.UUID:
    """Refuses: before it has written anything, or after."""
    if first:
        raise Conflict("Nothing was ordered.")
    await ctx.mutate(add_book, title=title)
    raise Conflict("It was ordered, and then something went wrong.")


@query(requires="books.view")
def list_never_lent(ctx: QueryCtx) -> list[str]:
    """Books without a loan: a row that is missing is the answer."""
    never = select(Book.title).outerjoin(Loan, col(Loan.book_id) == Book.id).where(col(Loan.id).is_(None))
    return list(ctx.db.scalars(never.order_by(Book.title)))


@job(max_attempts=3)
def remind(ctx: MutationCtx, *, book_id: uuid.UUID) -> None:
    ctx.db.add(Book(title="a reminder", shelf=99))


@job(max_attempts=2)
def fail_job(ctx: MutationCtx) -> None:
    ctx.db.add(Book(title="never", shelf=98))
    ctx.db.flush()
    raise RuntimeError("it always fails")


@mutation(requires="books.edit")
def promise_failure(ctx: MutationCtx) -> None:
    ctx.schedule(fail_job)


library = Domain(
    name="library",
    functions=[
        get_shelf,
        count_my_loans,
        count_overdue,
        get_motto,
        get_my_id,
        fail_always,
        add_book,
        move_books,
        remove_books,
        borrow,
        close_pass,
        set_capabilities,
        stamp,
        order_book,
        order_slowly,
        order_in_vain,
        list_never_lent,
        remind,
        fail_job,
        promise_failure,
    ],
    capabilities=["books.view", "books.edit"],
)


def identify(ctx: QueryCtx, reference: str) -> Caller | None:
    holder = ctx.db.scalars(select(Pass).where(Pass.reference == reference)).first()
    if holder is None or (holder.ends_at is not None and holder.ends_at <= ctx.now):
        return None
    return Caller(
        "person",
        user_id=holder.user_id,
        organization_id=holder.library_id,
        capabilities=frozenset(holder.capabilities.split()),
        expires_at=holder.ends_at,
        reference=reference,
    )


def a_person(library_id: uuid.UUID | None = None, capabilities: str = "books.view books.edit") -> Caller:
    return Caller(
        "person",
        user_id=uuid7(),
        organization_id=library_id or uuid7(),
        capabilities=frozenset(capabilities.split()),
    )
