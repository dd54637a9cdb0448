"""The table of contents of workspace records."""

from memberpulse.engine import Domain

DOMAIN = Domain(name="records", functions=[])
