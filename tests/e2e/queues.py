"""An event with an open queue, made through the doors, for tests of its screens."""

from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Page

from tests.running import RunningServer

WAIT_MS = 10_000


def ask(page: Page, server: RunningServer, kind: str, name: str, /, **arguments: Any) -> Any:
    """Call a function as the person of the page. Raises AssertionError with what the server said."""
    answer = page.request.post(f"/api/{kind}/{name}", data=arguments, headers={"Origin": server.url})
    assert answer.ok, answer.text()
    return answer.json()


def do(page: Page, server: RunningServer, name: str, /, **arguments: Any) -> Any:
    return ask(page, server, "mutation", name, **arguments)


def open_event(page: Page, server: RunningServer, title: str, **fields: Any) -> str:
    """A published event of the page's person, on now, with its wall shown; returns its id."""
    now = datetime.now(UTC)
    begin = {
        "title": title,
        "starts_at": (now - timedelta(hours=1)).isoformat(),
        "ends_at": (now + timedelta(hours=4)).isoformat(),
        "time_zone": "Europe/London",
        "place": "Fernhill workshop, 2 Mill Yard",
        "shows_wall": True,
    }
    event_id = do(page, server, "events.create_event", **{**begin, **fields})
    do(page, server, "events.publish_event", event_id=event_id)
    return event_id


def join(page: Page, server: RunningServer, event_id: str, **fields: Any) -> str:
    """The page's person joins; returns the id of their place."""
    return do(page, server, "events.join_line", event_id=event_id, **fields)["place_id"]


def walk_in(page: Page, server: RunningServer, event_id: str, *names: str) -> None:
    """People without an account, in that order."""
    for name in names:
        do(page, server, "events.add_walk_in", event_id=event_id, name=name)
