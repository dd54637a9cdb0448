"""What screens and doors are given of activities."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from memberpulse.domains.organizations.schemas import PersonView


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """Reads as person, text, target: "Priya Raman", "posted", "Saturday repair clinic". person None: the system."""

    id: uuid.UUID
    person: PersonView | None
    text: str
    target: str
    entity_type: str
    at: datetime
