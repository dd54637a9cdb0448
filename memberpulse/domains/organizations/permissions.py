"""What each role may do, in one place. A capability is named <what>.<verb>; every function names the one it requires.

A higher domain that brings a capability adds it here.
"""

from memberpulse.domains.organizations.models import Role

#                              owner   admin   creator member
_MATRIX: dict[str, tuple[bool, bool, bool, bool]] = {
    "activity.view":           (True,   True,   True,   True),
    "announcements.post":      (True,   True,   True,   False),
    "announcements.view":      (True,   True,   True,   True),
    "approvals.view":          (True,   True,   True,   True),
    "audit.export":            (True,   True,   False,  False),
    "audit.view":              (True,   True,   False,  False),
    "dashboard.view":          (True,   True,   True,   True),
    "directory.view":          (True,   True,   True,   True),
    "fields.manage":           (True,   True,   False,  False),
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
    "permissions.explain":     (True,   True,   False,  False),
    "permissions.view":        (True,   True,   True,   True),
    "presence.view":           (True,   True,   True,   True),
    "records.edit":            (True,   True,   True,   False),
    "records.manage":          (True,   True,   False,  False),
    "records.view":            (True,   True,   True,   True),
    "requests.decide":         (True,   True,   False,  False),
    "roles.manage":            (True,   True,   False,  False),
}  # fmt: skip

CAPABILITIES = sorted(_MATRIX)

BY_ROLE: dict[Role, frozenset[str]] = {
    role: frozenset(name for name, allowed in _MATRIX.items() if allowed[column]) for column, role in enumerate(Role)
}


def capabilities_of(role: Role) -> frozenset[str]:
    return BY_ROLE[role]
