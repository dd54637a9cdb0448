"""The table of the demo's script."""

from datetime import datetime

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from memberpulse.domains.organizations.models import Owned
from memberpulse.engine import UtcDateTime


class DemoScript(Owned, table=True):
    """Where the scripted people of an organization are in their play."""

    __tablename__ = "demo_script"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("organization_id", name="uq_demo_script_organization"),)

    playing: bool = True
    step: int = 0
    posted: int = 0
    """How many announcements have been made."""
    played_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    stage: list[str] = Field(default_factory=list[str], sa_type=JSON)
    """The ids of the scripted people who are there, in the order in which they came."""
    newcomers: list[str] = Field(default_factory=list[str], sa_type=JSON)
    """The ids of those who joined during the play, in that order."""
