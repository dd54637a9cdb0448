"""The chain tells what was changed, whatever was changed; and proves what is kept."""

import asyncio
import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlmodel import col

from memberpulse.domains.accounts.facts import AccountErased
from memberpulse.domains.accounts.models import User
from memberpulse.domains.audit.actions import verify_chain
from memberpulse.domains.audit.jobs import PRUNED_AT_ONCE, prune_entries
from memberpulse.domains.audit.models import AuditEntry, AuditHead, AuditPersonal
from memberpulse.domains.audit.mutations import EntryImport, import_entries
from memberpulse.domains.audit.queries import list_entries
from memberpulse.domains.audit.schemas import Verdict
from memberpulse.domains.organizations.models import Membership, Role
from memberpulse.domains.organizations.mutations import change_role, rename_organization
from memberpulse.engine import Caller, MutationCtx, system
from memberpulse.engine.errors import EngineError
from tests.domains.conftest import Cast, a_person

pytestmark = pytest.mark.anyio


async def checked(cast: Cast, organization_id: uuid.UUID | None = None) -> Verdict:
    body = await cast.engine.serve("audit.verify_chain", {}, system(organization_id or cast.here))
    return Verdict(**{**json.loads(body), "since": None})


async def renamed(cast: Cast, times: int) -> None:
    for number in range(times):
        await cast.engine.mutate(rename_organization, caller=cast.ann, name=f"Here {number}")


async def tampered(cast: Cast, work: Any) -> str:
    await cast.write(work)
    verdict = await checked(cast)
    assert not verdict.intact
    return verdict.sentence


def entry(ctx: MutationCtx, sequence: int) -> AuditEntry:
    return ctx.db.scalars(select(AuditEntry).where(col(AuditEntry.sequence) == sequence)).one()


async def test_untouched_entries_are_unchanged(cast: Cast) -> None:
    await renamed(cast, 6)
    verdict = await checked(cast)
    assert verdict.intact
    assert verdict.entries == 10  # four joined
    assert verdict.sentence.startswith("All 10 entries since ")
    assert verdict.sentence.endswith(" are unchanged.")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("action", "joined"),
        ("details", {"before": "Elsewhere"}),
        ("actor_id", uuid.uuid4()),
        ("subject_id", uuid.uuid4()),
        ("request_id", "req_other"),
        ("entity_id", uuid.uuid4()),
        ("entity_type", "queue"),
        ("commitments", {}),
        ("hash", "0" * 64),
    ],
)
async def test_a_changed_field_is_found(cast: Cast, column: str, value: Any) -> None:
    await renamed(cast, 4)
    changed = update(AuditEntry).where(col(AuditEntry.sequence) == 6).values({column: value})
    told = await tampered(cast, lambda ctx: ctx.db.execute(changed))
    assert told == "Entry 6 was changed after it was written."


async def test_a_changed_time_is_found(cast: Cast) -> None:
    await renamed(cast, 4)

    def later(ctx: MutationCtx) -> None:
        entry(ctx, 6).at += timedelta(microseconds=1)

    assert await tampered(cast, later) == "Entry 6 was changed after it was written."


async def test_a_changed_name_is_found(cast: Cast) -> None:
    await renamed(cast, 4)

    def other(ctx: MutationCtx) -> None:
        kept = select(AuditPersonal).where(
            col(AuditPersonal.entry_id) == entry(ctx, 6).id, col(AuditPersonal.name) == "target"
        )
        ctx.db.scalars(kept).one().value = "Nowhere"

    assert await tampered(cast, other) == "Entry 6 was changed after it was written: its target is another."


@pytest.mark.parametrize(
    ("sequence", "sentence"),
    [(1, "Entry 1 is missing."), (5, "Entry 5 is missing."), (8, "Entry 8 is missing; the log should end with")],
)
async def test_a_deleted_entry_is_found(cast: Cast, sequence: int, sentence: str) -> None:
    await renamed(cast, 4)
    gone = delete(AuditEntry).where(col(AuditEntry.sequence) == sequence)
    assert (await tampered(cast, lambda ctx: ctx.db.execute(gone))).startswith(sentence)


async def test_an_emptied_log_is_found(cast: Cast) -> None:
    told = await tampered(cast, lambda ctx: ctx.db.execute(delete(AuditEntry)))
    assert told.startswith("Entry 1 is missing")


async def test_two_entries_in_each_others_place_are_found(cast: Cast) -> None:
    await renamed(cast, 4)

    def swap(ctx: MutationCtx) -> None:
        first, second = entry(ctx, 5), entry(ctx, 7)
        first.sequence = 99
        ctx.db.flush()
        second.sequence = 5
        ctx.db.flush()
        first.sequence = 7

    assert await tampered(cast, swap) == "Entry 5 does not follow the one before it."


async def test_an_inserted_entry_is_found(cast: Cast) -> None:
    await renamed(cast, 2)

    def insert(ctx: MutationCtx) -> None:
        last = entry(ctx, 6)
        ctx.db.add(AuditEntry(**last.model_dump(exclude={"id", "sequence"}), sequence=7))

    assert await tampered(cast, insert) == "Entry 7 does not belong to the log."


async def test_another_end_of_the_chain_is_found(cast: Cast) -> None:
    def shorten(ctx: MutationCtx) -> None:
        head = ctx.db.scalars(select(AuditHead)).one()
        head.sequence, head.hash = 3, entry(ctx, 3).hash

    assert await tampered(cast, shorten) == "Entry 4 does not belong to the log."


async def test_the_chain_of_another_organization_does_not_fit(cast: Cast) -> None:
    def swap(ctx: MutationCtx) -> None:
        with ctx.across_organizations():
            mine = ctx.db.scalars(select(AuditHead).where(col(AuditHead.organization_id) == cast.here)).one()
            theirs = ctx.db.scalars(select(AuditHead).where(col(AuditHead.organization_id) == cast.there)).one()
            kept = (theirs.sequence, theirs.hash, theirs.pruned_hash)
            ids = {each.id for each in ctx.db.scalars(select(AuditEntry)) if each.organization_id == cast.here}
            ctx.db.execute(delete(AuditEntry).where(col(AuditEntry.id).in_(ids)))
            ctx.db.execute(update(AuditPersonal).values(organization_id=cast.here))
            ctx.db.execute(update(AuditEntry).values(organization_id=cast.here))
            mine.sequence, mine.hash, mine.pruned_hash = kept

    assert await tampered(cast, swap) == "Entry 1 was changed after it was written."


async def test_acts_at_the_same_moment_never_fork_the_chain(cast: Cast) -> None:
    """Twenty at once, as writers of one organization in several threads; each is refused or in the chain."""
    people = [await a_person(cast.engine, f"Person {number}", cast.here) for number in range(4)]
    ids = await cast.write(
        lambda ctx: {each.user_id: each.id for each in ctx.db.scalars(select(Membership))}, cast.here
    )

    async def flip(person: Caller, role: Role) -> bool:
        try:
            await cast.engine.mutate(change_role, caller=cast.ann, membership_id=ids[person.user_id], role=role)
        except EngineError:
            return False
        return True

    work = [flip(person, role) for role in (Role.CREATOR, Role.ADMIN, Role.MEMBER) for person in people]
    work += [renamed_once(cast, number) for number in range(8)]
    done = await asyncio.gather(*work)
    assert all(done)
    entries = await cast.write(lambda ctx: list(ctx.db.scalars(select(col(AuditEntry.sequence)))))
    assert sorted(entries) == list(range(1, len(entries) + 1))
    assert (await checked(cast)).intact


async def renamed_once(cast: Cast, number: int) -> bool:
    await cast.engine.mutate(rename_organization, caller=cast.abe, name=f"Name {number}")
    return True


async def test_erasing_a_person_blanks_values_and_the_chain_still_verifies(cast: Cast) -> None:
    await cast.write(lambda ctx: setattr(session_row(ctx, cast.abe), "ip", "203.0.113.9"))
    ids = await cast.write(lambda ctx: {each.user_id: each.id for each in ctx.db.scalars(select(Membership))})
    await cast.engine.mutate(change_role, caller=cast.abe, membership_id=ids[cast.max.user_id], role=Role.CREATOR)
    newest = (await cast.engine.query(list_entries, caller=cast.ann)).rows[0]
    assert newest.sentence == "Abe changed the role of Max: member → creator"
    assert "203.0.113.9" in newest.origin

    def erase(ctx: MutationCtx) -> None:
        for person in (cast.abe, cast.max):
            ctx.record(AccountErased(entity_id=person.user_id, user_id=person.user_id, email_hash=""))
            ctx.db.delete(ctx.db.get_one(User, person.user_id))

    await cast.write(erase)
    (newest,) = (await cast.engine.query(list_entries, caller=cast.ann, search="changed the role")).rows
    assert newest.sentence == "Deleted person changed the role of Deleted person: member → creator"
    assert newest.origin == "erased"
    kept = await cast.write(lambda ctx: [row.value for row in ctx.db.scalars(select(AuditPersonal))])
    assert not [value for value in kept if "Max" in value or "203.0.113.9" in value]
    assert (await checked(cast)).intact


def session_row(ctx: MutationCtx, caller: Caller) -> Any:
    from memberpulse.domains.accounts.models import Session

    return ctx.db.get_one(Session, caller.session_id)


async def test_after_a_year_the_oldest_go_in_batches_and_the_rest_is_still_proven(cast: Cast) -> None:
    def long_ago(ctx: MutationCtx) -> None:
        ctx.db.execute(delete(AuditEntry))
        ctx.db.execute(delete(AuditHead))
        ctx.db.expunge_all()
        old = ctx.now - timedelta(days=366)
        entries = [
            EntryImport(
                at=old + timedelta(seconds=number),
                actor_id=cast.ann.user_id,
                entity_type="announcement",
                action="posted",
                entity_id=uuid.uuid4(),
                target="Long ago",
            )
            for number in range(PRUNED_AT_ONCE + 3)
        ]
        import_entries(ctx, entries=entries)

    await cast.write(long_ago)
    await renamed(cast, 3)
    await cast.engine.transact_async(lambda ctx: ctx.schedule(prune_entries), system())
    await cast.engine.jobs.settle()
    head, left = await cast.write(
        lambda ctx: (ctx.db.scalars(select(AuditHead)).one(), list(ctx.db.scalars(select(AuditEntry.sequence))))
    )
    assert head.pruned_sequence == PRUNED_AT_ONCE + 3
    assert sorted(left) == [PRUNED_AT_ONCE + 4, PRUNED_AT_ONCE + 5, PRUNED_AT_ONCE + 6]
    verdict = await checked(cast)
    assert verdict.intact
    assert verdict.entries == 3
    first_gone = delete(AuditEntry).where(col(AuditEntry.sequence) == PRUNED_AT_ONCE + 4)
    assert "is missing" in await tampered(cast, lambda ctx: ctx.db.execute(first_gone))


async def test_imports_come_first_and_in_order(cast: Cast) -> None:
    one = EntryImport(
        at=(await cast.write(lambda ctx: ctx.now)) - timedelta(days=1),
        actor_id=None,
        entity_type="member",
        action="joined",
        entity_id=uuid.uuid4(),
    )
    with pytest.raises(EngineError, match="Entries of the past"):
        await cast.engine.mutate(import_entries, caller=system(cast.here), entries=[one])


async def test_a_check_is_remembered_for_everybody(cast: Cast) -> None:
    from memberpulse.domains.audit.queries import get_chain

    await cast.engine.mutate(verify_chain, caller=cast.abe)
    chain = await cast.engine.query(get_chain, caller=cast.ann)
    assert chain.intact is True
    assert chain.verified_by == "Abe"
    assert chain.total == 4
    assert chain.verdict.startswith("All 4 entries since")
