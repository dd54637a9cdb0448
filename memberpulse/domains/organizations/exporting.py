"""The list of members as a file."""

from sqlalchemy import select
from sqlmodel import col
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.step_up import require_proof
from memberpulse.domains.organizations.csv_files import write_csv
from memberpulse.domains.organizations.facts import MembersExported
from memberpulse.domains.organizations.models import Membership
from memberpulse.domains.organizations.schemas import ExportedMember
from memberpulse.engine import MutationCtx, mutation
from memberpulse.engine.errors import EngineError
from memberpulse.engine.http import problem

HEADER = ("Name", "E-mail", "Role", "Joined")
PATH = "/export/members"


@mutation(requires="members.export", limit="20/hour")
def prepare_export(ctx: MutationCtx) -> str:
    """Where to fetch the file, for somebody who has proven lately who they are. Raises StepUpRequired (403)."""
    require_proof(ctx, "members.export")
    return PATH


@mutation(requires="members.export", limit="20/hour", remembers=False)
def export_members(ctx: MutationCtx) -> list[ExportedMember]:
    """All members by name, and a line in the audit log. Raises StepUpRequired (403)."""
    require_proof(ctx, "members.export")
    statement = (
        select(Membership, User)
        .join(User, col(User.id) == col(Membership.user_id))
        .order_by(col(User.name_key), col(Membership.id))
    )
    rows = [
        ExportedMember(user.name, user.email, membership.role, membership.joined_at)
        for membership, user in ctx.db.execute(statement)
    ]
    ctx.record(MembersExported(entity_id=ctx.organization_id, rows=len(rows)))
    return rows


async def download(request: Request) -> Response:
    """GET /export/members: a CSV file. 401, 403 (also without a fresh proof) and 429 are problem documents."""
    engine = request.state.engine
    try:
        caller = await engine.caller_of(request.scope.get("memberpulse.session"))
        rows: list[ExportedMember] = await engine.mutate(export_members, caller=caller)
    except EngineError as error:
        return problem(error, engine.request_id_of(error))
    lines = [(row.name, row.email, row.role.value, row.joined_at.date().isoformat()) for row in rows]
    return csv_response(write_csv(HEADER, lines), "members.csv")


def csv_response(content: bytes, name: str) -> Response:
    """A file to download, kept by nobody on the way."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


ROUTES = [Route(PATH, download, methods=["GET"])]
