"""Appending to the chain: one place, under the lock of the organization's head."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic_core import to_jsonable_python
from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.accounts.models import Session
from memberpulse.domains.accounts.rules import fold
from memberpulse.domains.audit.models import AuditEntry, AuditHead, AuditPersonal
from memberpulse.domains.audit.rules import Link, commitment_of, hash_of, new_salt, root_of, text_value
from memberpulse.domains.audit.words import kind_of, words_of
from memberpulse.domains.organizations.facts import Act
from memberpulse.engine import MutationCtx

_OWN_COLUMNS = frozenset({"by", "user_id"})
"""Fields of facts that are columns of an entry."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An act that is not in the chain yet. personal: name to value, and whom the value is about."""

    at: datetime
    actor_id: uuid.UUID | None
    subject_id: uuid.UUID | None
    entity_type: str
    action: str
    entity_id: uuid.UUID
    details: Mapping[str, Any]
    personal: Mapping[str, tuple[str, uuid.UUID | None]] = field(
        default_factory=dict[str, tuple[str, uuid.UUID | None]]
    )
    request_id: str = ""


def note_act(ctx: MutationCtx, fact: Act) -> None:
    """Keep an act in the log of the organization in which it happened."""
    actor_id = fact.by or ctx.caller.user_id
    fields = {name: value for name, value in fact.metadata().items() if name not in _OWN_COLUMNS}
    subject_id: uuid.UUID | None = getattr(fact, "user_id", None)
    about = {name: (text_value(fields[name]), subject_id) for name in fact.personal if fields.get(name) is not None}
    if fact.target:
        about["target"] = (fact.target, subject_id)
    append(
        ctx,
        Draft(
            at=ctx.now,
            actor_id=actor_id,
            subject_id=subject_id,
            entity_type=fact.entity_type,
            action=fact.action,
            entity_id=fact.entity_id,
            details={name: value for name, value in fields.items() if name not in about},
            personal={**about, **_origin(ctx, actor_id)},
            request_id=ctx.request_id,
        ),
    )


def append(ctx: MutationCtx, draft: Draft) -> AuditEntry:
    """Add an entry at the end of the caller's organization's chain."""
    head = locked_head(ctx)
    salted = {name: (new_salt(), value) for name, (value, _) in draft.personal.items()}
    link = Link(
        organization_id=ctx.organization_id,
        sequence=head.sequence + 1,
        at=draft.at,
        actor_id=draft.actor_id,
        subject_id=draft.subject_id,
        entity_type=draft.entity_type,
        action=draft.action,
        entity_id=draft.entity_id,
        details=to_jsonable_python(dict(draft.details)),
        commitments={name: commitment_of(salt, value) for name, (salt, value) in salted.items()},
        request_id=draft.request_id,
        previous_hash=head.hash,
        personal=salted,
    )
    entry = _row(link)
    head.sequence, head.hash = entry.sequence, entry.hash
    ctx.db.add(entry)
    ctx.db.flush()
    ctx.db.add_all(
        AuditPersonal(
            organization_id=ctx.organization_id,
            entry_id=entry.id,
            name=name,
            salt=salt,
            value=value,
            folded=fold(value)[:300],
            person_id=draft.personal[name][1],
        )
        for name, (salt, value) in salted.items()
    )
    ctx.db.flush()
    return entry


def locked_head(ctx: MutationCtx) -> AuditHead:
    """The end of the chain. Whoever appends at the same moment waits, or is run again: the chain never forks."""
    head = ctx.db.scalars(select(AuditHead).with_for_update()).one_or_none()
    if head is None:
        root = root_of(ctx.organization_id)
        head = AuditHead(organization_id=ctx.organization_id, hash=root, pruned_hash=root)
        ctx.db.add(head)
        ctx.db.flush()
    return head


def _row(link: Link) -> AuditEntry:
    return AuditEntry(
        organization_id=link.organization_id,
        sequence=link.sequence,
        at=link.at,
        actor_id=link.actor_id,
        subject_id=link.subject_id,
        entity_type=link.entity_type,
        action=link.action,
        entity_id=link.entity_id,
        details=dict(link.details),
        commitments=dict(link.commitments),
        request_id=link.request_id,
        previous_hash=link.previous_hash,
        hash=hash_of(link),
        folded=_folded(link),
    )


def _folded(link: Link) -> str:
    """What a search finds besides names: the words of the act, its kind, its values, the request id."""
    words = words_of(link.entity_type, link.action).text
    return fold(f"{words} {kind_of(link.entity_type)} {link.request_id} {text_value(link.details)}")[:500]


def _origin(ctx: MutationCtx, actor_id: uuid.UUID | None) -> dict[str, tuple[str, uuid.UUID | None]]:
    """Address and device of the session in which the actor acted; nothing when a job acts on somebody's behalf."""
    if ctx.caller.session_id is None or ctx.caller.user_id != actor_id:
        return {}
    session = ctx.db.scalars(select(Session).where(col(Session.id) == ctx.caller.session_id)).one_or_none()
    if session is None:
        return {}
    found = {"ip": session.ip, "device": session.user_agent}
    return {name: (value, actor_id) for name, value in found.items() if value}
