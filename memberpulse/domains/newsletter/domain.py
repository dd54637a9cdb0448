"""The table of contents of the newsletter."""

from memberpulse.engine import Domain

DOMAIN = Domain(name="newsletter", functions=[])
