"""What happens to approval requests. `target` is the request's title."""

from dataclasses import dataclass

from memberpulse.domains.organizations.facts import Deed


@dataclass(frozen=True, kw_only=True)
class ApprovalRequested(Deed):
    entity_type = "approval"
    action = "requested"


@dataclass(frozen=True, kw_only=True)
class ApprovalGiven(Deed):
    entity_type = "approval"
    action = "approved"


@dataclass(frozen=True, kw_only=True)
class ApprovalRefused(Deed):
    entity_type = "approval"
    action = "rejected"
