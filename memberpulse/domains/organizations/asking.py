"""Who asks for a capability: functions and pages. They stand above, so they are told here when the house is put up."""

from collections.abc import Iterable
from dataclasses import dataclass

from memberpulse.engine import Function


@dataclass(frozen=True, slots=True)
class AskingPage:
    title: str
    route: str


_functions: dict[str, list[str]] = {}
_pages: dict[str, list[AskingPage]] = {}


def note_functions(functions: Iterable[Function]) -> None:
    """Learn what every function requires."""
    _functions.clear()
    for function in functions:
        _functions.setdefault(function.requires, []).append(function.name)


def note_pages(pages: Iterable[tuple[str, str, str]]) -> None:
    """Learn what every page requires: its title, its route, its capability."""
    _pages.clear()
    for title, route, requires in pages:
        _pages.setdefault(requires, []).append(AskingPage(title, route))


def functions_asking(capability: str) -> list[str]:
    """The names of the functions that require it."""
    return sorted(_functions.get(capability, []))


def pages_asking(capability: str) -> list[AskingPage]:
    """The pages that are open to whoever holds it."""
    return list(_pages.get(capability, []))
