"""What screens and doors are given of links."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LinkView:
    """Whether a link may still be used, and by whom. email is empty when it may not."""

    is_good: bool
    email: str


@dataclass(frozen=True, slots=True)
class LinkHolder:
    """Whom a link was mailed to: what a new password is compared with. Never leaves the server."""

    email: str
    name: str
    needs_password: bool
    """A sign-up that is finished in another browser than it was begun in."""


@dataclass(frozen=True, slots=True)
class LinkOpened:
    """Whom a link signs in, and where they wanted to go."""

    user_id: uuid.UUID
    target: str
