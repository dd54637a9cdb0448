"""The table of contents of mail."""

from memberpulse.domains.mail import mutations, queries
from memberpulse.engine import Domain

DOMAIN = Domain(name="mail", functions=[queries.get_mailbox_state, mutations.send_letter])
