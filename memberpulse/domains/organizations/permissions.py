"""What each role may do, in one place. A capability is named <what>.<verb>; every function names the one it requires.

A higher domain that brings a capability adds it here, with its sentence below. A custom role has what every member has
and the capabilities that it lists; what only owners hold can be in none.
"""

from collections.abc import Iterable

from memberpulse.domains.organizations.models import Role

#                              owner   admin   creator member
_MATRIX: dict[str, tuple[bool, bool, bool, bool]] = {
    "activity.view":           (True,   True,   True,   True),
    "announcements.post":      (True,   True,   True,   False),
    "announcements.view":      (True,   True,   True,   True),
    "approvals.ask":            (True,   True,   True,   True),
    "approvals.decide":         (True,   True,   False,  False),
    "approvals.manage":         (True,   True,   False,  False),
    "approvals.view":          (True,   True,   True,   True),
    "audit.export":            (True,   True,   False,  False),
    "audit.view":              (True,   True,   False,  False),
    "dashboard.view":          (True,   True,   True,   True),
    "directory.view":          (True,   True,   True,   True),
    "events.create":           (True,   True,   True,   False),
    "events.manage":           (True,   True,   False,  False),
    "events.view":             (True,   True,   True,   True),
    "fields.manage":           (True,   True,   False,  False),
    "files.manage":            (True,   True,   False,  False),
    "files.organize":          (True,   True,   True,   False),
    "files.upload":            (True,   True,   True,   True),
    "files.view":              (True,   True,   True,   True),
    "invitations.manage":      (True,   True,   False,  False),
    "levels.manage":           (True,   True,   False,  False),
    "members.change_role":     (True,   True,   False,  False),
    "members.export":          (True,   True,   False,  False),
    "members.import":          (True,   True,   False,  False),
    "members.manage":          (True,   True,   False,  False),
    "members.remove":          (True,   True,   False,  False),
    "members.view":            (True,   True,   True,   True),
    "notifications.view":      (True,   True,   True,   True),
    "organization.delete":     (True,   False,  False,  False),
    "organization.manage":     (True,   True,   False,  False),
    "payments.connect":        (True,   True,   True,   False),
    "payments.manage":         (True,   True,   False,  False),
    "payments.pay":            (True,   True,   True,   True),
    "payments.refund":         (True,   True,   True,   False),
    "payments.view":           (True,   True,   True,   False),
    "permissions.explain":     (True,   True,   False,  False),
    "permissions.view":        (True,   True,   True,   True),
    "presence.view":           (True,   True,   True,   True),
    "queue.join":              (True,   True,   True,   True),
    "queue.manage":            (True,   True,   True,   False),
    "records.edit":            (True,   True,   True,   False),
    "records.manage":          (True,   True,   False,  False),
    "records.view":            (True,   True,   True,   True),
    "requests.decide":         (True,   True,   False,  False),
    "roles.manage":            (True,   True,   False,  False),
}  # fmt: skip

SENTENCES = {
    "activity.view": "See what has happened lately",
    "announcements.post": "Post announcements",
    "announcements.view": "Read announcements",
    "approvals.ask": "Ask for an approval",
    "approvals.decide": "Approve or reject what members ask for",
    "approvals.manage": "Set how many people approve each kind of request",
    "approvals.view": "See how many approvals are waiting, and one’s own requests",
    "audit.export": "Export the audit log",
    "audit.view": "See the audit log",
    "dashboard.view": "See the dashboard",
    "directory.view": "Look people up in the directory",
    "events.create": "Make events and publish them",
    "events.manage": "Change and cancel anybody’s events",
    "events.view": "See events and their lines",
    "fields.manage": "Decide which details are kept about members",
    "files.manage": "Change and delete everybody’s files, and set how much may be kept",
    "files.organize": "Make folders, and see files shared with creators",
    "files.upload": "Upload files",
    "files.view": "See files",
    "invitations.manage": "Invite people and withdraw invitations",
    "levels.manage": "Set up membership levels",
    "members.change_role": "Change what role a member has",
    "members.export": "Export the list of members",
    "members.import": "Import members from a file",
    "members.manage": "See and change members’ details, levels and renewals",
    "members.remove": "Remove members",
    "members.view": "See who the members are",
    "notifications.view": "Get notifications",
    "organization.delete": "Delete the organization",
    "organization.manage": "Change the organization’s name and settings",
    "payments.connect": "Be paid: connect a Stripe account",
    "payments.manage": "See and refund the payments to everybody",
    "payments.pay": "Pay, and see one’s own receipts",
    "payments.refund": "Refund the payments to oneself",
    "payments.view": "See the payments to oneself",
    "permissions.explain": "See why somebody else may or may not do something",
    "permissions.view": "See what each role may do",
    "presence.view": "See who is online",
    "queue.join": "Join lines",
    "queue.manage": "Work the line of any event",
    "records.edit": "Create, change and archive records",
    "records.manage": "Remove records for good",
    "records.view": "See records",
    "requests.decide": "Approve or reject requests to join",
    "roles.manage": "Create roles and decide what they may do",
}
"""Every capability as something that a person does."""

GROUPS = {
    "organization": "Organization",
    "members": "Members",
    "invitations": "Members",
    "requests": "Members",
    "levels": "Members",
    "fields": "Members",
    "directory": "Members",
    "roles": "Roles and permissions",
    "permissions": "Roles and permissions",
    "audit": "Audit log",
    "announcements": "Announcements",
    "events": "Events and lines",
    "queue": "Events and lines",
    "files": "Files",
    "approvals": "Approvals",
    "records": "Records",
    "payments": "Payments",
    "dashboard": "Everyday",
    "activity": "Everyday",
    "notifications": "Everyday",
    "presence": "Everyday",
}
"""The heading under which the capabilities of a domain stand, in the order of the headings."""

CAPABILITIES = sorted(_MATRIX)

BY_ROLE: dict[Role, frozenset[str]] = {
    role: frozenset(name for name, allowed in _MATRIX.items() if allowed[column]) for column, role in enumerate(Role)
}


OWNERS_ONLY = BY_ROLE[Role.OWNER] - BY_ROLE[Role.ADMIN]
"""What no other role can hold, made by hand or not."""


def capabilities_of(role: Role, extra: Iterable[str] = ()) -> frozenset[str]:
    """What a role may do; extra: what a custom role adds. Words that are no capability any more count for nothing."""
    return BY_ROLE[role] | (frozenset(extra) & BY_ROLE[Role.OWNER]) - OWNERS_ONLY


def group_of(capability: str) -> str:
    """The heading under which a capability stands."""
    return GROUPS[capability.split(".", maxsplit=1)[0]]


def in_order() -> list[str]:
    """All capabilities as a list of them reads: by heading, then by name."""
    headings = list(dict.fromkeys(GROUPS.values()))
    return sorted(CAPABILITIES, key=lambda each: (headings.index(group_of(each)), each))


def least_role(capability: str) -> Role:
    """The role that may do the least and still this."""
    return next(role for role in reversed(Role) if capability in BY_ROLE[role])
