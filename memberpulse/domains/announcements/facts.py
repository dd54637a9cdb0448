"""What happens to announcements. `target` is the title."""

from dataclasses import dataclass

from memberpulse.domains.organizations.facts import Deed


@dataclass(frozen=True, kw_only=True)
class AnnouncementPosted(Deed):
    entity_type = "announcement"
    action = "posted"


@dataclass(frozen=True, kw_only=True)
class AnnouncementWithdrawn(Deed):
    entity_type = "announcement"
    action = "withdrew"
