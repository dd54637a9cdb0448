"""Decisions about custom roles. No database, no clock."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from memberpulse.domains.organizations.models import Role
from memberpulse.domains.organizations.permissions import BY_ROLE, CAPABILITIES, OWNERS_ONLY, SENTENCES, in_order
from memberpulse.domains.organizations.roles.errors import BadRole, NotYoursToGive, RoleNotFound
from memberpulse.texts import one_line

MAX_NAME_CHARACTERS = 40
MAX_DESCRIPTION_CHARACTERS = 200
MAX_ROLES = 30
UNDO = timedelta(minutes=10)
"""How long a removed role can be had back."""

ADDABLE = [each for each in in_order() if each not in BY_ROLE[Role.MEMBER] | OWNERS_ONLY]
"""What a custom role can add to what every member may."""


def clean_role(name: str, description: str, *, taken: Iterable[str] = ()) -> tuple[str, str]:
    """Name and description in one line each. Raises BadRole (422) with a message per field.

    taken: the names of the organization's other roles.
    """
    name, description = one_line(name), one_line(description)
    faults: dict[str, str] = {}
    others = {each.casefold() for each in (*taken, *(role.value for role in Role))}
    if not name:
        faults["name"] = "Give the role a name."
    elif len(name) > MAX_NAME_CHARACTERS:
        faults["name"] = f"Use at most {MAX_NAME_CHARACTERS} characters; this has {len(name)}."
    elif name.casefold() in others:
        faults["name"] = "There is a role of that name already."
    if len(description) > MAX_DESCRIPTION_CHARACTERS:
        faults["description"] = f"Use at most {MAX_DESCRIPTION_CHARACTERS} characters; this has {len(description)}."
    if faults:
        raise BadRole(fields=faults)
    return name, description


def check_addable(capabilities: Iterable[str]) -> list[str]:
    """The capabilities once each, in order. Raises BadRole (422), NotYoursToGive (403) for what is an owner's alone."""
    wanted = set(capabilities)
    if wanted & OWNERS_ONLY:
        raise NotYoursToGive("What only an owner may do cannot be part of another role.")
    if unknown := sorted(wanted - set(CAPABILITIES)):
        raise BadRole(f"There is no capability called {unknown[0][:60]}.")
    return [each for each in ADDABLE if each in wanted]


def check_given(given: Iterable[str], held: frozenset[str]) -> None:
    """Nobody gives what they do not hold. Raises NotYoursToGive (403) naming the first such capability."""
    missing = [each for each in in_order() if each in set(given) - held]
    if missing:
        said = SENTENCES[missing[0]]
        raise NotYoursToGive(f"You cannot give a right that you do not hold yourself: “{said}” ({missing[0]}).")


def check_restorable(removed_at: datetime | None, now: datetime) -> None:
    """Raises RoleNotFound (404) once it is too late."""
    if removed_at is not None and now - removed_at > UNDO:
        raise RoleNotFound("This role was removed too long ago. Create it anew.")
