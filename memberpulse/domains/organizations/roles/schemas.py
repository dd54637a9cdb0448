"""What screens and doors are given of custom roles."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RoleRow:
    """holders: how many people have it. capabilities: what it adds. adds: the same in words."""

    id: uuid.UUID
    name: str
    description: str
    capabilities: list[str]
    adds: list[str]
    holders: int


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """A role that can be given, and in a few words what it adds."""

    id: uuid.UUID
    name: str
    about: str


@dataclass(frozen=True, slots=True)
class CapabilityChoice:
    """One line of the role's list. held: whether the role has it. yours: whether the caller may give and take it."""

    name: str
    sentence: str
    held: bool
    yours: bool


@dataclass(frozen=True, slots=True)
class CapabilityGroup:
    title: str
    rows: list[CapabilityChoice]


@dataclass(frozen=True, slots=True)
class RoleDetail:
    """A role as it is edited. everybody: what every member may, and its holders therefore too."""

    id: uuid.UUID
    name: str
    description: str
    holders: int
    groups: list[CapabilityGroup]
    everybody: list[str]
