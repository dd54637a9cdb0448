"""What a password has to be. No database, no clock."""

from collections.abc import Collection
from typing import Any, Literal, cast

from zxcvbn import zxcvbn  # pyright: ignore[reportUnknownVariableType]

from memberpulse.domains.accounts.rules import fold

SHORTEST = 10
LONGEST = 1024
LEAST_SCORE = 3
_LOOKED_AT = 72
"""The estimate is slow on long texts, and the first of them decides."""

Fault = Literal["short", "long", "common", "yours", "pattern", "date", "weak"]

SENTENCES: dict[str, str] = {
    "short": f"Use at least {SHORTEST} characters. A few words in a row are easy to keep in mind.",
    "long": f"Use at most {LONGEST:,} characters.",
    "common": "This is among the passwords that are tried first. Use a few words that do not belong together.",
    "yours": "Your name and your address are tried first. Use a few words that have nothing to do with you.",
    "pattern": "Rows of keys, repeats and sequences are guessed at once. Use a few words that do not belong together.",
    "date": "Dates and years are guessed at once. Use a few words that do not belong together.",
    "weak": "This can be guessed. Add another word or two that do not belong to it.",
}
"""Fault to what stands beside the field."""

_PATTERNS: dict[str, Fault] = {
    "spatial": "pattern",
    "repeat": "pattern",
    "sequence": "pattern",
    "date": "date",
    "regex": "date",
}


def password_fault(password: str, *, about: Collection[str] = ()) -> Fault | None:
    """Why a password is refused; None: it is good enough. about: the person's name and address.

    Estimated by zxcvbn; takes some milliseconds.
    """
    if len(password) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    found = cast("dict[str, Any]", zxcvbn(password[:_LOOKED_AT], user_inputs=_words_of(about)))
    return None if found["score"] >= LEAST_SCORE else _fault_in(found["sequence"])


def _fault_in(sequence: list[dict[str, Any]]) -> Fault:
    """By the longest part that was recognized."""
    longest = max(sequence, key=lambda part: len(part["token"]))
    if longest["pattern"] == "dictionary":
        return {"user_inputs": "yours", "passwords": "common"}.get(longest["dictionary_name"], "weak")  # type: ignore[return-value]
    return _PATTERNS.get(longest["pattern"], "weak")


def _words_of(about: Collection[str]) -> list[str]:
    """The texts and their parts, as they might be typed."""
    words = {"memberpulse"}
    for text in about:
        plain = fold(text)
        words |= {plain, plain.replace(" ", ""), *plain.replace("@", " ").replace(".", " ").split()}
    return sorted(word for word in words if len(word) > 2)
