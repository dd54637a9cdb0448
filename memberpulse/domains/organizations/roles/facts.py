"""What happens to custom roles. `target` is the role's name."""

from dataclasses import dataclass

from memberpulse.domains.organizations.facts import Act


@dataclass(frozen=True, kw_only=True)
class RoleCreated(Act):
    entity_type = "role"
    action = "created"
    after: list[str]


@dataclass(frozen=True, kw_only=True)
class RoleEdited(Act):
    """Its name and description: before and after hold those that changed."""

    entity_type = "role"
    action = "edited"
    before: dict[str, str]
    after: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class RoleCapabilitiesChanged(Act):
    """before and after: what the role adds to what every member may."""

    entity_type = "role"
    action = "changed_capabilities"
    before: list[str]
    after: list[str]


@dataclass(frozen=True, kw_only=True)
class RoleRemoved(Act):
    """before: what it added. holders: how many people fell back to what every member may."""

    entity_type = "role"
    action = "removed"
    before: list[str]
    holders: int


@dataclass(frozen=True, kw_only=True)
class RoleRestored(Act):
    entity_type = "role"
    action = "restored"
    after: list[str]
    holders: int
