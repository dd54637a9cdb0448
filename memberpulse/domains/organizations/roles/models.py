"""The table of an organization's own roles."""

from datetime import datetime

from sqlalchemy import JSON
from sqlmodel import Field

from memberpulse.domains.organizations.models import Owned
from memberpulse.engine import UtcDateTime, utc_now


class CustomRole(Owned, table=True):
    """What its holders may do beyond what every member may.

    A removed role stays for a while, so that its removal can be undone; meanwhile it gives nobody anything.
    """

    __tablename__ = "custom_role"  # pyright: ignore[reportAssignmentType]

    name: str = Field(max_length=40)
    description: str = Field(default="", max_length=200)
    capabilities: list[str] = Field(default_factory=list, sa_type=JSON)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
