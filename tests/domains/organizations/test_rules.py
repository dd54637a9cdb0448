"""Who may change whose role."""

from itertools import pairwise

import pytest

from memberpulse.domains.organizations import rules
from memberpulse.domains.organizations.errors import BadName, LastOwner, MayDoMore, OwnersOnly
from memberpulse.domains.organizations.models import Role
from memberpulse.domains.organizations.permissions import (
    BY_ROLE,
    CAPABILITIES,
    OWNERS_ONLY,
    SENTENCES,
    capabilities_of,
    group_of,
    in_order,
)
from memberpulse.engine.errors import BadArguments

OWNER, ADMIN, CREATOR, MEMBER = Role


def change(actor: Role, current: Role, wanted: Role | None, owners: int = 2) -> None:
    rules.decide_role_change(
        actor=actor, held=BY_ROLE[actor], current=current, theirs=BY_ROLE[current], wanted=wanted, owners=owners
    ).enforce()


def remove(actor: Role, current: Role, owners: int) -> None:
    rules.decide_removal(
        actor=actor, held=BY_ROLE[actor], current=current, theirs=BY_ROLE[current], owners=owners
    ).enforce()


def test_last_owner_cannot_be_demoted() -> None:
    with pytest.raises(LastOwner):
        change(OWNER, OWNER, ADMIN, owners=1)
    change(OWNER, OWNER, ADMIN, owners=2)


@pytest.mark.parametrize(("current", "wanted"), [(MEMBER, OWNER), (OWNER, MEMBER)])
def test_only_owners_make_or_unmake_owners(current: Role, wanted: Role) -> None:
    change(OWNER, current, wanted)
    with pytest.raises(OwnersOnly):
        change(ADMIN, current, wanted)


def test_nobody_changes_or_removes_who_may_do_more() -> None:
    with pytest.raises(MayDoMore):
        change(CREATOR, ADMIN, MEMBER)
    with pytest.raises(MayDoMore):
        remove(CREATOR, ADMIN, owners=1)
    change(ADMIN, ADMIN, MEMBER)


def test_only_owners_remove_owners_and_never_the_last() -> None:
    remove(OWNER, OWNER, owners=2)
    remove(ADMIN, MEMBER, owners=1)
    with pytest.raises(OwnersOnly):
        remove(ADMIN, OWNER, owners=2)
    with pytest.raises(LastOwner):
        remove(OWNER, OWNER, owners=1)


def test_last_owner_cannot_leave() -> None:
    rules.decide_departure(current=MEMBER, owners=1).enforce()
    with pytest.raises(LastOwner):
        rules.decide_departure(current=OWNER, owners=1).enforce()


def test_a_decision_says_by_which_rule_and_in_a_sentence() -> None:
    decided = rules.decide_departure(current=OWNER, owners=1)
    assert (decided.allowed, decided.rule) == (False, "members.leave/last_owner")
    assert decided.sentence == LastOwner.message


def test_every_capability_has_a_sentence_and_a_heading() -> None:
    assert set(SENTENCES) == set(CAPABILITIES)
    for name, sentence in SENTENCES.items():
        assert sentence[0].isupper(), name
        assert sentence[-1] not in ".!", name
        assert group_of(name)
    assert sorted(in_order()) == CAPABILITIES


def test_no_custom_role_can_hold_what_is_an_owners_alone() -> None:
    assert "organization.delete" in OWNERS_ONLY
    assert not capabilities_of(MEMBER, ["organization.delete", "no.such"]) - BY_ROLE[MEMBER]
    assert "announcements.post" in capabilities_of(MEMBER, ["announcements.post"])


@pytest.mark.parametrize("name", ["", "   ", "a" * 81])
def test_a_bad_name_says_why_beside_its_field(name: str) -> None:
    with pytest.raises(BadName) as refusal:
        rules.clean_name(name)
    assert isinstance(refusal.value, BadArguments)
    assert refusal.value.fields["name"]


def test_a_name_loses_stray_spaces_and_becomes_a_slug() -> None:
    assert rules.clean_name("  Fernhill   Tool Library ") == "Fernhill Tool Library"
    assert rules.slug_of("Fernhill Tool Library") == "fernhill-tool-library"
    assert rules.slug_of("Ruderclub Lübeck e.V.") == "ruderclub-lubeck-e-v"
    assert rules.slug_of("نادي") == "organization"


def test_each_role_may_do_all_that_the_next_one_may() -> None:
    roles = list(Role)
    for more, less in pairwise(roles):
        assert BY_ROLE[more] >= BY_ROLE[less]
    assert BY_ROLE[OWNER] == set(CAPABILITIES)
    assert BY_ROLE[OWNER] - BY_ROLE[ADMIN] == {"organization.delete"}
    assert {"announcements.post", "records.edit", "events.create"} <= BY_ROLE[CREATOR] - BY_ROLE[MEMBER]
    deeds = {name for name in BY_ROLE[MEMBER] if not name.endswith(".view")}
    assert deeds == {"queue.join", "payments.pay", "files.upload", "approvals.ask"}
