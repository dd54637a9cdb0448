"""What people type, made fit to stand in one line. No database, no clock."""

import re
import unicodedata

_UNSEEN = re.compile(
    r"[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
"""Control characters, what has no width, and marks that turn the direction of what follows them around."""
_FROM_THE_RIGHT = {"R", "AL"}
_NO_INK = {"Cc", "Cf", "Mn", "Me", "Zs", "Zl", "Zp"}


def one_line(text: str) -> str:
    """The text in one line, without what cannot be seen; empty when nothing of it can."""
    line = " ".join(_UNSEEN.sub("", text).split())
    return line if any(unicodedata.category(each) not in _NO_INK for each in line) else ""


def paragraphs(text: str) -> str:
    """A longer text with its lines, without stray space around; empty when nothing of it can be seen."""
    return text.replace("\r\n", "\n").strip() if one_line(text) else ""


def isolated(text: str) -> str:
    """A name for within a sentence of ours: one from right to left then turns around itself alone, not the sentence."""
    turns = any(unicodedata.bidirectional(each) in _FROM_THE_RIGHT for each in text)
    return f"\u2068{text}\u2069" if turns else text
