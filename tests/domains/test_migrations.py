"""The migrations build exactly what the models say, on both databases."""

import subprocess
import sys

from sqlalchemy import create_engine, inspect

from memberpulse.migrations import is_current, migrate, plain_url

CHECK = "import sys; from memberpulse.migrations import check, migrate; migrate(sys.argv[1]); check(sys.argv[1])"


def test_models_and_migrations_agree(database_url: str) -> None:
    """In a process of its own: others import tables of their own into this one."""
    done = subprocess.run([sys.executable, "-c", CHECK, database_url], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_migrating_twice_is_harmless(database_url: str) -> None:
    assert not is_current(database_url)
    migrate(database_url)
    assert is_current(database_url)
    migrate(database_url)
    engine = create_engine(plain_url(database_url))
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    assert {"user_account", "user_session", "organization", "membership", "engine_job", "alembic_version"} <= names
