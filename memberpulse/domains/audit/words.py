"""How acts read: the one place where domains register the words of their facts.

    register(RoleChanged, "changed the role of {person}")

The sentence goes on from the actor's name. {person} is the person to whom it was done, {target} what the fact called
its entity; a field of the fact may stand in braces too. What it was and what it became (`before`, `after`) follow by
themselves. A fact without words still reads: "removed member Max".
"""

from dataclasses import dataclass

from memberpulse.domains.organizations.directory.facts import DirectoryChoiceMade
from memberpulse.domains.organizations.facts import (
    Act,
    DeletionAsked,
    DeletionCancelled,
    JoinPolicyChanged,
    LogoChanged,
    MemberJoined,
    MemberLeft,
    MemberRemoved,
    MemberRestored,
    MembersExported,
    OrganizationFounded,
    OrganizationRenamed,
    RoleChanged,
)
from memberpulse.domains.organizations.fields import facts as fields
from memberpulse.domains.organizations.imports import facts as imports
from memberpulse.domains.organizations.invitations import facts as invitations
from memberpulse.domains.organizations.levels import facts as levels
from memberpulse.domains.organizations.requests import facts as requests
from memberpulse.domains.organizations.roles import facts as roles


@dataclass(frozen=True, slots=True)
class Words:
    """after: the field that holds what it became, where that is not `after`. silent: before and after go unsaid."""

    text: str
    after: str = "after"
    silent: bool = False


_words: dict[tuple[str, str], Words] = {}
_kinds: dict[str, str] = {
    "member": "Members",
    "organization": "Organization",
    "audit": "Audit log",
    "directory": "Directory",
}


def register(fact: type[Act], text: str, *, after: str = "after", silent: bool = False) -> None:
    """Say how a fact reads."""
    _words[fact.entity_type, fact.action] = Words(text, after, silent)


def register_kind(entity_type: str, label: str) -> None:
    """Name a kind of entity for the filter: "Invitations"."""
    _kinds[entity_type] = label


def has_words(fact: type[Act]) -> bool:
    return (fact.entity_type, fact.action) in _words


def words_of(entity_type: str, action: str) -> Words:
    """The words of a fact; made of its own names when nobody registered any."""
    known = _words.get((entity_type, action))
    if known:
        return known
    verb, noun = action.replace("_", " "), entity_type.replace("_", " ")
    return Words(f"{verb} {noun} {{target}}")


def kind_of(entity_type: str) -> str:
    """The label of a kind of entity."""
    label = _kinds.get(entity_type)
    if label:
        return label
    plain = entity_type.replace("_", " ").capitalize()
    return f"{plain[:-1]}ies" if plain.endswith("y") else f"{plain}s"


register(MemberJoined, "joined as {role}")
register(MemberLeft, "left the organization")
register(MemberRemoved, "removed {person} from the organization")
register(RoleChanged, "changed the role of {person}")
register(OrganizationRenamed, "renamed the organization", after="target")
register(MemberRestored, "took back the removal of {person}")
register(MembersExported, "exported the list of members, {rows} in all")
register(OrganizationFounded, "founded the organization")
register(JoinPolicyChanged, "changed how people may join")
register(LogoChanged, "changed the logo")
register(DeletionAsked, "asked to delete the organization")
register(DeletionCancelled, "cancelled the deletion of the organization")

register_kind("invitation", "Invitations")
register(invitations.InvitationSent, "invited {target} as {role}")
register(invitations.InvitationResent, "sent the invitation to {target} again")
register(invitations.InvitationReaddressed, "corrected the address of an invitation")
register(invitations.InvitationRevoked, "revoked the invitation to {target}")
register(invitations.InvitationRestored, "took back the revocation of the invitation to {target}")
register(invitations.InvitationAccepted, "accepted the invitation to {target}")

register_kind("join_link", "Invitation links")
register(invitations.JoinLinkMade, "made an invitation link")
register(invitations.JoinLinkRevoked, "revoked an invitation link")
register(invitations.JoinLinkUsed, "joined by an invitation link")

register_kind("join_request", "Requests to join")
register(requests.JoinRequested, "asked to join")
register(requests.JoinRequestWithdrawn, "withdrew the request to join")
register(requests.JoinRequestApproved, "approved the request of {person} to join as {role}")
register(requests.JoinRequestDeclined, "declined the request of {person} to join")
register(requests.JoinDecisionUndone, "took back the decision about the request of {person} to join", silent=True)

register_kind("import", "Imports")
register(imports.ImportChecked, "checked the file {target} for an import, {rows} rows")
register(imports.ImportApplied, "began to invite the {rows} people of the file {target}")
register(imports.ImportFinished, "finished the import of {target}, {invited} invited")
register(imports.ImportDiscarded, "discarded the import of {target}")
register(roles.RoleCreated, "created the role {target}")
register(roles.RoleEdited, "edited the role {target}")
register(roles.RoleCapabilitiesChanged, "changed what the role {target} may do")
register(roles.RoleRemoved, "removed the role {target}", after="holders", silent=True)
register(roles.RoleRestored, "brought back the role {target}", silent=True)
register(levels.LevelCreated, "created the level {target}", silent=True)
register(levels.LevelEdited, "edited the level {target}")
register(levels.LevelArchived, "archived the level {target}")
register(levels.LevelRestored, "brought back the level {target}")
register(levels.MemberLevelChanged, "changed the level of {person}")
register(levels.MembershipRenewed, "renewed the membership of {person}")
register(levels.TimeZoneChanged, "changed the organization’s time zone")
register(fields.FieldCreated, "created the field {target}", silent=True)
register(fields.FieldEdited, "edited the field {target}")
register(fields.FieldArchived, "archived the field {target}")
register(fields.FieldRestored, "brought back the field {target}")
register(fields.FieldFilledIn, "filled in {target} of {person}")
register(DirectoryChoiceMade, "chose what the directory shows: {target}")
