"""Small signs: badges, counts, dots, faces, and the evidence that something changed."""

from typing import Any, Literal, Protocol

import reflex as rx

from memberpulse.ui.components.icons import icon as icon_of
from memberpulse.ui.components.kinds import LIBRARY, Child, Text, classes, given


class Person(Protocol):
    """Who an avatar shows. tint: 1 to 6. picture: what follows /pictures/ in its address."""

    @property
    def name(self) -> str: ...
    @property
    def initials(self) -> str: ...
    @property
    def tint(self) -> int: ...
    @property
    def picture(self) -> str | None: ...


AvatarSize = Literal["tiny", "small", "normal", "large", "huge"]
_AVATAR: dict[str, str] = {"tiny": "xs", "small": "sm", "normal": "", "large": "lg", "huge": "xl"}


def badge(
    text: Child, *, kind: Literal["neutral", "line", "live", "warn", "danger"] = "neutral", icon: str | None = None
) -> rx.Component:
    """A state, as a word. kind "live" has a dot: it is true now and will change by itself."""
    sign: list[Child] = [rx.el.span(class_name="dot", aria_hidden="true")] if kind == "live" and not icon else []
    if icon:
        sign = [icon_of(icon)]
    return rx.el.span(*sign, text, class_name="badge" if kind == "neutral" else f"badge {kind}")


def count(value: Child, *, soft: bool = False) -> rx.Component:
    """A number on ink; soft: on grey, beside a heading."""
    return rx.el.span(value, class_name="count soft" if soft else "count")


def live_dot(*, beat: Child = None, state: Literal["live", "warn", "off"] = "live") -> rx.Component:
    """Stands beside the name of a value that changes by itself. beat: sends one ring whenever it changes."""
    look = "dot" if state == "live" else f"dot {state}"
    return _Dot.create(class_name=look, **given(beat=beat))


def fresh(value: Child, *children: Child, **props: Any) -> rx.Component:
    """Glows when the value changes and cools to ink. Shows the children, or the value itself."""
    shown = children or (value,)
    return _Fresh.create(*shown, value=value, **props)


def number(value: Any) -> rx.Component:
    """A number with its thousands apart: 1,284."""
    return _Figure.create(value=value)


def avatar(
    person: Person | None = None,
    *,
    seen: Text | None = None,
    size: AvatarSize = "normal",
    name: Text | None = None,
    initials: Text | None = None,
    tint: Any = None,
) -> rx.Component:
    """A picture or initials, silent to a screen reader: the name stands beside it.

    Give a PersonView (or a Var of one), or name, initials and tint. seen: "here" draws a ring, "recent" a dashed one.
    """
    letters: Child = initials if person is None else with_picture(person.initials, person.picture)
    hue = person.tint if person is not None else tint
    return rx.el.span(letters, class_name=_avatar_class(hue, seen, size), aria_hidden="true")


def with_picture(letters: Child, picture: Any) -> Child:
    """The picture of that name, or the letters that stand for it."""
    if not isinstance(picture, rx.Var):
        return letters if picture is None else _picture(f"/pictures/{picture}")
    return rx.cond(picture, _picture(rx.Var.create("/pictures/") + picture.to(str)), letters)


def _picture(address: Any) -> rx.Component:
    return rx.el.img(src=address, alt="", decoding="async", draggable=False)


def avatar_stack(
    people: Any,
    *,
    label: Text,
    total: Any = None,
    most: int = 3,
    seen: str | None = "here",
) -> rx.Component:
    """Faces side by side, at most three, then "+4". label: the sentence for a screen reader."""
    everybody: Any = people if isinstance(people, rx.Var) else rx.Var.create(people)
    extra: Any = (total if total is not None else everybody.length()) - most
    faces = rx.foreach(everybody[:most], lambda person: avatar(person, seen=seen, size="small"))
    more = rx.cond(extra > 0, rx.el.span("+", extra, class_name="av sm more", aria_hidden="true"), rx.fragment())
    return rx.el.span(faces, more, class_name="avs here", role="img", aria_label=label)


def _avatar_class(tint: Any, seen: Text | None, size: AvatarSize) -> Any:
    hue: Any = f"h{tint}" if isinstance(tint, int) else rx.Var.create("h") + tint.to(str)
    ring: Any = ""
    if isinstance(seen, str):
        ring = {"here": "on", "recent": "away"}.get(seen, "")
    elif seen is not None:
        ring = rx.match(seen, ("here", "on"), ("recent", "away"), "")
    return classes("av", _AVATAR[size], hue, ring)


class _Marks(rx.Component):
    library = LIBRARY + "marks"
    lib_dependencies: list[str] = ["@formkit/auto-animate@0.10.0"]  # noqa: RUF012


class _Dot(_Marks):
    tag = "Dot"

    beat: rx.Var[Any]


class _Figure(_Marks):
    tag = "Figure"

    value: rx.Var[Any]


class _Fresh(_Marks):
    tag = "Fresh"

    value: rx.Var[Any]


class Rows(_Marks):
    """A list or table body whose rows arrive warm, slide and leave."""

    tag = "Rows"

    as_: rx.Var[str]
    scope: rx.Var[Any]
    label: rx.Var[str]
    live: rx.Var[str]

    _rename_props = {"as_": "as"}  # noqa: RUF012


class SparkLine(_Marks):
    """The last values as a line."""

    tag = "Spark"

    values: rx.Var[Any]
    now: rx.Var[bool]
