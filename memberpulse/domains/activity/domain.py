"""The table of contents of activity."""

from memberpulse.domains.accounts.facts import AccountErased
from memberpulse.domains.activity import mutations, personal, queries
from memberpulse.domains.organizations.facts import Deed
from memberpulse.engine import Domain, on

DOMAIN = Domain(
    name="activity",
    functions=[queries.list_latest, mutations.retell, mutations.import_activities, mutations.keep_latest],
    listeners=[on(AccountErased, personal.forget_names), on(Deed, mutations.note_deed)],
)
