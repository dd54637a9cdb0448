"""From an entry to the parts of a sentence: plain words, names that stand out, what was struck for something new."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from memberpulse.domains.audit.schemas import Part, Style
from memberpulse.domains.audit.words import words_of

LONGEST = 120
ERASED = "erased"
_PLACE = re.compile(r"{(\w+)}")
_STRAY = re.compile(r" +([:; ])")


@dataclass(frozen=True)
class Telling:
    """What a sentence is made of. values: the fact's own fields, personal ones as far as they are still there.

    person: the name, as it is now, of whom it was done to.
    """

    entity_type: str
    action: str
    person: str | None
    values: Mapping[str, Any]


def parts_of(told: Telling) -> list[Part]:
    """The sentence after the actor's name."""
    words = words_of(told.entity_type, told.action)
    found: list[Part] = []
    at = 0
    for place in _PLACE.finditer(words.text):
        found.append(Part(words.text[at : place.start()], Style.PLAIN))
        found.append(_named(told, place[1]))
        at = place.end()
    found.append(Part(words.text[at:], Style.PLAIN))
    if not words.silent:
        found.extend(_change(told.values, words.after))
    return _tidied(found)


def plain_sentence(who: str, parts: list[Part]) -> str:
    """The sentence in one line, for exports and for reading aloud."""
    said = "".join(f"{part.text} →" if part.style is Style.STRUCK else part.text for part in parts)
    return f"{who} {said}"


def say(value: Any) -> str:
    """A value as people read it."""
    if value is None or value in ("", [], {}):
        return "nothing"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ", ".join(say(each) for each in cast("list[Any]", value))
    if isinstance(value, dict):
        return ", ".join(f"{humanised(name)}: {say(each)}" for name, each in cast("dict[str, Any]", value).items())
    return str(value)


def humanised(name: str) -> str:
    return name.removesuffix("_id").replace("_", " ").replace(".", " ")


def _named(told: Telling, name: str) -> Part:
    if name == "person":
        return Part(told.person or say_short(told.values.get("target") or "somebody"), Style.STRONG)
    value = told.values.get(name)
    if name == "target" and not value:
        value = told.person
    return Part("" if value is None else say_short(value), Style.STRONG)


def _change(values: Mapping[str, Any], became: str) -> list[Part]:
    """What it was and what it became, where both are known."""
    if "before" not in values or became not in values:
        return []
    before, after = values["before"], values[became]
    if isinstance(before, dict) and isinstance(after, dict):
        return _changes(cast("dict[str, Any]", before), cast("dict[str, Any]", after))
    return [Part(": ", Style.PLAIN), *_pair(before, after)]


def _changes(before: dict[str, Any], after: dict[str, Any]) -> list[Part]:
    """Field by field, only those that differ."""
    found: list[Part] = []
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            found.append(Part(("; " if found else ": ") + humanised(name) + " ", Style.PLAIN))
            found.extend(_pair(before.get(name), after.get(name)))
    return found


def _pair(before: Any, after: Any) -> list[Part]:
    return [Part(say_short(before), Style.STRUCK), Part(" ", Style.PLAIN), Part(say_short(after), Style.STRONG)]


def say_short(value: Any) -> str:
    text = " ".join(say(value).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def _tidied(parts: list[Part]) -> list[Part]:
    """Neighbouring plain words as one, without the space that an empty name left behind."""
    found: list[Part] = []
    for part in (each for each in parts if each.text):
        if found and part.style is Style.PLAIN and found[-1].style is Style.PLAIN:
            joined = _STRAY.sub(r"\1", found[-1].text + part.text)
            found[-1] = Part(joined, Style.PLAIN)
        else:
            found.append(part)
    if found and found[-1].style is Style.PLAIN:
        found[-1] = Part(found[-1].text.rstrip(" :"), Style.PLAIN)
    return [part for part in found if part.text]
