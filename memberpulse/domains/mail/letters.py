"""What a letter says. Every domain writes its own, in its `letters.py`, as functions that return a `Letter`."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Letter:
    """One e-mail, before it is made into HTML and text.

    kind: a stable word, such as "reset_password". paragraphs: plain sentences; they are escaped. button: words and an
    absolute address. code: shown large, for typing in. footnote: why the person gets this. unsubscribe_url: where one
    post ends it (RFC 8058); only for mail that one may end.
    """

    kind: str
    subject: str
    heading: str
    paragraphs: tuple[str, ...]
    button: tuple[str, str] | None = None
    code: str = ""
    footnote: str = ""
    unsubscribe_url: str = ""


Sample = Callable[[], Letter]

_samples: list[Sample] = []


def sample(make: Sample) -> Sample:
    """Register an example of a letter, for the preview of all letters in development."""
    _samples.append(make)
    return make


def samples() -> dict[str, Sample]:
    """Examples of all letters, by kind."""
    return dict(sorted((make().kind, make) for make in _samples))
