"""Connections: how each database is opened so that writes are safe and reads see one snapshot.

SQLite: WAL, `synchronous=FULL`, one writer connection whose transactions begin IMMEDIATE, a few read-only readers.
PostgreSQL: SERIALIZABLE writes that are retried on conflict, REPEATABLE READ read-only readers.
"""

import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from memberpulse.engine import walls
from memberpulse.engine.functions import TIME_LIMIT_SECONDS
from memberpulse.engine.session import LiveSession

READERS = 4
SESSION_READERS = 1
"""Who is calling is read in a thread of its own: slow queries must not keep everybody at the door."""
WRITERS = 8
BUSY_TIMEOUT_MS = 5000
DEAD_LINK: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""How soon PostgreSQL is known to be gone when nobody says so: seconds, and milliseconds for the last."""
_RETRYABLE_STATES = {"40001", "40P01"}


class Database:
    """One database: its engines, its threads, and sessions on them.

    url: an SQLAlchemy URL, `sqlite:///path` or `postgresql://…` (psycopg 3 is the driver).
    """

    def __init__(self, url: str) -> None:
        self.url = _with_driver(make_url(url))
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.writer, self.reader = self._open()
        writers = 1 if self.is_sqlite else WRITERS
        self.write_threads = ThreadPoolExecutor(writers, thread_name_prefix="write")
        self.read_threads = ThreadPoolExecutor(READERS, thread_name_prefix="read")
        self.session_threads = ThreadPoolExecutor(SESSION_READERS, thread_name_prefix="session")

    def close(self) -> None:
        """Finish what is running, then close every connection."""
        self.write_threads.shutdown(wait=True)
        self.read_threads.shutdown(wait=True)
        self.session_threads.shutdown(wait=True)
        self.reader.dispose()
        self.writer.dispose()

    @contextmanager
    def read(
        self,
        organization_id: uuid.UUID | None,
        ask_organization: Callable[[], None] | None = None,
    ) -> Generator[LiveSession]:
        """A session on one snapshot that can write nothing."""
        deadline = time.monotonic() + TIME_LIMIT_SECONDS
        with LiveSession(
            self.reader,
            organization_id=organization_id,
            read_only=True,
            deadline=deadline,
            ask_organization=ask_organization,
        ) as session:
            _running.deadline = deadline
            yield session

    @contextmanager
    def write(self, organization_id: uuid.UUID | None, seconds: float = TIME_LIMIT_SECONDS) -> Generator[LiveSession]:
        """A session in one write transaction; the caller commits."""
        deadline = time.monotonic() + seconds
        with LiveSession(self.writer, organization_id=organization_id, read_only=False, deadline=deadline) as session:
            _running.deadline = deadline
            yield session

    def passes_walls(self) -> bool:
        """Whether the walls between organizations are nothing to the role that we connect as. SQLite has none."""
        if self.is_sqlite:
            return False
        with self.reader.connect() as connection:
            return walls.passes(connection)

    def state_by_others(self, session: LiveSession) -> tuple[int, int] | None:
        """Begin the session's transaction; a state that differs once another process has committed to the database.

        None when others may commit during the transaction, or cannot be told from ourselves.
        """
        if not self.is_sqlite:
            return None
        pooled = Session.connection(session).connection
        assert pooled.driver_connection is not None
        return pooled.info["number"], pooled.driver_connection.execute("PRAGMA data_version").fetchone()[0]

    def _open(self) -> tuple[Engine, Engine]:
        if self.is_sqlite:
            return _sqlite(self.url, pool_size=1, begin="BEGIN IMMEDIATE"), _sqlite(
                self.url, pool_size=READERS + SESSION_READERS, begin="BEGIN", query_only=True
            )
        return _postgres(self.url, WRITERS, "SERIALIZABLE"), _postgres(
            self.url, READERS + SESSION_READERS, "REPEATABLE READ", read_only=True
        )


def is_conflict(error: DBAPIError) -> bool:
    """Whether the same transaction may succeed when it is simply run again."""
    if isinstance(error.orig, sqlite3.Error):
        return "database is locked" in str(error.orig)
    return getattr(error.orig, "sqlstate", None) in _RETRYABLE_STATES


def _with_driver(url: URL) -> URL:
    return url.set(drivername="postgresql+psycopg") if url.get_backend_name() == "postgresql" else url


def _sqlite(url: URL, *, pool_size: int, begin: str, query_only: bool = False) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=0,
        connect_args={"check_same_thread": False, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, record: Any) -> None:
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "foreign_keys=ON",
            f"query_only={'ON' if query_only else 'OFF'}",
        ):
            connection.execute(f"PRAGMA {pragma}")
        connection.set_progress_handler(_past_deadline, 100_000)
        record.info["number"] = next(_numbers)

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


_numbers = count(1)
"""Of connections to SQLite: each counts the changes by others for itself."""
_running = threading.local()
"""The deadline of the function that runs in this thread."""


def _past_deadline() -> bool:
    """Asked by SQLite while a statement runs; true stops it. PostgreSQL has its own `statement_timeout`."""
    return time.monotonic() > getattr(_running, "deadline", float("inf"))


def _postgres(url: URL, pool_size: int, isolation: str, *, read_only: bool = False) -> Engine:
    options: dict[str, Any] = {"isolation_level": isolation}
    if read_only:
        options["postgresql_readonly"] = True
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=2,
        pool_pre_ping=True,
        execution_options=options,
        connect_args=DEAD_LINK | {"options": f"-c statement_timeout={TIME_LIMIT_SECONDS * 1000} -c timezone=UTC"},
    )
