"""The table of contents of activity."""

from memberpulse.domains.activity import mutations, queries
from memberpulse.domains.organizations.facts import Deed
from memberpulse.engine import Domain, on

DOMAIN = Domain(
    name="activity",
    functions=[queries.list_latest, mutations.import_activities, mutations.keep_latest],
    listeners=[on(Deed, mutations.note_deed)],
)
