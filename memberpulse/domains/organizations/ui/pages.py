"""The pages of organizations: importing this module registers them."""

from memberpulse.domains.organizations.ui import (
    import_page,
    invitation_page,
    invitations_page,
    organization_page,
    requests_page,
    welcome_page,
)

__all__ = [
    "import_page",
    "invitation_page",
    "invitations_page",
    "organization_page",
    "requests_page",
    "welcome_page",
]
