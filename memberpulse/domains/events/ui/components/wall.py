"""What makes a page a wall display."""

import reflex as rx

_LIBRARY = "$/public/queue/wall"


def wall_keeper() -> rx.Component:
    """Keeps the screen on, and the page live though nobody is signed in."""
    return _WallKeeper.create()


def wall_lost() -> rx.Component:
    """Says that the link is lost, once it has been for a while."""
    return _WallLost.create()


def full_screen() -> rx.Component:
    """A button, F, that puts the display on the whole screen; it goes there."""
    return _FullScreen.create()


class _Wall(rx.Component):
    library = _LIBRARY


class _WallKeeper(_Wall):
    tag = "WallKeeper"


class _WallLost(_Wall):
    tag = "WallLost"


class _FullScreen(_Wall):
    tag = "FullScreen"
