"""What screens and doors are given of mail."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MailboxState:
    """Whether letters land in the local mailbox, where whoever looks may read them."""

    is_open: bool
