"""What the audit log holds of a person. The entries stay; what is personal in them goes, and the chain still holds."""

from memberpulse.domains.accounts.personal import FORGET, KEEP, hold
from memberpulse.domains.audit.models import AuditEntry, AuditPersonal

hold(
    AuditEntry,
    "actor_id",
    "subject_id",
    title="Audit log",
    at_erasure=KEEP,
    hidden=("commitments", "previous_hash", "hash", "folded"),
)
hold(
    AuditPersonal,
    "person_id",
    title="Personal values in the audit log",
    at_erasure=FORGET,
    hidden=("salt", "folded"),
)
