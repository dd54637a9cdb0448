"""The end of an account: blocked, asked for, taken back, carried out, and nothing left that says who it was."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlmodel import SQLModel, col

from memberpulse.domains.accounts import erasure
from memberpulse.domains.accounts.erasure import (
    DELETED_PERSON,
    GRACE,
    erase_account,
    erase_due_accounts,
    get_deletion,
    keep_account,
    request_deletion,
)
from memberpulse.domains.accounts.errors import DeletionBlocked, NotConfirmed, StepUpRequired
from memberpulse.domains.accounts.models import Session, StepUpGrant, User
from memberpulse.domains.accounts.personal import FORGET, all_held, is_accounted_for
from memberpulse.domains.accounts.pictures import put_up_portrait
from memberpulse.domains.accounts.profiles import update_profile
from memberpulse.domains.accounts.queries import find_credentials
from memberpulse.domains.accounts.tokens import issue_token
from memberpulse.domains.announcements.mutations import post_announcement
from memberpulse.domains.announcements.queries import list_announcements
from memberpulse.domains.audit.actions import verify_chain
from memberpulse.domains.mail.models import Message
from memberpulse.domains.notifications.kinds import Channel
from memberpulse.domains.notifications.mutations import notify_people
from memberpulse.domains.notifications.preferences import set_preference
from memberpulse.domains.notifications.schemas import Notice
from memberpulse.domains.organizations.errors import LastOwner
from memberpulse.domains.organizations.models import Membership, Role
from memberpulse.domains.organizations.mutations import change_role, leave_organization
from memberpulse.engine import Caller, Engine, MutationCtx, system, utc_now
from tests.domains.conftest import Cast, a_person

pytestmark = pytest.mark.anyio

NAME, EMAIL = "Quentin Featherstonehaugh", "quentin.featherstonehaugh@post.example"
NEEDLES = (NAME, "Featherstonehaugh", EMAIL, "Zzyzxville", "ZZ9 9ZZ", "Zedshire")
EXCUSED_TABLES = ("engine_",)
"""What the engine remembers of calls is kept for a day; an account is erased after fourteen."""


@pytest.fixture
async def quentin(cast: Cast) -> Caller:
    return await a_person(cast.engine, NAME, cast.here, Role.CREATOR)


async def prove(cast: Cast, caller: Caller, action: str = "account.delete") -> None:
    def grant(ctx: MutationCtx) -> None:
        ends = ctx.now + timedelta(minutes=10)
        ctx.db.add(StepUpGrant(session_id=caller.session_id, action=action, method="password", expires_at=ends))

    await cast.write(grant)


async def ask(cast: Cast, caller: Caller, email: str = EMAIL) -> None:
    await prove(cast, caller)
    await cast.engine.mutate(request_deletion, caller=caller, confirmation=email)


async def erase(cast: Cast, user_id: uuid.UUID | None) -> None:
    """Let the fourteen days pass and the clock and its jobs do their work."""
    with time_machine.travel(utc_now() + GRACE + timedelta(hours=1), tick=True):
        await cast.engine.transact_async(erase_due_accounts, system())
        await cast.engine.jobs.settle()
    assert (await user_of(cast, user_id)).erased_at is not None


async def user_of(cast: Cast, user_id: uuid.UUID | None) -> User:
    return await cast.write(lambda ctx: ctx.db.get_one(User, user_id))


async def test_the_last_owner_must_hand_over_first(cast: Cast) -> None:
    foretold = await cast.engine.query(get_deletion, caller=cast.ann)
    assert foretold.blocked
    assert foretold.consequences[0].text.startswith("You are the last owner of Here.")
    await prove(cast, cast.ann)
    with pytest.raises(DeletionBlocked, match="last owner of Here"):
        await cast.engine.mutate(request_deletion, caller=cast.ann, confirmation="ann@post.example")
    assert (await user_of(cast, cast.ann.user_id)).erase_at is None


async def test_a_member_is_told_what_it_brings_with_it(cast: Cast, quentin: Caller) -> None:
    await cast.engine.mutate(post_announcement, caller=quentin, title="Bring goggles", body="All of you.")
    foretold = await cast.engine.query(get_deletion, caller=quentin)
    assert {each.text for each in foretold.consequences} == {
        "You leave Here.",
        "1 announcement of yours stays, by “Deleted person”.",
    }
    assert not foretold.blocked


async def test_the_address_must_be_typed_and_a_proof_be_fresh(cast: Cast, quentin: Caller) -> None:
    with pytest.raises(NotConfirmed):
        await cast.engine.mutate(request_deletion, caller=quentin, confirmation="delete")
    with pytest.raises(StepUpRequired):
        await cast.engine.mutate(request_deletion, caller=quentin, confirmation=EMAIL)
    assert (await user_of(cast, quentin.user_id)).erase_at is None


async def test_asking_signs_every_device_out_and_writes_a_letter(cast: Cast, quentin: Caller) -> None:
    await ask(cast, quentin)
    assert (await cast.again(quentin)).kind == "anonymous"
    kinds = await cast.write(lambda ctx: list(ctx.db.scalars(select(col(Message.kind)))))
    assert kinds == ["deletion_requested"]
    assert await cast.engine.query(find_credentials, caller=system(), email=EMAIL) is not None, "may come back"


async def test_whoever_comes_back_may_keep_their_account(cast: Cast, quentin: Caller) -> None:
    await ask(cast, quentin)

    def sign_in(ctx: MutationCtx) -> None:
        ctx.db.get_one(Session, quentin.session_id).revoked_at = None

    await cast.write(sign_in)
    back = await cast.again(quentin)
    await cast.engine.mutate(keep_account, caller=back)
    await cast.engine.mutate(keep_account, caller=back)
    with time_machine.travel(utc_now() + GRACE + timedelta(hours=1), tick=True):
        await cast.engine.transact_async(erase_due_accounts, system())
        await cast.engine.jobs.settle()
    assert (await user_of(cast, quentin.user_id)).name == NAME


async def test_nothing_is_erased_before_its_time_or_twice(cast: Cast, quentin: Caller) -> None:
    await ask(cast, quentin)
    await cast.engine.transact_async(lambda ctx: erase_account(ctx, user_id=quentin.user_id), system())
    assert (await user_of(cast, quentin.user_id)).name == NAME
    await erase(cast, quentin.user_id)
    first = await user_of(cast, quentin.user_id)
    await cast.engine.transact_async(lambda ctx: erase_account(ctx, user_id=quentin.user_id), system())
    assert (await user_of(cast, quentin.user_id)).erased_at == first.erased_at


async def test_who_became_the_last_owner_meanwhile_is_not_erased(cast: Cast, quentin: Caller) -> None:
    await ask(cast, quentin)

    def alone(ctx: MutationCtx) -> None:
        for membership in ctx.db.scalars(select(Membership)):
            membership.role = Role.OWNER if membership.user_id == quentin.user_id else Role.MEMBER

    await cast.write(alone)
    with time_machine.travel(utc_now() + GRACE + timedelta(hours=1), tick=True):
        await cast.engine.transact_async(erase_due_accounts, system())
        await cast.engine.jobs.settle()
    user = await user_of(cast, quentin.user_id)
    assert user.erased_at is None
    assert user.erase_at is not None


async def test_of_two_owners_who_both_go_one_stays(cast: Cast, quentin: Caller) -> None:
    """Both were promised an erasure while the other was still an owner."""
    await ask(cast, quentin)

    def both(ctx: MutationCtx) -> None:
        for membership in ctx.db.scalars(select(Membership)):
            going = membership.user_id in (quentin.user_id, cast.ann.user_id)
            membership.role = Role.OWNER if going else Role.MEMBER
        for user_id in (quentin.user_id, cast.ann.user_id):
            ctx.db.get_one(User, user_id).erase_at = ctx.now - timedelta(minutes=1)
            ctx.schedule(erase_account, user_id=user_id)

    await cast.write(both)
    await cast.engine.jobs.settle()
    owners = await cast.write(lambda ctx: ctx.db.scalars(select(Membership.role)).all())
    assert owners.count(Role.OWNER) >= 1


async def test_who_is_the_only_owner_that_stays_cannot_go_as_well(cast: Cast, quentin: Caller) -> None:
    def also(ctx: MutationCtx) -> None:
        theirs = select(Membership).where(col(Membership.user_id) == quentin.user_id)
        ctx.db.scalars(theirs).one().role = Role.OWNER

    await cast.write(also)
    await ask(cast, quentin)
    with pytest.raises(LastOwner):
        await cast.engine.mutate(leave_organization, caller=cast.ann)


async def test_an_erasure_that_failed_is_tried_again_another_day(
    cast: Cast, quentin: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask(cast, quentin)

    def fail(*_: object) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(erasure, "_forget_rows", fail)
        with time_machine.travel(utc_now() + GRACE + timedelta(hours=1), tick=True):
            await cast.engine.transact_async(erase_due_accounts, system())
            for _ in range(6):
                await cast.let_time_pass()
    assert (await user_of(cast, quentin.user_id)).erased_at is None
    with time_machine.travel(utc_now() + GRACE + timedelta(days=1, hours=2), tick=True):
        await cast.engine.transact_async(erase_due_accounts, system())
        await cast.engine.jobs.settle()
    assert (await user_of(cast, quentin.user_id)).erased_at is not None


async def test_after_erasure_no_table_says_who_it_was(cast: Cast, quentin: Caller) -> None:
    await live_here(cast, quentin)
    everything = await cast.write(lambda ctx: list(texts(ctx)))
    assert any(NAME in text for _, text in everything), "the search finds what is there"
    await ask(cast, quentin)
    await erase(cast, quentin.user_id)
    found = await cast.write(
        lambda ctx: [(place, text) for place, text in texts(ctx) if any(needle in text for needle in NEEDLES)]
    )
    assert found == []


async def test_after_erasure_what_belongs_to_others_stays_by_a_deleted_person(cast: Cast, quentin: Caller) -> None:
    await live_here(cast, quentin)
    before = len(await cast.happened())
    await ask(cast, quentin)
    await erase(cast, quentin.user_id)
    rows = (await cast.engine.query(list_announcements, caller=cast.ann)).rows
    assert [(each.title, each.author.name, each.author.picture) for each in rows] == [
        ("Thanks", "Ann", None),
        ("Bring goggles", DELETED_PERSON, None),
    ]
    happened = await cast.happened()
    assert len(happened) == before + 1, "one more: that they left"
    assert {who for who, _, _ in happened} == {DELETED_PERSON, "Ann", "Abe", "Cleo", "Max"}
    verdict = await cast.engine.mutate(verify_chain, caller=cast.ann)
    assert verdict.intact


async def test_after_erasure_nobody_can_be_them_again(cast: Cast, quentin: Caller) -> None:
    await ask(cast, quentin)
    await erase(cast, quentin.user_id)
    assert await cast.engine.query(find_credentials, caller=system(), email=EMAIL) is None
    user = await user_of(cast, quentin.user_id)
    assert (user.name, user.password_hash, user.picture) == (DELETED_PERSON, None, None)
    assert user.email.endswith("@erased.invalid")
    again = await a_person(cast.engine, NAME, cast.here)
    assert again.user_id != quentin.user_id, "the address is free"


async def test_what_is_forgotten_is_gone_from_every_table(cast: Cast, quentin: Caller) -> None:
    await live_here(cast, quentin)
    user = await user_of(cast, quentin.user_id)
    await ask(cast, quentin)
    await erase(cast, quentin.user_id)

    def left(ctx: MutationCtx) -> list[str]:
        with ctx.across_organizations():
            return [
                held.table
                for held in all_held().values()
                if held.at_erasure == FORGET and ctx.db.scalars(select(held.model).where(held.match(user))).first()
            ]

    assert await cast.write(left) == []


async def test_every_column_that_names_a_person_is_held_or_excused(engine: Engine) -> None:
    unknown = [
        f"{table.name}.{key.parent.name}"
        for table in product_tables()
        for key in table.foreign_keys
        if key.column.table.name == "user_account" and not is_accounted_for(table.name, key.parent.name)
    ]
    assert not unknown, "say in the domain's personal.py what becomes of these: hold() or excuse()"


def product_tables() -> list[Any]:
    return [
        table for name, table in sorted(SQLModel.metadata.tables.items()) if not name.startswith(("test_", "prop_"))
    ]


def texts(ctx: MutationCtx) -> Iterator[tuple[str, str]]:
    """Every value in the database as a text, and where it stands."""
    with ctx.across_organizations():
        for table in product_tables():
            if table.name.startswith(EXCUSED_TABLES):
                continue
            for row in ctx.db.execute(select(*table.columns)):
                yield from (
                    (f"{table.name}.{column.name}", str(value))
                    for column, value in zip(table.columns, row, strict=True)
                )


async def live_here(cast: Cast, quentin: Caller) -> None:
    """Leave a trace wherever there is one to leave."""
    engine, user_id = cast.engine, quentin.user_id
    await engine.mutate(
        update_profile,
        caller=quentin,
        name=NAME,
        time_zone="Europe/Lisbon",
        locale="en-GB",
        city="Zzyzxville",
        state="Zedshire",
        postcode="ZZ9 9ZZ",
    )
    await engine.mutate(put_up_portrait, caller=system(), user_id=user_id, content=b"RIFF")
    await engine.mutate(post_announcement, caller=quentin, title="Bring goggles", body="All of you.")
    await engine.mutate(set_preference, caller=quentin, type="announcement", channel=Channel.EMAIL, enabled=True)
    await engine.mutate(post_announcement, caller=cast.ann, title="Thanks", body="To all.")
    member = await cast.write(
        lambda ctx: ctx.db.scalars(select(Membership).where(col(Membership.user_id) == user_id)).one().id
    )
    await engine.mutate(change_role, caller=cast.ann, membership_id=member, role=Role.ADMIN)
    notice = Notice(type="join_request", title=f"{NAME} asks", message=f"Write to {EMAIL}", person_id=user_id)
    await engine.mutate(notify_people, caller=system(cast.here), user_ids=[cast.ann.user_id], notice=notice)
    await cast.write(lambda ctx: issue_token(ctx, kind="test", life=GRACE * 2, email=EMAIL))
    await engine.jobs.settle()
