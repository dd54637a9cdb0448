"""What happens to fields and what they hold. `target` is the field's name."""

import uuid
from dataclasses import dataclass
from typing import Any, ClassVar

from memberpulse.domains.organizations.facts import Act


@dataclass(frozen=True, kw_only=True)
class FieldCreated(Act):
    entity_type = "field"
    action = "created"
    after: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class FieldEdited(Act):
    """before and after hold what changed."""

    entity_type = "field"
    action = "edited"
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class FieldArchived(Act):
    entity_type = "field"
    action = "archived"


@dataclass(frozen=True, kw_only=True)
class FieldRestored(Act):
    entity_type = "field"
    action = "restored"


@dataclass(frozen=True, kw_only=True)
class FieldFilledIn(Act):
    """Somebody's value changed; the entity is the membership, and user_id whom it is about."""

    personal: ClassVar[tuple[str, ...]] = ("before", "after")
    entity_type = "member"
    action = "filled_in"
    user_id: uuid.UUID
    before: str
    after: str
