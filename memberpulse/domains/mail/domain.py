"""The table of contents of mail."""

from memberpulse.domains.mail import mutations
from memberpulse.engine import Domain

DOMAIN = Domain(name="mail", functions=[mutations.send_letter])
