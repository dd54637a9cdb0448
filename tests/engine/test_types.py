"""The engine's own types of values."""

import time
import uuid

from memberpulse.engine import uuid7


def test_identifiers_sort_by_when_they_were_made() -> None:
    made = [uuid7() for _ in range(20_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_an_identifier_is_one_of_version_7_and_names_its_millisecond() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid7()
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000
