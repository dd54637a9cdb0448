"""The table of contents of events and their lines."""

from memberpulse.domains.events import personal
from memberpulse.engine import Domain

assert personal, "imported for what it registers"

DOMAIN = Domain(name="events", functions=[])
