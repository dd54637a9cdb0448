"""The organization's logo: received and kept as portraits are, see `accounts.pictures`."""

import uuid

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from memberpulse.domains.accounts.pictures import drop_picture, keep_picture, receive_picture, show_picture
from memberpulse.domains.organizations.facts import LogoChanged
from memberpulse.domains.organizations.models import Organization
from memberpulse.engine import INTERNAL, MutationCtx, mutation, system
from memberpulse.engine.context import Caller
from memberpulse.engine.errors import EngineError, Forbidden, NotSignedIn
from memberpulse.engine.http import problem

MANAGE = "organization.manage"


@mutation(requires=MANAGE, limit="30/minute")
def set_logo(ctx: MutationCtx, *, picture: str | None = None) -> str | None:
    """Take the organization's logo away, or put an earlier one back, and return the name of the one before.

    picture: a name that was in use within the last hour. Raises PictureNotFound (404).
    """
    return _change(ctx, picture, by=ctx.user_id)


@mutation(requires=INTERNAL)
def put_up_logo(ctx: MutationCtx, *, user_id: uuid.UUID, content: bytes) -> list[str | None]:
    """Keep and show a new logo: its name, and that of the one before. user_id: who brought it."""
    name = keep_picture(ctx, user_id=user_id, content=content, organization_id=ctx.organization_id)
    return [name, _change(ctx, name, by=user_id)]


async def upload_logo(request: Request) -> Response:
    """POST /pictures/logo with the picture as the body. Answers {"picture": name, "previous": name or null}."""
    engine = request.state.engine
    try:
        caller = await _manager(request)
        content = await receive_picture(request, caller)
        await _manager(request)  # the upload may have taken a minute
        name, previous = await engine.mutate(
            put_up_logo, caller=system(caller.organization_id), user_id=caller.user_id, content=content
        )
        return JSONResponse({"picture": name, "previous": previous})
    except ClientDisconnect:
        return Response(status_code=400)
    except EngineError as error:
        return problem(error, engine.request_id_of(error))


async def _manager(request: Request) -> Caller:
    caller: Caller = await request.state.engine.caller_of(request.scope.get("memberpulse.session"))
    if caller.kind != "person":
        raise NotSignedIn
    if not caller.may(MANAGE):
        raise Forbidden
    return caller


def _change(ctx: MutationCtx, picture: str | None, *, by: uuid.UUID) -> str | None:
    organization = ctx.db.get_one(Organization, ctx.organization_id)
    before = organization.picture
    if before == picture:
        return before
    if picture is not None:
        show_picture(ctx, name=picture, user_id=None, organization_id=organization.id)
    organization.picture = picture
    ctx.db.flush()
    drop_picture(ctx, name=before)
    ctx.record(LogoChanged(entity_id=organization.id, target=organization.name, by=by))
    return before


ROUTES = [Route("/pictures/logo", upload_logo, methods=["POST"])]
