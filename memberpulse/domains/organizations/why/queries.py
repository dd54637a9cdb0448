"""Reads of who may do what, and why."""

import uuid

from sqlalchemy import func, select
from sqlmodel import col

from memberpulse.domains.accounts.models import Session, User
from memberpulse.domains.accounts.rules import fold, normalize_email
from memberpulse.domains.organizations.asking import functions_asking, pages_asking
from memberpulse.domains.organizations.invitations.models import Invitation, State
from memberpulse.domains.organizations.models import Membership, Role
from memberpulse.domains.organizations.permissions import (
    BY_ROLE,
    CAPABILITIES,
    SENTENCES,
    capabilities_of,
    group_of,
    in_order,
    least_role,
)
from memberpulse.domains.organizations.policies import (
    all_policies,
    count_owners,
    subject_of,
    subject_of_caller,
)
from memberpulse.domains.organizations.roles.holding import custom_role_of, name_of, rights_of, with_article
from memberpulse.domains.organizations.roles.models import CustomRole
from memberpulse.domains.organizations.roles.queries import standing_roles
from memberpulse.domains.organizations.rules import article_of, decide_role_change
from memberpulse.domains.organizations.schemas import person_view
from memberpulse.domains.organizations.why.rules import Answer, Belonging, Standing, answer
from memberpulse.domains.organizations.why.schemas import (
    Explanation,
    Fix,
    Matrix,
    MatrixCell,
    MatrixGroup,
    MatrixRole,
    MatrixRow,
    PolicyRow,
)
from memberpulse.engine import QueryCtx, query
from memberpulse.engine.errors import BadArguments, Forbidden

MAX_FIXES = 4


@query(requires="permissions.view")
def get_matrix(ctx: QueryCtx, *, search: str = "") -> Matrix:
    """Every capability and role, the organization's own too. search: part of a capability or of its sentence."""
    customs = standing_roles(ctx)
    roles = _columns(ctx, customs)
    held = {role.value: BY_ROLE[role] for role in Role}
    held |= {str(role.id): capabilities_of(Role.MEMBER, role.capabilities) for role in customs}
    term = fold(search.strip()[:100])
    wanted = [each for each in in_order() if term in fold(f"{each} {SENTENCES[each]}")]
    rows = [_matrix_row(each, roles, held) for each in wanted]
    titles = dict.fromkeys(group_of(row.capability) for row in rows)
    groups = [MatrixGroup(title, [row for row in rows if group_of(row.capability) == title]) for title in titles]
    return Matrix(roles, groups, len(CAPABILITIES), len(rows))


@query(requires="permissions.view")
def list_policies(ctx: QueryCtx) -> list[PolicyRow]:
    """The rules that decide about one thing, with things to ask about that the caller may see."""
    return [
        PolicyRow(
            name=policy.name,
            question=policy.question,
            thing=policy.thing,
            requires=policy.requires or "",
            things=list(policy.things(ctx)) if policy.thing and ctx.can(policy.sees) else [],
        )
        for policy in all_policies()
    ]


@query(requires="permissions.view")
def explain_right(
    ctx: QueryCtx, *, capability: str, membership_id: uuid.UUID | None = None, email: str = ""
) -> Explanation:
    """Why somebody may or may not do something, and for those who may change roles, what would allow it.

    membership_id or email: whom it is about; neither: the caller. Others need permissions.explain, and addresses
    members.manage, for the answer tells whether somebody with that address is a member.
    Raises Forbidden (403), BadArguments (422).
    """
    if capability not in SENTENCES:
        raise BadArguments(fields={"capability": "There is no such capability."})
    found = _find(ctx, membership_id, email)
    if found is None:
        return _about_an_outsider(ctx, capability, email)
    membership, user = found
    custom = custom_role_of(ctx, membership)
    who = _standing(ctx, membership, user, custom)
    result = answer(capability, who)
    return Explanation(
        allowed=result.allowed,
        sentence=result.sentence,
        rule=result.rule,
        note=_note(ctx, user, who),
        person=person_view(user),
        role_name=name_of(membership.role, custom.name if custom else None),
        membership_id=membership.id,
        role=membership.role,
        custom_role_id=custom.id if custom else None,
        fixes=[]
        if result.allowed or who.belonging is not Belonging.MEMBER
        else _fixes(ctx, membership, user, capability),
    )


@query(requires="permissions.view")
def explain_policy(
    ctx: QueryCtx, *, policy: str, thing_id: uuid.UUID | None = None, membership_id: uuid.UUID | None = None
) -> Explanation:
    """Whether somebody may do something to one thing, and by which rule.

    thing_id: left out for a policy about nothing in particular. Raises Forbidden (403), BadArguments (422), and what
    the thing's domain raises when it is gone.
    """
    asked = next((each for each in all_policies() if each.name == policy), None)
    if asked is None:
        raise BadArguments(fields={"policy": "There is no such rule."})
    if asked.thing and thing_id is None:
        raise BadArguments(fields={"thing_id": "Choose what it is about."})
    if not ctx.can(asked.sees):
        raise Forbidden
    found = _find(ctx, membership_id, "")
    if found is None:
        return _about_an_outsider(ctx, "members.view", "")
    membership, user = found
    custom = custom_role_of(ctx, membership)
    who = _standing(ctx, membership, user, custom)
    right = answer(asked.requires, who) if asked.requires else Answer(who.belonging is Belonging.MEMBER, "", "")
    if right.allowed:
        decided = asked.decide(ctx, subject_of(ctx, membership), thing_id or membership.id)
        sentence = f"{'Yes' if decided.allowed else 'No'}. {decided.sentence}"
        right = Answer(decided.allowed, decided.rule, sentence)
    return Explanation(
        allowed=right.allowed,
        sentence=right.sentence,
        rule=right.rule,
        note=_note(ctx, user, who),
        person=person_view(user),
        role_name=name_of(membership.role, custom.name if custom else None),
        membership_id=membership.id,
        role=membership.role,
        custom_role_id=custom.id if custom else None,
        fixes=[],
    )


def _columns(ctx: QueryCtx, customs: list[CustomRole]) -> list[MatrixRole]:
    statement = select(col(Membership.role), col(Membership.custom_role_id), func.count()).group_by(
        col(Membership.role), col(Membership.custom_role_id)
    )
    numbers: dict[str, int] = {}
    standing = {role.id for role in customs}
    for role, custom_id, number in ctx.db.execute(statement):
        key = str(custom_id) if custom_id in standing else Role(role).value
        numbers[key] = numbers.get(key, 0) + number
    built_in = [MatrixRole(role.value, role.value.capitalize(), False, numbers.get(role.value, 0)) for role in Role]
    return built_in + [MatrixRole(str(each.id), each.name, True, numbers.get(str(each.id), 0)) for each in customs]


def _matrix_row(capability: str, roles: list[MatrixRole], held: dict[str, frozenset[str]]) -> MatrixRow:
    functions, pages = functions_asking(capability), pages_asking(capability)
    policies = [each.name for each in all_policies() if each.requires == capability]
    return MatrixRow(
        capability=capability,
        sentence=SENTENCES[capability],
        cells=[MatrixCell(role.key, capability in held[role.key]) for role in roles],
        functions=functions,
        pages=pages,
        policies=policies,
        asked=len(functions) + len(pages) + len(policies),
    )


def _find(ctx: QueryCtx, membership_id: uuid.UUID | None, email: str) -> tuple[Membership, User] | None:
    """The member in question. Raises Forbidden (403) when it is somebody else and the caller may not ask."""
    wanted = col(Membership.user_id) == ctx.user_id
    if membership_id is not None:
        wanted = col(Membership.id) == membership_id
    elif email:
        if not ctx.can("members.manage"):
            raise Forbidden("Choose the member by name. Only who manages members may ask by e-mail address.")
        user_id = ctx.db.scalars(select(col(User.id)).where(col(User.email) == normalize_email(email)[:254])).first()
        wanted = col(Membership.user_id) == user_id
    membership = ctx.db.scalars(select(Membership).where(wanted)).one_or_none()
    found = (membership, ctx.db.get_one(User, membership.user_id)) if membership else None
    is_asker = found is not None and found[0].user_id == ctx.caller.user_id
    if not is_asker and not ctx.can("permissions.explain"):
        raise Forbidden("You can ask this about yourself. Ask an admin about others.")
    return found


def _about_an_outsider(ctx: QueryCtx, capability: str, email: str) -> Explanation:
    name = normalize_email(email)[:254] or "This person"
    invited = bool(email) and is_invited(ctx, normalize_email(email))
    result = answer(capability, Standing(name, Belonging.INVITED if invited else Belonging.NOT_A_MEMBER))
    return Explanation(False, result.sentence, result.rule, "", None, "", None, None, None, [])


def is_invited(ctx: QueryCtx, email: str) -> bool:
    """Whether an invitation to that address waits."""
    statement = select(Invitation).where(col(Invitation.email) == email, col(Invitation.state) == State.PENDING)
    waiting = ctx.db.scalars(statement).first()
    if waiting is not None:
        ctx.stale_at(waiting.expires_at)
    return waiting is not None and waiting.expires_at > ctx.now


def _standing(ctx: QueryCtx, membership: Membership, user: User, custom: CustomRole | None) -> Standing:
    is_asker = user.id == ctx.caller.user_id
    return Standing(
        name="You" if is_asker else user.name,
        belonging=Belonging.MEMBER if user.deactivated_at is None else Belonging.DEACTIVATED,
        role=membership.role,
        custom=custom.name if custom else None,
        adds=frozenset(custom.capabilities) if custom else frozenset(),
        is_asker=is_asker,
    )


def _note(ctx: QueryCtx, user: User, who: Standing) -> str:
    if who.is_asker or who.belonging is not Belonging.MEMBER:
        return ""
    sessions = ctx.db.scalars(select(Session).where(col(Session.user_id) == user.id))
    standing = [each for each in sessions if each.revoked_at is None and each.expires_at > ctx.now]
    here = [each for each in standing if each.organization_id == ctx.organization_id]
    if here:
        ctx.stale_at(min(each.expires_at for each in here))
        return ""
    return f"{user.name} is not signed in here at the moment; until they are, nothing can be done in their name."


def _fixes(ctx: QueryCtx, membership: Membership, user: User, capability: str) -> list[Fix]:
    """What the caller could give this member so that they may."""
    if not ctx.can("members.change_role"):
        return []
    now, caller = rights_of(ctx, membership), subject_of_caller(ctx)
    least = least_role(capability)
    options: list[tuple[Role, CustomRole | None]] = [(least, None)]
    options += [(Role.MEMBER, role) for role in standing_roles(ctx) if capability in role.capabilities]
    owners = count_owners(ctx, beside=user.id)
    fixes: list[Fix] = []
    for role, custom in options:
        then = capabilities_of(role, custom.capabilities if custom else ())
        decided = decide_role_change(
            actor=caller.role, held=caller.capabilities, current=membership.role, theirs=now, wanted=role, owners=owners
        )
        if decided.allowed and capability in then and then <= caller.capabilities:
            fixes.append(_fix(user, role, custom, now, then, capability))
    return fixes[:MAX_FIXES]


def _fix(
    user: User, role: Role, custom: CustomRole | None, now: frozenset[str], then: frozenset[str], capability: str
) -> Fix:
    what = with_article(custom.name) if custom else article_of(role)
    return Fix(
        key=str(custom.id) if custom else role.value,
        role=role,
        custom_role_id=custom.id if custom else None,
        does=f"Make {user.name} {what}",
        done=f"{user.name} is {what} now",
        gains=[SENTENCES[each] for each in in_order() if each in then - now and each != capability],
        loses=[SENTENCES[each] for each in in_order() if each in now - then],
    )
