"""Icons, and the mark of the house."""

from typing import Any

import reflex as rx

_BARS = (("1", "8", "10"), ("5.9", "2", "16"), ("10.8", "6", "12"))


def icon(name: str, *, label: str | None = None, large: bool = False) -> rx.Component:
    """A Lucide icon of 16px, 20px when large. label: read aloud; without one it is decoration."""
    named: dict[str, Any] = {"custom_attrs": {"role": "img"}, "aria_label": label} if label else {"aria_hidden": "true"}
    return rx.icon(name, class_name="i large" if large else "i", **named)


def mark(*, size: int = 24) -> rx.Component:
    """Three bars of uneven height and a full stop: people in a line, then you, now."""
    bars = [rx.el.svg.rect(x=x, y=y, width="3.2", height=height, rx="1.6") for x, y, height in _BARS]
    dot = rx.el.svg.circle(cx="17.4", cy="15.9", r="2.1", class_name="mark-dot live")
    return rx.el.svg(
        rx.el.svg.g(*bars, fill="currentColor"),
        dot,
        class_name="mark",
        width=size,
        height=size,
        view_box="0 0 20 20",
        aria_hidden="true",
    )


def icon_tile(name: str, *, small: bool = False) -> rx.Component:
    """An icon on a quiet ground, where an avatar would stand for something that is no person."""
    return rx.el.span(icon(name), class_name="ico tiny" if small else "ico")
