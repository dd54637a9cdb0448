"""What screens and doors are given about who may do what, and why."""

import uuid
from dataclasses import dataclass

from memberpulse.domains.organizations.asking import AskingPage
from memberpulse.domains.organizations.models import Role
from memberpulse.domains.organizations.policies import Thing
from memberpulse.domains.organizations.schemas import PersonView


@dataclass(frozen=True, slots=True)
class MatrixRole:
    """A column. key: the role's word, or the id of a custom role. members: how many have it."""

    key: str
    name: str
    custom: bool
    members: int


@dataclass(frozen=True, slots=True)
class MatrixCell:
    role: str
    allowed: bool


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A capability: its cells in the order of the roles, and who asks for it."""

    capability: str
    sentence: str
    cells: list[MatrixCell]
    functions: list[str]
    pages: list[AskingPage]
    policies: list[str]
    asked: int


@dataclass(frozen=True, slots=True)
class MatrixGroup:
    title: str
    rows: list[MatrixRow]


@dataclass(frozen=True, slots=True)
class Matrix:
    """total: all capabilities; matching: those that fit the search."""

    roles: list[MatrixRole]
    groups: list[MatrixGroup]
    total: int
    matching: int


@dataclass(frozen=True, slots=True)
class Fix:
    """A role that would allow it. does: "Make Max a creator". gains, loses: what else would change, in words."""

    key: str
    role: Role
    custom_role_id: uuid.UUID | None
    does: str
    done: str
    gains: list[str]
    loses: list[str]


@dataclass(frozen=True, slots=True)
class Explanation:
    """sentence: the answer. rule: what decided. note: what else stands in the way, such as being signed out.

    person: None for somebody who is no member. membership_id, role, custom_role_id: what they are now, for undoing.
    """

    allowed: bool
    sentence: str
    rule: str
    note: str
    person: PersonView | None
    role_name: str
    membership_id: uuid.UUID | None
    role: Role | None
    custom_role_id: uuid.UUID | None
    fixes: list[Fix]


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """thing: what it decides about, empty when about nothing in particular."""

    name: str
    question: str
    thing: str
    requires: str
    things: list[Thing]
