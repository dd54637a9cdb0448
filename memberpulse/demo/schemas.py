"""What screens are given of the demo."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoState:
    """playing: whether scripted people move about. people: how many of them are there now.

    scripted: whether there is a play in this organization at all.
    """

    playing: bool
    people: int
    scripted: bool = True
