"""The product on the landing page: one moment at an example club, made of the parts that the product is made of."""

import reflex as rx

from memberpulse.domains.events.ui.components import line
from memberpulse.ui.components import avatar, badge, live_dot
from memberpulse.ui.components.kinds import Child

_STATIONS = [{"id": name, "size": 1, "state": "serving"} for name in ("bench 1", "bench 2", "bench 3")]
_SIZES = (1, 2, 1, 1, 3, 1, 2, 1, 4, 1, 1)
_HELD, _YOU = 2, 4
"""Places in the queue: who is held, and where the member with the phone stands."""

_FIGURES: tuple[tuple[str, str, str, bool], ...] = (
    ("Online now", "38", "7 more than on most Saturdays", True),
    ("In line", "11", "31–46 min if you join now", True),
    ("Waiting for you", "3", "a refund, two requests to join", False),
    ("Paid today", "€412", "24 places, one refund", False),
)
_FEED = (
    ("10:42", "Amara", "called", "Priya to bench 2"),
    ("10:41", "Kofi", "approved", "Refund for Tomás"),
    ("10:38", "Elif", "joined", "Saturday repair café"),
    ("10:31", "Jonas", "posted", "The kettle bench is open"),
    ("10:24", "Mereana", "paid for", "two places"),
)
_PEOPLE = (("Amara Okafor", "AO", 1, "Board"), ("Kofi Mensah", "KM", 3, "Queue"), ("Elif Yıldız", "EY", 5, "Her place"))


def scene() -> rx.Component:
    """The organizer's desk and a member's phone, in the same second. A picture: nothing in it can be pressed."""
    return rx.el.figure(
        rx.el.div(_desk(), _phone(), class_name="scene", aria_hidden="true"),
        rx.el.figcaption("An example: a club’s Saturday on the organizer’s desk and, in the same second, on a phone."),
        class_name="land-scene",
    )


def _desk() -> rx.Component:
    head = rx.el.div(
        rx.el.span("Saturday, 14 March", class_name="t20"), badge("10:42", kind="live"), class_name="scene-head"
    )
    left = rx.el.div(_queue(), _feed(), class_name="scene-left")
    return rx.el.div(
        head,
        rx.el.div(*[_figure(*each) for each in _FIGURES], class_name="strip"),
        rx.el.div(left, _people(), class_name="scene-split"),
        class_name="scene-desk",
    )


def _figure(name: str, value: str, why: str, live: bool) -> rx.Component:
    dot = [live_dot()] if live else []
    return rx.el.div(
        rx.el.span(*dot, name, class_name="name"),
        rx.el.span(value, class_name="fig"),
        rx.el.span(why, class_name="meta"),
        class_name="stat",
    )


def _queue() -> rx.Component:
    said = rx.el.span(rx.el.b("Saturday repair café"), rx.el.span("3 benches, 9–13 min each", class_name="meta"))
    return rx.el.div(said, _drawn(you=None, height=34), class_name="scene-queue")


def _drawn(*, you: int | None, height: int) -> rx.Component:
    def state(place: int) -> str:
        if place == you:
            return "you"
        return "held" if place == _HELD else "behind" if you and place > you else "waiting"

    waiting = [{"id": place, "size": size, "state": state(place)} for place, size in enumerate(_SIZES, 1)]
    return line([*_STATIONS, *waiting], bar=8, gap=6, height=height)


def _feed() -> rx.Component:
    return rx.el.ul(
        *[
            rx.el.li(rx.el.time(at), rx.el.p(rx.el.b(who), f" {did} ", rx.el.b(what)), class_name="scene-deed")
            for at, who, did, what in _FEED
        ],
        class_name="feed",
    )


def _people() -> rx.Component:
    rows = [
        rx.el.li(
            avatar(name=name, initials=initials, tint=tint, seen="here"),
            rx.el.span(rx.el.b(name), rx.el.span(place, class_name="meta")),
        )
        for name, initials, tint, place in _PEOPLE
    ]
    return rx.el.div(rx.el.b("Online now", class_name="t14"), rx.el.ul(*rows), class_name="scene-people")


def _phone() -> rx.Component:
    return rx.el.div(
        rx.el.b("Saturday repair café", class_name="t14"),
        rx.el.span("Your place", class_name="meta"),
        rx.el.span(str(_YOU), rx.el.sup("th"), class_name="big"),
        _drawn(you=_YOU, height=44),
        _said("12–17 min", "Three before you; the hollow one is holding its place and goes later."),
        rx.el.span("Hold my place", class_name="btn full"),
        class_name="scene-phone",
    )


def _said(figure: str, reason: Child) -> rx.Component:
    return rx.el.div(
        rx.el.span(figure, class_name="fig"), rx.el.span(reason, class_name="meta"), class_name="scene-said"
    )
