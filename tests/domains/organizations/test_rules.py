"""Who may change whose role."""

from itertools import pairwise

import pytest

from memberpulse.domains.organizations import rules
from memberpulse.domains.organizations.errors import BadName, LastOwner, OwnersOnly
from memberpulse.domains.organizations.models import Role
from memberpulse.domains.organizations.permissions import BY_ROLE, CAPABILITIES
from memberpulse.engine.errors import BadArguments

OWNER, ADMIN, CREATOR, MEMBER = Role


def test_last_owner_cannot_be_demoted() -> None:
    with pytest.raises(LastOwner):
        rules.check_role_change(actor=OWNER, current=OWNER, wanted=ADMIN, owners=1)
    rules.check_role_change(actor=OWNER, current=OWNER, wanted=ADMIN, owners=2)


@pytest.mark.parametrize(("current", "wanted"), [(MEMBER, OWNER), (OWNER, MEMBER)])
def test_only_owners_make_or_unmake_owners(current: Role, wanted: Role) -> None:
    rules.check_role_change(actor=OWNER, current=current, wanted=wanted, owners=2)
    with pytest.raises(OwnersOnly):
        rules.check_role_change(actor=ADMIN, current=current, wanted=wanted, owners=2)


def test_only_owners_remove_owners_and_never_the_last() -> None:
    rules.check_removal(actor=OWNER, current=OWNER, owners=2)
    rules.check_removal(actor=ADMIN, current=MEMBER, owners=1)
    with pytest.raises(OwnersOnly):
        rules.check_removal(actor=ADMIN, current=OWNER, owners=2)
    with pytest.raises(LastOwner):
        rules.check_removal(actor=OWNER, current=OWNER, owners=1)


def test_last_owner_cannot_leave() -> None:
    rules.check_departure(current=MEMBER, owners=1)
    with pytest.raises(LastOwner):
        rules.check_departure(current=OWNER, owners=1)


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
    assert BY_ROLE[CREATOR] - BY_ROLE[MEMBER] == {"announcements.post", "records.edit"}
    assert all(name.endswith(".view") for name in BY_ROLE[MEMBER])
