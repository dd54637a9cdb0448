"""Finds the readers that a write touches, at a cost that does not grow with the readers it does not touch.

Reads of one table that narrow the same columns share a `_Shape`: a dictionary from the tuple of values to readers.
A written row is looked up once in each shape. Only when the row's image lacks one of the shape's columns are its
keys searched, through an index by column that is built when first needed.
"""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Generic, TypeVar

from memberpulse.engine.predicates import Read, Write

R = TypeVar("R", bound=Hashable)
Key = tuple[Hashable, ...]
MAX_KEYS = 64
"""More combinations of IN values than this, and the widest predicate is dropped."""


@dataclass
class _Shape(Generic[R]):
    columns: tuple[str, ...]
    readers: dict[Key, set[R]] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    by_column: dict[str, dict[Hashable, set[Key]]] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]

    def add(self, key: Key, reader: R) -> None:
        held = self.readers.get(key)
        if held is None:
            held = self.readers[key] = set()
            for column, keys in self.by_column.items():
                keys.setdefault(key[self.columns.index(column)], set()).add(key)
        held.add(reader)

    def remove(self, key: Key, reader: R) -> None:
        held = self.readers[key]
        held.discard(reader)
        if not held:
            del self.readers[key]
            for column, keys in self.by_column.items():
                value = key[self.columns.index(column)]
                keys[value].discard(key)
                if not keys[value]:
                    del keys[value]

    def touched(self, write: Write) -> Iterable[R]:
        known = write.known
        try:
            return self.readers.get(tuple(known[column] for column in self.columns), ())
        except KeyError:
            return self._search(write)

    def _search(self, write: Write) -> Iterator[R]:
        known = {column: write.known[column] for column in self.columns if column in write.known}
        keys: Iterable[Key] = self.readers
        if known:
            keys = min((self._keys(column, value) for column, value in known.items()), key=len)
        positions = [(self.columns.index(column), value) for column, value in known.items()]
        for key in keys:
            if all(key[position] == value for position, value in positions):
                yield from self.readers[key]

    def _keys(self, column: str, value: Hashable) -> set[Key]:
        if column not in self.by_column:
            position = self.columns.index(column)
            index: dict[Hashable, set[Key]] = {}
            for key in self.readers:
                index.setdefault(key[position], set()).add(key)
            self.by_column[column] = index
        return self.by_column[column].get(value, set())


class ReadIndex(Generic[R]):
    """Which readers read what."""

    def __init__(self) -> None:
        self._tables: dict[str, dict[tuple[str, ...], _Shape[R]]] = {}

    def add(self, reader: R, reads: Iterable[Read]) -> None:
        for table, columns, key in _places(reads):
            shapes = self._tables.setdefault(table, {})
            if columns not in shapes:
                shapes[columns] = _Shape(columns)
            shapes[columns].add(key, reader)

    def remove(self, reader: R, reads: Iterable[Read]) -> None:
        """Forget all the reads that were added, at once."""
        for table, columns, key in _places(reads):
            shapes = self._tables[table]
            shapes[columns].remove(key, reader)
            if not shapes[columns].readers:
                del shapes[columns]
                if not shapes:
                    del self._tables[table]

    def touched(self, writes: Iterable[Write]) -> set[R]:
        """Every reader of which some read covers some write, and none other."""
        found: set[R] = set()
        for write in writes:
            for shape in self._tables.get(write.table, {}).values():
                found.update(shape.touched(write))
        return found


def _places(reads: Iterable[Read]) -> set[tuple[str, tuple[str, ...], Key]]:
    """Where the reads stand in the index: table, narrowed columns, values. Overlapping reads share places."""
    places: set[tuple[str, tuple[str, ...], Key]] = set()
    for read in reads:
        where = list(read.where)
        while _combinations(where) > MAX_KEYS:
            where.remove(max(where, key=lambda each: len(each[1])))
        columns = tuple(column for column, _ in where)
        places.update((read.table, columns, key) for key in product(*(values for _, values in where)))
    return places


def _combinations(where: list[tuple[str, frozenset[Hashable]]]) -> int:
    count = 1
    for _, values in where:
        count *= len(values)
    return count
