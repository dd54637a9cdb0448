"""From open sockets to presence records: the socket itself is the heartbeat.

One observer runs in each process. It gathers what its sockets tell for a moment and writes it in one mutation per
organization; every 20 seconds it writes everybody who is still connected. Nothing here is remembered in a way that a
restart could falsify: who is not written any more is away by the clock.
"""

import asyncio
import logging
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from memberpulse.domains.accounts.mutations import note_sessions_seen
from memberpulse.domains.accounts.rules import SEEN_EVERY
from memberpulse.domains.presence.mutations import left, saw_people
from memberpulse.domains.presence.rules import place_of
from memberpulse.domains.presence.schemas import PresenceMark
from memberpulse.engine import system, utc_now
from memberpulse.engine.errors import Timeout, Unavailable

if TYPE_CHECKING:
    from memberpulse.engine.runtime import Engine
    from memberpulse.engine.socket import Connection

log = logging.getLogger("memberpulse.presence")

BEAT_SECONDS = 20.0
GATHER_SECONDS = 0.15
MARKS_AT_ONCE = 500

Place = tuple[uuid.UUID, uuid.UUID]
"""A person in an organization."""


@dataclass(slots=True)
class Tab:
    """One connected tab. page: None while it is hidden."""

    place: Place
    session_id: uuid.UUID | None
    page: str | None
    active_at: datetime


class PresenceObserver:
    """Observes the connections of one engine.

    observer = PresenceObserver(engine)
    engine.connections.observe(observer)
    observer.start()                       # on the running loop
    await observer.stop()                  # before engine.stop()
    """

    def __init__(self, engine: "Engine") -> None:
        self._engine = engine
        self._tabs: dict[Any, Tab] = {}
        self._last_page: dict[Place, tuple[str, datetime]] = {}
        self._changed: set[Place] = set()
        self._sessions_told: dict[uuid.UUID, datetime] = {}
        self._gathering: asyncio.Task[None] | None = None
        self._beating: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to beat."""
        self._beating = asyncio.get_running_loop().create_task(self._beat_forever())

    async def stop(self) -> None:
        """Stop beating, and write what is known."""
        for task in (self._beating, self._gathering):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await self._write(self._changed)

    # What the sockets tell

    def opened(self, connection: "Connection") -> None:
        caller = connection.access.caller
        if caller is None or caller.user_id is None or caller.organization_id is None:
            return
        place = (caller.organization_id, caller.user_id)
        self._tabs[connection] = Tab(place, caller.session_id, connection.path, utc_now())
        self._note(place)

    def moved(self, connection: "Connection") -> None:
        tab = self._tabs.get(connection)
        if tab is None:
            self.opened(connection)
            return
        tab.page, tab.active_at = connection.path, utc_now()
        self._note(tab.place)

    def closed(self, connection: "Connection") -> None:
        tab = self._tabs.pop(connection, None)
        if tab is None:
            return
        signed_out = connection.access.caller is None
        if not signed_out or any(other.place == tab.place for other in self._tabs.values()):
            self._note(tab.place)

    async def beat(self) -> None:
        """Write everybody who is connected, and which sessions are in use."""
        self._follow_callers()
        await self._write({tab.place for tab in self._tabs.values()})
        await self._tell_sessions()

    # How it is written

    def _note(self, place: Place) -> None:
        self._changed.add(place)
        if self._gathering is None:
            self._gathering = asyncio.get_running_loop().create_task(self._gather())

    async def _gather(self) -> None:
        await asyncio.sleep(GATHER_SECONDS)
        self._gathering = None
        changed, self._changed = self._changed, set()
        await self._write(changed)

    async def _beat_forever(self) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            await self.beat()

    async def _write(self, places: Iterable[Place]) -> None:
        now = utc_now()
        tabs_of: dict[Place, list[Tab]] = {}
        for tab in self._tabs.values():
            tabs_of.setdefault(tab.place, []).append(tab)
        here: dict[uuid.UUID, list[PresenceMark]] = {}
        gone: dict[uuid.UUID, list[PresenceMark]] = {}
        for place in set(places):
            tabs = tabs_of.get(place, [])
            found = here if tabs else gone
            found.setdefault(place[0], []).append(self._mark(place, tabs, now))
            if not tabs:
                self._last_page.pop(place, None)
        for function, groups in ((saw_people, here), (left, gone)):
            for organization_id, marks in groups.items():
                for start in range(0, len(marks), MARKS_AT_ONCE):
                    await self._tell(function, organization_id, marks[start : start + MARKS_AT_ONCE])

    def _mark(self, place: Place, tabs: list[Tab], now: datetime) -> PresenceMark:
        """Where a person is: on the page of the tab used last, or still where they were when all are hidden."""
        shown = max((tab for tab in tabs if tab.page), key=lambda tab: tab.active_at, default=None)
        if shown is not None and shown.page is not None:
            self._last_page[place] = (shown.page, shown.active_at)
        path, active_at = self._last_page.get(place, (None, now))
        page, thing = place_of(path) if path is not None else (None, None)
        return PresenceMark(user_id=place[1], page=page, thing=thing, active_at=active_at, seen_at=now)

    def _follow_callers(self) -> None:
        """A session may have switched to another organization, or lost its own, under an open tab."""
        for connection, tab in list(self._tabs.items()):
            caller = connection.access.caller
            if caller is None or caller.user_id is None or caller.organization_id is None:
                del self._tabs[connection]
            else:
                tab.place = (caller.organization_id, caller.user_id)

    async def _tell_sessions(self) -> None:
        now = utc_now()
        used = {tab.session_id for tab in self._tabs.values() if tab.session_id is not None}
        self._sessions_told = {key: at for key, at in self._sessions_told.items() if key in used}
        due = [each for each in used if now - self._sessions_told.get(each, now - SEEN_EVERY) >= SEEN_EVERY]
        if due:
            await self._try(note_sessions_seen, None, session_ids=due)
            self._sessions_told.update(dict.fromkeys(due, now))

    async def _tell(self, function: Any, organization_id: uuid.UUID, marks: list[PresenceMark]) -> None:
        """All at once; where that fails, each by itself, so that nobody is away because of another's mark."""
        if not await self._try(function, organization_id, marks=marks) and len(marks) > 1:
            for mark in marks:
                await self._try(function, organization_id, marks=[mark])

    async def _try(self, function: Any, organization_id: uuid.UUID | None, **arguments: Any) -> bool:
        """False: what was to be written is at fault. A beat that fails is no harm: the next tells the same again."""
        try:
            await self._engine.mutate(function, caller=system(organization_id), **arguments)
        except (Timeout, Unavailable) as error:
            log.warning("presence cannot be written now: %s", error)
        except Exception:
            log.exception("presence could not be written")
            return False
        return True
