"""Why somebody may or may not do something, in a sentence. No database, no clock."""

import enum
from dataclasses import dataclass

from memberpulse.domains.organizations.models import Role
from memberpulse.domains.organizations.permissions import BY_ROLE, OWNERS_ONLY, SENTENCES, capabilities_of, least_role

_PLURALS = {Role.OWNER: "owners", Role.ADMIN: "admins", Role.CREATOR: "creators", Role.MEMBER: "members"}


class Belonging(enum.StrEnum):
    MEMBER = "member"
    INVITED = "invited"
    DEACTIVATED = "deactivated"
    NOT_A_MEMBER = "not_a_member"


@dataclass(frozen=True, slots=True)
class Standing:
    """Whom the question is about. name: "You" for the asker. custom, adds: their custom role, and what it adds."""

    name: str
    belonging: Belonging
    role: Role = Role.MEMBER
    custom: str | None = None
    adds: frozenset[str] = frozenset()
    is_asker: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    allowed: bool
    rule: str
    sentence: str


def answer(capability: str, who: Standing) -> Answer:
    """Whether and why they hold a capability."""
    if who.belonging is not Belonging.MEMBER:
        return Answer(False, f"belonging/{who.belonging.value}", _outside(who))
    may = "can" if capability in capabilities_of(who.role, who.adds) else "cannot"
    return Answer(
        may == "can",
        f"role/{who.custom or who.role.value}",
        f"{who.name} {may} {_does(capability)}: {_because(capability, who)} ({capability}).",
    )


def _does(capability: str) -> str:
    words = SENTENCES[capability]
    return words[0].lower() + words[1:]


def _because(capability: str, who: Standing) -> str:
    if capability in BY_ROLE[who.role]:
        least = least_role(capability)
        return "every member may" if least is Role.MEMBER else f"{_PLURALS[who.role]} may"
    if who.custom and capability in who.adds and capability not in OWNERS_ONLY:
        return f"the role {who.custom} allows it"
    held = f"the role {who.custom} does not allow it" if who.custom else f"{_PLURALS[who.role]} may not"
    if capability in OWNERS_ONLY:
        return f"{held}, only owners may"
    return f"{held}, {_PLURALS[least_role(capability)]} may"


def _outside(who: Standing) -> str:
    if who.belonging is Belonging.INVITED:
        return f"{who.name} cannot do anything here yet: the invitation has not been accepted."
    if who.belonging is Belonging.DEACTIVATED:
        return f"{who.name} cannot do anything: the account is deactivated, and nobody can sign in with it."
    return f"{who.name} cannot do anything here: they are not a member, or not any more."
