"""The list of members as a file."""

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlmodel import col
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.step_up import require_proof
from memberpulse.domains.organizations.csv_files import write_csv
from memberpulse.domains.organizations.facts import MembersExported
from memberpulse.domains.organizations.fields.models import MemberField, MemberFieldValue
from memberpulse.domains.organizations.fields.reading import ordered_fields
from memberpulse.domains.organizations.fields.rules import may_see
from memberpulse.domains.organizations.levels.models import MembershipLevel
from memberpulse.domains.organizations.levels.reading import levels_by_id, state_of, today
from memberpulse.domains.organizations.models import Membership
from memberpulse.domains.organizations.roles.holding import names_of_roles
from memberpulse.domains.organizations.schemas import ExportedMember, ExportedMembers
from memberpulse.engine import MutationCtx, mutation
from memberpulse.engine.errors import EngineError
from memberpulse.engine.http import problem

HEADER = ("Name", "E-mail", "Role", "Joined", "Level", "Standing", "Renews on")
PATH = "/export/members"


@mutation(requires="members.export", limit="20/hour")
def prepare_export(ctx: MutationCtx) -> str:
    """Where to fetch the file, for somebody who has proven lately who they are. Raises StepUpRequired (403)."""
    require_proof(ctx, "members.export")
    return PATH


@mutation(requires="members.export", limit="20/hour", remembers=False)
def export_members(ctx: MutationCtx) -> ExportedMembers:
    """All members by name, and a line in the audit log. Raises StepUpRequired (403).

    Addresses and what only managers see of members' details are in it for those who manage members.
    """
    require_proof(ctx, "members.export")
    statement = (
        select(Membership, User)
        .join(User, col(User.id) == col(Membership.user_id))
        .order_by(col(User.name_key), col(Membership.id))
    )
    manages = ctx.can("members.manage")
    fields = [each for each in ordered_fields(ctx) if may_see(seen_by=each.seen_by, manages=manages, own=False)]
    known = _Known(names_of_roles(ctx), levels_by_id(ctx), today(ctx), _values(ctx, fields), manages)
    rows = [_exported(membership, user, fields, known) for membership, user in ctx.db.execute(statement)]
    ctx.record(MembersExported(entity_id=ctx.organization_id, rows=len(rows)))
    return ExportedMembers(fields=[each.name for each in fields], rows=rows)


async def download(request: Request) -> Response:
    """GET /export/members: a CSV file. 401, 403 (also without a fresh proof) and 429 are problem documents."""
    engine = request.state.engine
    try:
        caller = await engine.caller_of(request.scope.get("memberpulse.session"))
        found: ExportedMembers = await engine.mutate(export_members, caller=caller)
    except EngineError as error:
        return problem(error, engine.request_id_of(error))
    header = [*HEADER, *found.fields]
    return csv_response(write_csv(header, [_line(row) for row in found.rows]), "members.csv")


@dataclass(frozen=True)
class _Known:
    """What lines need besides the membership. values: what fields hold, by membership and field."""

    roles: dict[uuid.UUID, str]
    levels: dict[uuid.UUID, MembershipLevel]
    day: date
    values: dict[tuple[uuid.UUID, uuid.UUID], str]
    addresses: bool


def _values(ctx: MutationCtx, fields: list[MemberField]) -> dict[tuple[uuid.UUID, uuid.UUID], str]:
    wanted = col(MemberFieldValue.field_id).in_([field.id for field in fields])
    found = ctx.db.scalars(select(MemberFieldValue).where(wanted))
    return {(each.membership_id, each.field_id): each.value for each in found}


def _exported(membership: Membership, user: User, fields: list[MemberField], known: _Known) -> ExportedMember:
    custom = known.roles.get(membership.custom_role_id) if membership.custom_role_id else None
    state = state_of(membership, known.levels, known.day)
    return ExportedMember(
        name=user.name,
        email=user.email if known.addresses else "",
        role=custom or membership.role.value,
        joined_at=membership.joined_at,
        level=state.level,
        standing=state.standing,
        renews_on=state.renews_on,
        fields=[known.values.get((membership.id, field.id), "") for field in fields],
    )


def _line(row: ExportedMember) -> list[str]:
    renews = row.renews_on.isoformat() if row.renews_on else ""
    joined = row.joined_at.date().isoformat()
    return [row.name, row.email, row.role, joined, row.level, row.standing, renews, *row.fields]


def csv_response(content: bytes, name: str) -> Response:
    """A file to download, kept by nobody on the way."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


ROUTES = [Route(PATH, download, methods=["GET"])]
