"""Facts: what happened, in the past tense. Domains above listen; the domain that records knows no listener."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from pydantic_core import to_jsonable_python

if TYPE_CHECKING:
    from memberpulse.engine.context import MutationCtx

FactT = TypeVar("FactT", bound="Fact")


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something that happened to one entity of one organization.

    entity_type, action: stable words, such as "announcement" and "posted".
    target: what to call the entity on a screen.
    """

    entity_type: ClassVar[str]
    action: ClassVar[str]
    entity_id: uuid.UUID
    target: str = ""

    def metadata(self) -> dict[str, Any]:
        """The fields that the subclass adds, as plain JSON."""
        own = [each.name for each in fields(self) if each.name not in ("entity_id", "target")]
        return to_jsonable_python({name: getattr(self, name) for name in own})


Listener = tuple[type[Fact], Callable[["MutationCtx", Any], None]]


def on(fact: type[FactT], listen: Callable[["MutationCtx", FactT], None]) -> Listener:
    """Pair a fact, or a base of several, with the function to call within the recording transaction."""
    return (fact, listen)
