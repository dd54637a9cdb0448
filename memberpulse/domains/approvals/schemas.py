"""What screens and doors are given of approvals."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PendingCount:
    """oldest_at: since when the oldest pending request waits; None: none is pending."""

    count: int
    oldest_at: datetime | None
