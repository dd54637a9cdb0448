"""What the demo's organization has set up for its members: levels, fields, a role of its own, and who is listed."""

from datetime import timedelta
from random import Random

from sqlalchemy import select
from sqlmodel import col

from memberpulse.demo.people import FERNHILL, SIGN_INS, id_of
from memberpulse.domains.accounts.models import User
from memberpulse.domains.organizations.directory.models import DirectoryEntry
from memberpulse.domains.organizations.fields.models import (
    Audience,
    Editor,
    FieldKind,
    MemberField,
    MemberFieldValue,
)
from memberpulse.domains.organizations.levels.models import MembershipLevel
from memberpulse.domains.organizations.levels.rules import grace_after, today_in
from memberpulse.domains.organizations.models import Membership, Role
from memberpulse.domains.organizations.roles.models import CustomRole
from memberpulse.engine import MutationCtx

LEVELS = [
    ("Household", "One address, everybody who lives there", 12, 30),
    ("Supporter", "Borrows little, helps us buy more", 12, 60),
    ("Honorary", "For what they have done for the library", None, 0),
]
TRADES = ["Woodwork", "Bicycles", "Electrics", "Sewing", "Gardening"]
CITIES = ["Fernhill", "Fernhill", "Aldbrook", "Nether Combe", "Marston"]
LEADERS = ("dev@fernhill.example", "hana@fernhill.example")
"""Members who lead the workshop."""


def add_rights(ctx: MutationCtx, chance: Random) -> None:
    """Set everything up, as its admins would have done over the years."""
    memberships = list(ctx.db.scalars(select(Membership).order_by(col(Membership.joined_at))))
    _add_role(ctx, memberships)
    _add_levels(ctx, memberships, chance)
    _add_fields(ctx, memberships, chance)
    _add_listings(ctx, memberships, chance)
    ctx.db.flush()


def _add_role(ctx: MutationCtx, memberships: list[Membership]) -> None:
    role = CustomRole(
        organization_id=ctx.organization_id,
        name="Workshop lead",
        description="Runs an evening in the workshop and tells people about it",
        capabilities=["announcements.post", "records.edit"],
        created_at=ctx.now,
    )
    ctx.db.add(role)
    ctx.db.flush()
    leaders = {id_of(email) for email in LEADERS}
    for membership in memberships:
        if membership.user_id in leaders and membership.role is Role.MEMBER:
            membership.custom_role_id = role.id


def _add_levels(ctx: MutationCtx, memberships: list[Membership], chance: Random) -> None:
    levels = [
        MembershipLevel(
            organization_id=ctx.organization_id,
            name=name,
            description=description,
            months=months,
            grace_days=grace_days,
            position=position,
            created_at=ctx.now,
        )
        for position, (name, description, months, grace_days) in enumerate(LEVELS)
    ]
    ctx.db.add_all(levels)
    ctx.db.flush()
    day = today_in("Europe/London", ctx.now)
    for position, membership in enumerate(memberships):
        if position % 9 == 8:
            continue
        level = levels[(0, 0, 1, 0, 1, 2, 0)[position % 7]]
        membership.level_id = level.id
        if level.months is not None:
            left = -12 if position % 11 == 4 else -90 if position % 13 == 7 else chance.randrange(20, 340)
            membership.renews_on = day + timedelta(days=left)
            membership.grace_until = grace_after(membership.renews_on, level.grace_days)
            membership.renewal_notice = f"{membership.renews_on.isoformat()}/lapsed" if left == -90 else ""


def _add_fields(ctx: MutationCtx, memberships: list[Membership], chance: Random) -> None:
    everybody, own, admins = Audience.MEMBERS, Audience.SELF, Audience.ADMINS
    fields = [
        _field(ctx, "Good with", FieldKind.CHOICE, everybody, Editor.SELF, "What others may ask you about", TRADES),
        _field(ctx, "Has a van", FieldKind.YES_NO, everybody, Editor.SELF, "Would you fetch a heavy tool?"),
        _field(ctx, "Emergency contact", FieldKind.TEXT, own, Editor.SELF, "Whom we ring if something happens here"),
        _field(ctx, "Safety course", FieldKind.DATE, own, Editor.ADMINS, "When it was taken"),
        _field(ctx, "Notes", FieldKind.LONG_TEXT, admins, Editor.ADMINS, "Only admins read this"),
    ]
    for position, field in enumerate(fields):
        field.position = position
    ctx.db.add_all(fields)
    ctx.db.flush()
    for position, membership in enumerate(memberships):
        course = ctx.now.date() - timedelta(days=chance.randrange(30, 900))
        values = [
            chance.choice(TRADES),
            chance.choice(("yes", "no")),
            "",
            course.isoformat() if position % 2 else "",
            "",
        ]
        ctx.db.add_all(
            MemberFieldValue(
                organization_id=ctx.organization_id, membership_id=membership.id, field_id=field.id, value=value
            )
            for field, value in zip(fields, values, strict=True)
            if value and position % 3
        )


def _field(
    ctx: MutationCtx,
    name: str,
    kind: FieldKind,
    seen_by: Audience,
    edited_by: Editor,
    hint: str,
    options: list[str] | None = None,
) -> MemberField:
    return MemberField(
        organization_id=ctx.organization_id,
        name=name,
        hint=hint,
        kind=kind,
        options=options or [],
        seen_by=seen_by,
        edited_by=edited_by,
        created_at=ctx.now,
    )


def _add_listings(ctx: MutationCtx, memberships: list[Membership], chance: Random) -> None:
    """Two in three of the scripted people are listed; nobody whom a visitor may be, so that they can choose."""
    fields = [
        str(field.id)
        for field in ctx.db.scalars(select(MemberField).where(col(MemberField.seen_by) == Audience.MEMBERS))
    ]
    visitors = {id_of(each.email) for each in SIGN_INS}
    scripted = {id_of(extra.email) for extra in FERNHILL}
    for membership in memberships:
        if membership.user_id in visitors or membership.user_id not in scripted:
            continue
        user = ctx.db.get_one(User, membership.user_id)
        user.city = user.city or chance.choice(CITIES)
        if chance.random() < 0.66:
            ctx.db.add(
                DirectoryEntry(
                    organization_id=ctx.organization_id,
                    membership_id=membership.id,
                    listed=True,
                    shows_email=chance.random() < 0.3,
                    shows_city=chance.random() < 0.7,
                    shows_level=chance.random() < 0.6,
                    shown_fields=[each for each in fields if chance.random() < 0.6],
                    chosen_at=ctx.now,
                )
            )
