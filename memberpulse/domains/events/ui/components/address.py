"""Which event a page is about."""

from typing import Any

from memberpulse.ui.live import route_arg


def this_event() -> Any:
    """The id in the page's own address, known to the browser at once."""
    return route_arg("event_id")
