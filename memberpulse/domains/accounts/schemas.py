"""What screens and doors are given of accounts."""

import uuid
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A person whom a visitor of the demo may be.

    key: what `POST /auth/demo` takes as `person`.
    """

    key: str
    name: str
    email: str
    initials: str
    tint: int
    role: str
    about: str


@dataclass(frozen=True, slots=True)
class SignInOptions:
    """How one may sign in here. `people` is empty unless this is the demo."""

    demo: bool
    people: list[DemoPerson]


@dataclass(frozen=True, slots=True)
class SessionView:
    """One signed-in device, as its owner sees it."""

    id: uuid.UUID
    device: str
    ip: str
    created_at: datetime
    last_seen_at: datetime
    is_current: bool


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a password is checked against. Never leaves the server."""

    user_id: uuid.UUID
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where a session begins: whose it is, and whether they belong to an organization."""

    email: str
    has_organization: bool
