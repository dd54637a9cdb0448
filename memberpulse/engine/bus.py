"""How change sets reach the other processes. Tables and keys travel, never results.

    LocalBus    one process alone
    OutboxBus   SQLite: rows in the same transaction, found by polling; so a command line reaches a running server
    NotifyBus   PostgreSQL's NOTIFY inside the transaction: a crash after commit cannot lose it
    RedisBus    Redis pub/sub after commit: faster; what a crash loses is found by the resync

None is trusted to be perfect: after a gap everything is read again, and a slow resync converges whatever was missed.
"""

import asyncio
import json
import logging
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Protocol

from sqlalchemy import delete, func
from sqlalchemy.orm import Session
from sqlmodel import col, select

from memberpulse.engine.database import DEAD_LINK, Database
from memberpulse.engine.predicates import Changes, Write, decode, encode
from memberpulse.engine.session import LiveSession
from memberpulse.engine.tables import EngineChange
from memberpulse.engine.types import utc_now

log = logging.getLogger("memberpulse.engine")

CHANNEL = "memberpulse_changes"
NOTIFY_LIMIT_BYTES = 7000
POLL_SECONDS = 0.25
KEEP_CHANGES = timedelta(minutes=10)

OnChanges = Callable[[Changes], None]
OnGap = Callable[[], None]


class Bus(Protocol):
    def within(self, session: LiveSession, changes: Changes) -> None:
        """Called in the writing thread, before the commit."""
        ...

    async def publish(self, changes: Changes) -> None:
        """Called on the loop, after the commit."""
        ...

    async def start(self, on_changes: OnChanges, on_gap: OnGap) -> None: ...
    async def stop(self) -> None: ...


class LocalBus:
    """For a process that is alone."""

    def within(self, session: LiveSession, changes: Changes) -> None:
        return

    async def publish(self, changes: Changes) -> None:
        return

    async def start(self, on_changes: OnChanges, on_gap: OnGap) -> None:
        return

    async def stop(self) -> None:
        return


class _Listening:
    """A bus with a task that listens, and that reports a gap whenever it had to connect again."""

    retry_seconds = 0.5

    def __init__(self) -> None:
        self.origin = uuid.uuid4().hex
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    def within(self, session: LiveSession, changes: Changes) -> None:
        return

    async def publish(self, changes: Changes) -> None:
        return

    async def start(self, on_changes: OnChanges, on_gap: OnGap) -> None:
        self._task = asyncio.create_task(self._keep_listening(on_changes, on_gap))
        await self._ready.wait()

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _keep_listening(self, on_changes: OnChanges, on_gap: OnGap) -> None:
        while True:
            try:
                await self._listen(on_changes, on_gap)
            except Exception as error:
                log.warning("change bus lost, connecting again: %s", error)
                self._ready.set()
                await asyncio.sleep(self.retry_seconds)

    async def _listen(self, on_changes: OnChanges, on_gap: OnGap) -> None:
        raise NotImplementedError

    def _connected(self, on_gap: OnGap) -> None:
        """From here on nothing is missed; whatever came before may have been."""
        self._ready.set()
        on_gap()

    def _pack(self, changes: Changes) -> str:
        return json.dumps([self.origin, encode(changes)], separators=(",", ":"))

    def _unpack(self, text: str, on_changes: OnChanges) -> None:
        origin, data = json.loads(text)
        if origin != self.origin:
            on_changes(decode(data))


class OutboxBus(_Listening):
    """Change sets as rows. Each process skips its own and reads on from the last that it saw.

    announces: whether this process writes such rows; the one server of a SQLite database has nobody to tell.
    """

    def __init__(self, database: Database, *, announces: bool) -> None:
        super().__init__()
        self._database = database
        self._announces = announces
        self._seen = 0

    def within(self, session: LiveSession, changes: Changes) -> None:
        if self._announces:
            session.add(EngineChange(origin=self.origin, payload=self._pack(changes)))

    async def _listen(self, on_changes: OnChanges, on_gap: OnGap) -> None:
        loop = asyncio.get_running_loop()
        self._seen = await loop.run_in_executor(self._database.read_threads, self._newest)
        self._connected(on_gap)
        while True:
            await asyncio.sleep(POLL_SECONDS)
            for payload in await loop.run_in_executor(self._database.read_threads, self._news):
                self._unpack(payload, on_changes)

    def _newest(self) -> int:
        with self._database.read(None) as session:
            return session.scalar(select(func.max(EngineChange.id)).select_from(EngineChange)) or 0

    def _news(self) -> list[str]:
        with self._database.read(None) as session:
            rows = session.execute(
                select(EngineChange.id, EngineChange.payload)
                .where(col(EngineChange.id) > self._seen, EngineChange.origin != self.origin)
                .order_by(col(EngineChange.id))
            ).all()
        if rows:
            self._seen = rows[-1][0]
        return [payload for _, payload in rows]


class NotifyBus(_Listening):
    """PostgreSQL tells the listeners itself, exactly when the transaction commits."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def within(self, session: LiveSession, changes: Changes) -> None:
        text = self._pack(changes)
        if len(text) > NOTIFY_LIMIT_BYTES:
            text = self._pack(tuple(Write(table, {}) for table in sorted({write.table for write in changes})))
        Session.connection(session).exec_driver_sql("SELECT pg_notify(%s, %s)", (CHANNEL, text))

    async def _listen(self, on_changes: OnChanges, on_gap: OnGap) -> None:
        import psycopg  # only where it is used: a server on SQLite starts without it

        async with await psycopg.AsyncConnection.connect(self._url, autocommit=True, **DEAD_LINK) as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            self._connected(on_gap)
            async for notice in connection.notifies():
                self._unpack(notice.payload, on_changes)


class RedisBus(_Listening):
    """Redis carries change sets after the commit."""

    def __init__(self, url: str) -> None:
        import redis.asyncio  # only where it is used: most servers do without it

        super().__init__()
        self._redis: Any = redis.asyncio.from_url(url, decode_responses=True)

    async def publish(self, changes: Changes) -> None:
        from redis.exceptions import RedisError

        try:
            await self._redis.publish(CHANNEL, self._pack(changes))
        except RedisError as error:
            log.warning("a change set did not reach Redis; the resync will carry it: %s", error)

    async def stop(self) -> None:
        await super().stop()
        await self._redis.aclose()

    async def _listen(self, on_changes: OnChanges, on_gap: OnGap) -> None:
        async with self._redis.pubsub() as listener:
            await listener.subscribe(CHANNEL)
            async for message in listener.listen():
                if message["type"] == "subscribe":
                    self._connected(on_gap)
                elif message["type"] == "message":
                    self._unpack(message["data"], on_changes)


def delete_old_changes(session: LiveSession) -> None:
    """Forget change sets that every process has long seen. The newest stays, or SQLite would count from 1 again."""
    newest = session.scalar(select(func.max(EngineChange.id)).select_from(EngineChange)) or 0
    old = (col(EngineChange.created_at) < utc_now() - KEEP_CHANGES, col(EngineChange.id) < newest)
    session.execute(delete(EngineChange).where(*old))
