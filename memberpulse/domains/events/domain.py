"""The table of contents of events and their lines."""

from memberpulse.domains.events import models, personal
from memberpulse.engine import Domain

assert (models, personal), "imported for what they register"

DOMAIN = Domain(name="events", functions=[])
