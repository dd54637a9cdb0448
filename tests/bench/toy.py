"""A small domain to measure the engine by: notices on boards, read by people with a pass."""

import uuid
from dataclasses import dataclass
from hashlib import sha256
from typing import ClassVar

from sqlalchemy import Engine as SqlEngine
from sqlalchemy import create_engine, func, insert, update
from sqlmodel import Field, SQLModel, select

from memberpulse.engine import (
    Caller,
    Domain,
    Engine,
    EngineSettings,
    MutationCtx,
    QueryCtx,
    Row,
    TenantRow,
    mutation,
    query,
    uuid7,
)

CLUB = uuid.UUID(int=7)
ROWS = 12
"""With this many notices the result of `list_notices` is about one kilobyte."""


class Pass(Row, table=True):
    """A session of a person in one organization."""

    __tablename__: ClassVar[str] = "bench_pass"
    reference: str = Field(unique=True)
    user_id: uuid.UUID
    club_id: uuid.UUID
    capabilities: str = "notices.view notices.post"


class Notice(TenantRow, table=True):
    __tablename__: ClassVar[str] = "bench_notice"
    board: int = Field(index=True)
    title: str
    revision: int = 0


@dataclass(frozen=True)
class NoticeView:
    id: uuid.UUID
    title: str
    revision: int


@query(requires="notices.view")
def list_notices(ctx: QueryCtx, *, board: int) -> list[NoticeView]:
    rows = ctx.db.scalars(select(Notice).where(Notice.board == board).order_by(Notice.id)).all()
    return [NoticeView(row.id, row.title, row.revision) for row in rows]


@query(requires="notices.view")
def get_title(ctx: QueryCtx, *, notice_id: uuid.UUID) -> str | None:
    return ctx.db.scalar(select(Notice.title).where(Notice.id == notice_id))


@query(requires="notices.view")
def count_notices(ctx: QueryCtx) -> int:
    return ctx.db.scalar(select(func.count()).select_from(Notice)) or 0


@mutation(requires="notices.post")
def revise_notices(ctx: MutationCtx, *, board: int) -> None:
    """Change every notice of a board by one statement."""
    ctx.db.execute(update(Notice).where(Notice.board == board).values(revision=Notice.revision + 1))


@mutation(requires="notices.post")
def post_notice(ctx: MutationCtx, *, board: int, title: str) -> uuid.UUID:
    notice = Notice(board=board, title=title)
    ctx.db.add(notice)
    return notice.id


@mutation(requires="notices.post")
def rename_notice(ctx: MutationCtx, *, notice_id: uuid.UUID, title: str) -> None:
    notice = ctx.db.get_one(Notice, notice_id)
    notice.title = title


notices = Domain(
    name="bench",
    functions=[list_notices, get_title, count_notices, revise_notices, post_notice, rename_notice],
    capabilities=["notices.view", "notices.post"],
)


def identify(ctx: QueryCtx, reference: str) -> Caller | None:
    holder = ctx.db.scalars(select(Pass).where(Pass.reference == reference)).first()
    if holder is None:
        return None
    return Caller(
        "person",
        user_id=holder.user_id,
        organization_id=holder.club_id,
        role="member",
        capabilities=frozenset(holder.capabilities.split()),
        session_id=holder.id,
        reference=reference,
    )


def new_engine(database_url: str) -> Engine:
    return Engine(EngineSettings(database_url=database_url), [notices], identify)


def token_of(person: int) -> str:
    """The cookie of the nth person."""
    return f"bench-{person}".ljust(43, "-")


def reference_of(person: int) -> str:
    return sha256(token_of(person).encode()).hexdigest()


def a_caller(person: int = 0, club: uuid.UUID = CLUB) -> Caller:
    """The nth person, as their session would be read."""
    return Caller(
        "person",
        user_id=uuid.UUID(int=person + 1),
        organization_id=club,
        role="member",
        capabilities=frozenset({"notices.view", "notices.post"}),
        session_id=uuid.UUID(int=person + 1),
        reference=reference_of(person),
    )


def sql_engine(database_url: str) -> SqlEngine:
    return create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))


def fill(database_url: str, *, people: int, boards: int = 1, rows: int = ROWS) -> None:
    """Create the tables, `people` with a session each, and `rows` notices on each board."""
    engine = sql_engine(database_url)
    SQLModel.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(Pass), [_pass(person) for person in range(people)])
        connection.execute(insert(Notice), [_notice(board, row) for board in range(boards) for row in range(rows)])
    engine.dispose()


def _pass(person: int) -> dict[str, object]:
    return {
        "id": uuid.UUID(int=person + 1),
        "reference": reference_of(person),
        "user_id": uuid.UUID(int=person + 1),
        "club_id": CLUB,
        "capabilities": "notices.view notices.post",
    }


def _notice(board: int, row: int) -> dict[str, object]:
    return {"id": uuid7(), "organization_id": CLUB, "board": board, "title": f"Notice {row:04}", "revision": 0}
