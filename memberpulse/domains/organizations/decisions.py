"""The answer to "may this person do this?": yes or no, by which rule, in a sentence. No database, no clock."""

from dataclasses import dataclass, field

from memberpulse.engine.errors import EngineError


@dataclass(frozen=True, slots=True)
class Decision:
    """rule: a stable name, such as "announcements.withdraw/author". sentence: for the person concerned.

    error: what `enforce` raises when it is no.
    """

    allowed: bool
    rule: str
    sentence: str
    error: EngineError | None = field(default=None, compare=False)

    def enforce(self) -> None:
        """Pass when allowed. Raises the rule's own error."""
        if self.error is not None:
            raise self.error


def allow(rule: str, sentence: str) -> Decision:
    return Decision(True, rule, sentence)


def refuse(rule: str, error: EngineError) -> Decision:
    return Decision(False, rule, error.message, error)
