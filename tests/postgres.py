"""PostgreSQL for tests: databases that are made and dropped, and one that tests use one after another."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import LiteralString

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

OWNER = "memberpulse_owner"
"""A role as the product should have it: it owns its database, and no wall inside is open to it."""
KEPT = "kept_"
"""How the names of databases begin that are not dropped after a test."""
RESTORE = """
CREATE FUNCTION kept.restore() RETURNS void LANGUAGE plpgsql
    SET session_replication_role = replica SET lock_timeout = '10s' AS $$ BEGIN {} END $$
"""


def make_owner(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as admin:
        for sure in ("fsync", "full_page_writes", "synchronous_commit"):  # nothing here outlives the machine
            admin.execute(f"ALTER SYSTEM SET {sure} = off")
        admin.execute("SELECT pg_reload_conf()")
        if admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (OWNER,)).fetchone() is None:
            admin.execute(f"CREATE ROLE {OWNER} LOGIN PASSWORD '{OWNER}'")


def as_owner(server: str, database: str) -> str:
    """The URL of a database that belongs to OWNER."""
    named = make_url(server).set(database=database, username=OWNER, password=OWNER)
    return named.render_as_string(hide_password=False)


def as_admin(server: str, database: str) -> str:
    """The URL of a database for whom no wall is there."""
    return make_url(server).set(database=database).render_as_string(hide_password=False)


@contextmanager
def a_database(server: str, name: str, made: str = "") -> Iterator[str]:
    """The name of a new database, which is dropped at the end. made: what more CREATE DATABASE is told."""
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} {made}")
    yield name
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def postgres_database(server: str, *, copy_of: str = "template1") -> Iterator[str]:
    """The superuser's URL of a fresh database on the server, empty or a copy of another."""
    with a_database(server, f"t_{uuid.uuid4().hex[:12]}", f"TEMPLATE {copy_of}") as name:
        yield as_admin(server, name)


@contextmanager
def owners_database(server: str, *, copy_of: str = "template1", begins: str = "t_") -> Iterator[str]:
    """As `postgres_database`, but its name, and it belongs to OWNER."""
    made = f"TEMPLATE {copy_of} OWNER {OWNER} STRATEGY FILE_COPY"
    with a_database(server, f"{begins}{uuid.uuid4().hex[:12]}", made) as name:
        yield name


def is_kept(url: URL) -> bool:
    return (url.database or "").startswith(KEPT)


class KeptDatabase:
    """A copy of a database in which tests work one after another: what one did is undone before the next.

    Making and dropping one for each test takes longer than most tests, and connecting to it anew as long again.
    """

    def __init__(self, server: str, name: str) -> None:
        self.url = as_owner(server, name)
        self._admin = psycopg.connect(as_admin(server, name), autocommit=True)
        self._keep()

    def restore(self) -> None:
        """Put every row and every sequence back; what a test left locked is an error after ten seconds."""
        self._admin.execute("SELECT kept.restore()")

    def close(self) -> None:
        self._admin.close()

    def _keep(self) -> None:
        tables = self._names("pg_tables", "tablename")
        self._admin.execute("CREATE SCHEMA kept")
        steps = [sql.SQL("DELETE FROM public.{};").format(each) for each in tables]
        for each in tables:
            self._admin.execute(sql.SQL("CREATE TABLE kept.{0} AS TABLE public.{0}").format(each))
            steps.append(sql.SQL("INSERT INTO public.{0} SELECT * FROM kept.{0};").format(each))
        for each in self._names("pg_sequences", "sequencename"):
            ask = sql.SQL("SELECT {}, last_value, is_called FROM public.{}").format(each.as_string(None), each)
            stands = map(sql.Literal, self._admin.execute(ask).fetchone() or ())
            steps.append(sql.SQL("PERFORM setval({}, {}, {});").format(*stands))
        self._admin.execute(sql.SQL(RESTORE).format(sql.SQL(" ").join(steps)))

    def _names(self, catalog: LiteralString, column: LiteralString) -> list[sql.Identifier]:
        rows = self._admin.execute(f"SELECT {column} FROM {catalog} WHERE schemaname = 'public'")
        return [sql.Identifier(name) for (name,) in rows]
