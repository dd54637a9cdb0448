"""Invitations are sent, followed, corrected, taken back and accepted, once and by whom they are for."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from memberpulse.domains.accounts.errors import StepUpRequired
from memberpulse.domains.mail.models import Message, Status
from memberpulse.domains.organizations.errors import AlreadyMember
from memberpulse.domains.organizations.founding import set_join_policy
from memberpulse.domains.organizations.invitations.accepting import (
    accept_invitation,
    accept_my_invitation,
    join_by_link,
)
from memberpulse.domains.organizations.invitations.errors import (
    AlreadyInvited,
    BadAddress,
    InvitationNotFound,
    InvitationOver,
    LinkOver,
    LinksOff,
    RoleTooHigh,
    SentEnough,
    TooManyInvitations,
    TooSoon,
    WrongAddress,
)
from memberpulse.domains.organizations.invitations.links import make_link, revoke_link
from memberpulse.domains.organizations.invitations.models import Invitation
from memberpulse.domains.organizations.invitations.queries import (
    get_invitation,
    list_invitations,
    list_links,
    list_my_invitations,
)
from memberpulse.domains.organizations.invitations.schemas import Fate
from memberpulse.domains.organizations.invitations.sending import (
    invite_people,
    readdress_invitation,
    resend_invitation,
    restore_invitation,
    revoke_invitation,
)
from memberpulse.domains.organizations.models import JoinPolicy, Role
from memberpulse.domains.organizations.mutations import remove_member
from memberpulse.domains.organizations.roles.errors import NotYoursToGive
from memberpulse.engine import Caller, MutationCtx, utc_now
from memberpulse.engine.errors import BadArguments, Forbidden, NotSignedIn
from tests.domains.conftest import Cast, signed_in
from tests.domains.organizations.post import (
    Recorded,
    invitation_to,
    letters_to,
    mail_moves,
    membership_id,
    newcomer,
    prove,
    roles_of,
    token_for,
)
from tests.domains.organizations.rights import a_role, give
from tests.engine.conftest import until

pytestmark = pytest.mark.anyio

NELL = "nell@post.example"


async def invite(cast: Cast, addresses: str = NELL, by: Caller | None = None, **arguments: object) -> list[Fate]:
    result = await cast.engine.mutate(invite_people, caller=by or cast.abe, addresses=addresses, **arguments)
    return [row.fate for row in result.rows]


async def accept(cast: Cast, person: Caller, token: str | None = None) -> object:
    return await cast.engine.mutate(accept_invitation, caller=person, token=token or await token_for(cast, NELL))


async def outcomes(*calls: object) -> list[str]:
    """What became of calls that were made at the same moment: "ok", or the error's name."""
    results = await asyncio.gather(*calls, return_exceptions=True)  # type: ignore[call-overload]
    return sorted(type(each).__name__ if isinstance(each, BaseException) else "ok" for each in results)


async def test_a_person_is_invited_by_letter_accepts_and_is_at_once_there(cast: Cast) -> None:
    with Recorded(cast) as recorded:
        assert await invite(cast, role=Role.CREATOR, message="See you on Sunday.") == [Fate.INVITED]
    assert recorded.kinds() == ["InvitationSent"]
    (letter,) = await letters_to(cast, NELL)
    assert letter["subject"] == "Abe invites you to Here"
    assert "Abe writes: “See you on Sunday.”" in letter["paragraphs"]

    nell = await newcomer(cast, NELL)
    access = cast.engine.identify(nell.reference)
    assert access is not None
    with Recorded(cast) as recorded:
        await accept(cast, nell)
    assert recorded.kinds() == ["MemberJoined", "InvitationAccepted"]
    assert {fact.by for fact in recorded.facts} == {nell.user_id}
    now = await access.known()
    assert now is not None
    assert (now.organization_id, now.role) == (cast.here, Role.CREATOR)
    assert (await cast.happened())[0] == ("Nell", "joined", "")


async def test_looking_at_the_link_consumes_nothing_and_tells_who_invites(cast: Cast) -> None:
    await invite(cast, role=Role.ADMIN)
    token = await token_for(cast, NELL)
    nobody = await cast.engine.caller_of(None)
    for _ in range(3):
        seen = await cast.engine.query(get_invitation, caller=nobody, token=token)
    assert (seen.state, seen.organization.name, seen.role, seen.inviter) == ("open", "Here", Role.ADMIN, "Abe")
    assert (seen.email, seen.you, seen.fits) == (NELL, "", False)
    with pytest.raises(NotSignedIn):
        await cast.engine.mutate(accept_invitation, caller=nobody, token=token)
    wrong = await cast.engine.query(get_invitation, caller=nobody, token="x" * 43)
    assert (wrong.state, wrong.organization, wrong.email) == ("over", None, "")


async def test_only_the_invited_address_may_accept(cast: Cast) -> None:
    await invite(cast)
    token = await token_for(cast, NELL)
    seen = await cast.engine.query(get_invitation, caller=cast.otto, token=token)
    assert (seen.fits, seen.you) == (False, "otto@post.example")
    with pytest.raises(WrongAddress):
        await accept(cast, cast.otto, token)
    invitation = await invitation_to(cast, NELL)
    with pytest.raises(InvitationNotFound):
        await cast.engine.mutate(accept_my_invitation, caller=cast.otto, invitation_id=invitation.id)
    assert await roles_of(cast, cast.otto) == []
    await accept(cast, await newcomer(cast, NELL), token)


async def test_every_address_of_a_list_has_its_fate(cast: Cast) -> None:
    await invite(cast)
    typed = f"Max <MAX@post.example>, {NELL};\nnew@post.example\nnew@post.example, no address, Zoë <zoe@post.example>"
    assert await invite(cast, typed) == [
        Fate.MEMBER,
        Fate.ALREADY_INVITED,
        Fate.INVITED,
        Fate.REPEATED,
        Fate.NOT_AN_ADDRESS,
        Fate.INVITED,
    ]
    assert (await invitation_to(cast, "zoe@post.example")).name == "Zoë"
    for nothing in ("", " ,; \n"):
        with pytest.raises(BadAddress):
            await invite(cast, nothing)
    with pytest.raises(BadAddress):
        await invite(cast, ",".join(f"{number}@post.example" for number in range(201)))
    with pytest.raises(BadAddress):
        await invite(cast, "a@post.example", message="x" * 501)


async def test_nobody_invites_to_more_than_they_may_give(cast: Cast) -> None:
    with pytest.raises(RoleTooHigh):
        await invite(cast, role=Role.OWNER)
    with pytest.raises(StepUpRequired):
        await invite(cast, by=cast.ann, role=Role.OWNER)
    assert await letters_to(cast, NELL) == []
    await prove(cast, cast.ann, "organization.owners")
    await invite(cast, by=cast.ann, role=Role.OWNER)
    invitation = await invitation_to(cast, NELL)
    for function, extra in ((resend_invitation, {}), (readdress_invitation, {"email": "mine@post.example"})):
        with pytest.raises(RoleTooHigh):
            await cast.engine.mutate(function, caller=cast.abe, invitation_id=invitation.id, **extra)


async def test_a_custom_role_that_invites_gives_no_more_than_it_holds(cast: Cast) -> None:
    await give(cast, cast.max, await a_role(cast, "Greeter", "invitations.manage"))
    greeter = await cast.again(cast.max)
    for role in (Role.ADMIN, Role.CREATOR):
        with pytest.raises(NotYoursToGive):
            await invite(cast, by=greeter, role=role)
    assert await letters_to(cast, NELL) == []
    await invite(cast, role=Role.ADMIN)
    invitation = await invitation_to(cast, NELL)
    for function, extra in ((resend_invitation, {}), (readdress_invitation, {"email": "mine@post.example"})):
        with pytest.raises(NotYoursToGive):
            await cast.engine.mutate(function, caller=greeter, invitation_id=invitation.id, **extra)
    await cast.engine.mutate(revoke_invitation, caller=greeter, invitation_id=invitation.id)
    with pytest.raises(NotYoursToGive):
        await cast.engine.mutate(restore_invitation, caller=greeter, invitation_id=invitation.id)
    assert await invite(cast, by=greeter) == [Fate.INVITED]


async def test_another_address_for_an_owner_takes_a_fresh_proof(cast: Cast) -> None:
    await prove(cast, cast.ann, "organization.owners")
    await invite(cast, by=cast.ann, role=Role.OWNER)
    invitation, elsewhere = await invitation_to(cast, NELL), await signed_in(cast.engine, cast.ann.user_id)
    with pytest.raises(StepUpRequired):
        await cast.engine.mutate(
            readdress_invitation, caller=elsewhere, invitation_id=invitation.id, email="mine@post.example"
        )
    assert await letters_to(cast, "mine@post.example") == []


@pytest.mark.parametrize("role", [Role.ADMIN, Role.CREATOR])
async def test_who_was_removed_has_left_no_way_back_in_to_more_than_a_member_may(cast: Cast, role: Role) -> None:
    await invite(cast, role=role)
    nell = await newcomer(cast, NELL)
    await cast.engine.mutate(remove_member, caller=cast.ann, membership_id=await membership_id(cast, cast.abe))
    with pytest.raises(InvitationOver):
        await accept(cast, nell)
    with pytest.raises(InvitationOver):
        await cast.engine.mutate(accept_my_invitation, caller=nell, invitation_id=(await invitation_to(cast, NELL)).id)
    assert await roles_of(cast, nell) == []
    found = await invitation_to(cast, NELL)

    def age(ctx: MutationCtx) -> None:
        ctx.db.get_one(Invitation, found.id).sent_at -= timedelta(minutes=5)

    await cast.write(age)
    await cast.engine.mutate(resend_invitation, caller=cast.ann, invitation_id=found.id)
    await accept(cast, nell)
    assert await roles_of(cast, nell) == [role]


async def test_invitations_are_for_those_who_may_and_of_their_own_organization(cast: Cast) -> None:
    await invite(cast)
    invitation = await invitation_to(cast, NELL)
    for caller in (cast.cleo, cast.max):
        with pytest.raises(Forbidden):
            await invite(cast, by=caller)
        with pytest.raises(Forbidden):
            await cast.engine.query(list_invitations, caller=caller)
    for function, extra in (
        (revoke_invitation, {}),
        (restore_invitation, {}),
        (resend_invitation, {}),
        (readdress_invitation, {"email": "mine@post.example"}),
    ):
        with pytest.raises(InvitationNotFound):
            await cast.engine.mutate(function, caller=cast.otto, invitation_id=invitation.id, **extra)
    assert (await cast.engine.query(list_invitations, caller=cast.otto)).rows == []


async def test_the_row_follows_the_letter_live_and_only_the_latest(cast: Cast) -> None:
    await invite(cast)
    screen = cast.watch(cast.abe, list_invitations)
    await until(lambda: bool(screen.shown))
    first = await invitation_to(cast, NELL)
    assert screen.shown[-1]["rows"][0]["step"] == "queued"
    await mail_moves(cast, first, Status.SENT)
    await until(lambda: screen.shown[-1]["rows"][0]["step"] == "sent")
    await mail_moves(cast, first, Status.BOUNCED, "No such mailbox")
    await until(lambda: screen.shown[-1]["rows"][0]["step"] == "bounced")
    assert screen.shown[-1]["rows"][0]["reason"] == "No such mailbox"

    await cast.engine.mutate(
        readdress_invitation, caller=cast.abe, invitation_id=first.id, email="Nell.Lee@post.example"
    )
    await until(lambda: screen.shown[-1]["rows"][0]["step"] == "queued")
    assert screen.shown[-1]["rows"][0]["email"] == "nell.lee@post.example"
    await mail_moves(cast, first, Status.BOUNCED, "Late news of the first letter")
    assert (await invitation_to(cast, "nell.lee@post.example")).mail_status is Status.QUEUED
    with pytest.raises(InvitationOver):
        await accept(cast, await newcomer(cast, NELL), await token_for(cast, NELL))


async def test_an_address_is_corrected_only_to_a_new_one(cast: Cast) -> None:
    await invite(cast, f"{NELL}, other@post.example")
    invitation = await invitation_to(cast, NELL)
    for address, refused in (
        (NELL, BadAddress),
        ("nonsense", BadAddress),
        ("max@post.example", AlreadyMember),
        ("other@post.example", AlreadyInvited),
    ):
        with pytest.raises(refused):
            await cast.engine.mutate(readdress_invitation, caller=cast.abe, invitation_id=invitation.id, email=address)


async def test_sending_again_makes_a_new_link_and_ends_the_old_one(cast: Cast) -> None:
    at = datetime(2026, 5, 1, 12, tzinfo=UTC)
    with time_machine.travel(at, tick=False) as clock:
        await invite(cast)
        old = await token_for(cast, NELL)
        invitation = await invitation_to(cast, NELL)
        with pytest.raises(TooSoon):
            await cast.engine.mutate(resend_invitation, caller=cast.abe, invitation_id=invitation.id)
        clock.shift(timedelta(minutes=2))
        await cast.engine.mutate(resend_invitation, caller=cast.abe, invitation_id=invitation.id)
        nell = await newcomer(cast, NELL)
        with pytest.raises(InvitationOver):
            await accept(cast, nell, old)
        await accept(cast, nell)
    assert await roles_of(cast, nell) == [Role.MEMBER]


async def test_an_invitation_that_is_too_old_lets_nobody_in_and_gives_way_to_a_new_one(cast: Cast) -> None:
    with time_machine.travel(datetime(2026, 5, 1, 12, tzinfo=UTC), tick=False) as clock:
        await invite(cast)
        old = await token_for(cast, NELL)
        nell = await newcomer(cast, NELL)
        clock.shift(timedelta(days=14, seconds=1))
        listed = await cast.engine.query(list_invitations, caller=cast.abe)
        assert [row.step for row in listed.rows] == ["expired"]
        with pytest.raises(InvitationOver):
            await accept(cast, nell, old)
        assert (await cast.engine.query(list_my_invitations, caller=nell)).rows == []
        assert await invite(cast) == [Fate.INVITED]
        await accept(cast, nell)


async def test_a_revoked_invitation_lets_nobody_in_until_that_is_undone(cast: Cast) -> None:
    with time_machine.travel(datetime(2026, 5, 1, 12, tzinfo=UTC), tick=False) as clock:
        await invite(cast)
        invitation, nell = await invitation_to(cast, NELL), await newcomer(cast, NELL)
        await cast.engine.mutate(revoke_invitation, caller=cast.abe, invitation_id=invitation.id)
        with pytest.raises(InvitationOver):
            await accept(cast, nell)
        clock.shift(timedelta(seconds=8))
        await cast.engine.mutate(restore_invitation, caller=cast.abe, invitation_id=invitation.id)
        await cast.engine.mutate(revoke_invitation, caller=cast.abe, invitation_id=invitation.id)
        clock.shift(timedelta(minutes=2))
        with pytest.raises(InvitationOver):
            await cast.engine.mutate(restore_invitation, caller=cast.abe, invitation_id=invitation.id)
        assert await roles_of(cast, nell) == []


async def test_an_address_is_found_on_the_welcome_page_and_accepted_without_the_letter(cast: Cast) -> None:
    await invite(cast)
    nell = await newcomer(cast, NELL)
    mine = await cast.engine.query(list_my_invitations, caller=nell)
    assert [(row.organization.name, row.inviter) for row in mine.rows] == [("Here", "Abe")]
    await cast.engine.mutate(accept_my_invitation, caller=nell, invitation_id=mine.rows[0].id)
    assert (await cast.again(nell)).organization_id == cast.here
    with pytest.raises(InvitationOver):
        await accept(cast, nell)


async def test_two_who_accept_at_once_make_one_member(cast: Cast) -> None:
    for number in range(5):
        email = f"nell{number}@post.example"
        await invite(cast, email)
        nell, token = await newcomer(cast, email), await token_for(cast, email)
        calls = [cast.engine.mutate(accept_invitation, caller=nell, token=token) for _ in range(4)]
        assert await outcomes(*calls) == ["InvitationOver"] * 3 + ["ok"]
        assert await roles_of(cast, nell) == [Role.MEMBER]


async def test_accepting_and_revoking_at_once_end_in_one_of_both(cast: Cast) -> None:
    for number in range(5):
        email = f"nell{number}@post.example"
        await invite(cast, email)
        nell, token = await newcomer(cast, email), await token_for(cast, email)
        invitation = await invitation_to(cast, email)
        calls = (
            cast.engine.mutate(accept_invitation, caller=nell, token=token),
            cast.engine.mutate(revoke_invitation, caller=cast.abe, invitation_id=invitation.id),
        )
        assert await outcomes(*calls) == ["InvitationOver", "ok"]
        state = (await invitation_to(cast, email)).state.value
        assert await roles_of(cast, nell) == ([Role.MEMBER] if state == "accepted" else [])


async def test_the_same_person_by_mail_and_by_link_at_once_joins_once_with_the_invited_role(cast: Cast) -> None:
    await cast.engine.mutate(set_join_policy, caller=cast.abe, policy=JoinPolicy.LINK)
    await cast.engine.mutate(make_link, caller=cast.abe)
    code = (await cast.engine.query(list_links, caller=cast.abe)).rows[0].url.rpartition("code=")[2]
    for number in range(4):
        email = f"nell{number}@post.example"
        await invite(cast, email, role=Role.CREATOR)
        nell, token = await newcomer(cast, email), await token_for(cast, email)
        done = await outcomes(
            cast.engine.mutate(accept_invitation, caller=nell, token=token),
            cast.engine.mutate(join_by_link, caller=nell, code=code),
        )
        assert done in (["ok", "ok"], ["InvitationOver", "ok"])
        assert await roles_of(cast, nell) == [Role.CREATOR]
        assert (await invitation_to(cast, email)).state.value == "accepted"
    assert (await cast.engine.query(list_links, caller=cast.abe)).rows[0].uses == 0


async def test_two_invitations_to_one_address_at_once_are_one(cast: Cast) -> None:
    for number in range(4):
        email = f"nell{number}@post.example"
        fates = await asyncio.gather(invite(cast, email), invite(cast, email, by=cast.ann))
        assert sorted(fates) == [[Fate.ALREADY_INVITED], [Fate.INVITED]]
        assert len(await letters_to(cast, email)) == 1


async def test_a_removed_member_can_be_invited_again(cast: Cast) -> None:
    await cast.engine.mutate(remove_member, caller=cast.abe, membership_id=await membership_id(cast, cast.max))
    assert await invite(cast, "max@post.example", role=Role.CREATOR) == [Fate.INVITED]
    mine = await cast.engine.query(list_my_invitations, caller=cast.max)
    await cast.engine.mutate(accept_my_invitation, caller=cast.max, invitation_id=mine.rows[0].id)
    assert await roles_of(cast, cast.max) == [Role.CREATOR]


async def test_accepting_and_being_removed_at_once_leaves_one_clear_state(cast: Cast) -> None:
    for _ in range(3):
        target = await membership_id(cast, cast.max)
        await cast.engine.mutate(remove_member, caller=cast.abe, membership_id=target)
        await invite(cast, "max@post.example")
        token = await token_for(cast, "max@post.example")
        await outcomes(
            cast.engine.mutate(accept_invitation, caller=cast.max, token=token),
            cast.engine.mutate(remove_member, caller=cast.abe, membership_id=target),
        )
        assert await roles_of(cast, cast.max) == [Role.MEMBER]


async def test_a_member_who_accepts_keeps_their_role(cast: Cast) -> None:
    await invite(cast)
    nell, token = await newcomer(cast, NELL), await token_for(cast, NELL)
    await cast.engine.mutate(set_join_policy, caller=cast.abe, policy=JoinPolicy.LINK)

    def join(ctx: MutationCtx) -> None:
        from memberpulse.domains.organizations.mutations import add_member

        add_member(ctx, user_id=nell.user_id, role=Role.ADMIN)  # type: ignore[arg-type]

    await cast.write(join)
    assert (await cast.engine.query(get_invitation, caller=nell, token=token)).state == "member"
    await accept(cast, nell, token)
    assert await roles_of(cast, nell) == [Role.ADMIN]


async def test_a_club_is_no_mailing_service(cast: Cast) -> None:
    def many(ctx: MutationCtx) -> None:
        ends = ctx.now + timedelta(days=14)
        for number in range(500):
            sent = Invitation(organization_id=cast.here, email=f"{number}@post.example", expires_at=ends)
            ctx.db.add(sent)
            ctx.db.add(
                Message(to_email=sent.email, kind="invitation", subject="", about_type="invitation", about_id=sent.id)
            )
        ctx.db.flush()

    await cast.write(many)
    with pytest.raises(TooManyInvitations):
        await invite(cast)


async def test_nobody_is_asked_again_and_again(cast: Cast) -> None:
    await invite(cast)
    invitation_id = (await invitation_to(cast, NELL)).id
    with time_machine.travel(utc_now(), tick=True) as clock:
        for _ in range(4):
            clock.shift(61)
            await cast.engine.mutate(resend_invitation, caller=cast.abe, invitation_id=invitation_id)
        clock.shift(61)
        with pytest.raises(SentEnough):
            await cast.engine.mutate(resend_invitation, caller=cast.abe, invitation_id=invitation_id)


async def test_links_let_people_in_while_the_policy_allows(cast: Cast) -> None:
    with pytest.raises(LinksOff):
        await cast.engine.mutate(make_link, caller=cast.abe)
    await cast.engine.mutate(set_join_policy, caller=cast.abe, policy=JoinPolicy.LINK)
    with Recorded(cast) as recorded:
        link_id = await cast.engine.mutate(make_link, caller=cast.abe, days=7, max_uses=1)
    assert recorded.kinds() == ["JoinLinkMade"]
    code = (await cast.engine.query(list_links, caller=cast.abe)).rows[0].url.rpartition("code=")[2]
    people = [await newcomer(cast, f"{number}@post.example", f"P{number}") for number in range(4)]
    calls = [cast.engine.mutate(join_by_link, caller=each, code=code) for each in people]
    assert await outcomes(*calls) == ["LinkOver"] * 3 + ["ok"]
    assert not (await cast.engine.query(list_links, caller=cast.abe)).rows[0].is_open
    await cast.engine.mutate(revoke_link, caller=cast.abe, link_id=link_id)
    for caller in (cast.abe, cast.otto):
        with pytest.raises(LinkOver):
            await cast.engine.mutate(revoke_link, caller=caller, link_id=link_id)


async def test_a_link_ends_with_its_time_its_revocation_and_the_policy(cast: Cast) -> None:
    with time_machine.travel(datetime(2026, 5, 1, 12, tzinfo=UTC), tick=False) as clock:
        await cast.engine.mutate(set_join_policy, caller=cast.abe, policy=JoinPolicy.LINK)
        await cast.engine.mutate(make_link, caller=cast.abe, days=7)
        code = (await cast.engine.query(list_links, caller=cast.abe)).rows[0].url.rpartition("code=")[2]
        nell = await newcomer(cast, NELL)
        await cast.engine.mutate(set_join_policy, caller=cast.abe, policy=JoinPolicy.REQUEST)
        with pytest.raises(LinkOver):
            await cast.engine.mutate(join_by_link, caller=nell, code=code)
        await cast.engine.mutate(set_join_policy, caller=cast.abe, policy=JoinPolicy.LINK)
        clock.shift(timedelta(days=7))
        for wrong in (code, "nonsense"):
            with pytest.raises(LinkOver):
                await cast.engine.mutate(join_by_link, caller=nell, code=wrong)
    for arguments in ({"days": 0}, {"days": 366}, {"max_uses": 0}, {"max_uses": 10_001}):
        with pytest.raises(BadArguments):
            await cast.engine.mutate(make_link, caller=cast.abe, **arguments)
    assert await roles_of(cast, nell) == []
