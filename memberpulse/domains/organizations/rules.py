"""Decisions about roles, names and slugs. No database, no clock."""

import re

from memberpulse.domains.accounts.rules import fold
from memberpulse.domains.organizations.errors import BadName, LastOwner, OwnersOnly
from memberpulse.domains.organizations.models import Role

MAX_NAME_CHARACTERS = 80


def check_role_change(*, actor: Role, current: Role, wanted: Role, owners: int) -> None:
    """Whether `actor` may turn a member who is `current` into `wanted`, in an organization with so many owners.

    Raises OwnersOnly (403), LastOwner (409).
    """
    if Role.OWNER in (current, wanted) and current != wanted and actor is not Role.OWNER:
        raise OwnersOnly
    if current is Role.OWNER and wanted is not Role.OWNER and owners <= 1:
        raise LastOwner


def check_removal(*, actor: Role, current: Role, owners: int) -> None:
    """Whether `actor` may remove a member who is `current`. Raises OwnersOnly (403), LastOwner (409)."""
    if current is Role.OWNER and actor is not Role.OWNER:
        raise OwnersOnly("Only an owner can remove an owner.")
    check_departure(current=current, owners=owners)


def check_departure(*, current: Role, owners: int) -> None:
    """Whether a member who is `current` may leave. Raises LastOwner (409)."""
    if current is Role.OWNER and owners <= 1:
        raise LastOwner


def clean_name(name: str) -> str:
    """An organization's name without stray spaces. Raises BadName (422)."""
    cleaned = " ".join(name.split())
    if not cleaned:
        raise BadName(fields={"name": "Give the organization a name."})
    if len(cleaned) > MAX_NAME_CHARACTERS:
        raise BadName(fields={"name": f"Use at most {MAX_NAME_CHARACTERS} characters; this has {len(cleaned)}."})
    return cleaned


def slug_of(name: str) -> str:
    """The name as part of an address: "Fernhill Tool Library" becomes "fernhill-tool-library"."""
    return re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")[:60] or "organization"


def article_of(role: Role) -> str:
    """The role with its article, for sentences."""
    return f"an {role}" if role in (Role.OWNER, Role.ADMIN) else f"a {role}"
