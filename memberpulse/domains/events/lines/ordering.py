"""The order of a line as numbers with room between them. No database, no clock.

Whoever joins takes the next turn; whoever is put between two takes a number between theirs, and only when there is none
left does everybody take a new one. Turns only need to be unique and in order: a position is a rank among them.
"""

from collections.abc import Sequence

SPACING = 1 << 16


def turn_at(others: Sequence[int], index: int, next_turn: int) -> int | None:
    """A turn that puts somebody at `index` among the others; None when there is no room there.

    others: the turns of those who wait, ascending, without the one who is put. next_turn: greater than all of them.
    """
    index = max(0, min(index, len(others)))
    if index == len(others):
        return next_turn
    after = others[index]
    before = others[index - 1] if index else after - 2 * SPACING
    middle = (before + after) // 2
    return middle if before < middle < after else None


def following(next_turn: int) -> int:
    """The turn after `next_turn`, with room before it."""
    return next_turn + SPACING


def spread(count: int, next_turn: int) -> list[int]:
    """New turns for a whole line, none of which anybody has: they begin where the line would have gone on."""
    return [next_turn + position * SPACING for position in range(count)]
