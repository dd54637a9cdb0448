"""The table of contents of accounts."""

from memberpulse.domains.accounts import (
    erasure,
    exporting,
    held,
    http,
    jobs,
    mutations,
    pictures,
    profiles,
    queries,
    security_log,
)
from memberpulse.domains.accounts.links import contents as links
from memberpulse.domains.accounts.proofs import contents as proofs
from memberpulse.engine import Cron, Domain

assert held, "imported for what it registers"

DOMAIN = Domain(
    name="accounts",
    functions=[
        queries.get_sign_in_options,
        queries.list_my_sessions,
        queries.find_credentials,
        queries.find_beginning,
        mutations.create_user,
        mutations.prove_address,
        mutations.start_session,
        mutations.end_session,
        mutations.end_sessions_of,
        mutations.renew_session,
        mutations.demand_renewal,
        mutations.renew_when_due,
        mutations.revoke_session,
        mutations.revoke_other_sessions,
        mutations.set_active_organization,
        mutations.note_sessions_seen,
        jobs.prune_sessions,
        profiles.get_my_profile,
        profiles.update_profile,
        pictures.find_picture,
        pictures.set_my_picture,
        pictures.keep_picture,
        pictures.show_picture,
        pictures.drop_picture,
        pictures.change_portrait,
        pictures.put_up_portrait,
        pictures.prune_pictures,
        erasure.get_deletion,
        erasure.request_deletion,
        erasure.keep_account,
        erasure.erase_due_accounts,
        erasure.erase_account,
        exporting.prepare_my_export,
        exporting.begin_my_export,
        exporting.list_personal_rows,
        *proofs.FUNCTIONS,
        *links.FUNCTIONS,
        *security_log.FUNCTIONS,
    ],
    crons=[
        Cron(job=jobs.prune_sessions, crontab="30 2 * * *"),
        Cron(job=pictures.prune_pictures, crontab="15 * * * *"),
        Cron(job=erasure.erase_due_accounts, crontab="40 * * * *"),
        *proofs.CRONS,
        *links.CRONS,
        *security_log.CRONS,
    ],
    listeners=security_log.LISTENERS,
    routes=[*http.ROUTES, *links.ROUTES, *pictures.ROUTES, *exporting.ROUTES, *proofs.ROUTES],
)
