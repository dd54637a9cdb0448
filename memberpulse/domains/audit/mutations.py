"""Writes to the audit log besides appending: imports, exports, erasure, and what a check found."""

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import col

from memberpulse.domains.accounts.facts import AccountErased
from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.step_up import require_proof
from memberpulse.domains.audit.appending import Draft, append, locked_head
from memberpulse.domains.audit.errors import OutOfOrder
from memberpulse.domains.audit.facts import AuditExported
from memberpulse.domains.audit.models import AuditEntry, AuditHead, AuditPersonal
from memberpulse.domains.audit.queries import count_entries, day_span
from memberpulse.domains.audit.schemas import Exported
from memberpulse.engine import INTERNAL, MutationCtx, mutation

FORMATS = ("csv", "jsonl")


@dataclass(frozen=True)
class EntryImport:
    """One act of the past. personal: name to value; about: whom those are about."""

    at: datetime
    actor_id: uuid.UUID | None
    entity_type: str
    action: str
    entity_id: uuid.UUID
    subject_id: uuid.UUID | None = None
    details: dict[str, Any] = field(default_factory=dict[str, Any])
    target: str = ""
    ip: str = ""
    device: str = ""


@mutation(requires=INTERNAL)
def import_entries(ctx: MutationCtx, *, entries: list[EntryImport]) -> None:
    """Add acts of the past, the oldest first. Raises OutOfOrder (422) when the log holds a later one already."""
    head = locked_head(ctx)
    last = select(col(AuditEntry.at)).where(col(AuditEntry.sequence) == head.sequence)
    times = [*ctx.db.scalars(last), *(each.at for each in entries)]
    if times != sorted(times):
        raise OutOfOrder
    for each in entries:
        personal = {
            "target": (each.target, each.subject_id),
            "ip": (each.ip, each.actor_id),
            "device": (each.device, each.actor_id),
        }
        append(
            ctx,
            Draft(
                at=each.at,
                actor_id=each.actor_id,
                subject_id=each.subject_id,
                entity_type=each.entity_type,
                action=each.action,
                entity_id=each.entity_id,
                details=each.details,
                personal={name: pair for name, pair in personal.items() if pair[0]},
            ),
        )


@mutation(requires="audit.export", limit="20/minute")
def prove_export(ctx: MutationCtx) -> None:
    """Whether the caller may export now; the download then starts. Raises StepUpRequired (403)."""
    require_proof(ctx, "audit.export")


@mutation(requires="audit.export", limit="20/minute")
def begin_export(
    ctx: MutationCtx,
    *,
    format: str,  # noqa: A002  the word of the address
    search: str = "",
    kind: str = "",
    person: uuid.UUID | None = None,
    since: date | None = None,
    until: date | None = None,
) -> Exported:
    """Note that the caller takes a copy, and say what belongs to it. Raises StepUpRequired (403)."""
    require_proof(ctx, "audit.export")
    head = locked_head(ctx)
    start, end = day_span(ctx, since, until)
    covered = Exported(until_sequence=head.sequence, start=start, end=end)
    filters = {"search": "yes" if search else "", "kind": kind, "person": person, "since": since, "until": until}
    entries = count_entries(ctx, search=search, kind=kind, person=person, since=since, until=until)
    ctx.record(
        AuditExported(
            entity_id=ctx.organization_id,
            format=format if format in FORMATS else FORMATS[0],
            filters={name: str(value) for name, value in filters.items() if value},
            entries=entries,
        )
    )
    return covered


@mutation(requires=INTERNAL)
def keep_verdict(ctx: MutationCtx, *, intact: bool, sentence: str, by: uuid.UUID | None = None) -> None:
    """Remember how a check ended, for everybody who looks at the log."""
    head: AuditHead = locked_head(ctx)
    head.intact, head.verdict = intact, sentence[:300]
    head.verified_at, head.verified_by = ctx.now, by
    ctx.db.flush()


def erase_person(ctx: MutationCtx, fact: AccountErased) -> None:
    """Forget every personal value about somebody in all organizations, and values that are their name or address.

    The entries stay, with the person's id; the chain still verifies, since it holds commitments only.
    """
    gone = col(AuditPersonal.person_id) == fact.user_id
    user = ctx.db.get(User, fact.user_id)
    if user is not None:
        gone = gone | col(AuditPersonal.value).in_([user.name, user.email])
    with ctx.across_organizations():
        ctx.db.execute(delete(AuditPersonal).where(gone).execution_options(synchronize_session=False))
