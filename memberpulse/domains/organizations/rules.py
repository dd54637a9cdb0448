"""Decisions about roles, names and slugs. No database, no clock."""

import re

from memberpulse.domains.accounts.rules import fold
from memberpulse.domains.organizations.decisions import Decision, allow, refuse
from memberpulse.domains.organizations.errors import BadName, LastOwner, MayDoMore, OwnersOnly
from memberpulse.domains.organizations.models import Role
from memberpulse.texts import one_line

MAX_NAME_CHARACTERS = 80
MAX_SLUG_CHARACTERS = 60


def decide_role_change(
    *,
    actor: Role,
    held: frozenset[str],
    current: Role,
    theirs: frozenset[str],
    wanted: Role | None,
    owners: int,
) -> Decision:
    """Whether `actor`, who holds `held`, may turn a member who is `current` and holds `theirs` into `wanted`.

    wanted: None asks about any other role. owners: how many the organization has.
    """
    named = Role.OWNER in (current, wanted) and current != wanted
    if named and actor is not Role.OWNER:
        return refuse("members.change_role/owners", OwnersOnly())
    if current is Role.OWNER and wanted is not Role.OWNER and owners <= 1:
        return refuse("members.change_role/last_owner", LastOwner())
    if theirs - held:
        return refuse("members.change_role/may_do_more", MayDoMore())
    return allow(
        "members.change_role/within", "This person may change the role, to any that gives no more than theirs."
    )


def decide_removal(
    *, actor: Role, held: frozenset[str], current: Role, theirs: frozenset[str], owners: int
) -> Decision:
    """Whether `actor`, who holds `held`, may remove a member who is `current` and holds `theirs`."""
    if current is Role.OWNER and actor is not Role.OWNER:
        return refuse("members.remove/owners", OwnersOnly("Only an owner can remove an owner."))
    if current is Role.OWNER and owners <= 1:
        return refuse("members.remove/last_owner", LastOwner())
    if theirs - held:
        return refuse("members.remove/may_do_more", MayDoMore())
    return allow("members.remove/within", "This person may remove this member.")


def decide_departure(*, current: Role, owners: int) -> Decision:
    """Whether a member who is `current` may leave."""
    if current is Role.OWNER and owners <= 1:
        return refuse("members.leave/last_owner", LastOwner())
    return allow("members.leave/free", "Everybody may leave whenever they like.")


def clean_name(name: str) -> str:
    """An organization's name without stray spaces. Raises BadName (422)."""
    cleaned = one_line(name)
    if not cleaned:
        raise BadName(fields={"name": "Give the organization a name."})
    if len(cleaned) > MAX_NAME_CHARACTERS:
        raise BadName(fields={"name": f"Use at most {MAX_NAME_CHARACTERS} characters; this has {len(cleaned)}."})
    return cleaned


def slug_of(name: str) -> str:
    """The name as part of an address: "Fernhill Tool Library" becomes "fernhill-tool-library"."""
    words = re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")
    return words[:MAX_SLUG_CHARACTERS].rstrip("-") or "organization"


def article_of(role: Role) -> str:
    """The role with its article, for sentences."""
    return f"an {role}" if role in (Role.OWNER, Role.ADMIN) else f"a {role}"
