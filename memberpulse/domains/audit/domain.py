"""The table of contents of the audit log."""

from memberpulse.engine import Domain

DOMAIN = Domain(name="audit", functions=[])
