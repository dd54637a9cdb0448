"""The pages of rights and memberships: importing this registers them."""

from memberpulse.domains.organizations.ui import directory, fields, levels, member, permissions, roles

PAGES = (directory, fields, levels, member, permissions, roles)
