"""Switching the active organization: a form post, so that every screen starts afresh in the other one."""

import uuid

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from memberpulse.domains.accounts.http import read_form
from memberpulse.domains.accounts.rules import safe_next
from memberpulse.domains.organizations.errors import OrganizationNotFound
from memberpulse.domains.organizations.mutations import switch_organization
from memberpulse.engine import system


async def switch(request: Request) -> Response:
    """POST /auth/switch-organization with organization_id and next. Somebody else's organization changes nothing."""
    reference = request.scope.get("memberpulse.session")
    if not reference:
        return RedirectResponse("/sign-in", status_code=303)
    form = await read_form(request)
    target = safe_next(form.get("next"))
    try:
        wanted = uuid.UUID(form.get("organization_id", ""))
        await request.state.engine.mutate(
            switch_organization, caller=system(), token_hash=reference, organization_id=wanted
        )
    except (ValueError, OrganizationNotFound):
        target = safe_next(None)
    return RedirectResponse(target, status_code=303, headers={"Cache-Control": "no-store"})


ROUTES = [Route("/auth/switch-organization", switch, methods=["POST"])]
