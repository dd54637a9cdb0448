"""What happens to the demo. entity_id is the organization."""

from dataclasses import dataclass

from memberpulse.domains.organizations.facts import Act


@dataclass(frozen=True, kw_only=True)
class DemoPlaySwitched(Act):
    """Whether scripted people move about."""

    entity_type = "demo"
    action = "switched"
    before: bool
    after: bool


@dataclass(frozen=True, kw_only=True)
class DemoReset(Act):
    """The organization is as it was at first; its log begins anew with this."""

    entity_type = "demo"
    action = "reset"
