"""The table of contents of the newsletter."""

from memberpulse.domains.accounts.facts import AccountErased
from memberpulse.domains.newsletter import http, jobs, listening, mutations, personal, queries
from memberpulse.engine import Cron, Domain, on

assert personal, "imported for what it registers"

DOMAIN = Domain(
    name="newsletter",
    functions=[
        queries.get_request,
        queries.get_subscription,
        queries.list_subscribers,
        mutations.subscribe,
        mutations.confirm_subscription,
        mutations.unsubscribe,
        jobs.prune_addresses,
    ],
    crons=[Cron(job=jobs.prune_addresses, crontab="50 2 * * *")],
    listeners=[on(AccountErased, listening.forget_erased)],
    routes=http.ROUTES,
    ui="memberpulse.domains.newsletter.ui.pages",
)
