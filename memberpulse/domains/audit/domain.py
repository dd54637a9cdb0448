"""The table of contents of the audit log."""

from memberpulse.domains.accounts.facts import AccountErased
from memberpulse.domains.audit import actions, http, jobs, mutations, personal, queries, words
from memberpulse.domains.audit.appending import note_act
from memberpulse.domains.audit.facts import AuditExported
from memberpulse.domains.organizations.facts import Act
from memberpulse.engine import Cron, Domain, on

words.register(AuditExported, "exported {entries} entries of the audit log as {format}")

assert personal, "imported for what it registers"

DOMAIN = Domain(
    name="audit",
    functions=[
        queries.list_entries,
        queries.list_filters,
        queries.get_chain,
        queries.get_head,
        queries.check_entries,
        queries.list_export,
        mutations.import_entries,
        mutations.prove_export,
        mutations.begin_export,
        mutations.keep_verdict,
        actions.verify_chain,
        jobs.prune_entries,
        jobs.keep_latest,
    ],
    crons=[Cron(job=jobs.prune_entries, crontab="15 3 * * *")],
    listeners=[on(Act, note_act), on(AccountErased, mutations.erase_person)],
    routes=http.ROUTES,
    ui="memberpulse.domains.audit.ui.pages",
)
