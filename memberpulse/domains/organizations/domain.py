"""The table of contents of organizations."""

from datetime import timedelta

from memberpulse.domains.accounts.facts import AccountErased, SignedIn
from memberpulse.domains.mail.facts import MailMoved
from memberpulse.domains.organizations import (
    deletion,
    exporting,
    founding,
    http,
    logos,
    mutations,
    personal,
    queries,
    removal,
)
from memberpulse.domains.organizations.directory import mutations as directory_mutations
from memberpulse.domains.organizations.directory import queries as directory_queries
from memberpulse.domains.organizations.facts import RoleChanged
from memberpulse.domains.organizations.fields import mutations as field_mutations
from memberpulse.domains.organizations.fields import queries as field_queries
from memberpulse.domains.organizations.imports import http as import_http
from memberpulse.domains.organizations.imports import mutations as imports
from memberpulse.domains.organizations.imports import queries as import_queries
from memberpulse.domains.organizations.invitations import accepting, links, sending
from memberpulse.domains.organizations.invitations import queries as invitation_queries
from memberpulse.domains.organizations.invitations.listening import follow_letter
from memberpulse.domains.organizations.levels import jobs as level_jobs
from memberpulse.domains.organizations.levels import mutations as level_mutations
from memberpulse.domains.organizations.levels import queries as level_queries
from memberpulse.domains.organizations.permissions import CAPABILITIES
from memberpulse.domains.organizations.requests import mutations as requests
from memberpulse.domains.organizations.requests import queries as request_queries
from memberpulse.domains.organizations.roles import mutations as role_mutations
from memberpulse.domains.organizations.roles import queries as role_queries
from memberpulse.domains.organizations.roles.facts import RoleCapabilitiesChanged
from memberpulse.domains.organizations.sessions import choose_organization, renew_holders, renew_sessions
from memberpulse.domains.organizations.why import queries as why_queries
from memberpulse.engine import Cron, Domain, on

DOMAIN = Domain(
    name="organizations",
    functions=[
        queries.get_viewer,
        queries.list_my_organizations,
        queries.list_members,
        queries.list_members_with_addresses,
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
        queries.get_organization,
        founding.found_organization,
        founding.set_join_policy,
        deletion.get_deletion,
        deletion.ask_deletion,
        deletion.cancel_deletion,
        deletion.find_due_deletions,
        deletion.carry_out_deletion,
        removal.restore_member,
        removal.forget_ended_memberships,
        exporting.prepare_export,
        exporting.export_members,
        invitation_queries.list_invitations,
        invitation_queries.list_links,
        invitation_queries.get_invitation,
        invitation_queries.list_my_invitations,
        sending.invite_people,
        sending.resend_invitation,
        sending.readdress_invitation,
        sending.revoke_invitation,
        sending.restore_invitation,
        accepting.accept_invitation,
        accepting.accept_my_invitation,
        accepting.join_by_link,
        links.make_link,
        links.revoke_link,
        request_queries.get_join_page,
        request_queries.list_requests,
        request_queries.list_my_requests,
        requests.ask_to_join,
        requests.withdraw_request,
        requests.approve_request,
        requests.decline_request,
        requests.undo_decision,
        requests.decide,
        requests.tell_requester,
        import_queries.get_import,
        import_queries.list_imports,
        import_queries.list_import_rows,
        imports.keep_import,
        imports.apply_import,
        imports.discard_import,
        imports.invite_next,
        imports.forget_old_imports,
        role_queries.list_roles,
        role_queries.list_role_choices,
        role_queries.get_role,
        role_mutations.create_role,
        role_mutations.edit_role,
        role_mutations.set_capability,
        role_mutations.remove_role,
        role_mutations.restore_role,
        queries.get_member,
        level_queries.list_levels,
        level_queries.list_level_choices,
        level_mutations.create_level,
        level_mutations.edit_level,
        level_mutations.move_level,
        level_mutations.archive_level,
        level_mutations.restore_level,
        level_mutations.set_time_zone,
        level_mutations.renew_membership,
        level_mutations.change_level,
        level_jobs.remind_of_renewals,
        level_jobs.remind_next_members,
        field_queries.list_fields,
        field_mutations.create_field,
        field_mutations.edit_field,
        field_mutations.move_field,
        field_mutations.archive_field,
        field_mutations.restore_field,
        field_mutations.fill_in,
        directory_queries.list_directory,
        directory_queries.get_listed_person,
        directory_queries.get_my_membership,
        directory_mutations.show_in_directory,
        directory_mutations.show_field,
        why_queries.get_matrix,
        why_queries.list_policies,
        why_queries.explain_right,
        why_queries.explain_policy,
    ],
    crons=[
        Cron(job=deletion.find_due_deletions, every=timedelta(hours=1)),
        Cron(job=removal.forget_ended_memberships, every=timedelta(hours=1)),
        Cron(job=imports.forget_old_imports, crontab="20 3 * * *"),
        Cron(job=level_jobs.remind_of_renewals, crontab="20 * * * *"),
    ],
    listeners=[
        on(AccountErased, personal.leave_all),
        on(AccountErased, personal.forget_invitations),
        on(SignedIn, choose_organization),
        on(RoleChanged, renew_sessions),
        on(RoleCapabilitiesChanged, renew_holders),
        on(MailMoved, follow_letter),
    ],
    routes=[*http.ROUTES, *logos.ROUTES, *exporting.ROUTES, *import_http.ROUTES],
    capabilities=CAPABILITIES,
    ui="memberpulse.domains.organizations.ui.pages",
)
