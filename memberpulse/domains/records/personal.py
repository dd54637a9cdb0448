"""What records hold of a person."""

from memberpulse.domains.accounts.personal import KEEP, hold
from memberpulse.domains.records.models import WorkspaceRecord

hold(WorkspaceRecord, "owner_id", "changed_by", title="Records", at_erasure=KEEP)
