"""Resource policies: named rules that decide about one thing, beyond what a role may do in general.

Each is a question: "May this person withdraw this announcement?" The deciding function is pure, in the `rules.py` of
its domain; the mutation enforces the same decision that is shown to whoever asks why. Higher domains register theirs in
their `domain.py`:

    register(Policy(name="announcements.withdraw", question=…, decide=…, things=…))
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.organizations.decisions import Decision
from memberpulse.domains.organizations.errors import MemberNotFound
from memberpulse.domains.organizations.fields.models import MemberField
from memberpulse.domains.organizations.fields.reading import find_field
from memberpulse.domains.organizations.fields.rules import decide_field_edit
from memberpulse.domains.organizations.models import Membership, Role
from memberpulse.domains.organizations.roles.holding import rights_of, rights_of_caller
from memberpulse.domains.organizations.rules import decide_departure, decide_removal, decide_role_change
from memberpulse.engine import QueryCtx

THINGS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Subject:
    """Who wants to do it, in the organization of the call. membership_id: None for the system."""

    user_id: uuid.UUID | None
    role: Role
    capabilities: frozenset[str]
    membership_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that a policy decides about, and what to call it."""

    id: uuid.UUID
    name: str


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One question.

    requires: the capability that is needed as well, if any. things: those to choose from when somebody asks why; sees:
    the capability without which they are not shown.
    """

    name: str
    question: str
    thing: str
    requires: str | None = None
    sees: str
    decide: Callable[[QueryCtx, Subject, uuid.UUID], Decision]
    things: Callable[[QueryCtx], Sequence[Thing]]


_policies: dict[str, Policy] = {}


def register(*policies: Policy) -> None:
    """Make policies known to the permissions page and to whoever asks why. Raises ValueError for a doubled name."""
    for policy in policies:
        if policy.name in _policies and _policies[policy.name] is not policy:
            raise ValueError(f"two policies are called {policy.name}")
        _policies[policy.name] = policy


def all_policies() -> list[Policy]:
    """Every registered policy, by name."""
    return [_policies[name] for name in sorted(_policies)]


def subject_of_caller(ctx: QueryCtx) -> Subject:
    """Whoever makes the call; the system may do what an owner may."""
    role = Role(ctx.caller.role) if ctx.caller.role else Role.OWNER
    return Subject(ctx.caller.user_id, role, rights_of_caller(ctx))


def subject_of(ctx: QueryCtx, membership: Membership) -> Subject:
    """A member as somebody who wants to do something."""
    return Subject(membership.user_id, membership.role, rights_of(ctx, membership), membership.id)


def count_owners(ctx: QueryCtx, *, beside: uuid.UUID | None, of: uuid.UUID | None = None) -> int:
    """The owners of an organization who stay, and `beside`; others whose accounts are about to be erased do not count.

    of: which organization, for whoever asks across them.
    """
    stays = or_(col(User.erase_at).is_(None), col(User.id) == beside)
    statement = (
        select(func.count())
        .select_from(Membership)
        .join(User, col(User.id) == col(Membership.user_id))
        .where(col(Membership.role) == Role.OWNER, stays)
    )
    if of is not None:
        statement = statement.where(col(Membership.organization_id) == of)
    return ctx.db.scalars(statement).one()


def _membership(ctx: QueryCtx, membership_id: uuid.UUID) -> Membership:
    found = ctx.db.get(Membership, membership_id)
    if found is None:
        raise MemberNotFound
    return found


def _may_change_role(ctx: QueryCtx, subject: Subject, membership_id: uuid.UUID) -> Decision:
    member = _membership(ctx, membership_id)
    return decide_role_change(
        actor=subject.role,
        held=subject.capabilities,
        current=member.role,
        theirs=rights_of(ctx, member),
        wanted=None,
        owners=count_owners(ctx, beside=member.user_id),
    )


def _may_remove(ctx: QueryCtx, subject: Subject, membership_id: uuid.UUID) -> Decision:
    member = _membership(ctx, membership_id)
    return decide_removal(
        actor=subject.role,
        held=subject.capabilities,
        current=member.role,
        theirs=rights_of(ctx, member),
        owners=count_owners(ctx, beside=member.user_id),
    )


def _may_leave(ctx: QueryCtx, subject: Subject, membership_id: uuid.UUID) -> Decision:
    return decide_departure(current=subject.role, owners=count_owners(ctx, beside=subject.user_id))


def _may_edit_field(ctx: QueryCtx, subject: Subject, field_id: uuid.UUID) -> Decision:
    field = find_field(ctx, field_id)
    manages = "members.manage" in subject.capabilities
    return decide_field_edit(
        archived=field.archived_at is not None, editor=field.edited_by, manages=manages, own=not manages
    )


def _members(ctx: QueryCtx) -> list[Thing]:
    statement = (
        select(col(Membership.id), col(User.name))
        .join(User, col(User.id) == col(Membership.user_id))
        .order_by(col(User.name_key), col(Membership.id))
        .limit(THINGS_SHOWN)
    )
    return [Thing(membership_id, name) for membership_id, name in ctx.db.execute(statement)]


def _no_thing(ctx: QueryCtx) -> list[Thing]:
    return []


def _fields(ctx: QueryCtx) -> list[Thing]:
    statement = select(MemberField).order_by(col(MemberField.position), col(MemberField.id)).limit(THINGS_SHOWN)
    return [Thing(field.id, field.name) for field in ctx.db.scalars(statement)]


register(
    Policy(
        name="members.change_role",
        question="May this person change this member’s role?",
        thing="member",
        requires="members.change_role",
        sees="members.view",
        decide=_may_change_role,
        things=_members,
    ),
    Policy(
        name="members.remove",
        question="May this person remove this member?",
        thing="member",
        requires="members.remove",
        sees="members.view",
        decide=_may_remove,
        things=_members,
    ),
    Policy(
        name="members.leave",
        question="May this person leave the organization?",
        thing="",
        sees="members.view",
        decide=_may_leave,
        things=_no_thing,
    ),
    Policy(
        name="fields.edit",
        question="May this person fill in this detail about themselves?",
        thing="detail",
        sees="members.manage",
        decide=_may_edit_field,
        things=_fields,
    ),
)
