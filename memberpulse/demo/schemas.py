"""What screens are given of the demo."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoState:
    """playing: whether scripted people move about. people: how many of them are there now."""

    playing: bool
    people: int
