"""The table of membership levels. Which one somebody has, and until when, stands on the membership."""

from datetime import datetime

from sqlmodel import Field

from memberpulse.domains.organizations.models import Owned
from memberpulse.engine import UtcDateTime, utc_now


class MembershipLevel(Owned, table=True):
    """A kind of membership, such as "Supporter"."""

    __tablename__ = "membership_level"  # pyright: ignore[reportAssignmentType]

    name: str = Field(max_length=60)
    description: str = Field(default="", max_length=300)
    months: int | None = None
    """How long it is valid; None: without end."""
    grace_days: int = 0
    """For how long after its end it can be renewed as if it had been in time."""
    position: int = 0
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
