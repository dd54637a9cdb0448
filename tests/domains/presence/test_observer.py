"""Sockets become presence: many tabs are one person, reloads are not seen."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from memberpulse.domains.accounts.mutations import end_session
from memberpulse.domains.accounts.queries import list_my_sessions
from memberpulse.domains.accounts.rules import SESSION_LIFE
from memberpulse.domains.presence import observer as presence_observer
from memberpulse.domains.presence.models import Presence
from memberpulse.domains.presence.observer import PresenceObserver
from memberpulse.domains.presence.queries import list_online
from memberpulse.domains.presence.schemas import OnlineNow, Seen
from memberpulse.engine import Caller, system
from memberpulse.engine.errors import Unavailable
from tests.domains.conftest import Cast
from tests.engine.conftest import until

pytestmark = pytest.mark.anyio


@dataclass(eq=False)
class Tab:
    """A connection as far as the observer looks at it."""

    access: Any
    path: str | None = None
    id: str = field(default_factory=lambda: uuid.uuid4().hex)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence_observer, "GATHER_SECONDS", 0.01)


@pytest.fixture
async def observer(cast: Cast) -> AsyncIterator[PresenceObserver]:
    watching = PresenceObserver(cast.engine)
    yield watching
    await watching.stop()


def a_tab(person: Caller, path: str | None = None) -> Tab:
    return Tab(SimpleNamespace(caller=person), path)


async def pages(cast: Cast) -> dict[str, str]:
    found: OnlineNow = await cast.engine.query(list_online, caller=cast.ann)
    return {row.person.name: row.page for row in found.rows}


async def shows(cast: Cast, expected: dict[str, str]) -> None:
    seen: list[dict[str, str]] = []
    for _ in range(200):
        seen.append(await pages(cast))
        if seen[-1] == expected:
            return
        await _a_moment()
    raise AssertionError(f"{seen[-1]} is not {expected}")


async def here(cast: Cast) -> list[str]:
    found: OnlineNow = await cast.engine.query(list_online, caller=cast.ann)
    return [row.person.name for row in found.rows if row.seen is Seen.HERE]


async def shows_here(cast: Cast, expected: list[str]) -> None:
    for _ in range(200):
        if await here(cast) == expected:
            return
        await _a_moment()
    raise AssertionError(f"not {expected}")


async def _a_moment() -> None:
    import asyncio

    await asyncio.sleep(0.005)


async def test_several_tabs_are_one_person_on_the_page_used_last(cast: Cast, observer: PresenceObserver) -> None:
    first, second = a_tab(cast.max), a_tab(cast.max)
    for tab, path in ((first, "/dashboard"), (second, "/members")):
        observer.opened(tab)
        tab.path = path
        observer.moved(tab)
    await shows(cast, {"Max": "/members"})
    first.path = "/announcements"
    observer.moved(first)
    await shows(cast, {"Max": "/announcements"})
    observer.closed(first)
    await observer.beat()
    assert await pages(cast) == {"Max": "/announcements"}
    second.path = "/members"
    observer.moved(second)
    await shows(cast, {"Max": "/members"})


async def test_a_reload_is_not_seen(cast: Cast, observer: PresenceObserver) -> None:
    before = a_tab(cast.max, "/members")
    observer.opened(before)
    await shows(cast, {"Max": "/members"})
    screen = cast.watch(cast.ann, list_online)
    await until(lambda: bool(screen.shown))
    observer.closed(before)
    after = a_tab(cast.max)
    observer.opened(after)
    after.path = "/members"
    observer.moved(after)
    await observer.beat()
    assert {row["person"]["name"] for shown in screen.shown for row in shown["rows"]} == {"Max"}
    assert [shown["online"] for shown in screen.shown] == [1] * len(screen.shown)


async def test_a_hidden_tab_keeps_the_person_where_they_were(cast: Cast, observer: PresenceObserver) -> None:
    tab = a_tab(cast.max, "/members")
    observer.opened(tab)
    tab.path = None
    observer.moved(tab)
    await observer.beat()
    assert await pages(cast) in ({"Max": "/members"}, {"Max": "/"})


async def test_the_last_tab_to_close_marks_the_instant(cast: Cast, observer: PresenceObserver) -> None:
    tab = a_tab(cast.max, "/members")
    observer.opened(tab)
    await shows(cast, {"Max": "/members"})
    seen_at = await cast.write(lambda ctx: ctx.db.scalars(select(Presence.last_seen_at)).one())
    observer.closed(tab)
    await observer.stop()
    assert await cast.write(lambda ctx: ctx.db.scalars(select(Presence.last_seen_at)).one()) > seen_at


async def test_who_signs_out_is_gone_at_once(cast: Cast, observer: PresenceObserver) -> None:
    tab = a_tab(cast.max, "/members")
    observer.opened(tab)
    await shows(cast, {"Max": "/members"})
    await cast.engine.mutate(end_session, caller=system(), token_hash=cast.max.reference)
    tab.access.caller = None
    observer.closed(tab)
    await observer.stop()
    assert await here(cast) == []


async def test_who_signs_out_on_one_device_is_still_here_on_another(cast: Cast, observer: PresenceObserver) -> None:
    phone, desk = a_tab(cast.max, "/members"), a_tab(cast.max, "/dashboard")
    observer.opened(phone)
    observer.opened(desk)
    await shows(cast, {"Max": "/dashboard"})
    await cast.engine.mutate(end_session, caller=system(), token_hash=cast.max.reference)
    assert await here(cast) == []
    phone.access.caller = None
    observer.closed(phone)
    await shows_here(cast, ["Max"])


async def test_people_are_seen_in_their_own_organization(cast: Cast, observer: PresenceObserver) -> None:
    observer.opened(a_tab(cast.otto, "/members"))
    observer.opened(a_tab(cast.max, "/members"))
    await observer.beat()
    assert await pages(cast) == {"Max": "/members"}
    found = await cast.engine.query(list_online, caller=cast.otto)
    assert [row.person.name for row in found.rows] == ["Otto"]


async def test_who_loses_access_is_beaten_no_more(cast: Cast, observer: PresenceObserver) -> None:
    tab = a_tab(cast.max, "/members")
    observer.opened(tab)
    await shows(cast, {"Max": "/members"})
    tab.access.caller = None
    await observer.beat()
    seen_at = await cast.write(lambda ctx: ctx.db.scalars(select(Presence.last_seen_at)).one())
    await observer.beat()
    assert await cast.write(lambda ctx: ctx.db.scalars(select(Presence.last_seen_at)).one()) == seen_at


async def test_a_beat_tells_which_sessions_are_in_use_but_not_each_time(cast: Cast, observer: PresenceObserver) -> None:
    observer.opened(a_tab(cast.max, "/members"))
    await observer.beat()
    told = await last_seen(cast)
    await observer.beat()
    assert await last_seen(cast) == told > cast_beginning(cast)


async def last_seen(cast: Cast) -> datetime:
    (session,) = await cast.engine.query(list_my_sessions, caller=cast.max)
    return session.last_seen_at


async def test_one_mark_that_cannot_be_written_keeps_nobody_else_away(
    cast: Cast, observer: PresenceObserver, caplog: pytest.LogCaptureFixture
) -> None:
    nobody = replace(cast.max, user_id=uuid.uuid4())
    for tab in (a_tab(cast.ann, "/dashboard"), a_tab(nobody, "/members"), a_tab(cast.cleo, "/members")):
        observer.opened(tab)
    await shows(cast, {"Ann": "/dashboard", "Cleo": "/members"})
    assert "presence could not be written" in caplog.text


async def test_while_the_database_is_away_a_beat_asks_it_once(
    cast: Cast, observer: PresenceObserver, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    async def away(function: Any, *, caller: Caller, **arguments: Any) -> None:
        asked.append(len(arguments.get("marks", ())))
        raise Unavailable

    with monkeypatch.context() as patched:
        patched.setattr(cast.engine, "mutate", away)
        for person in (cast.ann, cast.cleo, cast.max):
            observer.opened(a_tab(person, "/members"))
        await until(lambda: asked == [3])
    await observer.beat()
    assert await pages(cast) == dict.fromkeys(("Ann", "Cleo", "Max"), "/members")


def cast_beginning(cast: Cast) -> Any:
    assert cast.max.expires_at is not None
    return cast.max.expires_at - SESSION_LIFE


async def test_tabs_of_nobody_are_ignored(cast: Cast, observer: PresenceObserver) -> None:
    ghost = Tab(SimpleNamespace(caller=None))
    observer.opened(ghost)
    observer.closed(ghost)
    await observer.beat()
    assert await pages(cast) == {}
