"""The table of contents of activity."""

from memberpulse.domains.activity import mutations, queries
from memberpulse.engine import Domain, Fact, on

DOMAIN = Domain(
    name="activity",
    functions=[queries.list_latest, mutations.import_activities, mutations.keep_latest],
    listeners=[on(Fact, mutations.note_fact)],
)
