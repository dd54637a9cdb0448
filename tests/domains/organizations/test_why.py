"""Why somebody may or may not do something, and what would change it."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from memberpulse.domains.accounts.models import Session, User
from memberpulse.domains.announcements.mutations import post_announcement
from memberpulse.domains.organizations.invitations.models import Invitation
from memberpulse.domains.organizations.models import Role
from memberpulse.domains.organizations.mutations import change_role, remove_member
from memberpulse.domains.organizations.permissions import BY_ROLE, CAPABILITIES, SENTENCES
from memberpulse.domains.organizations.policies import all_policies
from memberpulse.domains.organizations.why.queries import explain_policy, explain_right, get_matrix, list_policies
from memberpulse.domains.organizations.why.rules import Belonging, Standing, answer
from memberpulse.domains.organizations.why.schemas import Explanation
from memberpulse.engine import Caller, MutationCtx
from memberpulse.engine.errors import BadArguments, Forbidden
from tests.domains.conftest import Cast
from tests.domains.organizations.rights import a_role, give, membership_of


def test_every_answer_names_the_rule_and_the_capability() -> None:
    who = Standing("Max", Belonging.MEMBER)
    assert (
        answer("announcements.post", who).sentence
        == "Max cannot post announcements: members may not, creators may (announcements.post)."
    )
    assert answer("directory.view", who).sentence == (
        "Max can look people up in the directory: every member may (directory.view)."
    )
    lead = Standing("Max", Belonging.MEMBER, custom="Workshop lead", adds=frozenset({"announcements.post"}))
    assert "the role Workshop lead allows it" in answer("announcements.post", lead).sentence
    assert "the role Workshop lead does not allow it" in answer("audit.view", lead).sentence
    assert "only owners may" in answer("organization.delete", Standing("Abe", Belonging.MEMBER, Role.ADMIN)).sentence


@pytest.mark.parametrize("role", list(Role))
def test_every_answer_agrees_with_the_matrix(role: Role) -> None:
    for capability in CAPABILITIES:
        said = answer(capability, Standing("Max", Belonging.MEMBER, role))
        assert said.allowed is (capability in BY_ROLE[role])


async def why(cast: Cast, caller: Caller, about: Caller, capability: str = "announcements.post") -> Explanation:
    return await cast.engine.query(
        explain_right, caller=caller, capability=capability, membership_id=await membership_of(cast, about)
    )


@pytest.mark.anyio
async def test_an_admin_is_offered_what_would_allow_it_with_its_consequences(cast: Cast) -> None:
    role = await a_role(cast, "Herald", "announcements.post")
    said = await why(cast, cast.abe, cast.max)
    assert not said.allowed
    assert [fix.does for fix in said.fixes] == ["Make Max a creator", "Make Max a Herald"]
    gained = BY_ROLE[Role.CREATOR] - BY_ROLE[Role.MEMBER] - {"announcements.post"}
    assert sorted(said.fixes[0].gains) == sorted(SENTENCES[name] for name in gained)
    fix = said.fixes[1]
    assert (fix.role, fix.custom_role_id, fix.gains, fix.loses) == (Role.MEMBER, role, [], [])
    assert said.membership_id
    await cast.engine.mutate(
        change_role, caller=cast.abe, membership_id=said.membership_id, role=fix.role, custom_role_id=role
    )
    assert (await why(cast, cast.abe, cast.max)).allowed


@pytest.mark.anyio
async def test_a_fix_says_what_would_be_lost_and_gives_no_more_than_the_asker_holds(cast: Cast) -> None:
    await a_role(cast, "Auditor", "audit.view")
    said = await why(cast, cast.abe, cast.cleo, "audit.view")
    auditor = next(fix for fix in said.fixes if fix.does.endswith("Auditor"))
    assert "Post announcements" in auditor.loses
    assert (await why(cast, cast.abe, cast.max, "organization.delete")).fixes == []
    helper = await a_role(cast, "Helper", "permissions.explain", "members.change_role")
    await give(cast, cast.max, helper)
    assert (await why(cast, await cast.again(cast.max), cast.cleo, "audit.view")).fixes == []


@pytest.mark.anyio
async def test_everybody_may_ask_about_themselves_and_only_some_about_others(cast: Cast) -> None:
    mine = await cast.engine.query(explain_right, caller=cast.max, capability="audit.view")
    assert mine.sentence.startswith("You cannot see the audit log")
    with pytest.raises(Forbidden):
        await why(cast, cast.max, cast.cleo)
    with pytest.raises(Forbidden):
        await cast.engine.query(explain_right, caller=cast.max, capability="audit.view", email="nobody@post.example")
    with pytest.raises(BadArguments):
        await cast.engine.query(explain_right, caller=cast.max, capability="no.such")


@pytest.mark.anyio
async def test_who_is_signed_out_deactivated_or_gone_is_told_apart(cast: Cast) -> None:
    member = await membership_of(cast, cast.max)

    def sign_out(ctx: MutationCtx) -> None:
        ctx.db.get_one(Session, cast.max.session_id).revoked_at = datetime.now(UTC)

    await cast.write(sign_out)
    assert "not signed in here" in (await why(cast, cast.abe, cast.max)).note

    def deactivate(ctx: MutationCtx) -> None:
        ctx.db.get_one(User, cast.max.user_id).deactivated_at = datetime.now(UTC)

    await cast.write(deactivate)
    assert "deactivated" in (await why(cast, cast.abe, cast.max, "directory.view")).sentence
    await cast.engine.mutate(remove_member, caller=cast.abe, membership_id=member)
    gone = await cast.engine.query(explain_right, caller=cast.abe, capability="directory.view", membership_id=member)
    assert gone.sentence == "This person cannot do anything here: they are not a member, or not any more."


@pytest.mark.anyio
async def test_nothing_is_told_of_people_of_another_organization(cast: Cast) -> None:
    foreign = await membership_of(cast, cast.otto)
    asked = await cast.engine.query(explain_right, caller=cast.abe, capability="directory.view", membership_id=foreign)
    by_mail = await cast.engine.query(
        explain_right, caller=cast.abe, capability="directory.view", email="otto@post.example"
    )
    unknown = await cast.engine.query(
        explain_right, caller=cast.abe, capability="directory.view", email="no-one@post.example"
    )
    assert asked.person is None
    assert by_mail.sentence.replace("otto@", "") == unknown.sentence.replace("no-one@", "")


@pytest.mark.anyio
async def test_a_policy_answers_by_the_rule_that_the_mutation_enforces(cast: Cast) -> None:
    posted = await cast.engine.mutate(post_announcement, caller=cast.cleo, title="Kettle", body="It is on.")

    async def asked(person: Caller, policy: str = "announcements.withdraw", thing: uuid.UUID | None = None) -> str:
        said = await cast.engine.query(
            explain_policy,
            caller=cast.ann,
            policy=policy,
            thing_id=thing or posted.id,
            membership_id=await membership_of(cast, person),
        )
        return said.rule

    assert await asked(cast.cleo) == "announcements.withdraw/author"
    assert await asked(cast.abe) == "announcements.withdraw/author"
    assert (await asked(cast.max)).startswith("role/")
    assert await asked(cast.ann, "members.leave") == "members.leave/last_owner"
    assert await asked(cast.abe, "members.remove", await membership_of(cast, cast.ann)) == "members.remove/owners"


@pytest.mark.anyio
async def test_every_policy_is_a_question_with_things_to_ask_about(cast: Cast) -> None:
    listed = await cast.engine.query(list_policies, caller=cast.ann)
    assert [row.name for row in listed] == [policy.name for policy in all_policies()]
    assert all(row.question.startswith("May this person") and row.question.endswith("?") for row in listed)
    plain = {row.name: row.things for row in await cast.engine.query(list_policies, caller=cast.max)}
    assert plain["fields.edit"] == []


@pytest.mark.anyio
async def test_the_matrix_shows_every_capability_for_every_role(cast: Cast) -> None:
    role = await a_role(cast, "Herald", "announcements.post")
    matrix = await cast.engine.query(get_matrix, caller=cast.max)
    assert [each.name for each in matrix.roles] == ["Owner", "Admin", "Creator", "Member", "Herald"]
    rows = {row.capability: row for group in matrix.groups for row in group.rows}
    assert sorted(rows) == CAPABILITIES
    for built_in in Role:
        shown = {name for name, row in rows.items() for cell in row.cells if cell.role == built_in and cell.allowed}
        assert shown == BY_ROLE[built_in]
    herald = {name for name, row in rows.items() for cell in row.cells if cell.role == str(role) and cell.allowed}
    assert herald == BY_ROLE[Role.MEMBER] | {"announcements.post"}
    assert "announcements.post_announcement" in rows["announcements.post"].functions
    assert "announcements.withdraw" in rows["announcements.post"].policies
    assert (await cast.engine.query(get_matrix, caller=cast.max, search="audit")).matching == 2


@pytest.mark.anyio
async def test_who_was_invited_and_has_not_answered_is_told_apart(cast: Cast) -> None:
    def invite(ctx: MutationCtx) -> None:
        ends = ctx.now + timedelta(days=7)
        ctx.db.add(Invitation(organization_id=cast.here, email="new@post.example", expires_at=ends))

    await cast.write(invite)
    said = await cast.engine.query(
        explain_right, caller=cast.abe, capability="directory.view", email="New@post.example"
    )
    assert said.sentence == ("new@post.example cannot do anything here yet: the invitation has not been accepted.")
