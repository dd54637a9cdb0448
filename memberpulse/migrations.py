"""Bringing a database's schema up to date, from code.

    migrate("sqlite:///data/memberpulse.db")         # or postgresql://…

The migrations are in `alembic/versions`; `alembic revision --autogenerate -m "Add x"` writes a new one.
"""

from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from alembic import command

ROOT = Path(__file__).resolve().parent.parent


def migrate(database_url: str) -> None:
    """Run the migrations that are missing. Creates an SQLite file and its folder; raises what the database raises."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    command.upgrade(_config(database_url), "head")


def is_current(database_url: str) -> bool:
    """Whether the database has every migration."""
    head = ScriptDirectory.from_config(_config(database_url)).get_current_head()
    engine = create_engine(plain_url(database_url))
    with engine.connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
    engine.dispose()
    return revision == head


def check(database_url: str) -> None:
    """Raise alembic's CommandError when the models differ from what the migrations build."""
    command.check(_config(database_url))


def plain_url(database_url: str) -> str:
    """The URL with the driver that we use."""
    url = make_url(database_url)
    if url.get_backend_name() in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    return url.render_as_string(hide_password=False)


def _config(database_url: str) -> Config:
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("sqlalchemy.url", database_url.replace("%", "%%"))
    return config
