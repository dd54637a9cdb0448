"""The table of contents of organizations."""

from memberpulse.domains.accounts.facts import SignedIn
from memberpulse.domains.organizations import http, logos, mutations, queries
from memberpulse.domains.organizations.permissions import CAPABILITIES
from memberpulse.domains.organizations.sessions import choose_organization
from memberpulse.engine import Domain, on

DOMAIN = Domain(
    name="organizations",
    functions=[
        queries.get_viewer,
        queries.list_my_organizations,
        queries.list_members,
        queries.count_members,
        queries.find_organization,
        queries.list_organization_ids,
        mutations.change_role,
        mutations.remove_member,
        mutations.leave_organization,
        mutations.end_membership,
        mutations.rename_organization,
        mutations.create_organization,
        mutations.delete_organization,
        mutations.add_member,
        mutations.import_members,
        mutations.switch_organization,
        logos.set_logo,
        logos.put_up_logo,
    ],
    listeners=[on(SignedIn, choose_organization)],
    routes=[*http.ROUTES, *logos.ROUTES],
    capabilities=CAPABILITIES,
)
