"""The table of contents of workspace records."""

from memberpulse.domains.audit import words
from memberpulse.domains.organizations.facts import OrganizationFounded
from memberpulse.domains.organizations.policies import register
from memberpulse.domains.records import facts, jobs, mutations, personal, policies, queries
from memberpulse.engine import Domain, on

words.register_kind("record", "Records")
words.register(facts.RecordAdded, "added the record {target}")
words.register(facts.RecordChanged, "changed the record {target}")
words.register(facts.RecordArchived, "archived the record {target}")
words.register(facts.RecordUnarchived, "brought back the record {target} from the archive")
words.register(facts.RecordRemoved, "removed the record {target}")
words.register(facts.RecordsRemoved, "removed {target}")
words.register(facts.RecordsRestored, "brought back {target}")
words.register(facts.RecordsReset, "reset the records to the samples")
words.register(facts.SamplesAdded, "added {count} sample records")

register(policies.EDIT)

assert personal, "imported for what it registers"

DOMAIN = Domain(
    name="records",
    functions=[
        queries.list_records,
        queries.get_record,
        queries.count_records,
        queries.list_owners,
        mutations.create_record,
        mutations.edit_record,
        mutations.archive_record,
        mutations.unarchive_record,
        mutations.remove_record,
        mutations.remove_all_records,
        mutations.reset_records,
        mutations.restore_records,
        mutations.add_samples,
        mutations.seed_samples,
        jobs.forget_removed,
    ],
    listeners=[on(OrganizationFounded, mutations.begin_with_samples)],
    ui="memberpulse.domains.records.ui.pages",
)
