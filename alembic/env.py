"""Runs migrations on SQLite and PostgreSQL, in one transaction each."""

from typing import Any, Literal

from sqlalchemy import Connection, create_engine
from sqlmodel import SQLModel

from alembic import context
from memberpulse.domains import catalog
from memberpulse.engine import UtcDateTime, walls
from memberpulse.engine import tables as engine_tables
from memberpulse.migrations import plain_url
from memberpulse.settings import get_settings

KNOWN = (catalog, engine_tables)
"""Importing these fills the metadata with every table."""


def render_item(kind: str, item: Any, autogen_context: Any) -> str | Literal[False]:
    """A migration stands on its own: it names no type of ours."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and type(item).__module__.startswith("sqlmodel"):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    return False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_item=render_item,
        render_as_batch=True,
        compare_type=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            walls.see_over(connection)
        context.run_migrations()
        if connection.dialect.name == "postgresql":
            walls.build(connection)


def run_on(url: str) -> None:
    engine = create_engine(plain_url(url))
    try:
        with engine.begin() as connection:
            run(connection)
    finally:
        engine.dispose()


if context.is_offline_mode():
    raise SystemExit("Migrations need a database to run on; --sql is not supported.")
run_on(context.config.get_main_option("sqlalchemy.url") or get_settings().database_url)
