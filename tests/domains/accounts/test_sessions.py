"""Sessions begin, are listed, and end in every tab."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from memberpulse.domains.accounts.errors import EmailTaken, SessionNotFound
from memberpulse.domains.accounts.jobs import prune_sessions
from memberpulse.domains.accounts.models import Session, User
from memberpulse.domains.accounts.mutations import create_user, end_session, note_sessions_seen, revoke_session
from memberpulse.domains.accounts.queries import find_credentials, list_my_sessions
from memberpulse.engine import Caller, Engine, MutationCtx, system
from memberpulse.engine.errors import Forbidden, NotSignedIn
from tests.domains.conftest import Cast, signed_in
from tests.engine.conftest import until

pytestmark = pytest.mark.anyio


async def test_an_address_belongs_to_one_person_whatever_its_case(engine: Engine) -> None:
    await engine.mutate(create_user, caller=system(), email="ann@post.example", name="Ann")
    with pytest.raises(EmailTaken):
        await engine.mutate(create_user, caller=system(), email=" Ann@Post.example", name="Another")


async def test_a_session_is_a_caller_until_it_is_signed_out(cast: Cast) -> None:
    await cast.engine.mutate(end_session, caller=system(), token_hash=cast.max.reference)
    assert (await cast.again(cast.max)).kind == "anonymous"
    with pytest.raises(NotSignedIn):
        await cast.engine.mutate(revoke_session, caller=cast.max, session_id=cast.max.session_id)


async def test_signing_out_ends_what_stands_on_the_session_at_once(cast: Cast) -> None:
    access = cast.engine.identify(cast.max.reference)
    assert access is not None
    ended: list[bool] = []

    class Tab:
        def suspend(self) -> None: ...

        def reauthorize(self) -> None: ...

        def end(self) -> None:
            ended.append(True)

    access.holders.add(Tab())
    await cast.engine.mutate(end_session, caller=system(), token_hash=cast.max.reference)
    await until(lambda: ended == [True])


async def test_signing_out_twice_is_harmless(cast: Cast) -> None:
    for _ in range(2):
        await cast.engine.mutate(end_session, caller=system(), token_hash=cast.max.reference)
    await cast.engine.mutate(end_session, caller=system(), token_hash="no such session")


async def test_an_expired_session_is_nobody(cast: Cast) -> None:
    def expire(ctx: MutationCtx) -> None:
        ctx.db.get_one(Session, cast.max.session_id).expires_at = ctx.now - timedelta(seconds=1)

    await cast.write(expire)
    assert (await cast.again(cast.max)).kind == "anonymous"


async def test_a_deactivated_person_is_nobody_and_cannot_sign_in(cast: Cast) -> None:
    def deactivate(ctx: MutationCtx) -> None:
        ctx.db.get_one(User, cast.max.user_id).deactivated_at = ctx.now

    await cast.write(deactivate)
    assert (await cast.again(cast.max)).kind == "anonymous"
    assert await cast.engine.query(find_credentials, caller=system(), email="max@post.example") is None


async def test_people_see_and_revoke_their_own_devices_only(cast: Cast) -> None:
    other = await signed_in(cast.engine, cast.max.user_id)
    mine = await cast.engine.query(list_my_sessions, caller=cast.max)
    assert {(each.id, each.is_current) for each in mine} == {(cast.max.session_id, True), (other.session_id, False)}
    for stranger in (cast.ann, cast.otto):
        with pytest.raises(SessionNotFound):
            await cast.engine.mutate(revoke_session, caller=stranger, session_id=other.session_id)
    await cast.engine.mutate(revoke_session, caller=cast.max, session_id=other.session_id)
    assert (await cast.again(other)).kind == "anonymous"
    assert [each.id for each in await cast.engine.query(list_my_sessions, caller=cast.max)] == [cast.max.session_id]


async def test_nobody_reaches_internal_functions(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        await cast.engine.query(find_credentials, caller=cast.ann, email="max@post.example")


async def test_use_is_remembered(cast: Cast) -> None:
    (before,) = await cast.engine.query(list_my_sessions, caller=cast.max)
    await cast.engine.mutate(note_sessions_seen, caller=system(), session_ids=[cast.max.session_id])
    (after,) = await cast.engine.query(list_my_sessions, caller=cast.max)
    assert after.last_seen_at > before.last_seen_at


class Standing:
    """Somebody on an access, who is told each time that it is asked again."""

    def __init__(self) -> None:
        self.suspended = 0

    def suspend(self) -> None:
        self.suspended += 1

    def reauthorize(self) -> None: ...

    def end(self) -> None: ...


async def test_a_session_in_use_and_one_that_is_forgotten_have_nobody_asked_again(cast: Cast) -> None:
    people = (cast.ann, cast.max, cast.otto)
    standing = {person: Standing() for person in people}
    for person in people:
        access = cast.engine.accesses.of(str(person.reference))
        await access.known()
        access.holders.add(standing[person])
        standing[person].suspended = 0

    def asked_again() -> list[Caller]:
        return [person for person in people if standing[person].suspended]

    def age(ctx: MutationCtx) -> None:
        ctx.db.get_one(Session, cast.max.session_id).revoked_at = ctx.now - timedelta(days=8)

    ids = [person.session_id for person in people]
    await cast.engine.mutate(note_sessions_seen, caller=system(), session_ids=ids)
    assert asked_again() == []
    await cast.write(age)
    await cast.engine.transact_async(prune_sessions, system())
    assert asked_again() == [cast.max]


async def test_ended_sessions_are_forgotten_after_a_week(cast: Cast) -> None:
    def age(ctx: MutationCtx) -> None:
        ctx.db.get_one(Session, cast.max.session_id).revoked_at = ctx.now - timedelta(days=8)
        ctx.db.get_one(Session, cast.abe.session_id).revoked_at = ctx.now - timedelta(days=6)

    await cast.write(age)
    await cast.write(lambda ctx: prune_sessions(ctx))
    left = await cast.write(lambda ctx: set(ctx.db.scalars(select(Session.id))))
    assert cast.max.session_id not in left
    assert {cast.abe.session_id, cast.ann.session_id} <= left
