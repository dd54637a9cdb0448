"""What people decide about the directory."""

import uuid
from dataclasses import dataclass

from memberpulse.domains.organizations.facts import Act


@dataclass(frozen=True, kw_only=True)
class DirectoryChoiceMade(Act):
    """Somebody shows something of themselves, or not any more. `target` is what: "listed", "email", a field's name."""

    entity_type = "directory"
    action = "chose"
    user_id: uuid.UUID
    before: bool
    after: bool
