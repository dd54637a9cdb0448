"""The table of contents of accounts."""

from memberpulse.domains.accounts import http, jobs, mutations, queries
from memberpulse.engine import Cron, Domain

DOMAIN = Domain(
    name="accounts",
    functions=[
        queries.get_sign_in_options,
        queries.list_my_sessions,
        queries.find_credentials,
        mutations.create_user,
        mutations.start_session,
        mutations.end_session,
        mutations.revoke_session,
        mutations.set_active_organization,
        mutations.note_sessions_seen,
        jobs.prune_sessions,
    ],
    crons=[Cron(job=jobs.prune_sessions, crontab="30 2 * * *")],
    routes=http.ROUTES,
)
