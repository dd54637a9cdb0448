"""The part of accounts' table of contents that is about signing up and links."""

from memberpulse.domains.accounts.links import actions, http, jobs, mutations, queries
from memberpulse.engine import Cron

FUNCTIONS = [
    queries.look_at_link,
    queries.find_link_holder,
    queries.find_person,
    mutations.begin_sign_up,
    mutations.resend_sign_up,
    mutations.ask_for_reset,
    mutations.ask_for_magic_link,
    mutations.finish_sign_up,
    mutations.reset_password,
    mutations.open_magic_link,
    mutations.change_email,
    mutations.confirm_email,
    mutations.set_password,
    actions.change_password,
    jobs.mail_sign_up,
    jobs.mail_reset,
    jobs.mail_magic_link,
    jobs.prune_sign_ups,
]
CRONS = [Cron(job=jobs.prune_sign_ups, crontab="25 * * * *")]
ROUTES = http.ROUTES
